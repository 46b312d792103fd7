//! The table of WorkSpaces.

use contract::workspaces::WorkspaceView;
use domain::workspace::ConnectionState;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::columns::{Column, Columns};
use super::rows::{Row, Rows};
use super::state::Selection;
use crate::components::ui::StateBadge;
use crate::components::ui::badge::{GlyphView, connection_look};
use crate::components::ui::table::{CheckBox, SkeletonRows, Sort, SortHeader};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::format::aws_words;

/// The table.
#[component]
pub fn WorkspaceTable(
    /// The rows.
    rows: Rows,
    /// The columns beside the user's.
    #[prop(into)]
    columns: Signal<Columns>,
    /// The rows chosen.
    selection: RwSignal<Selection>,
    /// How it is sorted.
    #[prop(into)]
    sort: Signal<Sort>,
    /// Whether nothing was read yet.
    #[prop(into)]
    blank: Signal<bool>,
    /// Whether it is being read again.
    #[prop(into)]
    stale: Signal<bool>,
    /// Sorts.
    #[prop(into)]
    on_sort: Callback<Sort>,
) -> impl IntoView {
    let page = Memo::new(move |_| rows.ids());
    let all = Signal::derive(move || page.with(|p| selection.with(|s| s.all_of(p))));
    let any = Signal::derive(move || page.with(|p| selection.with(|s| s.any_of(p))));
    let usual = move || columns.with(|columns| *columns == Columns::default());
    view! {
        <div class:fleet-own=move || !usual()>
            <table class="table table-cards fleet" class:fleet-usual=usual aria-busy=move || stale.get().then_some("true")>
                <caption class="visually-hidden">"WorkSpaces"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="cell-check">
                            <CheckBox
                                label="Select all on this page"
                                checked=all
                                some=any
                                testid="ws-select-page"
                                on_toggle=move |_| selection.update(|s| page.with_untracked(|p| s.toggle_page(p)))
                            />
                        </th>
                        <SortHeader column="user_name" label="User" sort on_sort/>
                        {move || columns.with(|columns| columns.shown().iter().map(|column| header(*column, sort, on_sort)).collect_view())}
                    </tr>
                </thead>
                <tbody>
                    <Show when=move || blank.get()><SkeletonRows columns=columns.with(|columns| columns.shown().len() + 2)/></Show>
                    <For each=move || rows.get() key=|row| row.id children=move |row| view! { <TableRow row columns page selection/> }/>
                </tbody>
            </table>
        </div>
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
fn TableRow(
    row: Row,
    columns: Signal<Columns>,
    page: Memo<Vec<domain::ids::WorkspaceId>>,
    selection: RwSignal<Selection>,
) -> impl IntoView {
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
    let flashes = row.flashes;
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
            data-state=move || state_view.with(|v| v.state.as_str().to_owned())
            on:click=open
        >
            <td class="cell-check">
                <CheckBox
                    label=Signal::derive(move || label.with(|v| format!("Select {}", v.user_name)))
                    checked=chosen
                    testid="ws-select"
                    on_toggle=move |shift| selection.update(|s| page.with_untracked(|p| s.toggle(id, shift, p)))
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
