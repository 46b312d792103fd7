//! Parts of a whole by day: bars stacked upwards, what takes away downwards. What is only estimated is lighter.
//! Beside the last bar each part is named that is high enough to be seen, in the order of the parts. Names of low parts are moved away
//! from each other and may lie beside another's part, so that each has its colour before it.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::data::{Dated, Ink, Mark, Series};
use super::frame::{DateFrame, HEIGHT};
use super::names;
use super::plot::{Plot, rectangle, spread};
use super::scale::Scale;

/// How high a part must be to be named, pixels.
const SEEN: f64 = 3.0;
/// How far names lie apart, pixels: those of low parts are moved away from each other.
const APART: f64 = 14.0;

/// Bars of days.
#[component]
pub fn StackedBars(
    /// What they show, in words.
    #[prop(into)]
    label: String,
    /// The series, the first at the bottom.
    dated: Dated,
    /// Days that something is to be said about.
    #[prop(optional)]
    marks: Vec<Mark>,
    /// The first day that is not known but estimated.
    #[prop(optional_no_strip, into)]
    estimated_from: Option<NaiveDate>,
    /// Narrows the period to the days chosen, the last one included.
    #[prop(optional, into)]
    on_brush: Option<Callback<(NaiveDate, NaiveDate)>>,
) -> impl IntoView {
    let scale = Scale::around(ends(&dated), 5);
    let dated = StoredValue::new(dated);
    let beside = Callback::new(move |width: f64| {
        dated.with_value(|dated| {
            let named = named(&Plot::new(width, HEIGHT, dated.days.len(), scale, 0.0), dated);
            let letters = names::letters(named.iter().map(|(_, name, _)| name.as_str()));
            if named.is_empty() { 4.0 } else { names::room(letters, width) }
        })
    });
    let draw = Callback::new(move |plot: Plot| {
        dated.with_value(|dated| {
            let parts = paths(&plot, dated, estimated_from);
            let drawn = parts.into_iter().zip(&dated.series).map(|((known, estimated), series)| {
                let class = format!("chart-part {}", series.ink.area());
                let lighter = format!("{class} chart-estimate");
                view! { <path class=class d=known></path><path class=lighter d=estimated></path> }
            });
            view! { {drawn.collect_view()}{names::coloured(&plot, named(&plot, dated))} }.into_any()
        })
    });
    view! {
        <DateFrame label dated scale stacked=true marks beside on_brush draw/>
    }
}

/// The lowest and the highest end of the bar of each day.
fn ends(dated: &Dated) -> Vec<f64> {
    let day = |i: usize| {
        let values = || dated.series.iter().filter_map(move |s| s.at(i));
        [values().filter(|v| *v < 0.0).sum::<f64>(), values().filter(|v| *v > 0.0).sum::<f64>()]
    };
    (0..dated.days.len()).flat_map(day).collect()
}

/// Where the part of each series lies on a day: its upper end, and how high it is.
fn parts(plot: &Plot, dated: &Dated, i: usize) -> Vec<Option<(f64, f64)>> {
    let (mut above, mut below) = (0.0, 0.0);
    let part = |series: &Series| {
        let value = series.at(i).filter(|v| v.is_finite() && *v != 0.0)?;
        let base = if value > 0.0 { &mut above } else { &mut below };
        let (from, to) = (plot.y(*base), plot.y(*base + value));
        *base += value;
        Some((from.min(to), (from - to).abs()))
    };
    dated.series.iter().map(part).collect()
}

/// The path of each series, of the days that are known and of those that are estimated.
fn paths(plot: &Plot, dated: &Dated, estimated_from: Option<NaiveDate>) -> Vec<(String, String)> {
    let mut paths = vec![(String::new(), String::new()); dated.series.len()];
    let width = plot.bar();
    for (i, day) in dated.days.iter().enumerate() {
        for (part, (known, estimated)) in parts(plot, dated, i).into_iter().zip(&mut paths) {
            let Some((top, height)) = part else { continue };
            let path = if estimated_from.is_some_and(|first| *day >= first) { estimated } else { known };
            rectangle(path, plot.middle(i) - width / 2.0, top, width, height);
        }
    }
    paths
}

