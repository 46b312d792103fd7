//! Connected hours and sessions: in all, by group, compared with another time. Who had most, least or none is `usage_lists`.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Call, Dimension, FactValue, Facts, Measure, Sentence, Source};
use domain::sync::SyncKind;
use rust_decimal::Decimal;

use super::ToolError;
use super::group::{group, words, workspace_group};
use super::narrow::Narrow;
use super::say::{as_of, desktops, joined, listed, plural, rows};
use super::span::Span;
use super::usage_lists::{ranking, unused};
use crate::Context;
use crate::usage::{UsageGroup, UsageQuestion, UsageTotals, usage_by, usage_known, usage_totals};
use crate::workspaces::SortDirection;

/// Minutes as hours, exact.
pub(super) fn hours(minutes: u64) -> Decimal {
    Decimal::from(minutes) / Decimal::from(60)
}

pub(super) async fn usage(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    actor.require(Permission::UsageRead)?;
    let scope = actor.scope(Permission::UsageRead);
    let narrow = Narrow::of(ctx, &scope, &call.filters).await?;
    let span = Span::of(call.period, now);
    if span.is_ahead() {
        return Ok(span.not_yet());
    }
    let asked = UsageQuestion { filter: narrow.filter.clone(), from: span.from, to: span.to };
    let mut facts = Facts::default();
    let of_one = matches!(call.by, None | Some(Dimension::Workspace));
    match (call.measure, call.by) {
        (Measure::None, _) => unused(ctx, actor, call, (&asked, &span, &narrow), &mut facts).await?,
        (Measure::Most, _) if of_one => {
            ranking(ctx, actor, call, (&asked, &span, &narrow), SortDirection::Descending, &mut facts).await?;
        }
        (Measure::Least, _) if of_one => {
            ranking(ctx, actor, call, (&asked, &span, &narrow), SortDirection::Ascending, &mut facts).await?;
        }
        (_, by) => {
            let totals = usage_totals(ctx, actor, &asked).await?;
            total(&mut facts, &narrow, &span, totals);
            if let Some(by) = by.filter(|_| totals.minutes > 0) {
                by_group(ctx, actor, call, &asked, by, &mut facts).await?;
            }
            if let Some(other) = call.compared_with {
                compared(ctx, actor, &asked, totals, (&span, Span::of(Some(other), now)), &mut facts).await?;
            }
        }
    }
    known(ctx, actor, &narrow, &span, now, &mut facts).await?;
    let fresh = as_of(ctx, &scope, SyncKind::Usage).await?;
    facts.sources.push(page(narrow.page(&[("from", span.from.to_string()), ("to", span.to.to_string())], fresh), call));
    Ok(facts)
}

/// The page of usage that shows the same; who is connected now is the list's to show.
fn page(list: Source, call: &Call) -> Source {
    if !call.filters.connections.is_empty() {
        return list;
    }
    let [label, href] = [(&list.label, "WorkSpaces", "Usage"), (&list.href, "/workspaces", "/usage")]
        .map(|(text, from, to)| text.replacen(from, to, 1));
    Source { label, href, as_of: list.as_of }
}

fn total(facts: &mut Facts, narrow: &Narrow, span: &Span, totals: UsageTotals) {
    let when = span.said(facts, true);
    let time = facts.add("connected time", &[], FactValue::Hours(hours(totals.minutes)));
    if totals.minutes == 0 {
        let of = narrow.said(facts);
        let sentence =
            joined(when.words(" nobody was connected to the WorkSpaces"), of).words(", as far as is known: ");
        facts.sentences.push(sentence.fact(time).words("."));
        return;
    }
    let used = facts.add(
        "WorkSpaces that were connected",
        &[desktops(totals.workspaces)],
        FactValue::Count(totals.workspaces),
    );
    let word = plural(totals.sessions, "session", "sessions");
    let sessions = facts.add("sessions that began", &[word], FactValue::Count(totals.sessions));
    let of = narrow.said(facts);
    let sentence = joined(when.words(", ").fact(used).words(format!(" {}", desktops(totals.workspaces))), of);
    let verb = plural(totals.workspaces, " was connected for ", " were connected for ");
    let sentence = sentence.words(verb).fact(time).words(" in all; ").fact(sessions);
    facts.sentences.push(sentence.words(format!(" {word} began in that time.")));
}

