//! What happened in AWS: CloudTrail's events, newest first.

use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::assistant::{Call, FactValue, Facts, Sentence};
use domain::ids::{AccountId, Region};
use store::repo::accounts::account_list;

use super::ToolError;
use super::narrow::NOWHERE;
use super::say::{joined, listed, plural, rows, source, text};
use super::span::Span;
use crate::trail::{TrailEventRecord, TrailFilter, list_events, trail_coverage};
use crate::{Context, PageRequest};

/// Days that are looked at when a question names none.
const USUAL_DAYS: u64 = 7;

pub(super) async fn events(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    let span = Span::last_days(call.period, USUAL_DAYS, now);
    if span.is_ahead() {
        return Ok(span.not_yet());
    }
    let words = call.workspace.as_ref().or(call.filters.words.as_ref());
    let filter = TrailFilter {
        account_ids: accounts(ctx, actor, &call.filters.accounts).await?,
        regions: regions(&call.filters.regions),
        q: words.cloned(),
        from: Some(span.start()),
        to: Some(span.end()),
        writes_only: true,
        ..TrailFilter::default()
    };
    let limit = u32::try_from(rows(call, 5)).unwrap_or(5);
    let page = list_events(ctx, actor, &filter, PageRequest { limit, cursor: None }).await?;
    let mut facts = Facts::default();
    let when = span.said(&mut facts, true);
    let total = facts.add("events that changed something", &[], FactValue::Count(page.total));
    let mut sentence = when.words(plural(page.total, " there was ", " there were ")).fact_or_no(total);
    sentence = sentence.words(plural(page.total, " event", " events")).words(" in AWS that changed something");
    let codes: Vec<_> = filter.regions.iter().map(ToString::to_string).collect();
    if codes == [NOWHERE] {
        sentence = sentence.words(" in a region of that name");
    } else if !codes.is_empty() {
        sentence = sentence.words(format!(" in {}", codes.join(" and ")));
        facts.context.extend(codes);
    }
    sentence = match filter.account_ids.len() {
        0 => sentence,
        1 => sentence.words(" in the account asked about"),
        _ => sentence.words(" in the accounts asked about"),
    };
    facts.sentences.push(sentence.words(if filter.q.is_some() { " and fit the words asked for." } else { "." }));
    if !page.items.is_empty() {
        let items = page.items.iter().enumerate().map(|(at, event)| item(&mut facts, event, at + 1)).collect();
        let begin = Sentence::new().words(if page.total == 1 { "It was " } else { "The newest were " });
        let sentence = listed(begin, items).words(".");
        facts.sentences.push(sentence);
    }
    coverage(ctx, actor, &span, &mut facts).await?;
    facts.sources.push(source("Events in AWS", "/audit", &address(&filter), None));
    facts.sources.push(source("Data sets, with those of CloudTrail", "/jobs/data-sets", &[], None));
    Ok(facts)
}

/// The filter as the page of events has it in its address.
fn address(filter: &TrailFilter) -> Vec<(&'static str, String)> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let list = |values: Vec<String>| (!values.is_empty()).then(|| values.join(","));
    let fields = [
        ("account", list(filter.account_ids.iter().map(ToString::to_string).collect())),
        ("region", list(filter.regions.iter().map(ToString::to_string).collect())),
        ("changes", filter.writes_only.then(|| "true".to_owned())),
        ("from", filter.from.map(time)),
        ("to", filter.to.map(time)),
        ("q", filter.q.clone()),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The regions of these codes; one in which nothing is where none of them is a region's.
fn regions(codes: &[String]) -> Vec<Region> {
    let found: Vec<Region> = codes.iter().filter_map(|code| code.parse().ok()).collect();
    if found.is_empty() && !codes.is_empty() { NOWHERE.parse::<Region>().into_iter().collect() } else { found }
}

/// The accounts of these names; one that nobody knows where none of them has one.
async fn accounts(ctx: &Context, actor: &Actor, names: &[String]) -> Result<Vec<AccountId>, ToolError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
    let known = account_list(&ctx.db, &actor.scope(domain::access::Permission::AuditRead)).await?;
    let found = known.into_iter().filter(|account| wanted.contains(&account.name.to_lowercase()));
    let found: Vec<_> = found.map(|account| account.id).collect();
    Ok(if found.is_empty() { vec![AccountId(uuid::Uuid::nil())] } else { found })
}

/// `StopWorkspaces by grace at 2026-04-30 14:05 UTC`.
fn item(facts: &mut Facts, event: &TrailEventRecord, number: usize) -> Sentence {
    let name = text(facts, format!("event {number}"), &event.name);
    let at = facts.add(format!("when event {number} was"), &[event.name.as_str()], FactValue::Time(event.at));
    let mut sentence = Sentence::new().fact(name);
    if !event.actor.is_empty() {
        let actor = text(facts, format!("who did event {number}"), &event.actor);
        sentence = sentence.words(" by ").fact(actor);
    }
    sentence = sentence.words(" at ").fact(at);
    if let Some(code) = event.error_code.as_deref().filter(|code| !code.is_empty()) {
        let code = text(facts, format!("what AWS refused event {number} with"), code);
        sentence = joined(sentence, Sentence::new().words(", which AWS refused with ").fact(code));
    }
    sentence
}

async fn coverage(ctx: &Context, actor: &Actor, span: &Span, facts: &mut Facts) -> Result<(), ToolError> {
    let known = trail_coverage(ctx, actor).await?;
    if known.unread > 0 {
        let unread = facts.add("places whose events were never read", &["never"], FactValue::Count(known.unread));
        let sentence = Sentence::new().words("The events of ").fact(unread);
        let places =
            plural(known.unread, " region of an account were never read.", " regions of accounts were never read.");
        facts.sentences.push(sentence.words(places));
    }
    if let Some(from) = known.from.filter(|from| *from > span.start()) {
        let from = facts.add("from when on events are known everywhere", &["before"], FactValue::Time(from));
        facts.sentences.push(Sentence::new().words("Before ").fact(from).words(" events are not known everywhere."));
    }
    Ok(())
}
