//! What was billed: in all or by group, compared with another time. Each currency for itself.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Call, Dimension, FactValue, Facts, Filters, Measure, Sentence};
use domain::money::Money;
use domain::sync::{DataSetStatus, SyncKind};
use rust_decimal::Decimal;

use super::ToolError;
use super::group::{TEAM, group, words};
use super::say::{as_of, joined, listed, plural, rows, source, text};
use super::span::Span;
use crate::Context;
use crate::cost::{
    BilledAccount, CostGroup, CostQuestion, CostSum, billed_accounts, cost_by, cost_by_tag, cost_totals,
};
use crate::count;

/// Accounts that are named in one sentence at most.
const NAMED: usize = 5;

pub(super) async fn cost(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    let (mut facts, billed) = match accounts(ctx, actor, &call.filters).await? {
        Ok(billed) => (Facts::default(), billed),
        Err(facts) => return Ok(facts),
    };
    let span = Span::of(call.period, now);
    if span.is_ahead() {
        return Ok(span.not_yet());
    }
    let asked = CostQuestion {
        accounts: billed.iter().map(|account| account.id).collect(),
        regions: call.filters.regions.clone(),
        from: span.from,
        to: span.to,
    };
    let totals = cost_totals(ctx, actor, &asked).await?;
    total(&mut facts, &call.filters, &billed, &span, &totals);
    if let Some(by) = call.by.filter(|_| !totals.is_empty()) {
        by_group(ctx, actor, call, &asked, by, &mut facts).await?;
    }
    if let Some(other) = call.compared_with {
        compared(ctx, actor, &asked, &totals, (&span, Span::of(Some(other), now)), &mut facts).await?;
    }
    known(&mut facts, &billed, &span);
    let fresh = as_of(ctx, &actor.scope(Permission::CostRead), SyncKind::Billing).await?;
    let days = [("from", span.from.to_string()), ("to", span.to.to_string())];
    facts.sources.push(source("Costs", "/costs", &days, fresh));
    Ok(facts)
}

/// The accounts asked about whose costs the actor may read; or why there are none, as an answer.
pub(super) async fn accounts(
    ctx: &Context,
    actor: &Actor,
    filters: &Filters,
) -> Result<Result<Vec<BilledAccount>, Facts>, ToolError> {
    let mut billed = billed_accounts(ctx, actor).await?;
    let mut facts = Facts::default();
    let everything = actor.scope(Permission::CostRead).is_everything();
    if billed.is_empty() && !everything {
        let name = FactValue::Text(Permission::CostRead.as_str().to_owned());
        let permission = facts.add("permission for whole accounts that is missing", &[], name);
        let sentence = Sentence::new().words("AWS bills whole accounts, and your roles give you the permission ");
        facts.sentences.push(sentence.fact(permission).words(" for no account as a whole."));
        return Ok(Err(facts));
    }
    let number = billed.len();
    if !filters.accounts.is_empty() {
        let wanted: Vec<_> = filters.accounts.iter().map(|name| name.to_lowercase()).collect();
        billed.retain(|account| wanted.contains(&account.name.to_lowercase()));
    }
    if billed.is_empty() {
        let all = facts.add("accounts whose costs can be seen", &[], FactValue::Count(count(number)));
        let sentence = Sentence::new()
            .words("What is asked about is none of the accounts whose costs you may see, of which there ");
        let number = count(number);
        facts.sentences.push(sentence.words(plural(number, "is ", "are ")).fact(all).words("."));
        return Ok(Err(facts));
    }
    Ok(Ok(billed))
}

