//! Each kind of data over all its places, which are the accounts and regions that it is read from: how the worst of them stands, and
//! how old the oldest and the newest is. The overview shows it; each line leads to its places.

use chrono::{DateTime, Utc};
use contract::data_sets::{DataSetView, DataSetsView};
use domain::sync::SyncKind;
use leptos::prelude::*;

use super::state::{Narrow, Verdict, verdict};
use crate::components::ui::badge::Badge;
use crate::components::ui::states::{PartNotice, Skeleton};
use crate::components::ui::time::MaybeTime;
use crate::pages::jobs::schedules::about;
use crate::state::clock::use_now;
use crate::state::loader::Loader;
use crate::state::rows::{Rows, merge};

/// A kind of data over all its places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    kind: SyncKind,
    /// How the worst of its places stands.
    worst: Verdict,
    /// How many of its places stand so.
    so: usize,
    /// How many places it has.
    places: usize,
    /// When its oldest place was read; `None` where one never was.
    oldest: Option<DateTime<Utc>>,
    /// When its newest place was read.
    newest: Option<DateTime<Utc>>,
}

/// The kinds that there are, in their order, at that moment, milliseconds since the epoch.
fn lines(sets: &[DataSetView], now_ms: i64) -> Vec<Line> {
    SyncKind::ALL.iter().filter_map(|kind| line(*kind, sets, now_ms)).collect()
}

fn line(kind: SyncKind, sets: &[DataSetView], now_ms: i64) -> Option<Line> {
    let mine: Vec<_> = sets.iter().filter(|set| set.kind == kind).collect();
    let verdicts: Vec<_> = mine.iter().map(|set| verdict(set, now_ms)).collect();
    let worst = verdicts.iter().copied().max_by_key(|verdict| rank(*verdict))?;
    let so = verdicts.iter().filter(|verdict| **verdict == worst).count();
    // What was never read is older than all that was.
    let read = || mine.iter().map(|set| set.fresh_at);
    Some(Line { kind, worst, so, places: mine.len(), oldest: read().min().flatten(), newest: read().max().flatten() })
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fresh => 0,
        Verdict::Never => 1,
        Verdict::Late => 2,
        Verdict::Partial => 3,
        Verdict::Failed => 4,
    }
}

/// Where its places are.
fn places_of(kind: SyncKind) -> String {
    Narrow { kind: Some(kind), ..Narrow::default() }.path()
}

/// The card of the overview; nothing where nothing is read from anywhere.
#[component]
pub fn DataKinds(
    /// The data sets.
    list: Loader<DataSetsView>,
) -> impl IntoView {
    let rows: Rows<SyncKind, Line> = RwSignal::new(Vec::new());
    let now = use_now();
    Effect::new(move |_| {
        let now = now.ms();
        let lines = list.data.with(|list| list.as_ref().map(|list| lines(&list.items, now)).unwrap_or_default());
        merge(rows, &lines, |line| line.kind);
    });
    let reading = move || list.blank() && list.error.with(Option::is_none);
    let some = move || rows.with(|rows| !rows.is_empty());
    view! {
        <Show when=move || list.blank() || some()>
            <section class="card card-flush kinds" aria-labelledby="kinds-title" data-testid="data-kinds">
                <header class="card-head"><h2 id="kinds-title">"How fresh the data is"</h2><a href="/jobs/data-sets">"All data sets"</a></header>
                <PartNotice loader=list what="How fresh the data is"/>
                <Show when=reading><div class="card"><Skeleton lines=4/></div></Show>
                <Show when=some>
                    <table class="table table-plain">
                        <caption class="visually-hidden">"Each kind of data, when the oldest and the newest of it was read"</caption>
                        <thead>
                            <tr><th scope="col">"Data"</th><th scope="col">"Oldest"</th><th scope="col">"Newest"</th></tr>
                        </thead>
                        <tbody>
                            <For each=move || rows.get() key=|(kind, _)| *kind children=move |(kind, line)| {
                                view! { <KindRow kind line/> }
                            }/>
                        </tbody>
                    </table>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn KindRow(kind: SyncKind, line: ArcRwSignal<Line>) -> impl IntoView {
    let line = RwSignal::from(line);
    view! {
        <tr data-testid="kind-row" data-kind=kind.as_str()>
            <td class="cell-main">
                <a class="cell-link" href=places_of(kind)>{about(kind.as_str()).0}</a>
                {move || line.with(stands)}
            </td>
            <td>{move || view! { <MaybeTime at=line.with(|line| line.oldest)/> }}</td>
            <td>{move || view! { <MaybeTime at=line.with(|line| line.newest)/> }}</td>
        </tr>
    }
}

/// How it stands, where that is not well: in all of its places, or in how many.
fn stands(line: &Line) -> Option<AnyView> {
    let (tone, glyph, words) = line.worst.look();
    let (so, places) = (line.so, line.places);
    let some = (so < places).then(|| format!(" in {so} of {places} places"));
    (line.worst != Verdict::Fresh)
        .then(|| view! { <span class="cell-sub"><Badge tone glyph text=words/>{some}</span> }.into_any())
}

#[cfg(test)]
pub(super) mod tests {
    use domain::ids::AccountId;

    use super::*;

    /// A data set that is late after 900 seconds.
    pub fn set(kind: SyncKind, region: &str, status: &str, fresh_at: Option<i64>) -> DataSetView {
        DataSetView {
            account_id: AccountId(uuid::Uuid::from_u128(7)),
            account: "Demo".into(),
            region: region.parse().unwrap(),
            kind,
            status: status.into(),
            fresh_at: fresh_at.and_then(|s| DateTime::from_timestamp(s, 0)),
            age_secs: None,
            period_secs: 300,
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
    fn every_kind_that_there_is_says_its_worst_its_oldest_and_its_newest() {
        let (usage, billing, quotas) = (SyncKind::Usage, SyncKind::Billing, SyncKind::Quotas);
        let sets = [
            set(usage, "us-east-1", "ok", Some(10_000)),
            set(billing, "us-east-1", "failed", Some(4_000)),
            set(usage, "eu-west-1", "ok", Some(9_000)),
            set(usage, "eu-west-2", "ok", Some(10_001)),
            set(quotas, "us-east-1", "ok", Some(10_000)),
            set(quotas, "eu-west-1", "never", None),
        ];
        let told: Vec<_> = lines(&sets, 10_100_000)
            .into_iter()
            .map(|line| {
                let seconds = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp());
                (line.kind, line.worst, (line.so, line.places), seconds(line.oldest), seconds(line.newest))
            })
            .collect();
        assert_eq!(
            told,
            [
                (usage, Verdict::Late, (1, 3), Some(9_000), Some(10_001)),
                (billing, Verdict::Failed, (1, 1), Some(4_000), Some(4_000)),
                (quotas, Verdict::Never, (1, 2), None, Some(10_000)),
            ]
        );
        assert_eq!(lines(&[], 0), []);
    }

    #[test]
    fn a_kind_leads_to_its_places() {
        for kind in SyncKind::ALL {
            let narrow = Narrow::parse(places_of(*kind).strip_prefix("/jobs/data-sets").unwrap());
            assert_eq!((narrow.kind, narrow.account, narrow.wanting), (Some(*kind), None, false));
        }
    }

    #[test]
    fn every_kind_has_words() {
        assert!(SyncKind::ALL.iter().all(|kind| !about(kind.as_str()).0.is_empty()));
    }
}
