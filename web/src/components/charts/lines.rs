//! Series over days as lines, each named at its end where there is room, with an interval around one of them if that is known.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::data::{Dated, Interval, Mark};
use super::frame::DateFrame;
use super::names;
use super::plot::{Plot, line, spread};
use super::scale::Scale;

/// With no more of them than that, lines are named at their ends.
const NAMED: usize = 4;

/// Lines of days.
#[component]
pub fn Lines(
    /// What they show, in words.
    #[prop(into)]
    label: String,
    /// The series.
    dated: Dated,
    /// Where a value lies for certain.
    #[prop(optional_no_strip, into)]
    interval: Option<Interval>,
    /// Days that something is to be said about.
    #[prop(optional)]
    marks: Vec<Mark>,
    /// Narrows the period to the days chosen, the last one included.
    #[prop(optional, into)]
    on_brush: Option<Callback<(NaiveDate, NaiveDate)>>,
) -> impl IntoView {
    let within = interval.iter().flat_map(|i| i.values.iter().flatten()).flat_map(|(low, high)| [*low, *high]);
    let scale = Scale::around(dated.series.iter().flat_map(|s| s.values.iter().copied().flatten()).chain(within), 5);
    let named = (2..=NAMED).contains(&dated.series.len());
    let letters = names::letters(dated.series.iter().map(|s| s.label.as_str()));
    let beside = move |width: f64| if named && width >= names::FROM { names::room(letters, width) } else { 8.0 };
    let dated = StoredValue::new(dated);
    let interval = StoredValue::new(interval);
    let draw = Callback::new(move |plot: Plot| {
        let area = interval.with_value(|i| i.as_ref().map(|i| interval_path(&plot, &i.values)));
        dated.with_value(|dated| {
            view! {
                {area.map(|d| view! { <path class="area-0 chart-interval" d=d></path> })}
                {drawn(&plot, dated)}
                {(beside(plot.width) > 10.0).then(|| ends(&plot, dated))}
            }
            .into_any()
        })
    });
    view! {
        <DateFrame label dated scale stacked=false marks beside=Callback::new(beside) on_brush draw/>
    }
}

fn drawn(plot: &Plot, dated: &Dated) -> AnyView {
    // The first series is the one that it is about: it lies on top.
    let lines = dated.series.iter().rev().map(|series| {
        let points = (0..dated.days.len()).map(|i| series.at(i).map(|v| (plot.middle(i), plot.y(v))));
        let class = format!("chart-line {}{}", series.ink.line(), if series.dashed { " chart-dashed" } else { "" });
        view! { <path class=class d=line(points)></path> }
    });
    lines.collect_view().into_any()
}

fn ends(plot: &Plot, dated: &Dated) -> AnyView {
    let last = |s: &super::data::Series| (0..dated.days.len()).rev().find_map(|i| s.at(i)).map(|v| plot.y(v));
    let (found, labels): (Vec<f64>, Vec<String>) =
        dated.series.iter().filter_map(|s| Some((last(s)?, s.label.clone()))).unzip();
    names::names(plot, spread(&found, 15.0, plot.bottom()).into_iter().zip(labels))
}

/// The area between the ends of an interval; each stretch of days that are known is an area of its own.
fn interval_path(plot: &Plot, values: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut i = 0;
    while i < values.len() {
        let known: Vec<_> = values[i..].iter().copied().map_while(|v| v).collect();
        if known.is_empty() {
            i += 1;
            continue;
        }
        let point = |n: usize, value: f64| format!("{:.1} {:.1}", plot.middle(i + n), plot.y(value));
        let upper = known.iter().enumerate().map(|(n, (_, high))| point(n, *high));
        let lower = known.iter().enumerate().rev().map(|(n, (low, _))| point(n, *low));
        path.push('M');
        path.push_str(&upper.chain(lower).collect::<Vec<_>>().join("L"));
        path.push('z');
        i += known.len();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_an_area_for_each_stretch_that_is_known() {
        let scale = Scale { low: 0.0, high: 100.0, step: 20.0 };
        let plot = Plot { width: 100.0, height: 146.0, left: 0.0, right: 100.0, count: 5, scale };
        let path = interval_path(&plot, &[None, Some((0.0, 100.0)), Some((20.0, 80.0)), None, Some((50.0, 50.0))]);
        assert_eq!(path, "M30.0 22.0L50.0 42.0L50.0 102.0L30.0 122.0zM90.0 72.0L90.0 72.0z");
        assert_eq!(interval_path(&plot, &[None; 5]), "");
    }
}
