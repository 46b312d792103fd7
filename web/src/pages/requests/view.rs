//! The page: the list with its filters.

use contract::paths;
use contract::requests::{RequestQuery, RequestView};
use domain::requests::{RequestKind, RequestStatus};
use leptos::prelude::*;

use super::drawer::RequestDrawer;
use crate::api::{exports, requests as api};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::badge::Badge;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::list::ListTable;
use crate::components::ui::time::RelativeTime;
use crate::format::counted;
use crate::pages::desktop::status_look;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::UrlList;
use crate::state::use_title;

/// The page.
#[component]
pub fn RequestsPage() -> impl IntoView {
    use_title(|| Some("Requests".to_owned()));
    let list = UrlList::<RequestQuery>::at("/requests");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    read_again_on(&["request"], move || page.refresh());
    let drawer = UrlDrawer::at::<RequestQuery>("/requests");
    let row = Callback::new(move |request: RequestView| {
        let id = request.id;
        row(request, move |_| drawer.show(id))
    });
    let lead = move || page.data.with(|p| p.as_ref().map(|p| counted(p.total, "request", "requests")));
    view! {
        <PageHead title="Requests".to_owned() lead=view! { <p data-testid="requests-total">{lead}</p> }.into_any()/>
        <Filters list/>
        <ListTable
            page list key=|one| one.id.to_string() caption="Requests, the newest first" columns=vec!["Request", "Who asks", "What they say", "Status", "Asked"]
            empty=(Icon::Send, "No such requests", "What people ask for on their own page stands here, as far as it is about your part of the fleet.")
            row
        />
        <RequestDrawer drawer/>
    }
}

#[component]
fn Filters(list: UrlList<RequestQuery>) -> impl IntoView {
    let query = list.query;
    let status = Signal::derive(move || query.with(|q| q.status.clone().unwrap_or_default()));
    let kind = Signal::derive(move || query.with(|q| q.kind.clone().unwrap_or_default()));
    let statuses = RequestStatus::ALL.iter().map(|one| (one.as_str(), status_look(*one).2)).collect();
    let kinds = RequestKind::ALL.iter().map(|one| (one.as_str(), one.words())).collect();
    let given = |value: String| Some(value).filter(|value| !value.is_empty());
    view! {
        <div class="tools">
            <Choice
                label="Status" testid="requests-status" any="Any" options=statuses value=status
                on_change=move |value| list.change(|q| q.status = given(value))
            />
            <Choice
                label="Kind" testid="requests-kind" any="Everything" options=kinds value=kind
                on_change=move |value| list.change(|q| q.kind = given(value))
            />
            <ExportMenu href=Signal::derive(move || query.with(|q| exports::href(paths::EXPORT_REQUESTS, q)))/>
        </div>
    }
}

/// One of some values, or any. Several, which an address may hold, are kept and shown as such.
#[component]
fn Choice(
    label: &'static str,
    testid: &'static str,
    any: &'static str,
    options: Vec<(&'static str, &'static str)>,
    value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    let known: Vec<_> = options.iter().map(|(value, _)| *value).collect();
    let several = move || value.with(|value| !value.is_empty() && !known.contains(&value.as_str()));
    let options = options
        .into_iter()
        .map(|(one, words)| view! { <option value=one prop:selected=move || value.with(|value| value == one)>{words}</option> })
        .collect_view();
    view! {
        <label class="filter-date">
            {label}
            <select class="input select" data-testid=testid on:change=move |event| on_change.run(event_target_value(&event))>
                <option value="" prop:selected=move || value.with(String::is_empty)>{any}</option>
                {options}
                {move || several().then(|| view! { <option value=value.get() selected=true>"Several"</option> })}
            </select>
        </label>
    }
}

fn row(request: RequestView, look: impl Fn(leptos::ev::MouseEvent) + 'static) -> AnyView {
    let (tone, glyph, words) = status_look(request.status);
    let about = request.desktop.and_then(|desktop| desktop.computer_name.or(desktop.aws_id));
    let said = [request.bundle, Some(request.note)].into_iter().flatten().filter(|text| !text.is_empty());
    let said = said.collect::<Vec<_>>().join(" · ");
    view! {
        <tr class="row" data-testid="request-row" data-status=request.status.as_str() data-kind=request.kind.as_str()>
            <td class="cell-main">
                <button class="cell-link link-btn" type="button" data-testid="request-open" on:click=look>{request.kind.words()}</button>
                <span class="cell-sub">{about}</span>
            </td>
            <td data-label="Who asks">{request.email}{request.own.then(|| view! { <span class="cell-sub">"you"</span> })}</td>
            <td data-label="What they say"><span class="request-said">{said}</span></td>
            <td data-label="Status"><Badge tone glyph text=words/><span class="cell-sub"><RelativeTime at=request.updated_at/></span></td>
            <td data-label="Asked"><RelativeTime at=request.created_at/></td>
        </tr>
    }
    .into_any()
}
