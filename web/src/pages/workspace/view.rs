//! The detail: reads one WorkSpace, follows the live stream, and shows it.

use contract::events::Event;
use contract::workspaces::{ActionAvailability, WorkspaceDetailView};
use domain::ids::{JobId, WorkspaceId};
use domain::jobs::{JobProgress, JobState};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::action_bar::{ActionButtons, Followed, FollowedJob};
use super::activity::ActivityTab;
use super::advice::AdviceTab;
use super::asked;
use super::configuration::ConfigurationTab;
use super::cost::CostTab;
use super::overview::OverviewTab;
use super::state::{DetailTab, left_out, tidy};
use super::usage::UsageTab;
use crate::api::workspaces as api;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::states::{EmptyState, ErrorState, Skeleton, StaleNotice};
use crate::components::ui::tabs::{Tab, Tabs};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Icon, IconView, StateBadge};
use crate::format::{initials, sentence};
use crate::pages::workspaces::action_dialog::{ActionDialog, Wanted};
use crate::state::clock::right_now;
use crate::state::fleet_list::use_fleet_list;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::own_param::use_own_param;
use crate::state::session::use_session;
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 400;

/// One WorkSpace.
#[component]
pub fn WorkspaceDetailPage() -> impl IntoView {
    let named = use_own_param("/workspaces", "id");
    let id = Memo::new(move |_| named.get().and_then(|id| id.parse::<WorkspaceId>().ok()));
    let detail = Loader::keyed(id, api::detail);
    use_title(move || detail.data.with(|d| d.as_ref().map(|d| d.workspace.user_name.clone())));

    let wanted = RwSignal::new(None::<Wanted>);
    asked::follow(id, wanted);
    let followed = RwSignal::new(None::<Followed>);
    let (settle, happened) = (Debounce::new(), RwSignal::new(0_u32));
    let read_again = move || {
        settle.soon(SETTLE_MS, move || {
            detail.refresh();
            happened.update(|times| *times = times.wrapping_add(1));
        });
    };
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::WorkspaceState { id: changed, state, .. }) => {
            if Some(*changed) == id.get_untracked() {
                detail.data.update(|d| {
                    if let Some(d) = d
                        && d.workspace.state != *state
                    {
                        d.workspace.state = state.clone();
                        d.workspace.state_since = right_now();
                    }
                });
                read_again();
            }
        }
        LiveEvent::Happened(Event::Job { id: job, state, progress, .. }) => {
            let mine = followed.with_untracked(|f| f.as_ref().is_some_and(|f| f.id == *job));
            if mine {
                followed.update(|f| {
                    if let Some(f) = f {
                        f.state = *state;
                        f.progress = progress.clone();
                    }
                });
                if state.is_final() {
                    read_again();
                }
            }
        }
        LiveEvent::Happened(Event::FleetChanged { .. }) | LiveEvent::ReadAgain => read_again(),
        LiveEvent::Happened(_) => {}
    });
    let started = move |job: Option<JobId>| {
        let action = wanted.with_untracked(|w| w.as_ref().map(|w| w.action));
        followed.set(job.zip(action).map(|(id, action)| {
            let (state, progress) = (JobState::Queued, JobProgress::default());
            Followed { id, action, state, progress }
        }));
        read_again();
    };
    let list = use_fleet_list();
    view! {
        <nav class="crumbs" aria-label="Way back">
            <a href=move || format!("/workspaces{}", list.search.get()) data-testid="detail-back">
                <IconView icon=Icon::Left/>
                "WorkSpaces"
            </a>
        </nav>
        <Show when=move || detail.blank()>
            <header class="page-head"><h1 class="page-title">"WorkSpace"</h1></header>
        </Show>
        {move || if id.get().is_none() {
            Some(view! {
                <EmptyState icon=Icon::Search title="No such WorkSpace" text="The address does not hold a WorkSpace's id."/>
            }.into_any())
        } else {
            match (detail.error.get(), detail.blank()) {
                (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| detail.reload()/> }.into_any()),
                (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| detail.reload()/> }.into_any()),
                (None, true) => Some(view! { <div class="card"><Skeleton lines=6/></div> }.into_any()),
                (None, false) => None,
            }
        }}
        <Show when=move || !detail.blank()>
            <Head detail wanted/>
            {move || followed.get().map(|followed| view! { <FollowedJob followed/> })}
            <Body detail happened wanted/>
        </Show>
        <ActionDialog wanted on_started=started/>
    }
}

