//! The colours of series against their ground, in both themes. Only tests: the colours are in `styles/pages/00-charts.css`.

use std::collections::HashMap;

const GROUND: &str = include_str!("../../../styles/00-tokens.css");
const CHARTS: &str = include_str!("../../../styles/pages/00-charts.css");

/// The tokens of each block of a style sheet, in order.
fn blocks(css: &'static str) -> Vec<HashMap<&'static str, &'static str>> {
    let tokens = |block: &'static str| -> HashMap<&'static str, &'static str> {
        let lines = block.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(": "));
        lines.filter(|(name, _)| name.starts_with("--")).collect()
    };
    css.split('}').map(tokens).filter(|tokens| !tokens.is_empty()).collect()
}

fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn series_stand_out_from_the_ground_in_both_themes() {
    let of = |css: &'static str, token: &str| -> Vec<&str> {
        blocks(css).into_iter().filter_map(|block| block.get(token).copied()).collect()
    };
    let grounds = of(GROUND, "--surface");
    assert_eq!(grounds.len(), 3, "light, dark, and dark by the system's choice: {grounds:?}");
    for series in ["0", "1", "2", "3", "4", "rest"] {
        let colours = of(CHARTS, &format!("--series-{series}"));
        assert_eq!(colours.len(), 3, "--series-{series}");
        for (colour, ground) in colours.iter().zip(&grounds) {
            assert!(contrast(colour, ground) >= 3.0, "--series-{series}: {colour} on {ground}");
        }
        assert_eq!(colours[1], colours[2], "--series-{series} differs between the two ways to be dark");
    }
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
}
