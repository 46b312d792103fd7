//! What charts over days have in common: the read-out above, axes, marks, the place pointed at, and a stretch of days chosen by
//! dragging or with Shift and the arrows. What is drawn within is each chart's own.

use chrono::NaiveDate;
use leptos::html;
use leptos::prelude::*;

use super::data::{Dated, Mark, Series, sum};
use super::plot::Plot;
use super::reader::Reader;
use super::scale::{Scale, day_labels, day_words, days_words};
use super::width::use_width;

/// How high a chart is, pixels.
pub const HEIGHT: f64 = 260.0;
/// Letters of a label below.
const LETTERS: usize = 6;

/// The chart's surroundings.
#[component]
pub fn DateFrame(
    /// What it shows, in words.
    label: String,
    /// The series.
    dated: StoredValue<Dated>,
    /// The axis of values.
    scale: Scale,
    /// Whether the series are parts of a whole, so that the read-out has their sum.
    stacked: bool,
    /// Days that something is to be said about.
    marks: Vec<Mark>,
    /// Pixels to keep free at the right of a chart so wide.
    beside: Callback<f64, f64>,
    /// Narrows the period to the days chosen, the last one included.
    on_brush: Option<Callback<(NaiveDate, NaiveDate)>>,
    /// Draws what is within.
    draw: Callback<Plot, AnyView>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let reader = Reader::new();
    let count = dated.with_value(|d| d.days.len());
    let plot = Memo::new(move |_| {
        let width = width.get();
        (width > 0.0).then(|| Plot::new(width, HEIGHT, count, scale, beside.run(width)))
    });
    let take = move |(first, last): (usize, usize)| {
        let days = dated.with_value(|d| d.days.get(first).copied().zip(d.days.get(last).copied()));
        if let (Some(days), Some(on_brush)) = (days, on_brush) {
            on_brush.run(days);
        }
    };
    let place = move |x: i32| plot.get_untracked().and_then(|plot| plot.place(f64::from(x)));
    let down = move |event: leptos::ev::PointerEvent| {
        if on_brush.is_some() && event.button() == 0 {
            if let Some(node) = node.get_untracked() {
                // Where a pointer can't be kept, a drag ends at the edge.
                let _ = node.set_pointer_capture(event.pointer_id());
            }
            reader.at.set(place(event.offset_x()));
            reader.from.set(reader.at.get_untracked());
        }
    };
    let up = move |_: leptos::ev::PointerEvent| {
        let stretch = untrack(|| reader.stretch());
        reader.from.set(None);
        if let Some(stretch) = stretch {
            reader.leave();
            take(stretch);
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if reader.key(&event, count, 1, take) {
            event.prevent_default();
        }
    };
    let said = move || dated.with_value(|d| said(d, reader.at.get(), stacked));
    let marks = StoredValue::new(marks);
    view! {
        <ReadOut dated reader stacked/>
        <div
            class="chart-plot"
            node_ref=node
            tabindex="0"
            role="slider"
            aria-label=label
            aria-valuemin="1"
            aria-valuemax=count.to_string()
            aria-valuenow=move || reader.at.get().map_or(1, |at| at + 1).to_string()
            aria-valuetext=said
            on:pointermove=move |event| reader.at.set(place(event.offset_x()))
            on:pointerdown=down
            on:pointerup=up
            on:pointercancel=move |_| reader.leave()
            on:pointerleave=move |event: leptos::ev::PointerEvent| reader.left(&event)
            on:blur=move |_| reader.leave()
            on:keydown=key
        >
            {move || plot.get().map(|plot| view! {
                <svg
                    class="chart"
                    viewBox=format!("0 0 {} {HEIGHT}", plot.width)
                    width=plot.width.to_string()
                    height=HEIGHT.to_string()
                    aria-hidden="true"
                >
                    <ValueAxis plot name=dated.with_value(|d| d.unit.axis())/>
                    <DayAxis plot dated/>
                    {draw.run(plot)}
                    {marks.with_value(|marks| dated.with_value(|d| marked(&plot, d, marks)))}
                    <Here plot reader/>
                </svg>
            })}
        </div>
    }
}

/// Lines across with their values, and the axis' name above.
#[component]
pub fn ValueAxis(plot: Plot, name: String) -> impl IntoView {
    let ticks = plot
        .scale
        .ticks()
        .into_iter()
        .map(|value| {
            let y = plot.y(value);
            let class = if value.abs() < plot.scale.step / 1000.0 { "chart-base" } else { "chart-grid" };
            view! {
                <path class=class d=format!("M{:.1} {y:.1}H{:.1}", plot.left, plot.right)></path>
                <text x=format!("{:.1}", plot.left - 6.0) y=format!("{:.1}", y + 4.0) text-anchor="end">{plot.scale.label(value)}</text>
            }
        })
        .collect_view();
    view! {
        <text x="0" y="12">{name}</text>
        {ticks}
    }
}

#[component]
fn DayAxis(plot: Plot, dated: StoredValue<Dated>) -> impl IntoView {
    let labels = dated.with_value(|d| day_labels(&d.days, plot.labels(LETTERS)));
    labels
        .into_iter()
        .map(|(i, words)| {
            let x = plot.middle(i).clamp(plot.left, plot.right);
            // The outermost labels stay within the picture.
            let anchor = if x > plot.width - 28.0 { "end" } else { "middle" };
            let x_words = if anchor == "end" { plot.width.min(x + 20.0) } else { x };
            view! {
                <path class="chart-base" d=format!("M{x:.1} {:.1}v4", plot.bottom())></path>
                <text x=format!("{x_words:.1}") y=format!("{:.1}", plot.bottom() + 18.0) text-anchor=anchor>{words}</text>
            }
        })
        .collect_view()
}

fn marked(plot: &Plot, dated: &Dated, marks: &[Mark]) -> AnyView {
    marks
        .iter()
        .filter_map(|mark| Some((dated.days.iter().position(|day| *day == mark.day)?, mark)))
        .map(|(i, mark)| {
            let x = plot.middle(i);
            let anchor = if x > (plot.left + plot.right) / 2.0 { "end" } else { "start" };
            let beside = if anchor == "end" { x - 4.0 } else { x + 4.0 };
            view! {
                <path class="chart-mark" d=format!("M{x:.1} {:.1}V{:.1}", plot.top() - 8.0, plot.bottom())></path>
                <text x=format!("{beside:.1}") y=format!("{:.1}", plot.top() - 2.0) text-anchor=anchor>{mark.label.clone()}</text>
            }
        })
        .collect_view()
        .into_any()
}

/// The place pointed at, and the stretch that is chosen. Not part of a picture that is taken along.
#[component]
fn Here(plot: Plot, reader: Reader) -> impl IntoView {
    let stretch = move || {
        reader.stretch().map(|(first, last)| {
            let (x, width) = (plot.x(first), plot.x(last + 1) - plot.x(first));
            view! {
                <rect
                    class="chart-brush"
                    x=format!("{x:.1}")
                    y=format!("{:.1}", plot.top())
                    width=format!("{width:.1}")
                    height=format!("{:.1}", plot.bottom() - plot.top())
                ></rect>
            }
        })
    };
    let here = move || {
        reader.at.get().map(|at| {
            let d = format!("M{:.1} {:.1}V{:.1}", plot.middle(at), plot.top(), plot.bottom());
            view! { <path class="chart-here" d=d></path> }
        })
    };
    view! { <g data-live="">{stretch}{here}</g> }
}

/// What the series are at the place pointed at, or in all: the legend, with numbers.
#[component]
fn ReadOut(dated: StoredValue<Dated>, reader: Reader, stacked: bool) -> impl IntoView {
    let when = move || {
        dated.with_value(|d| {
            let words = match (reader.stretch(), reader.at.get()) {
                (Some((first, last)), _) => d.days.get(first).zip(d.days.get(last)).map(|(a, b)| days_words(*a, *b)),
                (None, Some(at)) => d.days.get(at).copied().map(day_words),
                (None, None) => d.days.first().zip(d.days.last()).map(|(a, b)| days_words(*a, *b)),
            };
            words.unwrap_or_default()
        })
    };
    let all = move || {
        let several = stacked && dated.with_value(|d| d.series.len() > 1);
        let total = several.then(|| dated.with_value(|d| value_words(d, reader.at.get(), None))).flatten();
        total.map(|total| view! { <span>{total}</span> })
    };
    let count = dated.with_value(|d| d.series.len());
    let keys = (0..count).map(|n| view! { <li><LegendEntry dated reader stacked n/></li> }).collect_view();
    view! {
        <div class="chart-read">
            <p class="chart-when">{when}{all}</p>
            <ul class="chart-legend">{keys}</ul>
        </div>
    }
}

#[component]
fn LegendEntry(dated: StoredValue<Dated>, reader: Reader, stacked: bool, n: usize) -> impl IntoView {
    let series = dated.with_value(|d| d.series.get(n).cloned());
    series.map(|series| {
        let value = move || dated.with_value(|d| value_words(d, reader.at.get(), Some(n)));
        let Series { label, ink, dashed, .. } = series;
        view! {
            <svg class="chart-key" viewBox="0 0 12 12" aria-hidden="true">
                {if stacked {
                    view! { <rect class=ink.area() width="12" height="12" rx="3"></rect> }.into_any()
                } else {
                    let class = format!("{}{}", ink.line(), if dashed { " chart-dashed" } else { "" });
                    view! { <path class=class d="M0 6H12"></path> }.into_any()
                }}
            </svg>
            <span>{label}</span>
            <b>{value}</b>
        }
    })
}

/// The value of a series, or of all, on one day or over all of them where that can be said.
fn value_words(dated: &Dated, at: Option<usize>, series: Option<usize>) -> Option<String> {
    let on = |i: usize| match series {
        Some(n) => dated.series.get(n).and_then(|s| s.at(i)),
        None => dated.total(i),
    };
    match at {
        Some(i) => Some(on(i).map_or_else(|| "–".to_owned(), |value| dated.unit.words(value))),
        None if dated.adds_up => sum((0..dated.days.len()).map(on)).map(|value| dated.unit.words(value)),
        None => None,
    }
}

/// What a screen reader says about the place: the day and every value.
fn said(dated: &Dated, at: Option<usize>, stacked: bool) -> String {
    let words = |i: Option<usize>, n| value_words(dated, i, n);
    let parts =
        dated.series.iter().enumerate().filter_map(|(n, s)| Some(format!("{} {}", s.label, words(at, Some(n))?)));
    let all =
        (stacked && dated.series.len() > 1).then(|| words(at, None).map(|total| format!("in all {total}"))).flatten();
    let when = match at {
        Some(i) => dated.days.get(i).copied().map(day_words),
        None => dated.days.first().zip(dated.days.last()).map(|(a, b)| days_words(*a, *b)),
    };
    when.into_iter().chain(all).chain(parts).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::charts::scale::Unit;

    #[test]
    fn places_are_said_in_words() {
        let dated = Dated {
            days: vec!["2026-11-01".parse().unwrap(), "2026-11-02".parse().unwrap()],
            series: vec![Series::new("A", 0, vec![Some(1.0), None]), Series::new("B", 1, vec![Some(2.0), None])],
            unit: Unit::Hours,
            adds_up: true,
        };
        assert_eq!(said(&dated, Some(0), true), "Sun 1 Nov 2026, in all 3.0 h, A 1.0 h, B 2.0 h");
        assert_eq!(said(&dated, None, false), "1–2 Nov 2026, A 1.0 h, B 2.0 h");
        assert_eq!(said(&dated, Some(1), false), "Mon 2 Nov 2026, A –, B –");
        let means = Dated { adds_up: false, ..dated };
        assert_eq!(said(&means, None, true), "1–2 Nov 2026");
    }
}
