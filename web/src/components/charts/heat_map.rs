//! Hour × weekday: how much of something there is in each hour of the week, by seven steps of one colour, with the number at the
//! place pointed at.

use leptos::html;
use leptos::prelude::*;

use super::data::{Column, Table, plain};
use super::plot::to_f64;
use super::reader::Reader;
use super::width::use_width;

/// The days of the week in full, Monday first.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const HOURS: usize = 24;
const LEFT: f64 = 36.0;
const ABOVE: f64 = 20.0;
const ROW: f64 = 26.0;

/// Which of seven steps a value is: 0 for nothing, 6 for the largest.
pub fn heat(value: f64, most: f64) -> usize {
    if value <= 0.0 || most <= 0.0 {
        return 0;
    }
    let share = (value / most).min(1.0);
    (1..=6).find(|step| share <= to_f64(*step) / 6.0 + 1e-9).unwrap_or(6)
}

/// The table of a heat map: a row for each weekday, a column for each hour.
pub fn heat_table(values: &[[f64; HOURS]; 7], unit: &str) -> Table {
    let mut columns = vec![Column::text(format!("Weekday ({unit})"))];
    columns.extend((0..HOURS).map(|hour| Column::number(format!("{hour:02}:00"))));
    let row = |(day, row): (&str, &[f64; HOURS])| {
        std::iter::once(day.to_owned()).chain(row.iter().map(|v| plain(*v))).collect()
    };
    Table { columns, rows: WEEKDAYS.into_iter().zip(values).map(row).collect() }
}

/// A heat map of the week.
#[component]
pub fn HeatMap(
    /// What it shows, in words.
    #[prop(into)]
    label: String,
    /// The value of each hour, Monday first.
    values: [[f64; HOURS]; 7],
    /// A value in words.
    words: Callback<f64, String>,
    /// What is said while nothing is pointed at.
    #[prop(into)]
    rest: String,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = use_width(node);
    let reader = Reader::new();
    let values = StoredValue::new(values);
    let most = values.with_value(|v| v.iter().flatten().copied().fold(0.0, f64::max));
    let at = move |i: usize| values.with_value(|v| v.get(i / HOURS).and_then(|row| row.get(i % HOURS)).copied());
    let cell = move || Memo::new(move |_| (width.get() - LEFT).max(0.0) / to_f64(HOURS));
    let cell = cell();
    let rest = StoredValue::new(rest);
    let said = move || match reader.at.get().and_then(|i| Some((i, at(i)?))) {
        Some((i, value)) => {
            let (day, hour) = (WEEKDAYS[i / HOURS], i % HOURS);
            format!("{day} {hour:02}:00–{:02}:00, {}", hour + 1, words.run(value))
        }
        None => rest.get_value(),
    };
    let place = move |x: i32, y: i32| {
        let (column, row) = ((f64::from(x) - LEFT) / cell.get_untracked(), (f64::from(y) - ABOVE) / ROW);
        let index = |share: f64, count: usize| (0..count).rev().find(|i| to_f64(*i) <= share);
        index(row, 7).zip(index(column, HOURS)).map(|(row, column)| row * HOURS + column)
    };
    let height = ABOVE + 7.0 * ROW;
    view! {
        <div class="chart-read">
            <p class="chart-when">{said}</p>
            <HeatScale most words/>
        </div>
        <div
            class="chart-plot chart-plot-still"
            node_ref=node
            tabindex="0"
            role="slider"
            aria-label=label
            aria-valuemin="1"
            aria-valuemax="168"
            aria-valuenow=move || reader.at.get().map_or(1, |at| at + 1).to_string()
            aria-valuetext=said
            on:pointermove=move |event: leptos::ev::PointerEvent| reader.at.set(place(event.offset_x(), event.offset_y()))
            on:pointerleave=move |event: leptos::ev::PointerEvent| reader.left(&event)
            on:blur=move |_| reader.leave()
            on:keydown=move |event| {
                if reader.key(&event, 7 * HOURS, HOURS, |_| ()) {
                    event.prevent_default();
                }
            }
        >
            {move || (cell.get() > 0.0).then(|| view! {
                <svg
                    class="chart"
                    viewBox=format!("0 0 {} {height}", width.get())
                    width=width.get().to_string()
                    height=height.to_string()
                    aria-hidden="true"
                >
                    <Week cell=cell.get()/>
                    {move || values.with_value(|values| cells(values, most, cell.get()))}
                    <g data-live="">
                        {move || reader.at.get().map(|i| view! {
                            <rect
                                class="heat-here"
                                x=format!("{:.1}", LEFT + to_f64(i % HOURS) * cell.get())
                                y=format!("{:.1}", ABOVE + to_f64(i / HOURS) * ROW)
                                width=format!("{:.1}", cell.get())
                                height=ROW.to_string()
                            ></rect>
                        })}
                    </g>
                </svg>
            })}
        </div>
    }
}

#[component]
fn Week(cell: f64) -> impl IntoView {
    let every = if cell >= 24.0 {
        1
    } else if cell >= 16.0 {
        2
    } else {
        6
    };
    let hours = (0..HOURS)
        .step_by(every)
        .map(|hour| {
            let x = LEFT + (to_f64(hour) + 0.5) * cell;
            view! { <text x=format!("{x:.1}") y="12" text-anchor="middle">{format!("{hour:02}")}</text> }
        })
        .collect_view();
    let days = WEEKDAYS
        .iter()
        .enumerate()
        .map(|(i, day)| {
            let y = ABOVE + (to_f64(i) + 0.5) * ROW + 4.0;
            view! { <text x="0" y=format!("{y:.1}")>{&day[..3]}</text> }
        })
        .collect_view();
    view! { {hours}{days} }
}

/// One path for each step.
fn cells(values: &[[f64; HOURS]; 7], most: f64, cell: f64) -> AnyView {
    let mut paths = vec![String::new(); 7];
    for (row, hours) in values.iter().enumerate() {
        for (column, value) in hours.iter().enumerate() {
            let (x, y) = (LEFT + to_f64(column) * cell, ABOVE + to_f64(row) * ROW);
            super::plot::rectangle(&mut paths[heat(*value, most)], x, y, cell, ROW);
        }
    }
    let drawn =
        paths.into_iter().enumerate().map(|(step, d)| view! { <path class=format!("heat heat-{step}") d=d></path> });
    drawn.collect_view().into_any()
}

/// What the steps stand for.
#[component]
fn HeatScale(most: f64, words: Callback<f64, String>) -> impl IntoView {
    let steps = (0..7)
        .map(|step| view! { <rect class=format!("heat heat-{step}") x=(step * 16).to_string() width="16" height="12"></rect> })
        .collect_view();
    view! {
        <span class="heat-scale">
            <span>"0"</span>
            <svg viewBox="0 0 112 12" preserveAspectRatio="none" aria-hidden="true">{steps}</svg>
            <span>{words.run(most)}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_reach_from_nothing_to_the_most() {
        assert_eq!([0.0, 0.01, 5.0, 10.0, 30.0, 59.0, 60.0].map(|v| heat(v, 60.0)), [0, 1, 1, 1, 3, 6, 6]);
        assert_eq!(heat(0.0, 0.0), 0);
    }

    #[test]
    fn the_table_has_every_hour_of_the_week() {
        let mut values = [[0.0; 24]; 7];
        values[6][23] = 1.5;
        let table = heat_table(&values, "people");
        assert_eq!((table.columns.len(), table.rows.len()), (25, 7));
        assert_eq!(table.rows[6][24], "1.5");
        assert_eq!(table.rows[0][0], "Monday");
    }
}
