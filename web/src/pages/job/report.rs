//! What a job reported, as a person reads it.

use contract::paths;
use domain::ids::JobId;
use domain::sync::{SyncProblem, SyncReport};
use leptos::prelude::*;
use serde_json::Value;

use super::state::{Fact, ItemLine, Report, read};
use crate::api::exports::href;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{counted, sentence, thousands, usd};

/// How many of a report's counts are about the fleet.
const FLEET: usize = 10;

/// The report of a job. `heading` stands over items, where it has some; `items_of` is the job whose items can be taken along.
#[component]
pub fn ReportView(result: Value, heading: &'static str, items_of: Option<JobId>) -> impl IntoView {
    match read(&result) {
        Report::Sync(report) => view! { <SyncReportView report=*report/> }.into_any(),
        Report::Items(lines) => view! { <ItemsView lines heading items_of/> }.into_any(),
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
fn SyncReportView(report: SyncReport) -> impl IntoView {
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
        <ProblemsView problems=report.problems/>
    }
}

/// The problems of a sync, those that a permission would mend first.
#[component]
pub fn ProblemsView(problems: Vec<SyncProblem>) -> impl IntoView {
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
        view! {
            <section class="card card-flush">
                <header class="card-head"><h2>{counted(count, "problem", "problems")}</h2></header>
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

#[component]
fn ItemsView(lines: Vec<ItemLine>, heading: &'static str, items_of: Option<JobId>) -> impl IntoView {
    let well = lines.iter().filter(|l| l.ok == Some(true)).count() as u64;
    let all = lines.len() as u64;
    let rows = lines
        .into_iter()
        .map(|line| {
            let (class, glyph, words) = match line.ok {
                Some(true) => ("outcome outcome-good", Glyph::Tick, "Done"),
                Some(false) => ("outcome outcome-bad", Glyph::Cross, "Failed"),
                None => ("outcome", Glyph::Ring, "Not said"),
            };
            let name = match line.id {
                Some(id) => view! { <a href=format!("/workspaces/{id}")>{line.name}</a> }.into_any(),
                None => view! { {line.name} }.into_any(),
            };
            view! {
                <tr>
                    <td class="cell-main">{name}</td>
                    <td data-label="Outcome"><span class=class><GlyphView glyph/>{words}</span></td>
                    <td data-label="More">{sentence(&line.words)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card card-flush" data-testid="job-items">
            <header class="card-head">
                <h2>{heading}</h2>
                <span class="muted">{format!("{} of {} done", thousands(well), thousands(all))}</span>
                {items_of.map(|id| {
                    let path = paths::with_id(paths::EXPORT_JOB_ITEMS, id);
                    view! { <ExportMenu href=Signal::stored(href(&path, &()))/> }
                })}
            </header>
            <table class="table table-plain table-cards">
                <caption class="visually-hidden">{heading}</caption>
                <thead><tr><th scope="col">"WorkSpace"</th><th scope="col">"Outcome"</th><th scope="col">"More"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
