//! What could be saved. How that is found is in `crate::cost::savings`.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::assistant::{Call, FactValue, Facts, Period, Sentence};
use domain::sync::SyncKind;
use domain::usage::Month;

use super::ToolError;
use super::cost::accounts;
use super::narrow::Narrow;
use super::say::{as_of, desktops, joined, listed, plural, rows};
use super::workspaces::desktop;
use crate::Context;
use crate::cost::{Advice, Savings, find_savings};

/// An advice, the words in front of its sum, and the word that tells its figures apart.
const ADVICE: [(Advice, &str, &str); 3] = [
    (Advice::Remove, "by removing what nobody used", "removing"),
    (Advice::AutoStop, "by running as AUTO_STOP what was used little", "auto_stop"),
    (Advice::AlwaysOn, "by running as ALWAYS_ON what was used much", "always_on"),
];

pub(super) async fn savings(ctx: &Context, actor: &Actor, call: &Call, now: DateTime<Utc>) -> Result<Facts, ToolError> {
    if let Err(facts) = accounts(ctx, actor, &call.filters).await? {
        return Ok(facts);
    }
    actor.require(Permission::UsageRead)?;
    let narrow = Narrow::of(ctx, &actor.scope(Permission::UsageRead), &call.filters).await?;
    // Only of a month that is over is it known what it could have cost.
    let last = Month::of(now).previous();
    let month = match call.period {
        Some(Period::Month(month)) => month.min(last),
        _ => last,
    };
    let found = find_savings(ctx, actor, &narrow.filter, month).await?;
    let mut facts = Facts::default();
    sums(&mut facts, &narrow, &found, month)?;
    dearest(&mut facts, &found, rows(call, 3));
    unknown(&mut facts, &found);
    let fresh = as_of(ctx, &actor.scope(Permission::UsageRead), SyncKind::Usage).await?;
    facts.sources.push(narrow.page(&[("sort", "last_connected_at".to_owned())], fresh));
    Ok(facts)
}

fn sums(facts: &mut Facts, narrow: &Narrow, found: &Savings, month: Month) -> Result<(), ToolError> {
    let of = narrow.said(facts);
    let at = facts.add("month looked at", &[], FactValue::Month(month));
    let looked = facts.add("WorkSpaces looked at", &["looked"], FactValue::Count(found.looked_at));
    let begin =
        Sentence::new().words("I looked at ").fact_or_no(looked).words(format!(" {}", desktops(found.looked_at)));
    let begin = joined(begin, of).words(" in ").fact(at);
    if found.findings.is_empty() {
        facts.sentences.push(begin.words(" and found nothing to save."));
        return Ok(());
    }
    facts.sentences.push(begin.words("."));
    for (advice, words, term) in ADVICE {
        for (count, sum) in found.sums(advice)? {
            let number = facts.add(format!("WorkSpaces to save on {words}"), &[term], FactValue::Count(count));
            let amount = facts.add(format!("what could be saved {words}"), &[term], FactValue::Money(sum));
            let sentence = Sentence::new().words(format!("A month like it would cost less {words}: ")).fact(amount);
            let sentence = sentence.words(" on ").fact(number);
            facts.sentences.push(sentence.words(format!(" {}.", desktops(count))));
        }
    }
    Ok(())
}

fn dearest(facts: &mut Facts, found: &Savings, rows: usize) {
    if found.findings.is_empty() {
        return;
    }
    let items = found.findings.iter().take(rows).map(|one| {
        let who = desktop(facts, &one.workspace);
        let user = one.workspace.user_name.as_str();
        let saving = facts.add("what could be saved on the WorkSpace before", &[user], FactValue::Money(one.saving));
        let how = match one.advice {
            Advice::Remove => " by removing it",
            Advice::AutoStop => " as AUTO_STOP",
            Advice::AlwaysOn => " as ALWAYS_ON",
        };
        who.words(" with ").fact(saving).words(how)
    });
    let items: Vec<_> = items.collect();
    let begin = if found.findings.len() > 1 { "The most is saved on " } else { "It is saved on " };
    facts.sentences.push(listed(Sentence::new().words(begin), items).words("."));
}

fn unknown(facts: &mut Facts, found: &Savings) {
    if found.unread > 0 {
        let unread = facts.add("WorkSpaces whose usage is not known", &["usage"], FactValue::Count(found.unread));
        let sentence = Sentence::new().words("Of ").fact(unread);
        let rest = plural(found.unread, " WorkSpace", " WorkSpaces");
        facts.sentences.push(sentence.words(format!("{rest} the usage is not known for the whole month.")));
    }
    if found.unpriced > 0 {
        let unpriced = facts.add("WorkSpaces without a price", &["price"], FactValue::Count(found.unpriced));
        let sentence = Sentence::new().words("For ").fact(unpriced);
        let rest = plural(found.unpriced, " WorkSpace", " WorkSpaces");
        facts.sentences.push(sentence.words(format!("{rest} there is no price in AWS's list.")));
    }
}
