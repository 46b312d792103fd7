//! What a job reported, as a person reads it. Not the items of an action: those are `items`.

use contract::paths;
use domain::ids::JobId;
use domain::sync::{SyncProblem, SyncReport};
use leptos::prelude::*;
use serde_json::Value;

use super::state::{Fact, Report, read};
use crate::api::exports::href;
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{counted, sentence, thousands, usd};

/// How many of a report's counts are about the fleet.
const FLEET: usize = 10;

/// The report of a job that is no action.
#[component]
pub fn ReportView(id: JobId, result: Value) -> impl IntoView {
    match read(&result) {
        Report::Sync(report) => view! { <SyncReportView id report=*report/> }.into_any(),
        Report::Facts(facts) => {
            let counts = facts
                .into_iter()
                .map(|Fact { name, words, long }| {
                    view! { <div class="count" class:count-text=long><dt>{name}</dt><dd>{words}</dd></div> }
                })
                .collect_view();
            view! { <section class="card"><h2 class="card-title">"Result"</h2><dl class="counts">{counts}</dl></section> }.into_any()
        }
        Report::Other(text) => view! {
            <section class="card"><h2 class="card-title">"Result"</h2><pre class="raw" tabindex="0">{text}</pre></section>
        }
        .into_any(),
    }
}

#[component]
fn SyncReportView(id: JobId, report: SyncReport) -> impl IntoView {
    // What a kind of sync does not bring in is not said of it.
    let data = report.items_read + report.points_read > 0;
    let fleet = if data && report.seen == 0 { 0 } else { FLEET };
    let counts = [
        ("seen", report.seen),
        ("added", report.added),
        ("changed", report.changed),
        ("unchanged", report.unchanged),
        ("gone", report.gone),
        ("in transition", report.in_transition),
        ("directories", report.directories),
        ("bundles", report.bundles),
        ("tags read", report.tags_read),
        ("connections", report.connections),
    ];
    let more = [
        ("rows read", report.items_read),
        ("new or changed", report.items_written),
        ("points read", report.points_read),
        ("left out", report.skipped),
    ];
    let more = more.into_iter().filter(|(_, count)| data || *count > 0);
    let counts = counts
        .into_iter()
        .take(fleet)
        .chain(more)
        .chain([("AWS calls", report.aws_calls)])
        .map(|(label, count)| {
            view! {
                <div class="count" class:count-none=count == 0>
                    <dt>{label}</dt>
                    <dd>{thousands(count)}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="card-title">"What the sync found"</h2>
            <dl class="counts">{counts}</dl>
            {(report.cost_e10 > 0).then(|| view! {
                <p class="muted">{format!("AWS charges {} USD for these requests.", usd(report.cost_e10))}</p>
            })}
        </section>
        <ProblemsView id problems=report.problems/>
    }
}

/// The problems of a sync, those that a permission would mend first.
#[component]
pub fn ProblemsView(id: JobId, problems: Vec<SyncProblem>) -> impl IntoView {
    let mut problems = problems;
    problems.sort_by_key(|p| (p.missing_permission.is_none(), std::cmp::Reverse(p.count)));
    let count = problems.len() as u64;
    let rows = problems
        .into_iter()
        .map(|problem| {
            view! {
                <tr>
                    <td class="cell-main"><code>{problem.operation}</code></td>
                    <td data-label="What happened">{sentence(&problem.message)}</td>
                    <td data-label="Grant">
                        {match problem.missing_permission {
                            Some(permission) => view! { <code class="permission">{permission}</code> }.into_any(),
                            None => view! { <span class="muted">"–"</span> }.into_any(),
                        }}
                    </td>
                    <td data-label="Times" class="cell-number">{thousands(problem.count)}</td>
                </tr>
            }
        })
        .collect_view();
    (count > 0).then(|| {
        let file = Signal::stored(href(&paths::with_id(paths::EXPORT_JOB_PROBLEMS, id), &()));
        view! {
            <section class="card card-flush">
                <header class="card-head">
                    <h2>{counted(count, "problem", "problems")}</h2>
                    <ExportMenu href=file label="Export problems"/>
                </header>
                <table class="table table-plain table-cards">
                    <caption class="visually-hidden">"Problems"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Call"</th>
                            <th scope="col">"What happened"</th>
                            <th scope="col">"Permission to grant"</th>
                            <th scope="col" class="cell-number">"Times"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}
