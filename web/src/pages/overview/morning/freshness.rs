//! How fresh the numbers are: each account and region with its newest sync.

use contract::accounts::{AccountRegionView, AccountView};
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
            let name = account.name;
            account.regions.into_iter().map(move |region| view! { <RegionRow name=name.clone() region/> })
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

#[component]
fn RegionRow(name: String, region: AccountRegionView) -> impl IntoView {
    let seen = region.last_run.as_ref().map_or_else(|| "–".to_owned(), |run| thousands(run.report.seen));
    let newest = match region.last_run {
        Some(run) => {
            let problems = run.report.problems.len() as u64;
            view! {
                <SyncBadge outcome=run.outcome/>
                <span class="cell-sub">
                    {match run.job_id {
                        Some(job) => view! { <a href=format!("/jobs/{job}")><RelativeTime at=run.started_at/></a> }.into_any(),
                        None => view! { <RelativeTime at=run.started_at/> }.into_any(),
                    }}
                    {(problems > 0).then(|| format!(" · {}", counted(problems, "problem", "problems")))}
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
