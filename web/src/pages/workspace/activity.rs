//! What happened to it: one order of all that tells of it, narrowed by kind and time in the address.

use contract::paths;
use contract::problem::code;
use contract::timeline::TimelineView;
use domain::access::Permission;
use domain::ids::WorkspaceId;
use domain::timeline::TimelineKind;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::events::Events;
use super::state::{ActivityUrl, DetailTab, left_out};
use super::words::{coverage_words, kind_words, left_out_words};
use crate::api::{exports, timeline as api};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::DateFilter;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::pagination::range_words;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::{Button, Icon, IconView};
use crate::state::clock::right_now;
use crate::state::loader::Loader;
use crate::state::session::use_session;

/// The tab.
#[component]
pub fn ActivityTab(
    /// Which WorkSpace.
    id: WorkspaceId,
    /// Rises when something happened.
    happened: RwSignal<u32>,
) -> impl IntoView {
    let path = format!("/workspaces/{id}");
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let own = path.clone();
    // While the router leaves this page its address is another page's.
    let here = Memo::new(move |_| {
        (at.get() == own && search.with(|s| DetailTab::of(s)) == DetailTab::Activity)
            .then(|| ActivityUrl::parse(&search.get()))
    });
    let url = Memo::new(move |before: Option<&ActivityUrl>| here.get().or_else(|| before.cloned()).unwrap_or_default());
    let path = StoredValue::new(path);
    let href = move |url: &ActivityUrl| path.with_value(|path| url.path(path));
    let navigate = StoredValue::new_local(use_navigate());
    let go = Callback::new(move |url: ActivityUrl| {
        navigate.with_value(|n| n(&href(&url), NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    });
    let loader = Loader::keyed(here, move |url: ActivityUrl| async move { api::timeline(id, &url.query()).await });
    // A cursor that is none is refused again at each try: what is left without it, and what was told of the address.
    let refused = RwSignal::new(None::<(ActivityUrl, Vec<String>)>);
    let told = Memo::new(move |_| {
        let refused = refused.get().filter(|(rest, _)| url.with(|url| url == rest));
        refused.map(|(_, told)| told).unwrap_or_default()
    });
    Effect::new(move |_| {
        let bad = loader.error.with(|error| error.as_ref().is_some_and(|error| error.is(code::BAD_CURSOR)));
        let Some(now) = here.get_untracked().filter(|_| bad) else { return };
        let Some(cursor) = &now.cursor else { return };
        let mut told = search.with_untracked(|search| left_out(search));
        told.push(format!("cursor={cursor}"));
        let rest = ActivityUrl { cursor: None, ..now };
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&href(&rest), options));
        refused.set(Some((rest, told)));
        loader.error.set(None);
    });
    Effect::new(move |before: Option<u32>| {
        let now = happened.get();
        // A page further back stays as it is while somebody reads it.
        if before.is_some() && url.with_untracked(|url| url.cursor.is_none()) {
            loader.refresh();
        }
        now
    });
    let show = Callback::new(move |view: TimelineView| page(view, url, href, go));
    view! {
        <Filters url go id/>
        <LeftOut told on_close=move |()| refused.set(None)/>
        <Loaded loader lines=8 show/>
    }
}

#[component]
fn Filters(url: Memo<ActivityUrl>, go: Callback<ActivityUrl>, id: WorkspaceId) -> impl IntoView {
    let kinds = TimelineKind::ALL
        .iter()
        .map(|&kind| {
            let chosen = move || url.with(|url| url.kinds.contains(&kind));
            view! {
                <button
                    class="facet-button" class:facet-active=chosen type="button" data-testid=format!("kind-{kind}")
                    aria-pressed=move || chosen().to_string()
                    on:click=move |_| go.run(url.with_untracked(|url| url.toggled(kind)))
                >
                    {kind_words(kind)}
                </button>
            }
        })
        .collect_view();
    let change = move |change: &dyn Fn(&mut ActivityUrl)| {
        let mut next = ActivityUrl { cursor: None, ..url.get_untracked() };
        change(&mut next);
        go.run(next);
    };
    let audit = use_session().may(Permission::AuditRead);
    let file = paths::with_id(paths::EXPORT_WORKSPACE_TIMELINE, id);
    let file = Signal::derive(move || url.with(|url| exports::href(&file, &url.query())));
    view! {
        <div class="tools">
            <div class="facets" role="group" aria-label="Kinds">{kinds}</div>
            <DateFilter
                label="From" testid="activity-from" value=Signal::derive(move || url.with(|url| url.from))
                on_change=move |at| change(&|url| url.from = at)
            />
            <DateFilter
                label="before" testid="activity-to" value=Signal::derive(move || url.with(|url| url.to))
                on_change=move |at| change(&|url| url.to = at)
            />
            <ExportMenu href=file/>
            {audit.then(|| view! {
                <span class="tools-end">
                    <a href=format!("/audit?workspace={id}")>"In AWS's events"</a>" · "
                    <a href=format!("/audit/all?workspace={id}")>"In both records"</a>
                </span>
            })}
        </div>
    }
}

fn page(
    view: TimelineView,
    url: Memo<ActivityUrl>,
    href: impl Fn(&ActivityUrl) -> String + Copy + Send + Sync + 'static,
    go: Callback<ActivityUrl>,
) -> AnyView {
    let now = url.get_untracked();
    let coverage = view.aws.as_ref().map(|place| coverage_words(place, right_now()));
    let notes: Vec<_> = left_out_words(&view.left_out).into_iter().chain(coverage).collect();
    let notes = (!notes.is_empty()).then(|| {
        view! {
            <div class="notice notice-info" data-testid="activity-notes"><IconView icon=Icon::Info/><p>{notes.join(" ")}</p></div>
        }
    });
    if view.items.is_empty() {
        let (title, text) = if now.filtered() {
            ("Nothing like that happened", "Nothing that is known matches these filters.")
        } else {
            ("Nothing happened yet", "Changes and actions appear here as syncs see them.")
        };
        let clear = now.filtered().then(|| {
            let clear = move |()| go.run(ActivityUrl::default());
            view! { <Button testid="activity-clear" on_click=clear>"Show everything"</Button> }
        });
        return view! {
            {notes}
            <section class="card" data-testid="activity-none"><EmptyState icon=Icon::Log title text>{clear}</EmptyState></section>
        }
        .into_any();
    }
    let first = now.cursor.is_none();
    let range = range_words(first.then_some(0), view.items.len() as u64, view.total);
    let newest = (!first).then(|| view! { <a href=href(&ActivityUrl { cursor: None, ..now.clone() }) data-testid="activity-newest">"Newest"</a> });
    let older = view.next_cursor.map(|cursor| {
        view! { <a href=href(&ActivityUrl { cursor: Some(cursor), ..now.clone() }) data-testid="activity-older">"Older"</a> }
    });
    view! {
        {notes}
        <section class="card" aria-label="What happened, the newest first" data-testid="activity">
            <Events items=view.items/>
            <nav class="events-foot" aria-label="Pages">
                <span class="muted" data-testid="activity-range">{range}</span>{newest}{older}
            </nav>
        </section>
    }
    .into_any()
}
