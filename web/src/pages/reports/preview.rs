//! The first rows of a report as it would be now, in a dialog: of one that is there, and of what its form holds. Not a file of it: those
//! are in `runs.rs`.

use contract::reports::ReportPreviewView;
use domain::ids::ReportId;
use leptos::prelude::*;

use crate::api::reports as api;
use crate::components::ui::states::Loaded;
use crate::format::counted;
use crate::state::loader::Loader;

/// The rows.
#[component]
pub fn Preview(
    /// Of which report.
    id: ReportId,
) -> impl IntoView {
    let loader = Loader::once(move || api::preview(id));
    let show = Callback::new(table);
    view! { <div class="dialog-body"><Loaded loader show/></div> }
}

/// The rows as a table, with a word about how many there are.
pub fn table(preview: ReportPreviewView) -> AnyView {
    let ReportPreviewView { columns, rows, more } = preview;
    if rows.is_empty() {
        return view! { <p class="muted">"Made now, it would have no rows."</p> }.into_any();
    }
    let count = counted(rows.len() as u64, "row", "rows");
    let told = if more {
        format!("The first {count} of what it would be now.")
    } else {
        format!("Made now, it would have {count}.")
    };
    let heads = columns.into_iter().map(|name| view! { <th scope="col">{name}</th> }).collect_view();
    let cell = |text: String| view! { <td>{if text.is_empty() { "–".to_owned() } else { text }}</td> };
    let rows = rows.into_iter().map(|row| view! { <tr>{row.into_iter().map(cell).collect_view()}</tr> }).collect_view();
    view! {
        <p class="muted">{told}</p>
        <div class="report-preview" tabindex="0" role="region" aria-label="The first rows">
            <table class="table table-plain" data-testid="report-preview">
                <caption class="visually-hidden">"The first rows"</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
