//! How fresh what is shown is, where it is shown: "as of 2 min ago (WorkSpaces API)", with a warning where it is older than
//! three of its periods. It speaks for every place at once: for the least fresh.

use chrono::{DateTime, Utc};
use contract::data_sets::DataSetView;
use domain::sync::SyncKind;
use leptos::prelude::*;

use super::badge::{Glyph, GlyphView};
use super::time::RelativeTime;
use crate::state::clock::use_now;

/// Periods after which a data set is late.
const PATIENCE: u64 = 3;

/// Whether a data set is older than it should be, at that moment, milliseconds since the epoch.
pub fn is_late(set: &DataSetView, now_ms: i64) -> bool {
    let patience = i64::try_from(set.period_secs.saturating_mul(PATIENCE * 1000)).unwrap_or(i64::MAX);
    set.fresh_at.is_some_and(|at| now_ms.saturating_sub(at.timestamp_millis()) > patience)
}

/// How a kind of data stands over all its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no such data set.
    Nothing,
    /// No place has been read wholly yet.
    Never,
    /// All of it is at least as fresh as this.
    Since {
        /// The least fresh place's newest whole run.
        at: DateTime<Utc>,
        /// Whether a place is late.
        late: bool,
        /// Places that have not been read wholly yet.
        missing: usize,
    },
}

/// How a kind stands at that moment, milliseconds since the epoch.
pub fn standing(sets: &[DataSetView], kind: SyncKind, now_ms: i64) -> Standing {
    let mine: Vec<_> = sets.iter().filter(|set| set.kind == kind).collect();
    match mine.iter().filter_map(|set| set.fresh_at).min() {
        _ if mine.is_empty() => Standing::Nothing,
        None => Standing::Never,
        Some(at) => Standing::Since {
            at,
            late: mine.iter().any(|set| is_late(set, now_ms)),
            missing: mine.iter().filter(|set| set.fresh_at.is_none()).count(),
        },
    }
}

/// A line about the kinds that a page shows, which leads to the data sets. Nothing where nothing is known.
#[component]
pub fn Freshness(
    /// The data sets.
    #[prop(into)]
    sets: Signal<Vec<DataSetView>>,
    /// What is shown: the kind, its name, its source.
    kinds: &'static [(SyncKind, &'static str, &'static str)],
) -> impl IntoView {
    let now = use_now();
    // Drawn again only when what it says changes, not with each tick of the clock.
    let standings = Memo::new(move |_| {
        let now = now.ms();
        sets.with(|sets| kinds.iter().map(|(kind, ..)| standing(sets, *kind, now)).collect::<Vec<_>>())
    });
    move || {
        let parts: Vec<_> = kinds
            .iter()
            .zip(standings.get())
            .filter_map(|((_, name, source), standing)| part(name, source, standing))
            .collect();
        (!parts.is_empty()).then(|| {
            view! { <p class="freshness" data-testid="freshness">{parts}</p> }
        })
    }
}

fn part(name: &'static str, source: &'static str, standing: Standing) -> Option<AnyView> {
    let (at, late, missing) = match standing {
        Standing::Nothing => return None,
        Standing::Never => (None, false, 0),
        Standing::Since { at, late, missing } => (Some(at), late, missing),
    };
    let words = match at {
        Some(at) => view! { {name}" as of "<RelativeTime at/>" ("{source}")" }.into_any(),
        None => view! { {name}" not read yet ("{source}")" }.into_any(),
    };
    let rest = (missing > 0).then_some(if missing == 1 { ", one place not yet" } else { ", some places not yet" });
    let wanting = late || missing > 0;
    Some(
        view! {
            <a class="freshness-part" class:freshness-late=wanting href="/jobs/data-sets" data-late=late.to_string()>
                {wanting.then(|| view! { <GlyphView glyph=Glyph::Triangle/> })}
                {late.then_some(view! { <span class="visually-hidden">"Late: "</span> })}
                <span>{words}{rest}</span>
            </a>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;

    use super::*;

    fn set(kind: SyncKind, fresh_at: Option<i64>) -> DataSetView {
        DataSetView {
            account_id: AccountId(uuid::Uuid::nil()),
            account: String::new(),
            region: "us-east-1".parse().unwrap(),
            kind,
            status: "ok".into(),
            fresh_at: fresh_at.and_then(|s| DateTime::from_timestamp(s, 0)),
            age_secs: None,
            period_secs: 60,
            paused: false,
            next_due_at: None,
            covered_from: None,
            covered_to: None,
            gaps: Vec::new(),
            last_run_id: None,
            error: None,
            missing_permission: None,
        }
    }

    #[test]
    fn the_least_fresh_place_speaks_for_all() {
        let kind = SyncKind::Workspaces;
        let sets = [set(kind, Some(1000)), set(kind, Some(900)), set(SyncKind::Usage, Some(1))];
        let at = DateTime::from_timestamp(900, 0).unwrap();
        assert_eq!(standing(&sets, kind, 1_080_000), Standing::Since { at, late: false, missing: 0 });
        assert_eq!(standing(&sets, kind, 1_080_001), Standing::Since { at, late: true, missing: 0 });
        assert_eq!(standing(&sets, SyncKind::Billing, 0), Standing::Nothing);
        assert_eq!(standing(&[set(kind, None)], kind, 0), Standing::Never);
        let some = [set(kind, None), set(kind, Some(900))];
        assert_eq!(standing(&some, kind, 900_000), Standing::Since { at, late: false, missing: 1 });
    }
}
