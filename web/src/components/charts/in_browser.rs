//! Charts in a browser, where they are measured and drawn.
#![cfg(target_arch = "wasm32")]

use chrono::NaiveDate;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Slice;
use super::bars::BarList;
use super::data::{Column, Dated, Mark, Series, Table};
use super::figure::Figure;
use super::scale::Unit;
use super::stacked_bars::StackedBars;
use crate::components::ui::Tone;
use crate::stage::{Stage, key, shift_key, stage, until};

fn hours() -> Dated {
    Dated {
        days: (1..=4).map(|day| format!("2026-11-0{day}").parse().unwrap()).collect(),
        series: vec![
            Series::new("AutoStop", 0, vec![Some(1.0), Some(2.0), Some(3.0), Some(4.0)]),
            Series::new("AlwaysOn", 1, vec![Some(10.0), None, Some(10.0), Some(10.0)]),
        ],
        unit: Unit::Hours,
        adds_up: true,
    }
}

async fn drawn(page: &Stage) {
    until("the chart is drawn", || page.find("svg.chart").is_some()).await;
}

#[wasm_bindgen_test]
async fn a_chart_carries_its_names_numbers_and_marks() {
    let page = stage(|| {
        let estimated_from = "2026-11-04".parse::<NaiveDate>().ok();
        let marks = vec![Mark { day: "2026-11-03".parse().unwrap(), label: "today".to_owned() }];
        view! {
            <StackedBars label="Connected hours by day" dated=hours() marks estimated_from/>
        }
    });
    drawn(&page).await;
    let width: f64 = page.attribute("svg.chart", "width").unwrap().parse().unwrap();
    assert!(
        (width - f64::from(page.get(".chart-plot").client_width())).abs() < 1.0,
        "as wide as there is room: {width}"
    );
    let letters = page.each_words("svg.chart text");
    for words in ["hours", "today", "15"] {
        assert!(letters.iter().any(|text| text == words), "{words}: {letters:?}");
    }
    assert_eq!(page.all(".chart-mark").len(), 1);
    let bars = |css: &str| {
        page.all(css).iter().map(|path| path.get_attribute("d").unwrap().matches('M').count()).collect::<Vec<_>>()
    };
    assert_eq!(bars(".chart-part:not(.chart-estimate)"), [3, 2], "a day without a value has no bar");
    assert_eq!(bars(".chart-estimate"), [1, 1]);
    assert_eq!(page.each_words(".chart-legend b"), ["10.0 h", "30.0 h"]);
    assert_eq!(page.words(".chart-when"), "1–4 Nov 202640.0 h");
}

#[wasm_bindgen_test]
async fn names_beside_stacked_parts_have_the_colours_of_those() {
    let page = stage(|| {
        view! { <div style="width: 700px"><StackedBars label="Connected hours by day" dated=hours()/></div> }
    });
    drawn(&page).await;
    assert_eq!(page.each_words("svg.chart .chart-strong"), ["AutoStop", "AlwaysOn"]);
    let colours: Vec<_> =
        page.all("svg.chart rect").iter().filter_map(|colour| colour.get_attribute("class")).collect();
    assert_eq!(colours, ["area-0", "area-1"]);
}

#[wasm_bindgen_test]
async fn a_chart_is_read_by_keys_and_days_are_chosen_by_them() {
    let chosen = RwSignal::new(None);
    let page = stage(move || {
        view! { <StackedBars label="Connected hours by day" dated=hours() on_brush=move |days: (NaiveDate, NaiveDate)| chosen.set(Some(days))/> }
    });
    drawn(&page).await;
    let plot = ".chart-plot";
    let said = || page.attribute(plot, "aria-valuetext").unwrap();
    assert_eq!(said(), "1–4 Nov 2026, in all 40.0 h, AutoStop 10.0 h, AlwaysOn 30.0 h");
    page.focus(plot).await;
    key("ArrowRight").await;
    key("ArrowRight").await;
    assert_eq!(said(), "Mon 2 Nov 2026, in all 2.0 h, AutoStop 2.0 h, AlwaysOn –");
    assert_eq!(page.attribute(plot, "aria-valuenow").as_deref(), Some("2"));
    assert_eq!(page.each_words(".chart-legend b"), ["2.0 h", "–"]);
    assert!(page.find(".chart-here").is_some() && page.find(".chart-brush").is_none());
    shift_key("End").await;
    assert!(page.find(".chart-brush").is_some());
    key("Enter").await;
    assert_eq!(chosen.get_untracked(), Some(("2026-11-02".parse().unwrap(), "2026-11-04".parse().unwrap())));
    assert!(page.find(".chart-brush").is_none() && page.find(".chart-here").is_none());
}

/// Where the days' ticks are, pixels from the left.
fn ticks(page: &Stage) -> Vec<f64> {
    let paths = page.all("path.chart-base").into_iter().filter_map(|path| path.get_attribute("d"));
    paths.filter_map(|d| d.strip_suffix("v4")?.strip_prefix('M')?.split(' ').next()?.parse().ok()).collect()
}

