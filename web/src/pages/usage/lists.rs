//! The WorkSpaces one by one: who was connected longest or shortest, and who not at all. Each row leads to its WorkSpace.

use contract::paths;
use contract::usage::{UsageRankingQuery, UsageUnusedQuery, UsageWorkspaceView, WorkspaceUsageView};
use leptos::prelude::*;

use super::more::{More, MoreRows, Part};
use super::state::UsageUrl;
use super::words::hours_words;
use crate::api::{exports, usage as api};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::time::MaybeTime;
use crate::format::{aws_words, thousands};
use crate::state::follow::read_again_on;

/// Rows of a page.
const ROWS: u32 = 10;

/// Who was connected longest or shortest.
#[component]
pub fn Ranking(
    /// Where the reader is; for reading.
    key: Memo<Option<UsageUrl>>,
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let list: More<WorkspaceUsageView> = More::keyed(key, |url: UsageUrl, cursor| async move {
        let page = api::ranking(&UsageRankingQuery { limit: Some(ROWS), cursor, ..ranking(&url) }).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["usage"], move || list.refresh());
    let show = Callback::new(|(rows, total): (Vec<WorkspaceUsageView>, u64)| {
        if rows.is_empty() {
            return view! { <p class="card-none">"Nobody was connected on these days."</p> }.into_any();
        }
        let rows = rows
            .into_iter()
            .map(|row| {
                let totals = row.totals;
                let bundle = row.workspace.bundle.clone();
                view! {
                    <tr>
                        <td class="cell-main"><Name workspace=row.workspace/></td>
                        <td data-label="Connected" class="cell-number">{hours_words(totals.connected_minutes)}</td>
                        <td data-label="Days" class="cell-number">{thousands(totals.days)}</td>
                        <td data-label="Sessions" class="cell-number">{thousands(totals.sessions)}</td>
                        <td data-label="Bundle">{bundle}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <table class="table table-plain table-cards" data-testid="usage-ranking">
                <caption class="visually-hidden">{format!("WorkSpaces by connected time, {} in all", thousands(total))}</caption>
                <thead>
                    <tr>
                        <th scope="col">"WorkSpace"</th>
                        <th scope="col" class="cell-number">"Connected"</th>
                        <th scope="col" class="cell-number">"Days"</th>
                        <th scope="col" class="cell-number">"Sessions"</th>
                        <th scope="col">"Bundle"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    let choose = move |event| {
        on_change.run(UsageUrl { least: event_target_value(&event) == "least", ..url.get_untracked() });
    };
    view! {
        <section class="card card-flush" aria-labelledby="ranking-title">
            <header class="card-head">
                <h2 id="ranking-title">{move || if url.with(|u| u.least) { "Connected shortest" } else { "Connected longest" }}</h2>
                <select class="input select kind" aria-label="Order" data-testid="usage-order" on:change=choose>
                    <option value="most" prop:selected=move || url.with(|u| !u.least)>"Longest first"</option>
                    <option value="least" prop:selected=move || url.with(|u| u.least)>"Shortest first"</option>
                </select>
                <ExportMenu
                    label="Export ranking"
                    href=Signal::derive(move || url.with(|u| exports::href(paths::EXPORT_USAGE_RANKING, &ranking(u))))
                />
            </header>
            <MoreRows list testid="ranking-more" show/>
        </section>
    }
}

/// The question of who was connected longest or shortest, without its pages.
pub(super) fn ranking(url: &UsageUrl) -> UsageRankingQuery {
    let (from, to) = (url.period.map(|p| p.from), url.period.map(|p| p.to));
    let order = url.least.then(|| "least".to_owned());
    UsageRankingQuery { order, team: url.team(), ..UsageRankingQuery::of(from, to, &url.filters.query) }
}

/// The question of who was not connected at all, without its pages.
pub(super) fn unused(url: &UsageUrl) -> UsageUnusedQuery {
    let (from, to) = (url.period.map(|p| p.from), url.period.map(|p| p.to));
    UsageUnusedQuery { team: url.team(), ..UsageUnusedQuery::of(from, to, &url.filters.query) }
}

/// Who was not connected at all.
#[component]
pub fn Unused(
    /// Where the reader is; for reading.
    key: Memo<Option<UsageUrl>>,
) -> impl IntoView {
    let list: More<UsageWorkspaceView> = More::keyed(key, |url: UsageUrl, cursor| async move {
        let page = api::unused(&UsageUnusedQuery { limit: Some(ROWS), cursor, ..unused(&url) }).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["usage"], move || list.refresh());
    let show = Callback::new(|(rows, total): (Vec<UsageWorkspaceView>, u64)| {
        if rows.is_empty() {
            return view! { <p class="card-none">"Every WorkSpace whose usage is known was used."</p> }.into_any();
        }
        let rows = rows
            .into_iter()
            .map(|row| {
                let (mode, at) = (row.running_mode.as_deref().map(aws_words), row.last_connected_at);
                let bundle = row.bundle.clone();
                view! {
                    <tr>
                        <td class="cell-main"><Name workspace=row/></td>
                        <td data-label="Last connected"><MaybeTime at/></td>
                        <td data-label="Running mode">{mode}</td>
                        <td data-label="Bundle">{bundle}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <table class="table table-plain table-cards" data-testid="usage-unused-list">
                <caption class="visually-hidden">{format!("WorkSpaces without usage, {} in all", thousands(total))}</caption>
                <thead>
                    <tr>
                        <th scope="col">"WorkSpace"</th>
                        <th scope="col">"Last connected"</th>
                        <th scope="col">"Running mode"</th>
                        <th scope="col">"Bundle"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    let href = Signal::derive(move || {
        exports::href(paths::EXPORT_USAGE_UNUSED, &key.with(|u| u.as_ref().map(unused).unwrap_or_default()))
    });
    view! {
        <section class="card card-flush" aria-labelledby="unused">
            <header class="card-head">
                <h2 id="unused" tabindex="-1">"Not used at all"</h2>
                <ExportMenu label="Export unused" href/>
            </header>
            <MoreRows list testid="unused-more" show/>
        </section>
    }
}

/// Whose it is and where it stands, leading to it.
#[component]
fn Name(workspace: UsageWorkspaceView) -> impl IntoView {
    let gone = workspace.gone_at.map(|_| " · gone");
    view! {
        <a href=format!("/workspaces/{}", workspace.id)>{workspace.user_name}</a>
        <span class="cell-sub">{workspace.aws_id}" · "{workspace.region.to_string()}{gone}</span>
    }
}
