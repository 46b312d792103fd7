//! The table of WorkSpaces.

use contract::workspaces::WorkspaceView;
use domain::workspace::ConnectionState;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::columns::{Column, Columns};
use super::rows::{Row, Rows, Slot};
use super::scroll::{HEAD_ROWS, Scroll};
use super::state::Selection;
use crate::api::ApiError;
use crate::components::ui::badge::{GlyphView, connection_look};
use crate::components::ui::table::{CheckBox, SkeletonRows, Sort, SortHeader};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonSize, StateBadge};
use crate::format::aws_words;

/// Columns that no window hides, the check boxes' included.
const NARROWEST: usize = 4;

/// The table: as high as all rows that match, of which those in sight are drawn.
#[component]
pub fn WorkspaceTable(
    /// The rows.
    rows: Rows,
    /// Where the window is.
    scroll: Scroll,
    /// The columns beside the user's.
    #[prop(into)]
    columns: Signal<Columns>,
    /// The rows chosen.
    selection: RwSignal<Selection>,
    /// How it is sorted.
    #[prop(into)]
    sort: Signal<Sort>,
    /// Sorts.
    #[prop(into)]
    on_sort: Callback<Sort>,
) -> impl IntoView {
    let seen = Memo::new(move |_| rows.ids());
    let all = Signal::derive(move || seen.with(|ids| selection.with(|s| s.all_of(ids))));
    let any = Signal::derive(move || seen.with(|ids| selection.with(|s| s.any_of(ids))));
    let usual = move || columns.with(|columns| *columns == Columns::default());
    let width = Memo::new(move |_| columns.with(|columns| columns.shown().len() + 2));
    let count = move || rows.total.get().map_or_else(|| "-1".to_owned(), |total| (total + HEAD_ROWS).to_string());
    let drawn = Memo::new(move |_| scroll.drawn());
    let before = Signal::derive(move || scroll.pixels(drawn.with(|drawn| drawn.start)));
    let after = Signal::derive(move || {
        let end = drawn.with(|drawn| drawn.end);
        scroll.pixels(rows.total.get().unwrap_or(0).saturating_sub(end))
    });
    // One cell and no more: a span over columns that a narrow window hides would make new ones.
    let room = move |height: Signal<f64>| {
        view! { <tr><td style:height=move || format!("{}px", height.get())></td></tr> }
    };

    let slot = move |slot: Slot| match slot {
        Slot::Row(row) => view! { <TableRow row columns rows selection/> }.into_any(),
        Slot::Waiting(at) => waiting(at, width.get_untracked(), scroll),
        Slot::Failed(at, error) => {
            view! { <FailedRow at error rows span=width.get_untracked().min(NARROWEST)/> }.into_any()
        }
    };
    view! {
        <div class:fleet-own=move || !usual()>
            <table
                class="table table-cards fleet"
                class:fleet-usual=usual
                style=("--fleet-columns", move || width.get().to_string())
                aria-busy=move || (rows.turning.get() && rows.total.get().is_some()).then_some("true")
                aria-rowcount=count
                tabindex="-1"
                node_ref=scroll.table
                on:keydown=move |event| scroll.key(&event)
            >
                <caption class="visually-hidden">"WorkSpaces"</caption>
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col" class="cell-check">
                            <CheckBox
                                label="Select the rows in sight"
                                checked=all
                                some=any
                                testid="ws-select-page"
                                on_toggle=move |_| selection.update(|s| seen.with_untracked(|ids| s.toggle_page(ids)))
                            />
                        </th>
                        <SortHeader column="user_name" label="User" sort on_sort/>
                        {move || columns.with(|columns| columns.shown().iter().map(|column| header(*column, sort, on_sort)).collect_view())}
                    </tr>
                </thead>
                <tbody class="fleet-room" aria-hidden="true" node_ref=scroll.before>{room(before)}</tbody>
                <tbody node_ref=scroll.body>
                    <Show when=move || rows.total.get().is_none()><SkeletonRows columns=width.get_untracked()/></Show>
                    <For each=move || rows.slots(drawn.get()) key=Slot::key children=slot/>
                </tbody>
                <tbody class="fleet-room" aria-hidden="true">{room(after)}</tbody>
            </table>
        </div>
    }
}

/// A row that is not read yet.
fn waiting(at: u64, width: usize, scroll: Scroll) -> AnyView {
    let cells = (0..width).map(|_| view! { <td><span class="skeleton-line"></span></td> }).collect_view();
    let height = move || format!("{}px", scroll.pixels(1));
    view! {
        <tr class="row row-waiting" data-testid="ws-waiting" aria-hidden="true" aria-rowindex=(at + HEAD_ROWS + 1).to_string() style:height=height>
            {cells}
        </tr>
    }
    .into_any()
}

/// Rows that could not be read, and another try.
#[component]
fn FailedRow(at: u64, error: ApiError, rows: Rows, span: usize) -> impl IntoView {
    view! {
        <tr class="row row-failed" data-testid="ws-failed" aria-rowindex=(at + HEAD_ROWS + 1).to_string()>
            <td colspan=span.to_string()>
                <Button size=ButtonSize::Small testid="ws-retry" on_click=move |()| rows.retry()>"Try again"</Button>
                <span role="alert">"These rows could not be loaded. " {error.detail()}</span>
            </td>
        </tr>
    }
}

fn header(column: Column, sort: Signal<Sort>, on_sort: Callback<Sort>) -> AnyView {
    let label = column.label();
    if !column.sorts() {
        return view! { <th scope="col">{label}</th> }.into_any();
    }
    let descending_first = matches!(column, Column::LastConnected | Column::Since);
    view! { <SortHeader column=column.key() label sort descending_first on_sort/> }.into_any()
}

