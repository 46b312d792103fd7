//! Our own audit log: how many entries, and the newest.

use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::assistant::{Call, FactValue, Facts, Sentence};
use serde_json::Value;

use super::ToolError;
use super::say::{listed, plural, rows, source, text};
use super::span::Span;
use crate::audit::{AuditFilter, AuditRecord, list_entries};
use crate::{Context, PageRequest};

/// Days that are looked at when a question names none.
const USUAL_DAYS: u64 = 7;

pub(super) async fn audit(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    let span = Span::last_days(call.period, USUAL_DAYS, now);
    if span.is_ahead() {
        return Ok(span.not_yet());
    }
    let words = call.filters.words.clone().filter(|words| !words.trim().is_empty());
    let filter =
        AuditFilter { from: Some(span.start()), to: Some(span.end()), q: words.clone(), ..AuditFilter::default() };
    let limit = u32::try_from(rows(call, 5)).unwrap_or(5);
    let found = list_entries(ctx, actor, &filter, PageRequest { limit, cursor: None }).await?;
    let mut facts = Facts::default();
    let when = span.said(&mut facts, true);
    let total = facts.add("entries of the audit log", &[], FactValue::Count(found.total));
    let sentence = when.words(" the audit log has ").fact_or_no(total).words(plural(found.total, " entry", " entries"));
    let sentence = sentence.words(if words.is_some() { " that fit the words asked for" } else { "" });
    facts.sentences.push(sentence.words("."));
    if !found.items.is_empty() {
        let items = found.items.iter().enumerate().map(|(at, entry)| item(&mut facts, entry, at + 1)).collect();
        let begin = Sentence::new().words(if found.items.len() == 1 { "It is " } else { "The newest are " });
        let sentence = listed(begin, items).words(".");
        facts.sentences.push(sentence);
    }
    let mut query = vec![("from", rfc3339(span.start())), ("to", rfc3339(span.end()))];
    query.extend(words.map(|words| ("q", words)));
    facts.sources.push(source("Audit log", "/audit/log", &query, None));
    Ok(facts)
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `account.create by grace@example.com at 2026-04-30 14:05 UTC`.
fn item(facts: &mut Facts, entry: &AuditRecord, number: usize) -> Sentence {
    let action = text(facts, format!("entry {number}"), &entry.record.action);
    let at = facts.add(format!("when entry {number} was"), &[entry.record.action.as_str()], FactValue::Time(entry.at));
    // Whose data was erased is nobody any more.
    let name = entry.actor.as_ref().and_then(|part| part.get("name")).and_then(Value::as_str);
    let who = name.unwrap_or_else(|| entry.record.actor.kind.as_str());
    let who = text(facts, format!("who did entry {number}"), who);
    let sentence = Sentence::new().fact(action).words(" by ").fact(who).words(" at ").fact(at);
    match entry.record.outcome.as_str() {
        "done" => sentence,
        "refused" => sentence.words(", which was refused"),
        _ => sentence.words(", which failed"),
    }
}