/// The names beside the parts of the last bar, with the height and the colour of each; none of a narrow chart or of a single series.
fn named(plot: &Plot, dated: &Dated) -> Vec<(f64, String, Ink)> {
    if plot.width < names::FROM || dated.series.len() < 2 {
        return Vec::new();
    }
    let last =
        (0..dated.days.len()).rev().map(|i| parts(plot, dated, i)).find(|parts| parts.iter().any(Option::is_some));
    let name = |(part, series): (Option<(f64, f64)>, &Series)| {
        let (top, height) = part.filter(|(_, height)| *height >= SEEN)?;
        Some((top + height / 2.0, (series.label.clone(), series.ink)))
    };
    let (places, names): (Vec<f64>, Vec<(String, Ink)>) =
        last.into_iter().flatten().zip(&dated.series).filter_map(name).unzip();
    let places = spread(&places, APART, plot.bottom());
    places.into_iter().zip(names).map(|(y, (name, ink))| (y, name, ink)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::charts::scale::Unit;

    #[test]
    fn bars_stack_upwards_and_credits_downwards() {
        let dated = Dated {
            days: vec!["2026-11-01".parse().unwrap(), "2026-11-02".parse().unwrap()],
            series: vec![
                Series::new("A", 0, vec![Some(60.0), Some(10.0)]),
                Series::new("B", 1, vec![Some(40.0), None]),
                Series::new("Credit", 2, vec![Some(-20.0), Some(0.0)]),
            ],
            unit: Unit::Money("USD".into()),
            adds_up: true,
        };
        assert_eq!(ends(&dated), [-20.0, 100.0, 0.0, 10.0]);
        let plot = Plot {
            width: 200.0,
            height: 140.0,
            left: 0.0,
            right: 200.0,
            count: 2,
            scale: Scale { low: -20.0, high: 100.0, step: 20.0 },
        };
        let (top, bottom) = (plot.top(), plot.bottom());
        let paths = paths(&plot, &dated, Some(dated.days[1]));
        let unit = (bottom - top) / 120.0;
        // B ends at the top, the credit at the bottom; the second day is an estimate.
        assert!(paths[1].0.contains(&format!(" {top:.1}h48.0v{:.1}", 40.0 * unit)), "{paths:?}");
        assert!(paths[2].0.contains(&format!("v{:.1}", 20.0 * unit)), "{paths:?}");
        assert_eq!((paths[0].0.matches('M').count(), paths[0].1.matches('M').count()), (1, 1));
        assert_eq!((paths[1].1.as_str(), paths[2].1.as_str()), ("", ""));
    }

    #[test]
    fn names_of_low_parts_lie_apart_in_their_order() {
        let series = |name: &str, nth, value| Series::new(name, nth, vec![Some(value)]);
        let dated = Dated {
            days: vec!["2026-11-01".parse().unwrap()],
            series: vec![series("A", 0, 60.0), series("B", 1, 4.0), series("C", 2, 4.0), series("D", 3, 1.0)],
            unit: Unit::Hours,
            adds_up: true,
        };
        let plot = Plot {
            width: names::FROM,
            height: 246.0,
            left: 0.0,
            right: 500.0,
            count: 1,
            scale: Scale { low: 0.0, high: 100.0, step: 20.0 },
        };
        let found = named(&plot, &dated);
        assert_eq!(
            found.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>(),
            ["A", "B", "C"],
            "D is not seen"
        );
        assert_eq!(found.iter().map(|(.., ink)| *ink).collect::<Vec<_>>(), [0, 1, 2].map(Ink::Nth));
        // Of eight pixels each, their middles lie only as far apart.
        assert!((found[1].0 - found[2].0 - APART).abs() < 1e-9 && found[0].0 - found[1].0 > APART, "{found:?}");
    }

    #[test]
    fn parts_of_the_last_bar_are_named_where_they_are_high_enough() {
        let series = |name: &str, nth, values: [f64; 2]| Series::new(name, nth, values.map(Some).to_vec());
        let dated = Dated {
            days: ["2026-11-01", "2026-11-02", "2026-11-03"].map(|day| day.parse().unwrap()).to_vec(),
            series: vec![
                series("Hardware", 0, [10.0, 60.0]),
                series("Storage", 1, [10.0, 1.0]),
                series("Credit", 2, [0.0, -20.0]),
            ],
            unit: Unit::Hours,
            adds_up: true,
        };
        let plot = Plot {
            width: names::FROM,
            height: 246.0,
            left: 0.0,
            right: 500.0,
            count: 3,
            scale: Scale { low: -20.0, high: 80.0, step: 20.0 },
        };
        // Two pixels for each: of the third day nothing is known, and Storage is too low on the second.
        let places = [("Hardware", plot.y(30.0), 0), ("Credit", plot.y(-10.0), 2)];
        let places = places.map(|(name, y, nth)| (y, name.to_owned(), Ink::Nth(nth)));
        assert_eq!(named(&plot, &dated), places);
        assert!(named(&Plot { width: names::FROM - 1.0, ..plot }, &dated).is_empty(), "a narrow chart");
        let one = Dated { series: dated.series[..1].to_vec(), ..dated };
        assert!(named(&plot, &one).is_empty(), "what the title names already");
    }
}
