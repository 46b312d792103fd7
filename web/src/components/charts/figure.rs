//! A chart with all that belongs to it: title, a note on what it stands on, the same as a table, and what can be taken along.
//!
//! ```ignore
//! view! {
//!     <Figure title="Connected hours" name="usage-trend" of=Of::days(first, last, "UTC") note=words table=dated.table(true)>
//!         {move || view! { <StackedBars label="Connected hours by day" dated=dated.clone()/> }.into_any()}
//!     </Figure>
//! }
//! ```

use leptos::html;
use leptos::prelude::*;

use super::data::Table;
use super::take::{take_csv, take_png};
use super::taken::Of;
use crate::format::decimal;

/// A figure.
#[component]
pub fn Figure(
    /// Its title.
    #[prop(into)]
    title: String,
    /// Names its files, and tells it apart in browser tests.
    name: &'static str,
    /// What it is of: in the names of its files, and under the title of its picture.
    #[prop(optional)]
    of: Of,
    /// What narrows it, in words, which are under the title of its picture too.
    #[prop(optional, into)]
    narrowed: Signal<Vec<String>>,
    /// What it stands on: period, zone, gaps.
    #[prop(optional, into)]
    note: Option<String>,
    /// The same as a table.
    table: Table,
    /// What can be chosen about it, beside its title.
    #[prop(optional)]
    tools: Option<AnyView>,
    /// The chart.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Figure>::new();
    let as_table = RwSignal::new(false);
    let id = format!("{name}-title");
    let labelled_by = id.clone();
    let csv = {
        let (table, file) = (table.clone(), of.file(name));
        move |_| take_csv(&file, &table.csv())
    };
    let png = {
        let title = title.clone();
        move |_| {
            if let Some(node) = node.get_untracked() {
                take_png(&node, &of.file(name), &title, &of.words(narrowed.get_untracked()));
            }
        }
    };
    let caption = title.clone();
    let table = StoredValue::new(table);
    view! {
        <figure class="card chart-figure" node_ref=node aria-labelledby=labelled_by data-testid=format!("figure-{name}")>
            <figcaption class="chart-head">
                <div class="chart-words">
                    <h2 id=id>{title}</h2>
                    {note.map(|note| view! { <p class="chart-note">{note}</p> })}
                </div>
                {tools}
                <div class="chart-tools">
                    <button
                        class="chart-tool"
                        type="button"
                        data-testid=format!("{name}-table")
                        aria-pressed=move || as_table.get().to_string()
                        on:click=move |_| as_table.update(|t| *t = !*t)
                    >
                        "Table"
                    </button>
                    <button class="chart-tool" type="button" data-testid=format!("{name}-png") title="Take the picture along" on:click=png>
                        "PNG"
                    </button>
                    <button class="chart-tool" type="button" data-testid=format!("{name}-csv") title="Take the numbers along" on:click=csv>
                        "CSV"
                    </button>
                </div>
            </figcaption>
            <div hidden=move || as_table.get()>{children()}</div>
            {move || as_table.get().then(|| table.with_value(|t| view! { <FigureTable caption=caption.clone() table=t.clone()/> }))}
        </figure>
    }
}

#[component]
fn FigureTable(caption: String, table: Table) -> impl IntoView {
    let class = |i: usize| table.columns.get(i).is_some_and(|c| c.number).then_some("cell-number");
    let heads = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| view! { <th scope="col" class=class(i)>{column.name.clone()}</th> })
        .collect_view();
    let rows = table
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().enumerate().map(|(i, text)| {
                let text = match text.as_str() {
                    "" => "–".to_owned(),
                    number if class(i).is_some() && number.parse::<f64>().is_ok() => decimal(number),
                    text => text.to_owned(),
                };
                if i == 0 {
                    view! { <th scope="row">{text}</th> }.into_any()
                } else {
                    view! { <td class=class(i)>{text}</td> }.into_any()
                }
            });
            view! { <tr>{cells.collect_view()}</tr> }
        })
        .collect_view();
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=format!("{caption} as a table")>
            <table class="table table-plain">
                <caption class="visually-hidden">{caption.clone()}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
