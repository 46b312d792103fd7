//! How many there are in each bin: bars with their numbers above them, and below them where each bin begins and ends.

use leptos::html;
use leptos::prelude::*;

use super::data::{Column, Table, plain};
use super::frame::ValueAxis;
use super::plot::{Plot, rectangle, to_f64};
use super::scale::{Scale, Unit, number};
use super::width::use_width;

const HEIGHT: f64 = 240.0;
/// Room for the name of the axis below its labels.
const NAME: f64 = 16.0;
/// How wide a letter of a label is, about.
const LETTER: f64 = 7.0;
/// The room between two labels.
const APART: f64 = 8.0;

/// A bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// From where to where, as in `10–20`.
    pub label: String,
    /// Its two ends, which are written below them; `None` of a bin beside the axis, such as `none`, which has its label there.
    pub ends: Option<(u32, u32)>,
    /// How many are in it.
    pub count: f64,
}

/// The table of a histogram.
pub fn histogram_table(bins: &[Bin], of: &str, unit: &Unit) -> Table {
    let columns = vec![Column::text(of), Column::number(unit.axis())];
    Table { columns, rows: bins.iter().map(|bin| vec![bin.label.clone(), plain(bin.count)]).collect() }
}

/// A histogram. Its numbers are the picture's text; the table beside it is the equivalent.
#[component]
pub fn Histogram(
    /// What it shows, in words.
    #[prop(into)]
    label: String,
    /// The bins, in order.
    bins: Vec<Bin>,
    /// What the ends of the bins are, with their unit.
    of: &'static str,
    /// What is counted.
    unit: Unit,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let scale = Scale::around(bins.iter().map(|b| b.count), 4);
    let axis = unit.axis();
    let bins = StoredValue::new(bins);
    view! {
        <div class="chart-plot chart-plot-still" node_ref=node>
            {move || (width.get() > 0.0).then(|| {
                let plot = Plot::new(width.get(), HEIGHT, bins.with_value(Vec::len), scale, 4.0);
                let height = HEIGHT + NAME;
                view! {
                    <svg
                        class="chart"
                        viewBox=format!("0 0 {} {height}", plot.width)
                        width=plot.width.to_string()
                        height=height.to_string()
                        role="img"
                        aria-label=label.clone()
                    >
                        <ValueAxis plot name=axis.clone()/>
                        {bins.with_value(|bins| drawn(&plot, bins))}
                        <text x=format!("{:.1}", plot.right) y=format!("{:.1}", height - 4.0) text-anchor="end">{of}</text>
                    </svg>
                }
            })}
        </div>
    }
}

/// What is written below, and where: what has no ends in the middle of its place; each end once, or every second where there is
/// no room, from the last one on, which says how far the axis goes.
fn below(plot: &Plot, bins: &[Bin]) -> Vec<(f64, String)> {
    let beside = bins.iter().enumerate().filter(|(_, bin)| bin.ends.is_none());
    let mut words: Vec<_> = beside.map(|(i, bin)| (plot.middle(i), bin.label.clone())).collect();
    // Beside what has no ends, where the first bin begins goes without saying.
    let ends = bins.iter().enumerate().filter_map(|(i, bin)| Some((plot.x(i + 1), bin.ends?.1)));
    let mut ends: Vec<_> = ends.map(|(x, end)| (x, end.to_string())).collect();
    let first = bins.iter().enumerate().find_map(|(i, bin)| Some((plot.x(i), bin.ends?.0)));
    if let Some((x, begin)) = first.filter(|_| words.is_empty()) {
        ends.insert(0, (x, begin.to_string()));
    }
    let letters = ends.iter().map(|(_, end)| end.len()).max().unwrap_or(1);
    let room = (plot.band() / (LETTER * to_f64(letters) + APART)).max(0.1);
    let every = (1..=ends.len()).find(|every| to_f64(*every) * room >= 1.0).unwrap_or(1);
    words.extend(ends.into_iter().rev().step_by(every));
    words
}

fn drawn(plot: &Plot, bins: &[Bin]) -> AnyView {
    let mut bars = String::new();
    let width = plot.band() * 0.86;
    for (i, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0.0) {
        let y = plot.y(bin.count);
        rectangle(&mut bars, plot.middle(i) - width / 2.0, y, width, plot.bottom() - y);
    }
    let text = |x: f64, y: f64, class: Option<&'static str>, words: String| {
        view! { <text class=class x=format!("{x:.1}") y=format!("{y:.1}") text-anchor="middle">{words}</text> }
    };
    let counts = bins
        .iter()
        .enumerate()
        .filter(|(_, bin)| bin.count > 0.0)
        .map(|(i, bin)| text(plot.middle(i), plot.y(bin.count) - 5.0, Some("chart-strong"), number(bin.count, 0)));
    let counts = counts.collect_view();
    // The outermost one stays within the picture.
    let below = below(plot, bins).into_iter().map(|(x, words)| {
        let most = plot.width - LETTER * to_f64(words.chars().count()) / 2.0;
        text(x.min(most), plot.bottom() + 18.0, None, words)
    });
    view! { <path class="chart-part area-0" d=bars></path>{counts}{below.collect_view()} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_bin() {
        let bins = [
            Bin { label: "none".into(), ends: None, count: 3.0 },
            Bin { label: "< 20".into(), ends: Some((0, 20)), count: 0.0 },
        ];
        let table = histogram_table(&bins, "Hours", &Unit::Count("WorkSpaces"));
        assert_eq!(table.columns[1].name, "WorkSpaces");
        assert_eq!(table.rows, [["none", "3"], ["< 20", "0"]]);
    }

    /// Ten bins of 20 behind one that has no ends.
    fn bins() -> Vec<Bin> {
        let none = Bin { label: "none".into(), ends: None, count: 1.0 };
        let bin = |nth: u32| Bin { label: String::new(), ends: Some((nth * 20, nth * 20 + 20)), count: 1.0 };
        std::iter::once(none).chain((0..10).map(bin)).collect()
    }

    fn written(width: f64, bins: &[Bin]) -> Vec<String> {
        let plot = Plot {
            width,
            height: HEIGHT,
            left: 0.0,
            right: width,
            count: bins.len(),
            scale: Scale { low: 0.0, high: 1.0, step: 1.0 },
        };
        let mut found = below(&plot, bins);
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        found.into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn each_end_is_written_where_there_is_room_and_the_last_one_always() {
        let all = ["none", "20", "40", "60", "80", "100", "120", "140", "160", "180", "200"];
        assert_eq!(written(440.0, &bins()), all);
        assert_eq!(written(220.0, &bins()), ["none", "40", "80", "120", "160", "200"]);
        assert_eq!(
            written(440.0, &bins()[1..3]),
            ["0", "20", "40"],
            "with nothing beside it, the first begins somewhere"
        );
        assert!(written(440.0, &[]).is_empty());
    }
}
