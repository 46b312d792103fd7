//! Days and groups of the usage page in a browser: how days are chosen and left again, what they are compared with and told apart
//! by, that what is chosen keeps the focus, where a group leads, how teams narrow, and who can tell them apart.
#![cfg(target_arch = "wasm32")]

use chrono::NaiveDate;
use contract::paths;
use contract::teams::TeamView;
use contract::usage::{
    UsageDayGroupsView, UsageDayView, UsageDaysView, UsageEarlierView, UsageGroupView, UsageGroupsView, UsageKnownView,
    UsagePeriodView, UsageTotalsView, UsageTrendView,
};
use contract::workspaces::{FacetValue, WorkspaceFacetsView};
use domain::access::Permission;
use domain::usage::Comparison;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::days::Days;
use super::filters::Filters;
use super::groups::Groups;
use super::period::{ComparePicker, PeriodPicker, ZoomOut};
use super::state::{Period, UsageUrl};
use super::words::hours_words;
use crate::api::{usage, workspaces};
use crate::stage::{Api, SignedIn, Stage, focused, problem, sign_in, stage, until};
use crate::state::live::Live;
use crate::state::loader::Loader;
use crate::state::session::Session;
use crate::state::toasts::Toasts;

const FROM: &str = "[data-testid=period-from]";
const TO: &str = "[data-testid=period-to]";
const ZOOM_OUT: &str = "[data-testid=zoom-out]";
const NAMES: &str = "[data-testid=usage-groups] .cell-main";
const HEADS: &str = "[data-testid=usage-groups] thead th";
const BY: &str = "[data-testid=usage-by]";
const SPLIT: &str = "[data-testid=usage-split]";
const MEASURE: &str = "[data-testid=usage-measure]";
const TITLE: &str = "figcaption h2";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[wasm_bindgen_test]
async fn days_are_chosen_and_left_again() {
    let period = RwSignal::new(None::<Period>);
    let page = stage(move || {
        let today = day("2026-03-15");
        let on_change = Callback::new(move |chosen: Option<Period>| period.set(chosen));
        view! { <PeriodPicker period today on_change/><ZoomOut period today on_change/> }
    });
    let shown = || (page.typed(FROM), page.typed(TO));
    let usual = ("2026-02-14".to_owned(), "2026-03-15".to_owned());
    until("the last 30 days", || shown() == usual).await;
    page.choose("[data-testid=period]", "7").await;
    assert_eq!(period.get_untracked(), Some(Period { from: day("2026-03-09"), to: day("2026-03-16") }));
    assert!(page.find(ZOOM_OUT).is_none(), "usual days are left by choosing others");

    page.write(FROM, "2026-03-20").await;
    page.leave(FROM).await;
    assert_eq!(period.get_untracked(), Some(Period { from: day("2026-03-20"), to: day("2026-03-21") }));
    assert_eq!(page.typed(TO), "2026-03-20", "the last day came along");
    page.write(TO, "2026-03-18").await;
    page.leave(TO).await;
    assert_eq!(period.get_untracked(), Some(Period { from: day("2026-03-18"), to: day("2026-03-19") }));

    page.click(ZOOM_OUT).await;
    assert_eq!(period.get_untracked(), None);
    assert!(page.find(ZOOM_OUT).is_none(), "there is no further out");
    until("the last 30 days again", || shown() == usual).await;
}

#[wasm_bindgen_test]
async fn what_days_are_compared_with_is_chosen_and_left_again() {
    const COMPARE: &str = "[data-testid=usage-compare]";
    let compare = RwSignal::new(Some(Comparison::Month));
    let page = stage(move || {
        let on_change = Callback::new(move |chosen: Option<Comparison>| compare.set(chosen));
        view! { <ComparePicker compare on_change/> }
    });
    until("what the address says", || page.typed(COMPARE) == "month").await;
    page.choose(COMPARE, "year").await;
    assert_eq!(compare.get_untracked(), Some(Comparison::Year));
    page.choose(COMPARE, "").await;
    assert_eq!(compare.get_untracked(), None);
    // An address may say what was chosen by hand before, such as after Back and Forward.
    for one in [Comparison::Previous, Comparison::Year, Comparison::Month] {
        compare.set(Some(one));
        until("what another address says", || page.typed(COMPARE) == one.as_str()).await;
    }
}