#[component]
fn TableRow(row: Row, columns: Signal<Columns>, rows: Rows, selection: RwSignal<Selection>) -> impl IntoView {
    let id = row.id;
    let href = format!("/workspaces/{id}");
    let navigate = use_navigate();
    let target = href.clone();
    let chosen = Memo::new(move |_| selection.with(|s| s.contains(id)));
    let open = move |event: leptos::ev::MouseEvent| {
        // Links, boxes and marked text keep their own meaning.
        let element = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let own = element.is_some_and(|e| matches!(e.closest("a, button, input, label"), Ok(Some(_))));
        if !own && !event.ctrl_key() && !event.meta_key() {
            navigate(&target, leptos_router::NavigateOptions::default());
        }
    };
    let (state_view, cells_view, name_view) = (row.view.clone(), row.view.clone(), row.view);
    let (flashes, place) = (row.flashes, row.place);
    let number = place.clone();
    let toggle = move |range| selection.update(|s| s.toggle(id, range, &rows.run_around(place.get_untracked())));
    let flash = move || match flashes.get() {
        0 => "row",
        n if n % 2 == 1 => "row row-flash-odd",
        _ => "row row-flash-even",
    };
    let label = name_view.clone();
    view! {
        <tr
            class=flash
            class:row-chosen=move || chosen.get()
            data-testid="ws-row"
            data-id=id.to_string()
            aria-rowindex=move || (number.get() + HEAD_ROWS + 1).to_string()
            data-state=move || state_view.with(|v| v.state.as_str().to_owned())
            on:click=open
        >
            <td class="cell-check">
                <CheckBox
                    label=Signal::derive(move || label.with(|v| format!("Select {}", v.user_name)))
                    checked=chosen
                    testid="ws-select"
                    on_toggle=toggle
                />
            </td>
            <td class="cell-main">
                <a class="cell-link" href=href>{move || name_view.with(|v| v.user_name.clone())}</a>
                {
                    let view = cells_view.clone();
                    let own = move || columns.with(|columns| columns.has(Column::Computer));
                    move || (!own()).then(|| view.with(|v| view! {
                        <span class="cell-sub">{v.computer_name.clone().unwrap_or_else(|| "no computer name".to_owned())}</span>
                    }))
                }
            </td>
            {move || cells_view.with(|view| columns.with(|columns| cells(view, columns)))}
        </tr>
    }
}

/// The cells of a row. What stands small under another value has that place only where it has no column of its own.
fn cells(view: &WorkspaceView, columns: &Columns) -> Vec<AnyView> {
    columns.shown().iter().map(|column| cell(view, *column, columns)).collect()
}

fn cell(view: &WorkspaceView, column: Column, columns: &Columns) -> AnyView {
    let label = column.label();
    let bundle = || view.bundle_name.clone().unwrap_or_else(|| view.bundle_id.clone());
    let plain = |text: Option<String>| {
        let text = text.unwrap_or_else(|| "–".to_owned());
        view! { <td data-label=label>{text}</td> }.into_any()
    };
    let code = |text: Option<String>| match text {
        Some(text) => view! { <td data-label=label class="cell-code"><code>{text}</code></td> }.into_any(),
        None => plain(None),
    };
    match column {
        Column::State => {
            let gone = view.gone_at.map(|at| view! { <span class="cell-sub">"gone " <RelativeTime at/></span> });
            let since = (view.gone_at.is_none() && !columns.has(Column::Since))
                .then(|| view! { <span class="cell-sub"><RelativeTime at=view.state_since/></span> });
            let state = view.state.clone();
            view! { <td data-label=label><StateBadge state testid="ws-state"/>{since}{gone}</td> }.into_any()
        }
        Column::LastConnected if view.connection == Some(ConnectionState::Connected) => {
            let (_, glyph) = connection_look(&ConnectionState::Connected);
            view! { <td data-label=label><span class="connected"><GlyphView glyph/>"Connected now"</span></td> }
                .into_any()
        }
        Column::LastConnected => view! { <td data-label=label><MaybeTime at=view.last_connected_at/></td> }.into_any(),
        Column::RunningMode => plain(view.running_mode.as_ref().map(|mode| aws_words(mode.as_str()))),
        Column::Compute => {
            let compute = view.compute_type.as_ref().map_or_else(|| "–".to_owned(), |c| aws_words(c.as_str()));
            let bundle = (!columns.has(Column::Bundle)).then(bundle);
            let bundle = bundle.map(|name| view! { <span class="cell-sub" title=name.clone()>{name.clone()}</span> });
            view! { <td data-label=label>{compute}{bundle}</td> }.into_any()
        }
        Column::Bundle => plain(Some(bundle())),
        Column::Region => {
            let account = (!columns.has(Column::Account)).then(|| view.account_name.clone());
            let account = account.map(|name| view! { <span class="cell-sub">{name}</span> });
            view! { <td data-label=label>{view.region.to_string()}{account}</td> }.into_any()
        }
        Column::Account => plain(Some(view.account_name.clone())),
        Column::Directory => plain(Some(view.directory_name.clone().unwrap_or_else(|| view.directory_id.clone()))),
        Column::Computer => code(view.computer_name.clone()),
        Column::Address => code(view.ip_address.clone()),
        Column::Since => view! { <td data-label=label><RelativeTime at=view.state_since/></td> }.into_any(),
        Column::Id => code(Some(view.aws_id.clone())),
    }
}
