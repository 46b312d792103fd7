//! Noting that thresholds were crossed: once a month and threshold, whoever looks and however often. A letter about it is put into
//! the queue in the same transaction, so that it is told once too; what it says is `mail`.

use domain::access::{Actor, Permission, Scope};
use domain::audit::Entry;
use domain::event::Event;
use rust_decimal::Decimal;
use serde_json::json;
use store::repo::budgets::{budget_crossing_add, budget_list};
use store::repo::events::events_append;

use super::error::BudgetError;
use super::mail::{enqueue_letters, hearers};
use super::service::{BudgetState, account_of, reach_text, state};
use crate::Context;

/// Budgets read at a time.
const PORTION: u32 = 200;

/// Looks at every budget, and notes what was crossed and does not stand there yet: in the outbox, in the audit log and
/// in letters. Gives how many crossings are new.
///
/// # Errors
/// [`BudgetError::Cost`], [`BudgetError::Store`]; what was noted before stays.
pub async fn note_crossings(ctx: &Context) -> Result<u64, BudgetError> {
    let (actor, mut cursor, mut noted) = (Actor::system(), None, 0);
    loop {
        let page = budget_list(&ctx.db, &Scope::Everything, cursor.as_deref(), PORTION).await?;
        for budget in page.rows {
            noted += note(ctx, &actor, &state(ctx, &actor, budget).await?).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    if noted > 0 {
        ctx.announce();
    }
    Ok(noted)
}

async fn note(ctx: &Context, actor: &Actor, state: &BudgetState) -> Result<u64, BudgetError> {
    let known: Vec<_> = state.crossed.iter().map(|(threshold, _)| *threshold).collect();
    let is_crossed = |threshold: &&u16| {
        let limit = state.budget.amount.amount.checked_mul(Decimal::from(**threshold));
        let spent = state.spent.amount.checked_mul(Decimal::ONE_HUNDRED);
        limit.zip(spent).is_some_and(|(limit, spent)| spent >= limit)
    };
    let crossed: Vec<_> =
        state.budget.thresholds.iter().filter(is_crossed).filter(|one| !known.contains(one)).collect();
    if crossed.is_empty() {
        return Ok(0);
    }
    let hearers = hearers(ctx, &state.budget.reach).await?;
    let (tx, at, mut noted) = (ctx.db.begin().await?, ctx.env.now(), Vec::new());
    let (mut events, mut entries) = (Vec::new(), Vec::new());
    for threshold in crossed {
        // Another process may have been first.
        if !budget_crossing_add(&tx, state.budget.id, state.month.first_day(), *threshold, at).await? {
            continue;
        }
        noted.push(*threshold);
        let account_id = account_of(&state.budget.reach);
        events.push(Event::BudgetCrossed { id: state.budget.id, threshold: *threshold, account_id });
        let said = json!({
            "month": state.month, "threshold": threshold, "spent": state.spent, "amount": state.budget.amount,
            "reach": reach_text(&state.budget.reach),
        });
        let entry = Entry::new("budget.cross", Permission::CostRead).on("budget", state.budget.id);
        entries.push(entry.named(&state.budget.name).after(said));
    }
    if !noted.is_empty() {
        events_append(&tx, at, &events).await?;
        enqueue_letters(ctx, &tx, &hearers, state, &noted, at).await?;
        crate::audit::record_many(&tx, ctx, actor, entries).await?;
    }
    tx.commit().await?;
    Ok(u64::try_from(noted.len()).unwrap_or(u64::MAX))
}
