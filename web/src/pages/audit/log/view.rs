//! The audit log's page.

use contract::audit::{AuditEntryView, AuditQuery};
use leptos::prelude::*;

use super::drawer::EntryDrawer;
use super::facets::unpaged;
use super::filters::Filters;
use super::standing::Standing;
use super::words::{action_words, kind_words, outcome_look, who_words};
use crate::api::audit as api;
use crate::components::ui::Icon;
use crate::components::ui::badge::Badge;
use crate::components::ui::list::ListTable;
use crate::components::ui::states::PartNotice;
use crate::components::ui::time::RelativeTime;
use crate::format::sentence;
use crate::pages::audit::note::newest_note;
use crate::state::follow::read_again_on_any;
use crate::state::loader::Loader;
use crate::state::url_drawer::UrlDrawer;
use crate::state::url_list::{UrlList, list_query};

list_query!(AuditQuery, drawer "entry": i64);

/// The audit log.
#[component]
pub fn LogPage() -> impl IntoView {
    let list = UrlList::<AuditQuery>::at("/audit/log");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    let state = Loader::once(api::state);
    let counted = Memo::new(move |_| list.here.get().as_ref().map(unpaged));
    let facets = Loader::keyed(counted, |query| async move { api::facets(&query).await });
    read_again_on_any(move || {
        page.refresh();
        state.refresh();
        facets.refresh();
    });
    let drawer = UrlDrawer::at::<AuditQuery>("/audit/log");
    let look = Callback::new(move |seq: i64| drawer.show(seq));
    let newest = move || facets.data.with(|f| f.as_ref().and_then(|f| newest_note(f.looked_at, f.whole, "entries")));
    view! {
        <PartNotice loader=state what="How the log stands"/>
        {move || state.data.get().map(|state| view! { <Standing state/> })}
        <Filters list facets=facets.data/>
        <PartNotice loader=facets what="What the menus offer"/>
        {newest}
        <ListTable
            page list key=|one| one.seq.to_string() caption="Entries of the audit log, the newest first"
            columns=vec!["What", "Who", "About", "Outcome", "When"]
            empty=(Icon::Log, "No such entries", "Nothing matches these filters. Every change and every look at personal data is written down here.")
            row=Callback::new(move |entry: AuditEntryView| row(entry, look))
        />
        <EntryDrawer drawer list/>
    }
}

fn row(entry: AuditEntryView, look: Callback<i64>) -> AnyView {
    let (tone, glyph) = outcome_look(&entry.outcome);
    let seq = entry.seq;
    let who = who_words(entry.actor_name, entry.actor_id, &entry.actor_kind);
    let kind = entry.object_kind.map(|kind| kind_words(&kind));
    let about = entry.object_name.or(entry.object_id);
    view! {
        <tr class="row" data-testid="audit-row" data-action=entry.action.clone()>
            <td class="cell-main">
                <button class="cell-link link-btn" type="button" data-testid="audit-open" on:click=move |_| look.run(seq)>
                    {action_words(&entry.action)}
                </button>
                <span class="cell-sub">"entry " {seq}</span>
            </td>
            <td data-label="Who">{who}{entry.address.map(|a| view! { <span class="cell-sub">{a}</span> })}</td>
            <td data-label="About">{about}{kind.map(|kind| view! { <span class="cell-sub">{kind}</span> })}</td>
            <td data-label="Outcome"><Badge tone glyph text=sentence(&entry.outcome)/></td>
            <td data-label="When"><RelativeTime at=entry.at/></td>
        </tr>
    }
    .into_any()
}