/// The groups of an address, for somebody who may do this; `went` is where they go.
async fn groups(api: &Api, search: &'static str, may: &[Permission], went: RwSignal<Option<UsageUrl>>) -> Stage {
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Live::start());
        provide_context(Toasts::new());
        let url = Memo::new(move |_| UsageUrl::parse(search).0);
        let key = Memo::new(move |_| Some(url.get()));
        let tag_keys = Memo::new(|_| vec!["Team".to_owned()]);
        let accounts = Memo::new(|_| {
            vec![FacetValue { value: "7".to_owned(), label: "Main".to_owned(), count: 3, directory_id: None }]
        });
        let on_change = Callback::new(move |url: UsageUrl| went.set(Some(url)));
        let teams = Memo::new(|_| Vec::new());
        let part =
            move || session.signed_in().then(|| view! { <Groups key=key url tag_keys accounts teams on_change/> });
        view! { {part}<SignedIn/> }
    });
    sign_in(&page, api, may).await;
    page
}

fn found(names: &[&str], next: Option<&str>) -> UsageGroupsView {
    let group = |name: &&str| UsageGroupView {
        key: (*name).to_owned(),
        label: (*name).to_owned(),
        totals: UsageTotalsView { connected_minutes: 90, ..UsageTotalsView::default() },
        previous: None,
    };
    let known = UsageKnownView::default();
    let (from, to) = (day("2026-02-14"), day("2026-03-16"));
    UsageGroupsView {
        period: UsagePeriodView { from, to, zone: "UTC".to_owned(), known },
        items: names.iter().map(group).collect(),
        next_cursor: next.map(str::to_owned),
        total: 3,
        previous: None,
    }
}

#[wasm_bindgen_test]
async fn an_account_leads_to_its_own_usage_where_it_is_known_which_it_is() {
    let api = Api::new();
    let page = groups(&api, "?by=account", &[Permission::UsageRead], RwSignal::new(None)).await;
    let call = api.asked("GET", paths::USAGE_GROUPS).await;
    assert!(call.query.contains("by=account") && !call.query.contains("compare="), "{}", call.query);
    call.answer(200, &found(&["Main", "Gone"], Some("further")));
    until("the groups", || page.find(NAMES).is_some()).await;
    assert_eq!(page.each_words(HEADS), ["Account", "Connected", "WorkSpaces", "Sessions"]);
    assert_eq!(page.each_words(NAMES), ["Main", "Gone"]);
    let links = page.all("[data-testid=usage-groups] a");
    let links: Vec<_> = links.iter().filter_map(|link| link.get_attribute("href")).collect();
    assert_eq!(links, ["/usage?by=account&account=7"]);

    page.click("[data-testid=groups-more]").await;
    let call = api.asked("GET", paths::USAGE_GROUPS).await;
    assert!(call.query.contains("cursor=further"), "{}", call.query);
    call.answer(200, &found(&[""], None));
    until("the rest", || page.all(NAMES).len() == 3).await;
    assert_eq!(page.each_words(NAMES), ["Main", "Gone", "Without a value"]);
    assert!(page.find("[data-testid=groups-more]").is_none(), "these are all");
}

#[wasm_bindgen_test]
async fn a_group_stands_beside_earlier_days_where_it_is_known_what_it_was() {
    let api = Api::new();
    let page = groups(&api, "?by=region&compare=year", &[Permission::UsageRead], RwSignal::new(None)).await;
    let call = api.asked("GET", paths::USAGE_GROUPS).await;
    assert!(call.query.contains("compare=year"), "{}", call.query);
    let mut answer = found(&["eu-central-1", "us-east-1", "eu-west-1"], Some("further"));
    let (from, to) = (day("2025-02-14"), day("2025-03-16"));
    answer.previous = Some(UsageEarlierView { from, to, known: false });
    for (group, connected_minutes) in answer.items.iter_mut().zip([60, 0]) {
        group.previous = Some(UsageTotalsView { connected_minutes, ..UsageTotalsView::default() });
    }
    call.answer(200, &answer);
    until("the groups", || page.find(NAMES).is_some()).await;
    let heads = ["Region", "Connected", "A year before", "Change", "WorkSpaces", "Sessions"];
    assert_eq!(page.each_words(HEADS), heads);
    let cells = |label: &str| page.each_words(&format!("[data-testid=usage-groups] [data-label=\"{label}\"]"));
    assert_eq!(cells("A year before"), [hours_words(60), hours_words(0), "not known".to_owned()]);
    assert_eq!(cells("Change"), ["+50 %", "none before", "–"]);

    page.click("[data-testid=groups-more]").await;
    let call = api.asked("GET", paths::USAGE_GROUPS).await;
    assert!(call.query.contains("compare=year") && call.query.contains("cursor=further"), "{}", call.query);
    call.answer(200, &answer);
    until("the rest", || cells("Change").len() == 6).await;
}

