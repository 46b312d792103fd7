//! The page: reads what the address asks for, and shows it part by part.

use contract::costs::CostSummaryView;
use contract::paths;
use domain::access::Permission;
use domain::usage::Month;
use domain::views::ViewPage;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::budgets::Budgets;
use super::figures::{Course, Daily};
use super::groups::Groups;
use super::head::Numbers;
use super::led;
use super::reconciliation::Comparison;
use super::region::RegionPicker;
use super::state::CostUrl;
use super::words::months;
use super::workspaces::WorkspaceCosts;
use crate::api::{costs as api, exports};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::states::{EmptyState, ErrorState, Followed};
use crate::pages::usage::PeriodPicker;
use crate::pages::views::ViewsMenu;
use crate::state::clock::right_now;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::use_title;

/// The page.
#[component]
pub fn CostsPage() -> impl IntoView {
    use_title(|| Some("Costs".to_owned()));
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    let course = led::late("#costs-course");
    // While the router leaves this page its address is another page's.
    let read = Memo::new(move |_| (path.get() == "/costs").then(|| CostUrl::parse(&search.get())));
    let here = Memo::new(move |_| read.get().map(|(url, _)| url));
    let url = Memo::new(move |before: Option<&CostUrl>| here.get().or_else(|| before.cloned()).unwrap_or_default());
    let navigate = StoredValue::new_local(use_navigate());
    let on_change = Callback::new(move |url: CostUrl| {
        navigate.with_value(|n| n(&url.path(), NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    });
    let today = right_now().date_naive();
    let running = Month::of_day(today);
    // The running month does not depend on days, groups or the month that is compared.
    let of_month = Memo::new(move |_| here.get().map(|u| u.place()));
    let summary: Loader<CostSummaryView> =
        Loader::keyed(of_month, |place: CostUrl| async move { api::summary(&place.summary()).await });
    read_again_on(&["cost"], move || summary.refresh());
    let days = Memo::new(move |_| {
        here.get().map(|u| CostUrl { month: None, estimate: None, reckoned: None, compared: None, ..u })
    });
    let month = Memo::new(move |_| url.with(|u| u.month).unwrap_or_else(|| running.previous()));
    let ids = Memo::new(move |_| {
        let ids = |s: &CostSummaryView| s.accounts.iter().map(|one| one.id).collect::<Vec<_>>();
        summary.data.with(|s| s.as_ref().map(ids))
    });
    let compared = Memo::new(move |_| {
        let of = ids.with(|ids| url.with(|u| u.comparison(ids.as_deref().unwrap_or_default())));
        of.map(|of| (of, month.get()))
    });
    // Which accounts there are says the summary alone.
    let nowhere =
        Memo::new(move |_| ids.with(|ids| ids.as_ref().and_then(|ids| url.with(|u| u.compared_nowhere(ids)))));
    let left_out = Signal::derive(move || {
        let mut told = read.get().map(|(_, left_out)| left_out).unwrap_or_default();
        told.extend(nowhere.get());
        told
    });
    let tidy = move |()| {
        let url = url.get_untracked();
        let compared = url.compared.filter(|_| nowhere.with_untracked(Option::is_none));
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&CostUrl { compared, ..url }.path(), options));
    };
    let each =
        Memo::new(move |_| here.get().map(|u| (CostUrl { reckoned: u.reckoned.clone(), ..u.place() }, month.get())));
    let session = use_session();
    let people = untrack(|| session.may(Permission::UsageRead));
    let refused = Memo::new(move |_| summary.refused());
    let unknown = Memo::new(move |_| summary.blank() && summary.error.with(Option::is_some));
    // While nothing is read, what there may be is drawn, and stays when it is there.
    let known = Memo::new(move |_| summary.data.with(|s| s.as_ref().map_or(Known::Something, state_of)));
    let accounts = Memo::new(move |_| {
        let named = |s: &CostSummaryView| s.accounts.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
        summary.data.with(|s| s.as_ref().map(named).unwrap_or_default())
    });
    let tag_keys =
        Memo::new(move |_| summary.data.with(|s| s.as_ref().map(|s| s.tag_keys.clone()).unwrap_or_default()));
    let body = move || match known.get() {
        Known::NoAccount => nothing(),
        Known::Unread => unread(),
        Known::Something => view! {
            <Followed loader=summary lines=3 show=Callback::new(move |summary: CostSummaryView| view! {
                <Numbers summary=summary.clone()/>
                <Course summary place=course url accounts/>
            }.into_any())/>
            <Daily key=days url accounts today on_change/>
            <Groups here url month tag_keys accounts today on_change/>
            <Budgets accounts ready=Signal::derive(move || !summary.blank() || summary.error.with(Option::is_some))/>
            <MonthPicker month running on_change=move |month| {
                let month = Some(month).filter(|month| *month != running.previous());
                on_change.run(CostUrl { month, ..url.get_untracked() });
            }/>
            // Without the summary nobody knows what to compare; why it is not there is said above.
            <Show when=move || !unknown.get()><Comparison key=compared accounts url on_change/></Show>
            {people.then(|| view! { <WorkspaceCosts key=each url/> })}
        }
        .into_any(),
    };
    view! {
        <PageHead title="Costs".to_owned() lead=view! { <p>"What AWS billed for WorkSpaces, in UTC days."</p> }.into_any()/>
        <Show
            when=move || !refused.get()
            fallback=move || summary.error.get().map(|error| view! { <ErrorState error on_retry=move |()| summary.reload()/> })
        >
            <div class="usage-bar">
                <PeriodPicker
                    period=Signal::derive(move || url.with(|u| u.period))
                    today
                    on_change=move |period| on_change.run(CostUrl { period, ..url.get_untracked() })
                />
                <AccountPicker accounts url on_change/>
                <RegionPicker here url on_change/>
                <ViewsMenu page=ViewPage::Costs query=Signal::derive(move || url.with(CostUrl::search))/>
                <ExportMenu href=Signal::derive(move || url.with(|u| exports::href(paths::EXPORT_COSTS, &u.export(today))))/>
            </div>
            <LeftOut told=left_out on_close=tidy/>
            <div class="stack" data-testid="costs">{body}</div>
        </Show>
    }
}