/// What the sums are of: ` in eu-west-1`, ` in the account Demo`; and what they could not be narrowed to.
pub(super) fn narrowed(facts: &mut Facts, filters: &Filters, billed: &[BilledAccount]) -> Sentence {
    let mut said = Sentence::new();
    let codes: Vec<_> = filters.regions.iter().filter(|code| code.parse::<domain::ids::Region>().is_ok()).collect();
    for (at, code) in codes.into_iter().enumerate() {
        said = said.words(if at == 0 { " in " } else { " or " }).words(code.clone());
        facts.context.push(code.clone());
    }
    if !filters.accounts.is_empty() {
        let items = billed.iter().take(NAMED).map(|one| {
            let at = text(facts, "account asked about", &one.name);
            Sentence::new().fact(at)
        });
        let items = items.collect();
        said = listed(said.words(plural(count(billed.len()), " in the account ", " in the accounts ")), items);
    }
    let rest = !filters.states.is_empty()
        || !filters.running_modes.is_empty()
        || !filters.compute_types.is_empty()
        || !filters.connections.is_empty()
        || !filters.bundles.is_empty()
        || !filters.directories.is_empty()
        || filters.words.is_some()
        || filters.tag.is_some();
    if rest { said.words(" for all WorkSpaces together, since bills are not narrowed further,") } else { said }
}

fn total(facts: &mut Facts, filters: &Filters, billed: &[BilledAccount], span: &Span, totals: &[CostSum]) {
    let when = span.said(facts, true);
    let of = narrowed(facts, filters, billed);
    if totals.is_empty() {
        let sentence = joined(when.words(" nothing was billed"), of);
        facts.sentences.push(sentence.words(", as far as bills were read."));
        return;
    }
    let items = totals.iter().map(|sum| Sentence::new().fact(money(facts, "billed in all", &[], sum.amount, totals)));
    let items = items.collect();
    let so_far = if span.is_running() { ", so far" } else { "" };
    let open = match totals.iter().any(|sum| sum.estimated) {
        true => "; part of it is AWS's estimate and may still change",
        false => "",
    };
    let sentence = listed(joined(when.words(" AWS billed"), of).words(" "), items);
    facts.sentences.push(sentence.words(format!("{so_far}{open}.")));
}

/// Adds an amount; beside one of another currency it is told apart by its own.
fn money(facts: &mut Facts, about: &str, terms: &[&str], amount: Money, of: &[CostSum]) -> usize {
    let several = of.iter().any(|sum| sum.amount.currency != amount.currency);
    let mut terms = terms.to_vec();
    if several {
        terms.push(amount.currency.as_str());
    }
    facts.add(about, &terms, FactValue::Money(amount))
}

async fn by_group(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    asked: &CostQuestion,
    by: Dimension,
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let mut sums = match by {
        Dimension::Account => cost_by(ctx, actor, asked, CostGroup::Account).await?,
        Dimension::Region => cost_by(ctx, actor, asked, CostGroup::Region).await?,
        Dimension::Day => cost_by(ctx, actor, asked, CostGroup::Day).await?,
        Dimension::Month => cost_by(ctx, actor, asked, CostGroup::Month).await?,
        Dimension::Team => cost_by_tag(ctx, actor, asked, TEAM).await?,
        other => {
            let what = text(facts, "what bills can't be told apart by", words(other));
            let sentence =
                Sentence::new().words("Bills can be told apart by account, region, day, month and team, not by ");
            facts.sentences.push(sentence.fact(what).words("."));
            return Ok(());
        }
    };
    if sums.is_empty() {
        let tag = text(facts, "tag that costs are not read by", TEAM);
        let sentence = Sentence::new().words("Costs are not known by team: AWS gives none for the tag ").fact(tag);
        facts.sentences.push(sentence.words(", which may not be a cost allocation tag yet."));
        return Ok(());
    }
    let in_time = matches!(by, Dimension::Day | Dimension::Month);
    if in_time && call.measure != Measure::All {
        sums.sort_by(|a, b| {
            let order = a.amount.currency.cmp(&b.amount.currency);
            order.then_with(|| b.amount.amount.cmp(&a.amount.amount)).then_with(|| a.key.cmp(&b.key))
        });
    }
    if call.measure == Measure::Least {
        sums.reverse();
    }
    let (usual, begin) = match call.measure {
        Measure::Most => (1, "Most was: ".to_owned()),
        Measure::Least => (1, "Least was: ".to_owned()),
        Measure::All | Measure::None => (10, format!("By {}: ", words(by))),
    };
    let shown = rows(call, usual).min(sums.len());
    // Of days the last ones, of others the dearest.
    let last = in_time && matches!(call.measure, Measure::All | Measure::None);
    let cut = shown < sums.len();
    let part = if last { &sums[sums.len() - shown..] } else { &sums[..shown] };
    let begin = if last && cut { "The last were: ".to_owned() } else { begin };
    let items = part.iter().enumerate().map(|(at, sum)| {
        let group = group(facts, by, &sum.key, &sum.key, at + 1);
        let amount = group.add(facts, "billed", FactValue::Money(sum.amount));
        joined(Sentence::new().fact(amount).words(" "), group.said)
    });
    let items = items.collect();
    facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
    Ok(())
}

