//! The overview: each number is the total of the list that the portal leads to from it, for who sees everything and for who sees a
//! region.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use contract::overview::OverviewView;
use contract::paths::{JOBS, OVERVIEW, QUOTAS, USAGE_SUMMARY, USAGE_UNUSED, WORKSPACES};
use contract::usage::UsageSummaryView;
use domain::access::{Reach, Role, Scope};
use domain::workspace::WorkspaceState;
use domain::workspace::rules::in_transition;
use serde_json::Value;
use store::repo::usage_coverage::usage_covered;
use testkit::app::{TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::ApiClient;
use testkit::something;

use crate::support::workspaces;

fn fleet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 150, seed: 11, ..TestAppOptions::default() }
}

/// A fleet of which each number counts something, and in which nothing moves any more.
async fn something_of_everything(app: &TestApp) -> Result<()> {
    app.create_owner().await?;
    app.connect_simulated_and_sync().await?;
    something::of_everything(app).await?;
    // Nobody was ever connected, as far as is known, which is up to now.
    let now = app.context().env.now();
    let all = workspaces(app.client(), "").await?;
    let covered: Vec<_> = all.iter().map(|one| (one.id, now - TimeDelta::days(70), now)).collect();
    usage_covered(&app.database().await?, &covered).await?;
    Ok(())
}

/// Each number that somebody sees: the list that the portal leads to, with its query, and the number. The links are made in
/// `web/src/pages/overview`: `view.rs`, `state.rs` and `morning/attention.rs`.
async fn numbers(client: &ApiClient) -> Result<Vec<(&'static str, String, u64)>> {
    let overview: OverviewView = client.get(OVERVIEW).await?.ok()?;
    let usage: UsageSummaryView = client.get(USAGE_SUMMARY).await?.ok()?;
    let moving: Vec<_> =
        WorkspaceState::KNOWN.iter().filter(|state| in_transition(state)).map(WorkspaceState::as_str).collect();
    let mut numbers = vec![
        (WORKSPACES, String::new(), overview.workspaces),
        (WORKSPACES, "connection=CONNECTED".to_owned(), overview.connected),
        (WORKSPACES, format!("state={}", moving.join(",")), overview.in_transition),
        (WORKSPACES, "state=IMPAIRED,UNHEALTHY,ERROR,SUSPENDED".to_owned(), overview.troubled),
        (JOBS, "state=queued,running".to_owned(), overview.jobs_active),
        (JOBS, "state=dead".to_owned(), overview.jobs_dead),
        (QUOTAS, "used_from=80&sort=-used".to_owned(), overview.quotas_nearly_used),
        (USAGE_UNUSED, String::new(), usage.unused),
    ];
    for (facet, values) in
        [("state", overview.by_state), ("running_mode", overview.by_running_mode), ("region", overview.by_region)]
    {
        numbers.extend(values.into_iter().map(|one| (WORKSPACES, format!("{facet}={}", one.value), one.count)));
    }
    Ok(numbers)
}

/// Compares each with its list; how many count something.
async fn compared(client: &ApiClient) -> Result<usize> {
    let all = numbers(client).await?;
    for (path, query, number) in &all {
        let page: Value = client.get(&format!("{path}?limit=1&{query}")).await?.ok()?;
        assert_eq!(page["total"], *number, "{path}?{query}");
    }
    Ok(all.iter().filter(|(_, _, number)| *number > 0).count())
}

app_test! {
    async fn each_number_is_the_total_of_the_list_it_leads_to(app: fleet()) {
        something_of_everything(app).await?;
        let all = numbers(app.client()).await?;
        assert_eq!(compared(app.client()).await?, all.len(), "a number that counts nothing proves nothing: {all:?}");

        let region = workspaces(app.client(), "").await?.into_iter().next().context("a WorkSpace")?.region;
        let scope = Scope::only(Reach::Region { region: region.clone() });
        let viewer = app.create_user_with("viewer@example.com", &[(Role::Viewer, scope)]).await?;
        let (fewer, there) = (numbers(&viewer).await?, numbers(app.client()).await?);
        assert!(fewer[0].2 > 0 && fewer[0].2 < there[0].2, "{region}: {fewer:?} of {there:?}");
        assert!(compared(&viewer).await? > 0);
        Ok(())
    }
}
