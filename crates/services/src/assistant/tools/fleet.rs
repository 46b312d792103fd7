//! How many WorkSpaces there are: in all or by group.

use domain::access::{Actor, Permission};
use domain::assistant::{Call, Dimension, FactValue, Facts, Measure, Sentence};
use domain::sync::SyncKind;

use super::ToolError;
use super::group::{group, words, workspace_group};
use super::narrow::{Narrow, there_are};
use super::say::{as_of, joined, listed, plural, rows};
use crate::Context;
use crate::count;
use crate::workspaces::{GroupCount, WorkspaceFilter, count_workspaces, count_workspaces_by};

pub(super) async fn fleet(ctx: &Context, actor: &Actor, call: &Call) -> Result<Facts, ToolError> {
    actor.require(Permission::WorkspaceRead)?;
    let scope = actor.scope(Permission::WorkspaceRead);
    let narrow = Narrow::of(ctx, &scope, &call.filters).await?;
    let total = count_workspaces(ctx, actor, &narrow.filter).await?;
    let mut facts = Facts::default();
    // What was is not kept: a question about another time gets the answer of now, and is told so.
    let when = if call.period.is_some() { " now; how many there were at other times is not kept" } else { "" };
    let sentence = there_are(&mut facts, &narrow, total, when);
    if total == 0 && narrow.narrows() {
        let all = count_workspaces(ctx, actor, &WorkspaceFilter::default()).await?;
        let all = facts.add("WorkSpaces in all", &["all"], FactValue::Count(all));
        facts.sentences.push(sentence.words(", of ").fact(all).words(" in all."));
    } else if total == 0 {
        facts.sentences.push(sentence.words(" that you may see."));
    } else {
        facts.sentences.push(sentence.words("."));
    }
    if let Some((by, kind)) = call.by.and_then(|by| Some((by, workspace_group(by)?)))
        && total > 0
    {
        let groups = count_workspaces_by(ctx, actor, &narrow.filter, &kind).await?;
        by_group(&mut facts, by, groups, call);
    }
    let fresh = as_of(ctx, &scope, SyncKind::Workspaces).await?;
    facts.sources.push(narrow.page(&[], fresh));
    Ok(facts)
}

/// Says the groups, which come with the largest first.
fn by_group(facts: &mut Facts, by: Dimension, mut groups: Vec<GroupCount>, call: &Call) {
    let (usual, begin) = match call.measure {
        Measure::Most => (1, "Most are: "),
        Measure::Least => (1, "Fewest are: "),
        Measure::All | Measure::None => (10, ""),
    };
    if call.measure == Measure::Least {
        groups.reverse();
    }
    let shown = rows(call, usual).min(groups.len());
    let rest = groups.split_off(shown);
    let items = groups.iter().enumerate().map(|(at, one)| {
        let group = group(facts, by, &one.key, &one.label, at + 1);
        let number = group.add(facts, "WorkSpaces", FactValue::Count(one.count));
        joined(Sentence::new().fact(number).words(" "), group.said)
    });
    let items = items.collect();
    let begin = if begin.is_empty() { format!("By {}: ", words(by)) } else { begin.to_owned() };
    facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
    if call.measure == Measure::All && !rest.is_empty() {
        let others = rest.iter().map(|one| one.count).sum();
        let others = facts.add("WorkSpaces in the groups not listed", &["others"], FactValue::Count(others));
        let groups = facts.add("groups not listed", &["groups"], FactValue::Count(count(rest.len())));
        let sentence = Sentence::new().words("The others: ").fact(others).words(", in ").fact(groups);
        facts.sentences.push(sentence.words(plural(count(rest.len()), " more group.", " more groups.")));
    }
}
