//! The table of WorkSpaces.

use contract::workspaces::WorkspaceView;
use domain::workspace::ConnectionState;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::rows::{Row, Rows};
use super::state::Selection;
use crate::components::ui::StateBadge;
use crate::components::ui::badge::{GlyphView, connection_look};
use crate::components::ui::table::{CheckBox, SkeletonRows, Sort, SortHeader};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::format::aws_words;

const COLUMNS: usize = 8;

/// The table.
#[component]
pub fn WorkspaceTable(
    /// The rows.
    rows: Rows,
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
    view! {
        <table class="table table-cards fleet" aria-busy=move || stale.get().then_some("true")>
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
                    <SortHeader column="state" label="State" sort on_sort/>
                    <SortHeader column="last_connected_at" label="Last connected" sort descending_first=true on_sort/>
                    <SortHeader column="running_mode" label="Running mode" sort on_sort/>
                    <SortHeader column="compute_type" label="Compute" sort on_sort/>
                    <SortHeader column="region" label="Region" sort on_sort/>
                    <SortHeader column="aws_id" label="WorkSpace" sort on_sort/>
                </tr>
            </thead>
            <tbody>
                <Show when=move || blank.get()><SkeletonRows columns=COLUMNS/></Show>
                <For each=move || rows.get() key=|row| row.id children=move |row| view! { <TableRow row page selection/> }/>
            </tbody>
        </table>
    }
}

#[component]
fn TableRow(row: Row, page: Memo<Vec<domain::ids::WorkspaceId>>, selection: RwSignal<Selection>) -> impl IntoView {
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
                    move || view.with(|v| view! { <span class="cell-sub">{v.computer_name.clone().unwrap_or_else(|| "no computer name".to_owned())}</span> })
                }
            </td>
            {move || cells_view.with(cells)}
        </tr>
    }
}

fn cells(view: &WorkspaceView) -> impl IntoView + use<> {
    let connected = view.connection == Some(ConnectionState::Connected);
    let (_, glyph) = connection_look(&ConnectionState::Connected);
    let last = if connected {
        view! { <span class="connected"><GlyphView glyph/>"Connected now"</span> }.into_any()
    } else {
        view! { <MaybeTime at=view.last_connected_at/> }.into_any()
    };
    let mode = view.running_mode.as_ref().map_or_else(|| "–".to_owned(), |m| aws_words(m.as_str()));
    let compute = view.compute_type.as_ref().map_or_else(|| "–".to_owned(), |c| aws_words(c.as_str()));
    let bundle = view.bundle_name.clone().unwrap_or_else(|| view.bundle_id.clone());
    let gone = view.gone_at.map(|at| view! { <span class="cell-sub">"gone " <RelativeTime at/></span> });
    let since =
        view.gone_at.is_none().then(|| view! { <span class="cell-sub"><RelativeTime at=view.state_since/></span> });
    view! {
        <td data-label="State"><StateBadge state=view.state.clone() testid="ws-state"/>{since}{gone}</td>
        <td data-label="Last connected">{last}</td>
        <td data-label="Running mode">{mode}</td>
        <td data-label="Compute">{compute}<span class="cell-sub" title=bundle.clone()>{bundle.clone()}</span></td>
        <td data-label="Region">{view.region.to_string()}<span class="cell-sub">{view.account_name.clone()}</span></td>
        <td data-label="WorkSpace" class="cell-code"><code>{view.aws_id.clone()}</code></td>
    }
}
