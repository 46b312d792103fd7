//! One entry in full: who, from where, what changed, and its place in the chain.

use contract::audit::{AuditEntryDetailView, AuditEntryView, AuditQuery};
use domain::access::Permission;
use leptos::prelude::*;

use super::words::{action_words, changes, outcome_look, page_of};
use crate::api::audit as api;
use crate::components::ui::badge::Badge;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::states::Loaded;
use crate::components::ui::{Button, ButtonSize};
use crate::format::sentence;
use crate::pages::audit::around;
use crate::state::clock::full;
use crate::state::loader::Loader;
use crate::state::session::{Session, use_session};
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::UrlList;

/// The drawer.
#[component]
pub fn EntryDrawer(
    /// Which entry, and whether it is open.
    drawer: UrlDrawer<i64>,
    /// The list, to narrow it to what the entry is about.
    list: UrlList<AuditQuery>,
) -> impl IntoView {
    // It keeps its title while it closes.
    let seq = Memo::new(move |before: Option<&i64>| drawer.id.get().or(before.copied()).unwrap_or_default());
    let title = Signal::derive(move || format!("Entry {}", seq.get()));
    view! {
        <Dialog open=drawer.open title placement=Placement::Right testid="audit-drawer">
            <Entry seq=seq.get_untracked() list/>
        </Dialog>
    }
}

#[component]
fn Entry(seq: i64, list: UrlList<AuditQuery>) -> impl IntoView {
    let loader = Loader::once(move || api::entry(seq));
    let session = use_session();
    let show = Callback::new(move |detail: AuditEntryDetailView| whole(detail, list, session));
    view! { <div class="dialog-body"><Loaded loader show/></div> }
}

fn fact(label: &'static str, value: Option<String>) -> AnyView {
    let value = value.unwrap_or_else(|| "–".to_owned());
    view! { <div class="fact"><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}

/// What it is about: a link where it has a page that the reader may see.
pub fn about(entry: &AuditEntryView, may: impl Fn(Permission) -> bool) -> AnyView {
    let Some(name) = entry.object_name.clone().or(entry.object_id.clone()) else { return fact("About", None) };
    let page = entry.object_kind.as_deref().zip(entry.object_id.as_deref()).and_then(|(kind, id)| page_of(kind, id));
    let Some((href, _)) = page.filter(|(_, needs)| may(*needs)) else { return fact("About", Some(name)) };
    view! { <div class="fact"><dt>"About"</dt><dd><a href=href data-testid="audit-about">{name}</a></dd></div> }
        .into_any()
}

/// The way to AWS's events about the same WorkSpace; nothing where it is about something else.
pub fn in_aws(entry: &AuditEntryView) -> Option<AnyView> {
    let href = around::in_aws(entry)?;
    let words = "AWS events of the same WorkSpace around that time";
    Some(view! { <a class="btn btn-secondary btn-small" href=href data-testid="audit-in-aws">{words}</a> }.into_any())
}

fn whole(detail: AuditEntryDetailView, list: UrlList<AuditQuery>, session: Session) -> AnyView {
    let AuditEntryDetailView { entry, before, after, personal, erased, body, prev_hash, hash } = detail;
    let (tone, glyph) = outcome_look(&entry.outcome);
    let rows = changes(before.as_ref(), after.as_ref());
    // A filter that was not set says nothing.
    let mut personal_rows = changes(None, personal.as_ref());
    personal_rows.retain(|row| row.after.as_deref() != Some("null"));
    let object = about(&entry, |needs| session.may(needs));
    let events = in_aws(&entry);
    // The list's own address has no drawer: it closes.
    let narrow = move |change: Box<dyn Fn(&mut AuditQuery)>| {
        list.change(|q| {
            *q = AuditQuery { limit: q.limit, ..AuditQuery::default() };
            change(q);
        });
    };
    let actor = entry.actor_id;
    let id = entry.object_id.clone();
    view! {
        <p class="entry-head"><b>{action_words(&entry.action)}</b><Badge tone glyph text=sentence(&entry.outcome)/></p>
        {entry.reason.map(|reason| view! { <p class="notice notice-warning">{sentence(&reason)}</p> })}
        <dl class="facts">
            {fact("When", Some(full(entry.at)))}
            {fact("Who", entry.actor_name.or_else(|| Some(sentence(&entry.actor_kind))))}
            {fact("From", entry.address)}
            {object}
            {fact("Permission", entry.permission)}
            {fact("Request", entry.request_id)}
            {fact("By", entry.key_id.map(|id| format!("API key {id}")).or(entry.session_id.map(|id| format!("session {id}"))))}
        </dl>
        <div class="row-actions">
            {actor.map(|actor| view! {
                <Button size=ButtonSize::Small on_click=move |()| narrow(Box::new(move |q| q.actor = Some(actor)))>"All by this actor"</Button>
            })}
            {id.map(|id| view! {
                <Button size=ButtonSize::Small on_click=move |()| { let id = id.clone(); narrow(Box::new(move |q| q.object_id = Some(id.clone()))); }>
                    "All about this object"
                </Button>
            })}
            {events}
        </div>
        {(!rows.is_empty()).then(|| view! { <h3 class="drawer-title">"What changed"</h3>{change_table(rows)} })}
        {(!personal_rows.is_empty()).then(|| view! { <h3 class="drawer-title">"Personal data"</h3>{change_table(personal_rows)} })}
        {erased.then(|| view! { <p class="muted">"The personal part of this entry was erased. The chain is whole without it."</p> })}
        <details class="chain">
            <summary>"In the chain"</summary>
            <dl class="facts">
                <div class="fact"><dt>"Hash"</dt><dd><code>{hash}</code></dd></div>
                <div class="fact"><dt>"Before it"</dt><dd><code>{prev_hash}</code></dd></div>
            </dl>
            <pre class="once-text" tabindex="0">{body}</pre>
        </details>
    }
    .into_any()
}

fn change_table(rows: Vec<super::words::Change>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|change| {
            let class = if change.differs() { "change change-new" } else { "change" };
            let value = |text: Option<String>| match text {
                Some(text) => view! { <code>{text}</code> }.into_any(),
                None => view! { <span class="muted">"–"</span> }.into_any(),
            };
            view! {
                <tr class=class>
                    <th scope="row">{sentence(&change.field.replace('_', " "))}</th>
                    <td>{value(change.before)}</td>
                    <td>{value(change.after)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table table-plain changes">
            <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