#[wasm_bindgen_test]
async fn teams_are_told_apart_by_who_may_see_people_and_tags_by_everybody() {
    let both = vec![Permission::UsageRead, Permission::UserRead];
    for (may, teams) in [(vec![Permission::UsageRead], false), (both, true)] {
        let (api, went) = (Api::new(), RwSignal::new(None));
        let page = groups(&api, "?region=eu-west-1", &may, went).await;
        api.asked("GET", paths::USAGE_GROUPS).await.answer(200, &found(&[], None));
        until("that there are none", || page.find(".card-none").is_some()).await;
        assert_eq!(page.find(&format!("{BY} option[value=team]")).is_some(), teams);
        page.choose(BY, "tag:Team").await;
        let search = || went.with_untracked(|url| url.as_ref().map(UsageUrl::search));
        assert_eq!(search().as_deref(), Some("?by=tag%3ATeam&region=eu-west-1"));
        page.choose(BY, "bundle").await;
        assert_eq!(search().as_deref(), Some("?region=eu-west-1"), "what is usual is in no address");
    }
}

/// The days of an address, read as the page reads them, for somebody who may see people, or not.
fn days(url: Memo<UsageUrl>, people: bool, on_change: Callback<UsageUrl>) -> AnyView {
    let asked = move |apart: bool| Some(url.get()).filter(|url| url.split.is_some() == apart);
    let together = Memo::new(move |_| asked(false).map(|url| url.of_numbers()));
    let key = Memo::new(move |_| asked(true).map(|url| UsageUrl { split: url.split.clone(), ..url.of_numbers() }));
    let loader = Loader::keyed(together, |url: UsageUrl| async move { usage::trend(&url.trend()).await });
    let (today, narrowed) = (day("2026-03-15"), Memo::new(|_| Vec::new()));
    let tag_keys = Memo::new(|_| vec!["Team".to_owned()]);
    view! { <Days loader key url today narrowed tag_keys people on_change/> }.into_any()
}

/// One day, told apart by something.
fn told_apart(by: &str) -> UsageDaysView {
    let totals = |sessions| UsageTotalsView { sessions, ..UsageTotalsView::default() };
    let groups = found(&["eu-central-1", "us-east-1"], None);
    let one = UsageDayGroupsView {
        day: day("2026-02-14"),
        totals: Some(totals(9)),
        groups: vec![totals(4), totals(3)],
        others: totals(2),
    };
    UsageDaysView { period: groups.period, by: by.to_owned(), groups: groups.items, other_groups: 4, days: vec![one] }
}