async fn compared(
    ctx: &Context,
    actor: &Actor,
    asked: &CostQuestion,
    totals: &[CostSum],
    (span, other): (&Span, Span),
    facts: &mut Facts,
) -> Result<(), ToolError> {
    let question = CostQuestion { from: other.from, to: other.to, ..asked.clone() };
    let before = cost_totals(ctx, actor, &question).await?;
    let terms = other.terms(span);
    let terms: Vec<_> = terms.iter().map(String::as_str).collect();
    if before.is_empty() {
        let sentence = other.said(facts, true).words(" nothing was billed, as far as bills were read.");
        facts.sentences.push(sentence);
    }
    for sum in &before {
        let when = other.said(facts, true);
        let amount = money(facts, "billed in the other time", &terms, sum.amount, &before);
        let mut sentence = when.words(" it was ").fact(amount);
        let now = totals.iter().find(|now| now.amount.currency == sum.amount.currency);
        if let Some(difference) = now.and_then(|now| now.amount.checked_sub(&sum.amount).ok()) {
            let less = difference.amount.is_sign_negative();
            let word = if less { "less" } else { "more" };
            let size = Money::new(difference.amount.abs(), difference.currency);
            let at = money(facts, "difference", &[word], size, &before);
            sentence = sentence.words("; the time asked about first has ").fact(at).words(format!(" {word}"));
            let share = difference.amount.abs().checked_mul(Decimal::ONE_HUNDRED);
            if let Some(percent) = share.and_then(|share| share.checked_div(sum.amount.amount.abs())) {
                let at = facts.add("difference, of the other time", &[word], FactValue::Percent(percent));
                sentence = sentence.words(", which is ").fact(at).words(format!(" {word}"));
            }
        }
        facts.sentences.push(sentence.words("."));
    }
    Ok(())
}

/// Says how far costs are known, where that is not far enough.
fn known(facts: &mut Facts, billed: &[BilledAccount], span: &Span) {
    let never: Vec<_> = billed.iter().filter(|account| account.status == DataSetStatus::Never).collect();
    if !never.is_empty() {
        let items = never.iter().take(NAMED).map(|one| {
            let at = text(facts, "account whose bills were never read", &one.name);
            Sentence::new().fact(at)
        });
        let items = items.collect();
        let begin =
            plural(count(never.len()), "Never read were the bills of the account ", "Never read were the bills of ");
        facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
    }
    for account in billed.iter().take(NAMED) {
        if let Some(action) = &account.missing_permission {
            let name = text(facts, "account that refuses to show its bills", &account.name);
            let action = text(facts, "what AWS does not permit there", action);
            let sentence = Sentence::new().words("The bills of the account ").fact(name);
            facts.sentences.push(sentence.words(" are not complete: AWS does not permit ").fact(action).words("."));
        }
    }
    let latest = billed.iter().filter_map(|account| account.known_from).max();
    if let Some(from) = latest.filter(|from| *from > span.start()) {
        let from = facts.add("from when on bills are known of all", &["before"], FactValue::Date(from.date_naive()));
        facts
            .sentences
            .push(Sentence::new().words("Before ").fact(from).words(" bills are not known of every account."));
    }
}