async fn by_group(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    asked: &UsageQuestion,
    by: Dimension,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let (kind, in_time) = match by {
        Dimension::Day => (UsageGroup::Day, true),
        Dimension::Month => (UsageGroup::Month, true),
        other => match workspace_group(other) {
            Some(group) => (UsageGroup::Of(group), false),
            None => return Ok(()),
        },
    };
    let mut groups = usage_by(ctx, actor, asked, &kind).await?;
    let most = call.measure != Measure::All || !in_time;
    if most {
        groups.sort_by(|a, b| b.totals.minutes.cmp(&a.totals.minutes).then_with(|| a.key.cmp(&b.key)));
    }
    if call.measure == Measure::Least {
        groups.reverse();
    }
    let (usual, begin) = match call.measure {
        Measure::Most => (1, "Most was: ".to_owned()),
        Measure::Least => (1, "Least, where there was any, was: ".to_owned()),
        // A month of days is more than anybody wants to hear.
        _ if in_time => (10, "The last were: ".to_owned()),
        _ => (10, format!("By {}: ", words(by))),
    };
    let shown = rows(call, usual).min(groups.len());
    let begin =
        if shown == groups.len() && call.measure == Measure::All { format!("By {}: ", words(by)) } else { begin };
    let part = if most { &groups[..shown] } else { &groups[groups.len() - shown..] };
    let items = part.iter().enumerate().map(|(at, one)| {
        let group = group(facts, by, &one.key, &one.label, at + 1);
        let time = group.add(facts, "connected time", FactValue::Hours(hours(one.totals.minutes)));
        joined(Sentence::new().fact(time).words(" "), group.said)
    });
    let items = items.collect();
    facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
    Ok(())
}

async fn compared(
    ctx: &Context,
    actor: &Actor,
    asked: &UsageQuestion,
    totals: UsageTotals,
    (span, other): (&Span, Span),
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let question = UsageQuestion { filter: asked.filter.clone(), from: other.from, to: other.to };
    let before = usage_totals(ctx, actor, &question).await?;
    let terms = other.terms(span);
    let terms: Vec<_> = terms.iter().map(String::as_str).collect();
    let when = other.said(facts, true);
    let time = facts.add("connected time of the other time", &terms, FactValue::Hours(hours(before.minutes)));
    let sentence = when.words(" it was ").fact(time);
    let word = if totals.minutes < before.minutes { "less" } else { "more" };
    let difference = hours(totals.minutes.abs_diff(before.minutes));
    let difference = facts.add("difference", &[word], FactValue::Hours(difference));
    // Days that are still to come are compared with whole ones, and said to be.
    let so_far = if span.is_running() && !other.is_running() { " so far" } else { "" };
    let sentence = sentence.words("; the time asked about first has ").fact(difference);
    facts.sentences.push(sentence.words(format!(" {word}{so_far}.")));
    Ok(())
}

/// Says how far it is known, where that is not far enough.
async fn known(
    ctx: &Context,
    actor: &Actor,
    narrow: &Narrow,
    span: &Span,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let known = usage_known(ctx, actor, &narrow.filter).await?;
    if known.unread > 0 {
        let unread = facts.add("WorkSpaces whose usage was never read", &["never"], FactValue::Count(known.unread));
        let sentence = Sentence::new().words("The usage of ").fact(unread);
        facts.sentences.push(sentence.words(format!(" {} was never read.", desktops(known.unread))));
    }
    if let Some(from) = known.from.filter(|from| *from > span.start()) {
        let from = facts.add("from when on usage is known of all", &["before"], FactValue::Date(from.date_naive()));
        let sentence = Sentence::new().words("Before ").fact(from);
        facts.sentences.push(sentence.words(" usage is not known of every WorkSpace."));
    }
    if let Some(to) = known.to.filter(|to| *to < span.end().min(now - TimeDelta::days(1))) {
        let to = facts.add("up to when usage is known of all", &["up"], FactValue::Time(to));
        facts.sentences.push(Sentence::new().words("Usage is known of every WorkSpace up to ").fact(to).words("."));
    }
    Ok(())
}
