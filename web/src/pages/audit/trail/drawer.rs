//! One event in full: who, from where, what was asked for and what AWS answered.

use std::slice;

use chrono::{DateTime, Utc};
use contract::lists::list_of;
use contract::trail::{TrailEventDetailView, TrailQuery, TrailWorkspaceView};
use domain::access::Permission;
use domain::ids::TrailEventId;
use leptos::prelude::*;
use serde_json::Value;

use super::words::{held, service};
use crate::api::trail as api;
use crate::components::ui::badge::{Badge, Glyph, Tone};
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::states::Loaded;
use crate::components::ui::{Button, ButtonSize};
use crate::pages::audit::around;
use crate::state::clock::full;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::UrlList;

/// The drawer.
#[component]
pub fn EventDrawer(
    /// Which event, and whether it is open.
    drawer: UrlDrawer<TrailEventId>,
    /// The list, to narrow it to who did it.
    list: UrlList<TrailQuery>,
) -> impl IntoView {
    let title = RwSignal::new("Event".to_owned());
    view! {
        <Dialog open=drawer.open title placement=Placement::Right testid="trail-drawer">
            {drawer.id.get_untracked().map(|id| view! { <Whole id title list/> })}
        </Dialog>
    }
}

#[component]
fn Whole(id: TrailEventId, title: RwSignal<String>, list: UrlList<TrailQuery>) -> impl IntoView {
    let loader = Loader::once(move || api::event(id));
    Effect::new(move |_| {
        let name = loader.data.with(|detail| detail.as_ref().map(|detail| detail.event.name.clone()));
        title.set(name.unwrap_or_else(|| "Event".to_owned()));
    });
    let session = use_session();
    let show = Callback::new(move |detail: TrailEventDetailView| {
        let log = untrack(|| session.may_everywhere(Permission::AuditRead));
        whole(detail, list, log)
    });
    view! { <div class="dialog-body"><Loaded loader show/></div> }
}

fn fact(label: &'static str, value: Option<String>) -> AnyView {
    let value = value.unwrap_or_else(|| "–".to_owned());
    view! { <div class="fact"><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// How a call ended.
pub fn outcome(refused: bool) -> AnyView {
    let (tone, glyph, text) =
        if refused { (Tone::Warning, Glyph::Bars, "Refused") } else { (Tone::Success, Glyph::Tick, "Done") };
    view! { <Badge tone glyph text/> }.into_any()
}

/// A WorkSpace that an event of that time is about: its page, and the way to our own entries about it for who may read our `log`,
/// which belongs to no part of the fleet.
pub fn about(one: &TrailWorkspaceView, at: DateTime<Utc>, log: bool) -> AnyView {
    let name = one.user_name.clone().or(one.aws_id.clone()).unwrap_or_else(|| "no longer known".to_owned());
    let entries = log.then(|| {
        let (words, to) = ("Entries of Wheelhouse around that time", around::in_log(one.id, at));
        let spoken = format!("{words}: {name}");
        view! { <a href=to aria-label=spoken data-testid="trail-in-log">{words}</a> }
    });
    view! {
        <li>
            <a href=format!("/workspaces/{}", one.id)>{name}</a>
            " "
            {one.aws_id.clone().map(|id| view! { <code>{id}</code> })}
            " "
            {entries}
        </li>
    }
    .into_any()
}

fn whole(detail: TrailEventDetailView, list: UrlList<TrailQuery>, log: bool) -> AnyView {
    let TrailEventDetailView { event, event_id, actor_arn, user_agent, parameters, answer, record } = detail;
    let refusal = event.error_code.clone().map(|code| match &event.error_message {
        Some(words) => format!("{code}: {words}"),
        None => code,
    });
    let actor = event.actor.clone();
    let about = event.workspaces.iter().map(|one| about(one, event.at, log)).collect_view();
    view! {
        <p class="entry-head"><b>{service(&event.source).to_owned()}</b>{outcome(refusal.is_some())}</p>
        {refusal.map(|words| view! { <p class="notice notice-warning">{words}</p> })}
        <dl class="facts">
            {fact("When", Some(full(event.at)))}
            {fact("Who", event.actor)}
            {fact("As", actor_arn)}
            {fact("From", event.address)}
            {fact("With", user_agent)}
            {fact("Account", event.account)}
            {fact("Region", Some(event.region.to_string()))}
            {fact("Event", Some(event_id))}
        </dl>
        <div class="row-actions">
            {actor.map(|actor| view! {
                <Button size=ButtonSize::Small on_click=move |()| {
                    let actor = list_of(slice::from_ref(&actor));
                    // The list's own address has no drawer: it closes.
                    list.change(|q| *q = TrailQuery { limit: q.limit, actor, ..TrailQuery::default() });
                }>"All by this person"</Button>
            })}
        </div>
        {(!event.workspaces.is_empty()).then(|| view! { <h3 class="drawer-title">"About"</h3><ul class="trail-about">{about}</ul> })}
        {part("Asked for", parameters.as_ref())}
        {part("Answered", answer.as_ref())}
        <details class="chain">
            <summary>"The whole record"</summary>
            <pre class="once-text" tabindex="0">{serde_json::to_string_pretty(&record).unwrap_or_default()}</pre>
        </details>
    }
    .into_any()
}

fn part(title: &'static str, value: Option<&Value>) -> Option<AnyView> {
    let rows = held(value?);
    if rows.is_empty() {
        return None;
    }
    let rows = rows
        .into_iter()
        .map(|row| view! { <tr class="change"><th scope="row">{row.path}</th><td><code>{row.text}</code></td></tr> })
        .collect_view();
    let table = view! {
        <h3 class="drawer-title">{title}</h3>
        <table class="table table-plain changes">
            <thead class="visually-hidden"><tr><th scope="col">"Field"</th><th scope="col">"Value"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    };
    Some(table.into_any())
}
