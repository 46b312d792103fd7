//! The colours of series against their ground and against each other, in both themes and for whoever sees colours otherwise. Only
//! tests: the colours are in `styles/pages/00-charts.css`, the reckoning in `eyes`.

use std::collections::HashMap;

use super::eyes::{EYES, apart, contrast};

const GROUND: &str = include_str!("../../../styles/00-tokens.css");
const CHARTS: &str = include_str!("../../../styles/pages/00-charts.css");
/// The series, in the order in which they lie upon each other.
const SERIES: [&str; 6] = ["0", "1", "2", "3", "4", "rest"];

/// How far apart colours are that touch, and any two of them. One is what is just told apart in large fields side by side; of
/// marks as small as a line or the key of a legend it takes several times that (Stone, Szafir and Setlur, "An Engineering Model
/// for Color Difference as a Function of Size", 2014), and more where they are compared across a chart.
const NEIGHBOURS: f64 = 15.0;
const ANY: f64 = 12.0;

/// The tokens of each block of a style sheet, in order.
fn blocks(css: &'static str) -> Vec<HashMap<&'static str, &'static str>> {
    let tokens = |block: &'static str| -> HashMap<&'static str, &'static str> {
        let lines = block.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(": "));
        lines.filter(|(name, _)| name.starts_with("--")).collect()
    };
    css.split('}').map(tokens).filter(|tokens| !tokens.is_empty()).collect()
}

/// A token in the light, in the dark, and in the dark by the system's choice.
fn themes(css: &'static str, token: &str) -> [&'static str; 3] {
    let found: Vec<&str> = blocks(css).into_iter().filter_map(|block| block.get(token).copied()).collect();
    found.try_into().unwrap()
}

#[test]
fn series_stand_out_from_the_ground_in_both_themes() {
    let grounds = themes(GROUND, "--surface");
    for series in SERIES {
        let colours = themes(CHARTS, &format!("--series-{series}"));
        for (colour, ground) in colours.iter().zip(grounds) {
            assert!(contrast(colour, ground) >= 3.0, "--series-{series}: {colour} on {ground}");
        }
        assert_eq!(colours[1], colours[2], "--series-{series} differs between the two ways to be dark");
    }
}

#[test]
fn series_are_told_apart_by_all_eyes() {
    let colours = SERIES.map(|series| themes(CHARTS, &format!("--series-{series}")));
    for (theme, name) in ["light", "dark"].into_iter().enumerate() {
        for eyes in &EYES {
            for (n, (one, a)) in SERIES.iter().zip(&colours).enumerate() {
                for (m, (other, b)) in SERIES.iter().zip(&colours).enumerate().skip(n + 1) {
                    let least = if m == n + 1 { NEIGHBOURS } else { ANY };
                    let found = apart(eyes, a[theme], b[theme]);
                    assert!(found >= least, "{name}, {}: series {one} and {other} are {found:.1} apart", eyes.0);
                }
            }
        }
    }
}
