//! Parts of a whole by day: bars stacked upwards, what takes away downwards. What is only estimated is lighter.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::data::{Dated, Mark};
use super::frame::DateFrame;
use super::plot::{Plot, rectangle};
use super::scale::Scale;

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
    let draw = Callback::new(move |plot: Plot| {
        dated.with_value(|dated| {
            let parts = paths(&plot, dated, estimated_from);
            let drawn = parts.into_iter().zip(&dated.series).map(|((known, estimated), series)| {
                let class = format!("chart-part {}", series.ink.area());
                let lighter = format!("{class} chart-estimate");
                view! { <path class=class d=known></path><path class=lighter d=estimated></path> }
            });
            drawn.collect_view().into_any()
        })
    });
    view! {
        <DateFrame label dated scale stacked=true marks beside=Callback::new(|_| 4.0) on_brush draw/>
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

/// The path of each series, of the days that are known and of those that are estimated.
fn paths(plot: &Plot, dated: &Dated, estimated_from: Option<NaiveDate>) -> Vec<(String, String)> {
    let mut paths = vec![(String::new(), String::new()); dated.series.len()];
    let width = plot.bar();
    for (i, day) in dated.days.iter().enumerate() {
        let (mut above, mut below) = (0.0, 0.0);
        for (series, (known, estimated)) in dated.series.iter().zip(&mut paths) {
            let Some(value) = series.at(i).filter(|v| v.is_finite() && *v != 0.0) else { continue };
            let base = if value > 0.0 { &mut above } else { &mut below };
            let (from, to) = (plot.y(*base), plot.y(*base + value));
            *base += value;
            let path = if estimated_from.is_some_and(|first| *day >= first) { estimated } else { known };
            rectangle(path, plot.middle(i) - width / 2.0, from.min(to), width, (from - to).abs());
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::charts::data::Series;
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
}
