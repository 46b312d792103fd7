//! Letters about crossings: who gets one, putting them into the queue, sending one. A letter goes to those who may change the
//! budget and see its costs: it is they who asked for it. What was crossed, and that it is told once, is `super::crossings`.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission, Scope};
use domain::ids::UserId;
use platform::mail::Mail;
use serde::Serialize;
use serde_json::json;
use store::queue::{NewJob, enqueue_many};
use store::repo::budgets::{BudgetReach, budget_fetch};
use store::repo::users::{user_fetch, user_list};
use store::{StoreError, Tx};

use super::jobs::BudgetMailJob;
use super::service::{BudgetState, account_of};
use crate::Context;
use crate::access::{actor_from, actor_of, grants_of};
use crate::run::{JobError, RunHandle};

/// Tries of a letter before it is given up: with the queue's pauses, some hours.
const TRIES: i32 = 8;

/// What became of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetMailReport {
    /// Whether it was sent; not when the budget is gone, or whom it was for may not see it any more.
    pub sent: bool,
}

/// Those who hear of a budget that is for this: nobody where no mail is sent.
pub(super) async fn hearers(ctx: &Context, reach: &BudgetReach) -> Result<Vec<UserId>, StoreError> {
    if !ctx.mail.is_on() {
        return Ok(Vec::new());
    }
    let mut people = user_list(&ctx.db).await?;
    people.retain(|person| person.enabled);
    let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
    let grants = grants_of(&ctx.db, &ids).await?;
    people.retain(|person| {
        let held = grants.get(&person.id).map(Vec::as_slice).unwrap_or_default();
        hears(&actor_from(person, held), reach)
    });
    Ok(people.into_iter().map(|person| person.id).collect())
}

fn hears(actor: &Actor, reach: &BudgetReach) -> bool {
    [Permission::BudgetManage, Permission::CostRead].into_iter().all(|permission| {
        let scope = actor.scope(permission);
        account_of(reach).map_or_else(|| scope.is_everything(), |account| scope.reaches_account(account))
    })
}

/// Puts a letter to each in, in the transaction that notes the crossings.
pub(super) async fn enqueue_letters(
    ctx: &Context,
    tx: &Tx,
    hearers: &[UserId],
    state: &BudgetState,
    thresholds: &[u16],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !ctx.mail.is_on() {
        for threshold in thresholds {
            let budget = state.budget.id;
            tracing::debug!(%budget, threshold, "a crossed budget is told in no letter: mail.smtp_url is not set");
        }
        return Ok(());
    }
    let letter = |user_id: &UserId| {
        let payload = json!(BudgetMailJob {
            budget_id: state.budget.id,
            user_id: *user_id,
            month: state.month,
            thresholds: thresholds.to_vec(),
            spent: state.spent,
            amount: state.budget.amount,
            at,
        });
        let mut job = NewJob::new(BudgetMailJob::NAME, format!("Tell of budget: {}", state.budget.name), payload);
        job.max_attempts = TRIES;
        job.account_id = account_of(&state.budget.reach);
        job
    };
    enqueue_many(tx, &ctx.env, hearers.iter().map(letter).collect()).await?;
    Ok(())
}

/// Sends one letter. Tried again it is the same letter (`Message-ID`), so that whoever gets it twice knows it.
///
/// # Errors
/// [`JobError::Fail`] when the server will never take it, [`JobError::Retry`] when it may later; [`JobError::Cancelled`].
pub async fn send_budget_mail(
    ctx: &Context,
    handle: &dyn RunHandle,
    job: BudgetMailJob,
) -> Result<BudgetMailReport, JobError> {
    handle.check()?;
    let budget = budget_fetch(&ctx.db, &Scope::Everything, job.budget_id).await?;
    let person = user_fetch(&ctx.db, job.user_id).await?.filter(|person| person.enabled);
    let Some((budget, person)) = budget.zip(person) else { return Ok(BudgetMailReport { sent: false }) };
    // What they may do now, not what they could when it was crossed.
    if !hears(&actor_of(&ctx.db, &person).await?, &budget.reach) {
        return Ok(BudgetMailReport { sent: false });
    }
    let highest = job.thresholds.last().copied().unwrap_or_default();
    let subject = format!("Budget: {} has passed {highest} %", budget.name);
    let text = text(&job, &budget.name, &ctx.policy.now().base_url);
    ctx.mail.send(Mail { id: handle.job_id().0, at: job.at, to: person.email, subject, text }).await?;
    Ok(BudgetMailReport { sent: true })
}

fn text(job: &BudgetMailJob, name: &str, base_url: &str) -> String {
    let passed: Vec<String> = job.thresholds.iter().map(|percent| format!("{percent} %")).collect();
    format!(
        "{name}\n\n\
         Passed: {passed}\n\
         Month: {month}\n\
         Billed so far: {spent}\n\
         Budget for the month: {amount}\n\n\
         All budgets:\n{base_url}/costs#budgets-title\n\n\
         You get this because you may change this budget. Each percentage is told once a month.\n",
        passed = passed.join(", "),
        month = job.month.first_day().format("%B %Y"),
        spent = job.spent,
        amount = job.amount,
    )
}
