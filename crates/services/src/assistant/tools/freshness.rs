//! How fresh and how complete what is known is.

use domain::access::Actor;
use domain::assistant::{Call, FactValue, Facts, Sentence};
use domain::sync::{DataSetStatus, SyncKind};

use super::ToolError;
use super::jobs::short;
use super::say::{joined, listed, plural, rows, source, text};
use crate::Context;
use crate::count;
use crate::data_sets::{DataSet, list_data_sets};

/// What a data set holds, in words.
fn holds(kind: SyncKind) -> &'static str {
    match kind {
        SyncKind::Workspaces => "WorkSpaces",
        SyncKind::Directories => "directories",
        SyncKind::Connections => "connections",
        SyncKind::Usage => "usage",
        SyncKind::CloudTrail => "CloudTrail events",
        SyncKind::Billing => "bills",
        SyncKind::Prices => "prices",
        SyncKind::Images => "images",
        SyncKind::Quotas => "quotas",
    }
}

pub(super) async fn freshness(ctx: &Context, actor: &Actor, call: &Call) -> Result<Facts, ToolError> {
    let wanted: Vec<_> = call.filters.accounts.iter().map(|name| name.to_lowercase()).collect();
    let mut sets = list_data_sets(ctx, actor, None).await?.items;
    sets.retain(|set| {
        let regions = &call.filters.regions;
        let here = regions.is_empty() || regions.iter().any(|region| region == set.record.region.as_str());
        here && (wanted.is_empty() || wanted.contains(&set.account.to_lowercase()))
    });
    let mut facts = Facts::default();
    statuses(&mut facts, &sets);
    ages(&mut facts, &sets);
    let troubled = sets.iter().filter(|set| set.record.last_error.is_some() || set.record.missing_permission.is_some());
    for (at, set) in troubled.take(rows(call, 3)).enumerate() {
        trouble(&mut facts, set, at + 1);
    }
    facts.sources.push(source("Data sets", "/jobs/data-sets", &[], None));
    Ok(facts)
}

fn statuses(facts: &mut Facts, sets: &[DataSet]) {
    let all = count(sets.len());
    let total = facts.add("data sets in all", &["all"], FactValue::Count(all));
    let begin = Sentence::new().words(plural(all, "There is ", "There are ")).fact_or_no(total);
    let begin = begin.words(plural(all, " data set in all", " data sets in all"));
    let words = [
        (DataSetStatus::Ok, "whole"),
        (DataSetStatus::Partial, "partial"),
        (DataSetStatus::Failed, "failed"),
        (DataSetStatus::Never, "unread"),
    ];
    let mut items = Vec::new();
    for (status, word) in words {
        let number = count(sets.iter().filter(|set| set.record.status == status).count());
        if number > 0 {
            let at = facts.add(format!("data sets that are {word}"), &[word], FactValue::Count(number));
            items.push(Sentence::new().fact(at).words(format!(" {word}")));
        }
    }
    let sentence = if items.is_empty() { begin } else { listed(begin.words(": "), items) };
    facts.sentences.push(sentence.words("."));
}

/// The least fresh of each kind.
fn ages(facts: &mut Facts, sets: &[DataSet]) {
    let mut items = Vec::new();
    for kind in SyncKind::ALL {
        let of_kind: Vec<_> = sets.iter().filter(|set| set.record.kind == *kind).collect();
        let fresh: Option<Vec<_>> = of_kind.iter().map(|set| set.record.fresh_at).collect();
        let Some(at) = fresh.and_then(|fresh| fresh.into_iter().min()) else { continue };
        let what = holds(*kind);
        let about = format!("since when all {what} were read at least once");
        let at = facts.add(about, &[what], FactValue::Time(at));
        items.push(Sentence::new().words(format!("{what} at ")).fact(at));
    }
    if !items.is_empty() {
        let sentence = listed(Sentence::new().words("Last read wholly, or later: "), items);
        facts.sentences.push(sentence.words("."));
    }
}

fn trouble(facts: &mut Facts, set: &DataSet, number: usize) {
    let account = text(facts, format!("account of trouble {number}"), &set.account);
    let place = format!(" in {} of the account ", set.record.region);
    let begin = Sentence::new().words(format!("The {}{place}", holds(set.record.kind))).fact(account);
    let why = match (&set.record.missing_permission, &set.record.last_error) {
        (Some(action), _) => {
            let action = text(facts, format!("permission that AWS does not give, of trouble {number}"), action);
            Sentence::new().words(" are not complete, since AWS does not permit ").fact(action)
        }
        (None, Some(error)) => {
            let error = text(facts, format!("what went wrong, of trouble {number}"), &short(error));
            Sentence::new().words(" are not complete: ").fact(error)
        }
        (None, None) => Sentence::new().words(" are not complete"),
    };
    facts.sentences.push(joined(begin, why).words("."));
}
