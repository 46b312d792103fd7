//! Who was connected most, least or not at all.

use std::collections::BTreeMap;

use domain::access::Actor;
use domain::assistant::{Call, FactValue, Facts, Sentence};

use super::ToolError;
use super::narrow::{Narrow, there_are};
use super::say::{joined, listed, rows};
use super::span::Span;
use super::usage::hours;
use super::workspaces::desktop;
use crate::usage::{UsageQuestion, rank_usage, unused_workspaces};
use crate::workspaces::SortDirection;
use crate::{Context, PageRequest};

/// What is asked: of which WorkSpaces and days, and how that is said.
type Asked<'a> = (&'a UsageQuestion, &'a Span, &'a Narrow);

/// The page with as many as were asked for.
fn first_of(call: &Call) -> PageRequest {
    PageRequest { limit: u32::try_from(rows(call, 5)).unwrap_or(5), cursor: None }
}

pub(super) async fn ranking(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    (asked, span, narrow): Asked<'_>,
    direction: SortDirection,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let ranked = rank_usage(ctx, actor, asked, direction, &first_of(call)).await?.items;
    let when = span.said(facts, true);
    let of = narrow.said(facts);
    if ranked.is_empty() {
        let sentence = joined(when.words(" nobody was connected to the WorkSpaces"), of);
        facts.sentences.push(sentence.words(", as far as is known."));
        return Ok(());
    }
    let mut names = BTreeMap::<&str, usize>::new();
    for one in &ranked {
        *names.entry(one.workspace.user_name.as_str()).or_default() += 1;
    }
    let items = ranked.iter().map(|one| {
        let row = &one.workspace;
        // Who has two WorkSpaces is told apart by their ids.
        let twice = names.get(row.user_name.as_str()).is_some_and(|times| *times > 1);
        let term = if twice { row.aws_id.as_str() } else { row.user_name.as_str() };
        let sentence = desktop(facts, row);
        let time = facts.add("connected time of the user before", &[term], FactValue::Hours(hours(one.totals.minutes)));
        sentence.words(" with ").fact(time)
    });
    let items = items.collect();
    let most = if direction == SortDirection::Descending { "longest" } else { "shortest" };
    let begin = joined(when.words(" the WorkSpaces"), of).words(format!(" that were connected {most} were "));
    facts.sentences.push(listed(begin, items).words("."));
    Ok(())
}

pub(super) async fn unused(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    (asked, span, narrow): Asked<'_>,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let found = unused_workspaces(ctx, actor, asked, &first_of(call)).await?;
    // "No WorkSpaces that nobody was connected to" is hard to understand.
    let connected = if found.total == 0 { " without a connection " } else { " that nobody was connected to " };
    let sentence = there_are(facts, narrow, found.total, connected);
    let sentence = joined(sentence, span.said(facts, false));
    facts.sentences.push(sentence.words(", as far as is known."));
    if !found.items.is_empty() {
        let begin = if found.total == 1 { "It is that of " } else { "Among them are those of " };
        let items = found.items.iter().map(|row| desktop(facts, row)).collect();
        facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
    }
    Ok(())
}
