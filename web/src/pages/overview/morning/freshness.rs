//! How fresh the numbers are: each account and region with its newest sync.

use contract::accounts::{AccountRegionView, AccountView};
use domain::ids::{AccountId, JobId, Region};
use leptos::prelude::*;

use crate::components::ui::badge::{Badge, Glyph, SyncBadge, Tone};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::format::{counted, thousands};

/// The table of accounts and regions.
#[component]
pub fn FreshnessTable(accounts: Vec<AccountView>) -> impl IntoView {
    let rows = accounts
        .into_iter()
        .flat_map(|account| {
            let (id, name) = (account.id, account.name);
            account.regions.into_iter().map(move |region| view! { <RegionRow id name=name.clone() region/> })
        })
        .collect_view();
    view! {
        <table class="table table-plain table-cards">
            <caption class="visually-hidden">"Newest sync of each account and region"</caption>
            <thead>
                <tr>
                    <th scope="col">"Account"</th>
                    <th scope="col">"Region"</th>
                    <th scope="col">"Newest sync"</th>
                    <th scope="col" class="cell-number">"Seen"</th>
                    <th scope="col">"Last whole"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The WorkSpaces of an account's region.
fn seen_link(account: AccountId, region: &Region) -> String {
    format!("/workspaces?account={account}&region={region}")
}

/// What the problems of a run were: its job, or the data of the account that wants a look.
fn problems_link(account: AccountId, job: Option<JobId>) -> String {
    job.map_or_else(|| format!("/jobs/data-sets?account={account}&show=problems"), |job| format!("/jobs/{job}"))
}

#[component]
fn RegionRow(id: AccountId, name: String, region: AccountRegionView) -> impl IntoView {
    let seen = match &region.last_run {
        Some(run) => view! { <a href=seen_link(id, &region.region)>{thousands(run.report.seen)}</a> }.into_any(),
        None => "–".into_any(),
    };
    let newest = match region.last_run {
        Some(run) => {
            let problems = run.report.problems.len() as u64;
            let of_problems = problems_link(id, run.job_id);
            view! {
                <SyncBadge outcome=run.outcome/>
                <span class="cell-sub">
                    {match run.job_id {
                        Some(job) => view! { <a href=format!("/jobs/{job}")><RelativeTime at=run.started_at/></a> }.into_any(),
                        None => view! { <RelativeTime at=run.started_at/> }.into_any(),
                    }}
                    {(problems > 0).then(|| view! {
                        " · " <a href=of_problems>{counted(problems, "problem", "problems")}</a>
                    })}
                </span>
            }
            .into_any()
        }
        None => view! { <Badge tone=Tone::Neutral glyph=Glyph::Ring text="Never synced"/> }.into_any(),
    };
    view! {
        <tr>
            <td class="cell-main">{name}</td>
            <td data-label="Region">{region.region.to_string()}</td>
            <td data-label="Newest sync">{newest}</td>
            <td data-label="Seen" class="cell-number">{seen}</td>
            <td data-label="Last whole"><MaybeTime at=region.last_whole_at/></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::pages::workspaces::ListUrl;

    #[test]
    fn numbers_lead_to_what_they_count() {
        let account = AccountId(Uuid::from_u128(7));
        let seen = seen_link(account, &"eu-west-1".parse().unwrap());
        let query = ListUrl::parse(seen.strip_prefix("/workspaces").unwrap()).query;
        assert_eq!(query.account, Some(account.to_string()));
        assert_eq!(query.region.as_deref(), Some("eu-west-1"));
        let job = JobId(Uuid::from_u128(9));
        assert_eq!(problems_link(account, Some(job)), format!("/jobs/{job}"));
        assert!(problems_link(account, None).ends_with("&show=problems"));
    }
}