#[wasm_bindgen_test]
async fn what_is_chosen_about_days_keeps_the_focus_whatever_comes_of_it() {
    let (api, url) = (Api::new(), RwSignal::new(UsageUrl::default()));
    let page = stage(move || {
        provide_context(Live::start());
        let on_change = Callback::new(move |to: UsageUrl| url.set(to));
        days(Memo::new(move |_| url.get()), false, on_change)
    });
    let at = |testid: &str| focused().get_attribute("data-testid").as_deref() == Some(testid);
    let one = UsageDayView { day: day("2026-02-14"), totals: Some(UsageTotalsView::default()) };
    let trend = UsageTrendView { period: told_apart("region").period, days: vec![one], previous: None };
    api.asked("GET", paths::USAGE_TREND).await.answer(200, &trend);
    until("all days together", || page.find(TITLE).is_some()).await;

    // What can't be read leaves the way back.
    page.focus(SPLIT).await;
    page.choose(SPLIT, "region").await;
    let call = api.asked("GET", paths::USAGE_DAILY).await;
    assert!(call.query.contains("by=region"), "{}", call.query);
    call.answer(500, &problem(500, "internal", "It broke."));
    until("that it could not be read", || page.find("[role=alert]").is_some()).await;
    assert!(at("usage-split"), "after an error");
    page.choose(SPLIT, "bundle").await;
    api.asked("GET", paths::USAGE_DAILY).await.answer(200, &told_apart("bundle"));
    until("by bundle", || page.find(TITLE).is_some_and(|_| page.words(TITLE).ends_with("and bundle"))).await;
    assert!(at("usage-split"), "while the figure is drawn");
    page.choose(SPLIT, "").await;
    until("all together again", || page.find(TITLE).is_some_and(|_| page.words(TITLE).ends_with("by day"))).await;
    api.asked("GET", paths::USAGE_TREND).await.answer(200, &trend);
    assert!(at("usage-split"), "and when it is another");

    page.focus(MEASURE).await;
    page.choose(MEASURE, "sessions").await;
    until("sessions", || page.words(TITLE) == "Sessions by day").await;
    assert!(at("usage-measure"), "while other numbers are drawn");

    // What was chosen by hand once is chosen by an address, too.
    for split in ["", "bundle", "", "bundle"] {
        let chosen = Some(split.to_owned()).filter(|split| !split.is_empty());
        url.update(|url| url.split = chosen);
        until("what the address says", || page.typed(SPLIT) == split).await;
    }
}

#[wasm_bindgen_test]
async fn days_that_are_told_apart_say_that_they_are_not_compared() {
    const ALONE: &str = "[data-testid=usage-alone]";
    let (api, url) = (Api::new(), RwSignal::new(UsageUrl::parse("?compare=year").0));
    let page = stage(move || {
        provide_context(Live::start());
        let on_change = Callback::new(move |to: UsageUrl| url.set(to));
        days(Memo::new(move |_| url.get()), false, on_change)
    });
    let one = UsageDayView { day: day("2026-02-14"), totals: Some(UsageTotalsView::default()) };
    let trend = UsageTrendView { period: told_apart("region").period, days: vec![one], previous: None };
    api.asked("GET", paths::USAGE_TREND).await.answer(200, &trend);
    until("all days together", || page.find(TITLE).is_some()).await;
    assert!(page.find(ALONE).is_none(), "their figure has the days before");
    page.choose(SPLIT, "region").await;
    api.asked("GET", paths::USAGE_DAILY).await.answer(200, &told_apart("region"));
    until("that it is said", || page.find(ALONE).is_some()).await;
    // Whether the numbers above have some is theirs to say: nothing may be known of days that long ago.
    assert_eq!(page.words(ALONE).trim(), "Days that are told apart have no earlier days beside them.");
    url.update(|url| url.compare = None);
    until("that nobody asked for it", || page.find(ALONE).is_none()).await;
}

#[wasm_bindgen_test]
async fn days_are_told_apart_and_put_together_again() {
    let (api, went) = (Api::new(), RwSignal::new(None));
    let page = stage(move || {
        let session = Session::load();
        provide_context(session);
        provide_context(Live::start());
        provide_context(Toasts::new());
        let url = Memo::new(|_| UsageUrl::parse("?measure=sessions&split=region&running_mode=AUTO_STOP").0);
        let on_change = Callback::new(move |url: UsageUrl| went.set(Some(url)));
        let part = move || session.signed_in().then(|| days(url, false, on_change));
        view! { {part}<SignedIn/> }
    });
    sign_in(&page, &api, &[Permission::UsageRead]).await;
    let call = api.asked("GET", paths::USAGE_DAILY).await;
    assert!(call.query.contains("by=region") && call.query.contains("running_mode=AUTO_STOP"), "{}", call.query);
    call.answer(200, &told_apart("region"));
    until("the days", || page.find("[data-testid=usage-trend-table]").is_some()).await;
    assert_eq!(page.words(TITLE), "Sessions by day and region");
    page.click("[data-testid=usage-trend-table]").await;
    let heads = ["eu-central-1", "us-east-1", "4 others", "Total"].map(|name| format!("{name} (sessions)"));
    assert_eq!(page.each_words("thead th")[1..], heads);
    assert_eq!(page.each_words("tbody td"), ["4", "3", "2", "9"]);

    page.choose(SPLIT, "bundle").await;
    let search = || went.with_untracked(|url| url.as_ref().map(UsageUrl::search));
    assert_eq!(search().as_deref(), Some("?measure=sessions&split=bundle&running_mode=AUTO_STOP"));
    page.choose(SPLIT, "").await;
    assert_eq!(search().as_deref(), Some("?measure=sessions&running_mode=AUTO_STOP"));
}