/// What can be done with it now, and why not.
fn actions_of(detail: Loader<WorkspaceDetailView>) -> Signal<Vec<ActionAvailability>> {
    Signal::derive(move || detail.data.with(|d| d.as_ref().map(|d| d.actions.clone()).unwrap_or_default()))
}

/// Which one it is, and what can be done with it.
#[component]
pub fn Head(
    /// What is known of it.
    detail: Loader<WorkspaceDetailView>,
    /// Set to what somebody wants.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let actions = actions_of(detail);
    let workspace = Memo::new(move |_| detail.data.with(|d| d.as_ref().map(|d| d.workspace.clone())));
    let gone = Memo::new(move |_| workspace.with(|w| w.as_ref().and_then(|w| w.gone_at)));
    let id = Memo::new(move |_| workspace.with(|w| w.as_ref().map(|w| w.id)));
    view! {
        {move || gone.get().map(|at| view! {
            <div class="notice notice-warning"><IconView icon=Icon::Alert/><p>"Gone from AWS " <RelativeTime at/> "; what you see is the last that was known."</p></div>
        })}
        <header class="page-head detail-head">
            {move || workspace.get().map(|w| view! {
                <span class="avatar avatar-large" aria-hidden="true">{initials(&w.user_name)}</span>
                <div class="page-head-words">
                    <h1 class="page-title">{w.user_name}</h1>
                    <p class="detail-meta">
                        <span class="detail-state"><StateBadge state=w.state testid="detail-state"/></span>
                        <span>{w.computer_name.unwrap_or_else(|| w.aws_id.clone())}</span>
                        <span>{w.region.to_string()}</span>
                        <code>{w.aws_id}</code>
                    </p>
                </div>
            })}
            // They stay while the rest is another, with the menu that is open and the focus in it.
            <div class="page-actions">{move || id.get().map(|id| view! { <ActionButtons id actions wanted/> })}</div>
        </header>
    }
}

#[component]
fn Body(
    detail: Loader<WorkspaceDetailView>,
    happened: RwSignal<u32>,
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    let tab = Memo::new(move |_| DetailTab::of(&search.get()));
    // While the router leaves this page its address is another page's.
    let here = move || path.with(|path| path.starts_with("/workspaces/"));
    let told = Memo::new(move |_| if here() { search.with(|search| left_out(search)) } else { Vec::new() });
    let navigate = StoredValue::new_local(use_navigate());
    let close = move |()| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&tidy(&path.get_untracked(), &search.get_untracked()), options));
    };
    let session = use_session();
    let visible = move |tab: DetailTab| tab.needs().is_none_or(|permission| session.may(permission));
    let tabs = Signal::derive(move || {
        let tab =
            |&t: &DetailTab| Tab { label: sentence(t.key()), href: t.href(&path.get()), key: t.key(), count: None };
        DetailTab::ALL.iter().filter(|tab| visible(**tab)).map(tab).collect::<Vec<_>>()
    });
    // What the tabs with questions of their own are about: they stay while the rest is read again.
    let workspace = Memo::new(move |_| detail.data.with(|d| d.as_ref().map(|d| d.workspace.clone())));
    let id = Memo::new(move |_| workspace.with(|w| w.as_ref().map(|w| w.id)));
    let of = move || workspace.get_untracked();
    let actions = actions_of(detail);
    view! {
        <Tabs label="Parts of the WorkSpace" tabs current=Signal::derive(move || tab.get().key())/>
        <LeftOut told on_close=close/>
        <div class="stack">
            {move || {
                let id = id.get()?;
                let tab = tab.get();
                if !visible(tab) {
                    return Some(refused());
                }
                Some(match tab {
                    DetailTab::Overview => {
                        (move || detail.data.get().map(|detail| view! { <OverviewTab detail/> })).into_any()
                    }
                    DetailTab::Usage => of().map(|workspace| view! { <UsageTab workspace/> }).into_any(),
                    DetailTab::Cost => of().map(|workspace| view! { <CostTab workspace/> }).into_any(),
                    DetailTab::Recommendations => view! { <AdviceTab id actions wanted/> }.into_any(),
                    DetailTab::Activity => view! { <ActivityTab id happened/> }.into_any(),
                    DetailTab::Configuration => view! { <ConfigurationTab detail happened/> }.into_any(),
                })
            }}
        </div>
    }
}

/// A tab that was come to by its address.
fn refused() -> AnyView {
    let text = "This part of a WorkSpace needs a permission that your role does not have.";
    view! { <section class="card" data-testid="tab-refused"><EmptyState icon=Icon::Lock title="You may not see this" text/></section> }
        .into_any()
}
