//! The bar that filters the audit log, with the files that can be taken along.

use contract::audit::{AuditFacetsView, AuditQuery};
use contract::paths;
use domain::access::Permission;
use domain::views::ViewPage;
use leptos::prelude::*;

use super::facets::{
    action_options, actions, actor, actor_options, actor_words, kind_options, outcome_options, outcomes, toggle_action,
    toggle_actor, toggle_kind, toggle_outcome,
};
use super::words::{action_words, kind_words};
use crate::api::exports;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::facet_menu::FacetMenu;
use crate::components::ui::filter_bar::{Chip, Chips, DateFilter, SearchBox};
use crate::format::sentence;
use crate::pages::audit::around;
use crate::pages::audit::short::short_id;
use crate::pages::views::ViewsMenu;
use crate::state::session::use_session;
use crate::state::url_list::{UrlList, query_path};

/// The bar.
#[component]
pub fn Filters(list: UrlList<AuditQuery>, facets: RwSignal<Option<AuditFacetsView>>) -> impl IntoView {
    let session = use_session();
    let query = list.query;
    let known = move || facets.get().unwrap_or_default();
    let chips = Signal::derive(move || {
        query.with(|q| {
            let chip = |key, facet, value: String, label: String| Chip { key, facet, value, label };
            let mut chips = Vec::new();
            if let Some(id) = actor(q) {
                let words = actor_words(&known(), &id);
                chips.push(chip("actor", "Who", id, words));
            }
            for action in actions(q) {
                let words = action_words(&action);
                chips.push(chip("action", "What", action, words));
            }
            if let Some(kind) = &q.object_kind {
                chips.push(chip("object_kind", "Kind", kind.clone(), kind_words(kind)));
            }
            for outcome in outcomes(q) {
                let words = sentence(&outcome);
                chips.push(chip("outcome", "Outcome", outcome, words));
            }
            if let Some(id) = &q.object_id {
                chips.push(chip("object_id", "Object", id.clone(), short_id(id)));
            }
            chips.extend(around::chip(q.from, q.to));
            chips
        })
    });
    let remove = move |gone: Chip| {
        list.change(|q| match gone.key {
            "actor" => q.actor = None,
            "action" => toggle_action(q, &gone.value),
            "object_kind" => q.object_kind = None,
            "outcome" => toggle_outcome(q, &gone.value),
            around::TIME => (q.from, q.to) = (None, None),
            _ => q.object_id = None,
        });
    };
    let clear = move |()| list.change(|q| *q = AuditQuery { limit: q.limit, ..AuditQuery::default() });
    let href = Signal::derive(move || query.with(|q| exports::href(paths::AUDIT_EXPORT, q)));
    view! {
        <div class="tools">
            <SearchBox
                label="Find a request id, an object, a name or a word" testid="audit-search"
                value=Signal::derive(move || query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <DateFilter
                label="From" testid="audit-from" value=Signal::derive(move || query.with(|q| q.from))
                on_change=move |at| list.change(|q| q.from = at)
            />
            <DateFilter
                label="before" testid="audit-to" value=Signal::derive(move || query.with(|q| q.to))
                on_change=move |at| list.change(|q| q.to = at)
            />
            <ViewsMenu page=ViewPage::Audit query=Signal::derive(move || query.with(|q| query_path("", q)))/>
            <Show when=move || session.may(Permission::AuditExport)><ExportMenu href/></Show>
        </div>
        <div class="facets audit-facets">
            <FacetMenu
                key="actor" label="Who"
                options=Signal::derive(move || query.with(|q| actor_options(&known(), q)))
                chosen=Signal::derive(move || query.with(|q| actor(q).into_iter().collect::<Vec<_>>()))
                on_toggle=move |value: String| list.change(|q| toggle_actor(q, &value))
            />
            <FacetMenu
                key="action" label="What"
                options=Signal::derive(move || query.with(|q| action_options(&known(), q)))
                chosen=Signal::derive(move || query.with(actions))
                on_toggle=move |value: String| list.change(|q| toggle_action(q, &value))
            />
            <FacetMenu
                key="object_kind" label="Kind of object"
                options=Signal::derive(move || query.with(|q| kind_options(&known(), q)))
                chosen=Signal::derive(move || query.with(|q| q.object_kind.clone().into_iter().collect::<Vec<_>>()))
                on_toggle=move |value: String| list.change(|q| toggle_kind(q, &value))
            />
            <FacetMenu
                key="outcome" label="Outcome"
                options=Signal::derive(move || query.with(|q| outcome_options(&known(), q)))
                chosen=Signal::derive(move || query.with(outcomes))
                on_toggle=move |value: String| list.change(|q| toggle_outcome(q, &value))
            />
        </div>
        <Chips chips on_remove=remove on_clear=clear/>
    }
}
