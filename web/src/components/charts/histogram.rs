//! How many there are in each bin: bars with their numbers above them.

use leptos::html;
use leptos::prelude::*;

use super::data::{Column, Table, plain};
use super::frame::ValueAxis;
use super::plot::{Plot, rectangle};
use super::scale::{Scale, Unit, number};
use super::width::use_width;

const HEIGHT: f64 = 240.0;

/// A bin.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// From where to where, as in `10–20 h`.
    pub label: String,
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
                view! {
                    <svg
                        class="chart"
                        viewBox=format!("0 0 {} {HEIGHT}", plot.width)
                        width=plot.width.to_string()
                        height=HEIGHT.to_string()
                        role="img"
                        aria-label=label.clone()
                    >
                        <ValueAxis plot name=axis.clone()/>
                        {bins.with_value(|bins| drawn(&plot, bins))}
                    </svg>
                }
            })}
        </div>
    }
}

fn drawn(plot: &Plot, bins: &[Bin]) -> AnyView {
    let mut bars = String::new();
    let width = plot.band() * 0.86;
    for (i, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.count > 0.0) {
        let y = plot.y(bin.count);
        rectangle(&mut bars, plot.middle(i) - width / 2.0, y, width, plot.bottom() - y);
    }
    let letters = bins.iter().map(|b| b.label.chars().count()).max().unwrap_or(1);
    let every = bins.len().div_ceil(plot.labels(letters).max(1)).max(1);
    let words = bins.iter().enumerate().map(|(i, bin)| {
        let x = format!("{:.1}", plot.middle(i));
        let count = (bin.count > 0.0).then(|| {
            view! {
                <text class="chart-strong" x=x.clone() y=format!("{:.1}", plot.y(bin.count) - 5.0) text-anchor="middle">
                    {number(bin.count, 0)}
                </text>
            }
        });
        let below = i.is_multiple_of(every).then(|| {
            let y = format!("{:.1}", plot.bottom() + 18.0);
            view! { <text x=x y=y text-anchor="middle">{bin.label.clone()}</text> }
        });
        view! { {count}{below} }
    });
    view! { <path class="chart-part area-0" d=bars></path>{words.collect_view()} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_bin() {
        let bins = [Bin { label: "0 h".into(), count: 3.0 }, Bin { label: "1–20 h".into(), count: 0.0 }];
        let table = histogram_table(&bins, "Hours", &Unit::Count("WorkSpaces"));
        assert_eq!(table.columns[1].name, "WorkSpaces");
        assert_eq!(table.rows, [["0 h", "3"], ["1–20 h", "0"]]);
    }
}