#[wasm_bindgen_test]
async fn days_are_chosen_by_dragging_over_them_in_either_direction() {
    let chosen = RwSignal::new(None);
    let page = stage(move || {
        view! { <StackedBars label="Connected hours by day" dated=hours() on_brush=move |days: (NaiveDate, NaiveDate)| chosen.set(Some(days))/> }
    });
    drawn(&page).await;
    let (plot, days) = (".chart-plot", ticks(&page));
    assert_eq!(days.len(), 4, "{days:?}");
    for (from, to, first, last) in [(1, 3, "2026-11-02", "2026-11-04"), (2, 0, "2026-11-01", "2026-11-03")] {
        page.touch(plot, "pointerdown", days[from]).await;
        assert!(page.find(".chart-brush").is_none(), "a day alone is no stretch");
        page.touch(plot, "pointermove", days[to]).await;
        let brush = |name| page.attribute(".chart-brush", name).unwrap().parse::<f64>().unwrap();
        let (left, right) = (days[from].min(days[to]), days[from].max(days[to]));
        assert!(brush("x") < left && brush("x") + brush("width") > right, "it covers both days");
        assert_eq!(chosen.get_untracked(), None, "not before the finger is lifted");
        page.touch(plot, "pointerup", days[to]).await;
        assert_eq!(chosen.get_untracked(), Some((first.parse().unwrap(), last.parse().unwrap())));
        assert!(page.find(".chart-brush").is_none() && page.find(".chart-here").is_none());
        chosen.set(None);
    }
}

#[wasm_bindgen_test]
async fn a_drag_that_is_cancelled_or_ends_on_its_first_day_chooses_nothing() {
    let chosen = RwSignal::new(None);
    let page = stage(move || {
        view! { <StackedBars label="Connected hours by day" dated=hours() on_brush=move |days: (NaiveDate, NaiveDate)| chosen.set(Some(days))/> }
    });
    drawn(&page).await;
    let (plot, days) = (".chart-plot", ticks(&page));
    page.touch(plot, "pointerdown", days[1]).await;
    page.touch(plot, "pointermove", days[1] + 4.0).await;
    page.touch(plot, "pointerup", days[1] + 4.0).await;
    assert_eq!(chosen.get_untracked(), None, "it stayed on one day");
    assert_eq!(page.attribute(plot, "aria-valuenow").as_deref(), Some("2"), "which is still read");

    // The browser takes the finger away, to scroll the page.
    page.touch(plot, "pointerdown", days[0]).await;
    page.touch(plot, "pointermove", days[2]).await;
    assert!(page.find(".chart-brush").is_some());
    page.touch(plot, "pointercancel", 0.0).await;
    assert!(page.find(".chart-brush").is_none());
    page.touch(plot, "pointermove", days[3]).await;
    page.touch(plot, "pointerup", days[3]).await;
    assert!(page.find(".chart-brush").is_none(), "what began was forgotten");
    assert_eq!(chosen.get_untracked(), None);
}

#[wasm_bindgen_test]
async fn a_figure_is_a_table_too() {
    let page = stage(|| {
        view! {
            <Figure title="Connected hours" name="trend" table=hours().table(true)>
                <StackedBars label="Connected hours by day" dated=hours()/>
            </Figure>
        }
    });
    drawn(&page).await;
    assert!(page.find("table").is_none());
    page.click("[data-testid=trend-table]").await;
    assert_eq!(page.attribute("[data-testid=trend-table]", "aria-pressed").as_deref(), Some("true"));
    assert_eq!(page.words("tbody tr:nth-child(2)"), "2026-11-022–2");
    assert_eq!(page.each_words("thead th"), ["Day", "AutoStop (hours)", "AlwaysOn (hours)", "Total (hours)"]);
    assert_eq!(page.get(".chart-plot").offset_width(), 0, "the picture gives it its place");
}

#[wasm_bindgen_test]
async fn the_numbers_of_the_table_are_written_for_people_and_its_words_are_left_alone() {
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let table = Table {
        columns: vec![Column::text("Hours"), Column::number("WorkSpaces"), Column::text("Port")],
        rows: vec![row(["1000–2000", "1234.5", "8080"]), row(["2000–3000", "", "8443"])],
    };
    let page = stage(move || view! { <Figure title="Hours" name="hours" table>"The picture"</Figure> });
    page.click("[data-testid=hours-table]").await;
    assert_eq!(page.each_words("tbody tr"), ["1000–20001,234.58080", "2000–3000–8443"]);
}

#[wasm_bindgen_test]
async fn bars_say_what_they_count_and_lead_there() {
    let slice =
        |label: &str, count, href: &str| Slice { label: label.into(), count, tone: Tone::Info, href: href.into() };
    let page = stage(move || {
        view! { <BarList slices=vec![slice("Stopped", 1_500, "/workspaces?state=STOPPED"), slice("Error", 1, "/workspaces?state=ERROR")]/> }
    });
    assert_eq!(page.each_words(".bar-row"), ["Stopped1,500100 %", "Error1< 1 %"]);
    assert_eq!(page.attribute("li:last-child a", "href").as_deref(), Some("/workspaces?state=ERROR"));
    let widths: Vec<u64> =
        page.all("rect").iter().map(|r| r.get_attribute("width").unwrap().parse().unwrap()).collect();
    assert_eq!(widths, [999, 8], "what is hardly there is still seen");
}
