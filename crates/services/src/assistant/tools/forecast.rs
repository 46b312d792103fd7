//! What a month will come to. The method is in `crate::cost::forecast`.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Call, FactValue, Facts, Period, Sentence};
use domain::sync::SyncKind;
use domain::usage::Month;

use super::ToolError;
use super::cost::{accounts, narrowed};
use super::say::{as_of, joined, listed, plural, source, text};
use crate::Context;
use crate::cost::{CostQuestion, month_forecast};

/// Accounts that are named in one sentence at most.
const NAMED: usize = 5;

pub(super) async fn forecast(
    ctx: &Context,
    actor: &Actor,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Facts, ToolError> {
    let billed = match accounts(ctx, actor, &call.filters).await? {
        Ok(billed) => billed,
        Err(facts) => return Ok(facts),
    };
    let running = Month::of(now);
    let month = match call.period {
        Some(Period::Month(month)) => month,
        _ => running,
    };
    let mut facts = Facts::default();
    if month > running {
        let at = facts.add("month that is running", &[], FactValue::Month(running));
        let sentence = Sentence::new().words("I can reckon the running month only, which is ").fact(at);
        facts.sentences.push(sentence.words("."));
        return Ok(facts);
    }
    let asked = CostQuestion {
        accounts: billed.iter().map(|account| account.id).collect(),
        regions: call.filters.regions.clone(),
        ..CostQuestion::default()
    };
    let (sums, left_out) = month_forecast(ctx, actor, &asked, month).await?;
    let several = sums.len() > 1;
    for sum in &sums {
        let currency = sum.month.currency;
        let own = if several { vec![currency.as_str()] } else { Vec::new() };
        let at = facts.add("month asked about", &[], FactValue::Month(month));
        let whole = facts.add("what the month is reckoned to come to", &own, FactValue::Money(sum.month));
        let begin = Sentence::new().fact(at).words(" will come to about ").fact(whole);
        let of = narrowed(&mut facts, &call.filters, &billed);
        let terms: Vec<_> = ["final"].into_iter().chain(own).collect();
        let so_far = facts.add("final so far", &terms, FactValue::Money(sum.so_far));
        let to = facts.add("last final day", &["final"], FactValue::Date(sum.final_to));
        let days = facts.add("final days that the mean is of", &["mean"], FactValue::Count(sum.days_seen.into()));
        let sentence = joined(begin, of).words(": ");
        let sentence = match sum.final_to < month.first_day() {
            true => sentence.words("nothing of it is final yet, only what was before, up to ").fact(to),
            false => sentence.fact(so_far).words(" is final up to ").fact(to),
        };
        let sentence = sentence.words(", and the days behind that are reckoned at the mean of ").fact(days);
        facts.sentences.push(sentence.words(plural(sum.days_seen.into(), " final day.", " final days.")));
    }
    if !left_out.is_empty() {
        let items = left_out.iter().take(NAMED).map(|name| {
            let at = text(&mut facts, "account of which too little is final", name);
            Sentence::new().fact(at)
        });
        let items = items.collect();
        let begin = Sentence::new().words("Not enough is billed and final yet to say it of ");
        let sentence = listed(begin, items).words(".");
        facts.sentences.push(sentence);
    }
    let fresh = as_of(ctx, &actor.scope(Permission::CostRead), SyncKind::Billing).await?;
    facts.sources.push(source("Costs, with the forecast", "/costs", &[], fresh));
    Ok(facts)
}