/// Which account; nothing to choose where there is one.
#[component]
fn AccountPicker(
    accounts: Memo<Vec<(String, String)>>,
    url: Memo<CostUrl>,
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let choose = move |event| {
        let account = event_target_value(&event).parse().ok();
        on_change.run(CostUrl { account, reckoned: None, compared: None, ..url.get_untracked() });
    };
    move || {
        let all = accounts.get();
        (all.len() > 1).then(|| {
            let options = all
                .into_iter()
                .map(|(id, name)| {
                    let value = id.clone();
                    let chosen = move || url.with(|u| u.account.map(|one| one.to_string()).as_ref() == Some(&id));
                    view! { <option value=value prop:selected=chosen>{name}</option> }
                })
                .collect_view();
            view! {
                <select class="input select kind" aria-label="Account" data-testid="costs-account" on:change=choose>
                    <option value="" prop:selected=move || url.with(|u| u.account.is_none())>"All accounts"</option>
                    {options}
                </select>
            }
        })
    }
}

/// Which month is looked at closely.
#[component]
fn MonthPicker(month: Memo<Month>, running: Month, #[prop(into)] on_change: Callback<Month>) -> impl IntoView {
    let options = months(running.first_day())
        .into_iter()
        .map(|one| {
            let text = one.to_string();
            view! { <option value=text.clone() prop:selected=move || month.get() == one>{text.clone()}</option> }
        })
        .collect_view();
    let choose = move |event| {
        if let Ok(month) = event_target_value(&event).parse() {
            on_change.run(month);
        }
    };
    view! {
        <div class="usage-bar">
            <label class="period">
                "Month by month: "
                <select class="input select" data-testid="costs-month-of" on:change=choose>{options}</select>
            </label>
        </div>
    }
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// No account as a whole is within reach.
    NoAccount,
    /// There are accounts, and the bills of none were read.
    Unread,
    /// Something.
    Something,
}

fn state_of(summary: &CostSummaryView) -> Known {
    if summary.accounts.is_empty() {
        Known::NoAccount
    } else if summary.currencies.is_empty() && summary.accounts.iter().all(|one| one.status == "never") {
        Known::Unread
    } else {
        Known::Something
    }
}

fn nothing() -> AnyView {
    view! {
        <EmptyState icon=Icon::Chart title="No costs to see" text="AWS bills whole accounts. None is connected, or your roles reach none as a whole.">
            <a class="btn btn-primary" href="/accounts">"To the accounts"</a>
        </EmptyState>
    }
    .into_any()
}

fn unread() -> AnyView {
    view! {
        <EmptyState icon=Icon::Chart title="Bills were not read yet" text="What AWS billed comes from Cost Explorer, which is read once a day.">
            <a class="btn btn-primary" href="/jobs/data-sets">"To the data sets"</a>
        </EmptyState>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use contract::costs::BilledAccountView;

    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_what_is_not_read() {
        let summary = |statuses: &[&str]| CostSummaryView {
            month: "2026-11".parse().unwrap(),
            today: "2026-11-21".parse().unwrap(),
            currencies: Vec::new(),
            accounts: statuses
                .iter()
                .map(|status| BilledAccountView {
                    id: uuid::Uuid::nil().into(),
                    name: "Main".to_owned(),
                    status: (*status).to_owned(),
                    fresh_at: None,
                    known_from: None,
                    missing_permission: None,
                })
                .collect(),
            not_forecast: Vec::new(),
            tag_keys: Vec::new(),
        };
        assert_eq!(state_of(&summary(&[])), Known::NoAccount);
        assert_eq!(state_of(&summary(&["never"])), Known::Unread);
        assert_eq!(state_of(&summary(&["never", "ok"])), Known::Something);
    }
}