#[wasm_bindgen_test]
async fn days_are_told_apart_by_tags_and_by_teams_which_are_no_parts_of_a_whole() {
    for people in [false, true] {
        let (api, url) = (Api::new(), RwSignal::new(UsageUrl::parse("?measure=sessions&split=tag%3AStage").0));
        let page = stage(move || {
            provide_context(Live::start());
            let on_change = Callback::new(move |to: UsageUrl| url.set(to));
            days(Memo::new(move |_| url.get()), people, on_change)
        });
        let titled = |title: &str| page.find(TITLE).is_some_and(|_| page.words(TITLE) == title);
        let call = api.asked("GET", paths::USAGE_DAILY).await;
        assert!(call.query.contains("by=tag%3AStage"), "{}", call.query);
        call.answer(200, &told_apart("tag:Stage"));
        until("by a tag that only the address names", || titled("Sessions by day and tag Stage")).await;
        assert_eq!(page.typed(SPLIT), "tag:Stage");
        until("bars", || page.find(".chart-part").is_some()).await;
        assert!(!page.words("figure").contains("two teams"), "its values are parts of a whole");

        page.choose(SPLIT, "tag:Team").await;
        api.asked("GET", paths::USAGE_DAILY).await.answer(200, &told_apart("tag:Team"));
        until("by a tag that there is", || titled("Sessions by day and tag Team")).await;
        assert_eq!(page.find(&format!("{SPLIT} option[value=team]")).is_some(), people);

        // A link may say it to anybody, who can go on from it.
        url.set(UsageUrl::parse("?measure=sessions&split=team").0);
        let call = api.asked("GET", paths::USAGE_DAILY).await;
        assert!(call.query.contains("by=team"), "{}", call.query);
        if people {
            call.answer(200, &told_apart("team"));
            until("by team", || titled("Sessions by day and team")).await;
            until("lines", || page.find(".chart-line").is_some() && page.find(".chart-part").is_none()).await;
            assert!(page.words("figure").contains("Somebody in two teams counts in both."));
            page.click("[data-testid=usage-trend-table]").await;
            let heads = ["eu-central-1", "us-east-1", "4 others"].map(|name| format!("{name} (sessions)"));
            assert_eq!(page.each_words("thead th")[1..], heads);
        } else {
            call.answer(403, &problem(403, "forbidden", "You may not do this."));
            until("that it is refused", || page.find("[role=alert], .notice").is_some()).await;
        }
        until("what the address says", || page.typed(SPLIT) == "team").await;
        page.choose(SPLIT, "region").await;
        api.asked("GET", paths::USAGE_DAILY).await.answer(200, &told_apart("region"));
        until("by region", || titled("Sessions by day and region")).await;
    }
}

#[wasm_bindgen_test]
async fn a_team_narrows_and_is_taken_back() {
    const NIGHT: &str = "00000000-0000-0000-0000-000000000007";
    let (api, url) = (Api::new(), RwSignal::new(UsageUrl::default()));
    let page = stage(move || {
        let night = TeamView {
            id: NIGHT.parse().unwrap(),
            name: "Night".to_owned(),
            description: String::new(),
            member_count: 3,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        };
        let facets = Loader::once(workspaces::facets);
        let teams = Memo::new(move |_| vec![night.clone()]);
        let here = Memo::new(move |_| url.get());
        let on_change = Callback::new(move |to: UsageUrl| url.set(to));
        view! { <Filters url=here facets teams on_change/> }
    });
    api.asked("GET", paths::WORKSPACE_FACETS).await.answer(200, &WorkspaceFacetsView::default());
    page.click("[data-testid=facet-team]").await;
    assert_eq!(page.each_words(".facet-option"), ["Night3"]);
    page.click(&format!("[data-testid=\"facet-option-{NIGHT}\"] input")).await;
    assert_eq!(url.with_untracked(UsageUrl::search), format!("?team={NIGHT}"));
    assert_eq!(page.each_words(".chip-value"), ["Night"]);
    page.click(".chip").await;
    assert_eq!(url.with_untracked(UsageUrl::search), "");
    assert!(page.find(".chip").is_none());
}
