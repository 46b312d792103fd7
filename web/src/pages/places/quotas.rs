//! The quotas, with how near each is.

use contract::paths;
use contract::places::{QuotaQuery, QuotaView};
use domain::workspace::QUOTA_NEARLY_PERCENT;
use leptos::prelude::*;

use super::list::place_cell;
use super::page::{Kind, Place, Reading, places};
use crate::api::workspaces as api;
use crate::components::ui::Tone;
use crate::components::ui::badge::{Badge, Glyph};
use crate::format::thousands;

/// The page.
pub const QUOTAS: Kind = Kind {
    key: "quotas",
    name: "Quotas",
    path: "/workspaces/quotas",
    lead: "How many of each thing AWS allows, and how many are left",
    search: "Find a quota by name or code",
    orders: &[
        ("", "By name"),
        ("-name", "By name, from the end"),
        ("-used", "Most used first"),
        ("used", "Least used first"),
    ],
    shares: &[QUOTA_NEARLY_PERCENT, 100],
    export: paths::EXPORT_QUOTAS,
    columns: &["Quota", "Used", "Limit", "Left", "Share", "Account"],
    none: "No quotas",
    read,
};

fn read(query: QuotaQuery) -> Reading {
    Box::pin(async move { api::quotas(&query).await.map(|page| places(page, Place::Quota)) })
}

/// A row.
pub fn row(one: QuotaView) -> AnyView {
    let id = one.code.clone();
    let place = place_cell(one.account_name, &one.region);
    let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), thousands);
    let raised = if one.adjustable { "AWS raises it on request" } else { "Fixed" };
    let together = one.global.then(|| view! { <span class="cell-sub">"For all regions together"</span> });
    let share = match one.used_percent {
        Some(percent) => {
            let (tone, glyph) = look(percent);
            view! { <Badge tone glyph text=format!("{} %", thousands(percent))/> }.into_any()
        }
        None => "–".into_any(),
    };
    view! {
        <tr class="row" data-testid="quota-row" data-id=id>
            <td class="cell-main">
                <span class="cell-name">{one.name}</span>
                <span class="cell-sub">{one.code}</span>
            </td>
            <td data-label="Used">{number(one.used)}</td>
            <td data-label="Limit">{number(one.limit)}<span class="cell-sub">{raised}</span>{together}</td>
            <td data-label="Left">{number(one.left)}</td>
            <td data-label="Share">{share}</td>
            {place}
        </tr>
    }
    .into_any()
}

/// The look of how much is used, percent.
fn look(percent: u64) -> (Tone, Glyph) {
    match percent {
        100.. => (Tone::Danger, Glyph::Cross),
        QUOTA_NEARLY_PERCENT.. => (Tone::Warning, Glyph::Triangle),
        _ => (Tone::Success, Glyph::Disc),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_used_up_is_warned_of() {
        let tones = [0, 79, 80, 99, 100, 140].map(|percent| look(percent).0);
        let (well, near, over) = (Tone::Success, Tone::Warning, Tone::Danger);
        assert_eq!(tones, [well, well, near, near, over, over]);
    }
}
