//! What each WorkSpace costs in a month, by our own reckoning: all of them, or those that the comparison with the bill counts in some
//! way. Each row leads to its WorkSpace.

use contract::costs::{WorkspaceCostQuery, WorkspaceCostView};
use contract::paths;
use domain::usage::Month;
use leptos::prelude::*;

use super::led;
use super::state::CostUrl;
use super::words::{counted_words, not_reckoned_words};
use crate::api::{costs as api, exports};
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{aws_words, money, thousands};
use crate::pages::usage::{More, MoreRows, Part};
use crate::state::follow::read_again_on;

/// The WorkSpaces.
#[component]
pub fn WorkspaceCosts(
    /// The account, the region, how they are counted, and the month.
    key: Memo<Option<(CostUrl, Month)>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
) -> impl IntoView {
    let title = led::title("#each-title");
    let list: More<WorkspaceCostView> = More::keyed(key, |(url, month): (CostUrl, Month), cursor| async move {
        let page = api::workspaces(&WorkspaceCostQuery { limit: Some(25), cursor, ..url.workspaces(month) }).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["cost", "usage"], move || list.refresh());
    let show = Callback::new(|(rows, total): (Vec<WorkspaceCostView>, u64)| {
        if rows.is_empty() {
            return view! { <p class="card-none">"No such WorkSpaces in accounts whose costs you may see."</p> }
                .into_any();
        }
        let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
        view! {
            <table class="table table-plain table-cards" data-testid="workspace-costs">
                <caption class="visually-hidden">{format!("Cost of each WorkSpace, {} in all", thousands(total))}</caption>
                <thead>
                    <tr>
                        <th scope="col">"WorkSpace"</th>
                        <th scope="col">"Running mode"</th>
                        <th scope="col">"Compute type"</th>
                        <th scope="col" class="cell-number">"Hours"</th>
                        <th scope="col" class="cell-number">"Estimate"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    });
    let href = Signal::derive(move || {
        let query = key.get().map(|(url, month)| url.workspaces(month)).unwrap_or_default();
        exports::href(paths::EXPORT_WORKSPACE_COSTS, &query)
    });
    let only = move || {
        let (how, all) = url.with(|u| (u.reckoned.clone(), CostUrl { reckoned: None, ..u.clone() }.path()));
        how.map(|how| {
            let words = format!("Only those {}, as the comparison with the bill reckons them. ", counted_words(&how));
            view! { <p class="card-lead" data-testid="workspace-costs-only">{words}<a href=all>"Show all"</a></p> }
        })
    };
    view! {
        <section class="card card-flush" aria-labelledby="each-title">
            <header class="card-head">
                <h2 id="each-title" tabindex="-1" node_ref=title>{move || key.get().map(|(_, month)| format!("Each WorkSpace in {month}"))}</h2>
                <ExportMenu label="Export WorkSpaces" href/>
            </header>
            {only}
            <MoreRows list testid="workspace-costs-more" show/>
        </section>
    }
}

#[component]
fn Row(row: WorkspaceCostView) -> impl IntoView {
    let mode = row.running_mode.as_ref().map(|mode| aws_words(mode.as_str()));
    let compute = row.compute_type.as_ref().map(|one| aws_words(one.as_str()));
    let total = match (&row.total, &row.not_reckoned) {
        (Some(total), _) => money(total),
        (None, Some(reason)) => not_reckoned_words(reason).to_owned(),
        (None, None) => "–".to_owned(),
    };
    let hours = row.hours.map(thousands);
    let some =
        (!row.hours_known && row.hours.is_some()).then(|| view! { <span class="cell-sub">"as far as known"</span> });
    let uncertain =
        row.uncertain.then(|| view! { <span class="cell-sub">"came, went or changed, not known when"</span> });
    view! {
        <tr>
            <td class="cell-main">
                <a href=format!("/workspaces/{}", row.id)>{row.user_name}</a>
                <span class="cell-sub">{row.aws_id}" · "{row.region.to_string()}</span>
            </td>
            <td data-label="Running mode">{mode}</td>
            <td data-label="Compute type">{compute}</td>
            <td data-label="Hours" class="cell-number">{hours}{some}</td>
            <td data-label="Estimate" class="cell-number">{total}{uncertain}</td>
        </tr>
    }
}
