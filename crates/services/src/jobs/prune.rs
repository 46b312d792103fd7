//! Housekeeping: what ended long ago, or is older than it is kept (`retention.*`; 0 keeps it for ever), is forgotten.
//!
//! In portions, each a transaction of its own, so that nobody waits long for a turn to write. What a data set is said to cover
//! moves first, so that it never claims what is already gone. To add a table: a variant of [`Table`], how long it is kept, how
//! a portion of it goes, a field of the report.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use domain::sync::SyncKind;
use platform::config::RetentionConfig;
use serde::Serialize;
use store::repo::{
    assistant, costs, data_sets, estimate_marks, events, idempotency, one_time_codes, privacy, second_factors,
    sessions, sync_runs, trail, usage, usage_coverage,
};
use store::{StoreError, Tx, queue};

use crate::Context;
use crate::run::{JobError, RunHandle};

/// Jobs that were done or cancelled are kept this long, days.
const ENDED_JOBS: u32 = 14;
/// Dead jobs, days.
const DEAD_JOBS: u32 = 90;
/// Events, days: whoever comes back later reads everything again.
const EVENTS: u32 = 3;
/// Sessions that ended, days.
const SESSIONS: u32 = 30;
/// Codes, links and unfinished sign-ins that ran out, days: the last ones are counted.
const SIGN_IN_CODES: u32 = 2;
/// Invitations that were answered, withdrawn or ran out, days.
const INVITATIONS: u32 = 30;
/// API keys that ended, days: until then it is shown when they were last used.
const ENDED_KEYS: u32 = 90;
/// Tokens by month, and how often each level of the assistant spoke or failed by day, days.
const ASSISTANT_COUNTS: u32 = 400;
/// Rows that are forgotten in one transaction.
const PORTION: u64 = 5000;

/// What was forgotten, rows by table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PruneReport {
    /// Jobs, with their attempts, logs and effects.
    pub jobs: u64,
    /// Ticks of schedules.
    pub ticks: u64,
    /// Sync runs.
    pub sync_runs: u64,
    /// Events.
    pub events: u64,
    /// Sessions.
    pub sessions: u64,
    /// Mailed codes and links, and sign-ins that waited for a second factor.
    pub sign_in_codes: u64,
    /// Invitations.
    pub invitations: u64,
    /// API keys.
    pub api_keys: u64,
    /// Parts of the audit log that named somebody who is no longer here.
    pub orphaned_parts: u64,
    /// Stretches of connected time.
    pub usage_intervals: u64,
    /// Days of usage.
    pub usage_days: u64,
    /// Months of usage whose sums were made anew, as a release that does not know of them wrote days.
    pub usage_months: u64,
    /// Daily measures.
    pub metric_days: u64,
    /// CloudTrail's events, with what WorkSpaces they are about.
    pub trail_events: u64,
    /// Costs by usage type and day.
    pub cost_days: u64,
    /// Costs by tag and day.
    pub cost_tag_days: u64,
    /// What our own requests cost, by service and day.
    pub api_spend: u64,
    /// Conversations with the assistant.
    pub conversations: u64,
    /// Tokens by month, and how often each level of the assistant spoke or failed by day.
    pub assistant_counts: u64,
    /// Answers that were kept for requests sent again.
    pub idempotency_keys: u64,
    /// Data sets that are known to reach less far back now.
    pub data_sets: u64,
    /// Marks of changes to what estimates are made from.
    pub estimate_marks: u64,
    /// Files of reports that nobody has any more.
    pub report_files: u64,
}

/// What is forgotten by age alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    SyncRuns,
    Events,
    Sessions,
    MailedCodes,
    Challenges,
    Invitations,
    ApiKeys,
    UsageIntervals,
    UsageDays,
    MetricDays,
    TrailEvents,
    CostDays,
    CostTagDays,
    ApiSpend,
    Conversations,
    AssistantTokens,
    AssistantLevels,
}

impl Table {
    const ALL: [Self; 17] = [
        Self::SyncRuns,
        Self::Events,
        Self::Sessions,
        Self::MailedCodes,
        Self::Challenges,
        Self::Invitations,
        Self::ApiKeys,
        Self::UsageIntervals,
        Self::UsageDays,
        Self::MetricDays,
        Self::TrailEvents,
        Self::CostDays,
        Self::CostTagDays,
        Self::ApiSpend,
        Self::Conversations,
        Self::AssistantTokens,
        Self::AssistantLevels,
    ];

    /// Days for which its rows are kept; `None`: for ever.
    fn kept(self, config: &RetentionConfig) -> Option<u32> {
        let days = match self {
            Self::Events => EVENTS,
            Self::Sessions => SESSIONS,
            Self::MailedCodes | Self::Challenges => SIGN_IN_CODES,
            Self::Invitations => INVITATIONS,
            Self::ApiKeys => ENDED_KEYS,
            Self::AssistantTokens | Self::AssistantLevels => ASSISTANT_COUNTS,
            Self::Conversations => config.conversations_days,
            Self::SyncRuns => config.sync_run_days,
            Self::UsageIntervals => config.usage_interval_days,
            Self::UsageDays => config.usage_day_days,
            Self::MetricDays => config.metric_day_days,
            Self::TrailEvents => config.trail_days,
            Self::CostDays | Self::CostTagDays | Self::ApiSpend => config.cost_days,
        };
        (days > 0).then_some(days)
    }

    /// What it is called, for people who watch.
    const fn name(self) -> &'static str {
        match self {
            Self::SyncRuns => "sync runs",
            Self::Events => "live events",
            Self::Sessions => "sessions",
            Self::MailedCodes => "mailed codes",
            Self::Challenges => "sign-ins that were not finished",
            Self::Invitations => "invitations",
            Self::ApiKeys => "API keys",
            Self::UsageIntervals => "stretches of connected time",
            Self::UsageDays => "days of usage",
            Self::MetricDays => "daily measures",
            Self::TrailEvents => "CloudTrail events",
            Self::CostDays => "costs by usage type",
            Self::CostTagDays => "costs by tag",
            Self::ApiSpend => "costs of our own requests",
            Self::Conversations => "conversations with the assistant",
            Self::AssistantTokens => "months of tokens",
            Self::AssistantLevels => "counts of the assistant's levels",
        }
    }

    /// The data set whose coverage ends with it. Stretches of connected time are not that of usage: its days stay.
    const fn covers(self) -> Option<SyncKind> {
        match self {
            Self::UsageDays => Some(SyncKind::Usage),
            Self::TrailEvents => Some(SyncKind::CloudTrail),
            Self::CostDays => Some(SyncKind::Billing),
            _ => None,
        }
    }

    fn count(self, report: &mut PruneReport) -> &mut u64 {
        match self {
            Self::SyncRuns => &mut report.sync_runs,
            Self::Events => &mut report.events,
            Self::Sessions => &mut report.sessions,
            Self::MailedCodes | Self::Challenges => &mut report.sign_in_codes,
            Self::Invitations => &mut report.invitations,
            Self::ApiKeys => &mut report.api_keys,
            Self::UsageIntervals => &mut report.usage_intervals,
            Self::UsageDays => &mut report.usage_days,
            Self::MetricDays => &mut report.metric_days,
            Self::TrailEvents => &mut report.trail_events,
            Self::CostDays => &mut report.cost_days,
            Self::CostTagDays => &mut report.cost_tag_days,
            Self::ApiSpend => &mut report.api_spend,
            Self::Conversations => &mut report.conversations,
            Self::AssistantTokens | Self::AssistantLevels => &mut report.assistant_counts,
        }
    }

    /// Forgets a portion of what is from before that day. Gives how much: nothing when there is no more.
    async fn forget(self, tx: &Tx, before: NaiveDate) -> Result<u64, StoreError> {
        let at = midnight(before);
        match self {
            Self::SyncRuns => sync_runs::sync_run_prune(tx, at, PORTION).await,
            Self::Events => events::events_prune(tx, at).await,
            Self::Sessions => sessions::session_prune(tx, at, PORTION).await,
            Self::MailedCodes => one_time_codes::code_prune(tx, at, PORTION).await,
            Self::Challenges => second_factors::challenge_prune(tx, at, PORTION).await,
            Self::Invitations => privacy::invitation_prune(tx, at, PORTION).await,
            Self::ApiKeys => privacy::api_key_prune(tx, at, PORTION).await,
            Self::UsageIntervals => usage::usage_interval_prune(tx, at, PORTION).await,
            Self::UsageDays => usage::usage_day_prune(tx, before, PORTION).await,
            Self::MetricDays => usage::metric_day_prune(tx, before, PORTION).await,
            Self::TrailEvents => trail::trail_prune(tx, at, PORTION).await,
            Self::CostDays => costs::cost_day_prune(tx, before, PORTION).await,
            Self::CostTagDays => costs::cost_tag_day_prune(tx, before, PORTION).await,
            Self::ApiSpend => costs::api_spend_prune(tx, before, PORTION).await,
            Self::Conversations => assistant::conversation_prune(tx, at, PORTION).await,
            Self::AssistantTokens => assistant::assistant_tokens_prune(tx, before).await,
            Self::AssistantLevels => assistant::assistant_level_prune(tx, before).await,
        }
    }
}

/// Forgets what is older than it is kept.
///
/// # Errors
/// [`JobError::Retry`] when the database fails, [`JobError::Cancelled`]; what was forgotten by then stays so, and the next run
/// goes on.
pub async fn prune(ctx: &Context, handle: &dyn RunHandle) -> Result<PruneReport, JobError> {
    let now = ctx.env.now();
    let mut report = PruneReport::default();
    forget_jobs(ctx, handle, now, &mut report).await?;
    forget_answers(ctx, handle, now, &mut report).await?;
    let tx = ctx.db.begin().await?;
    report.orphaned_parts = privacy::personal_orphans_erase(&tx).await?;
    tx.commit().await?;
    for table in Table::ALL {
        if let Some(days) = table.kept(&ctx.policy.now().retention) {
            forget(ctx, handle, table, first_kept(now, days), &mut report).await?;
        }
    }
    let tx = ctx.db.begin().await?;
    report.usage_months = usage::usage_months_mend(&tx).await?;
    tx.commit().await?;
    // Last: what was forgotten has left marks.
    let tx = ctx.db.begin().await?;
    report.estimate_marks = estimate_marks::estimate_mark_prune(&tx).await?;
    tx.commit().await?;
    ctx.db.optimize().await?;
    // A bucket may be away, and all else is done then.
    report.report_files = crate::reports::sweep(ctx).await?;
    Ok(report)
}

/// The first day of which anything is kept: whole UTC days are, as AWS bills them.
fn first_kept(now: DateTime<Utc>, days: u32) -> NaiveDate {
    now.date_naive().checked_sub_days(chrono::Days::new(days.into())).unwrap_or(NaiveDate::MIN)
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

async fn forget_jobs(
    ctx: &Context,
    handle: &dyn RunHandle,
    now: DateTime<Utc>,
    report: &mut PruneReport,
) -> Result<(), JobError> {
    let before = |days: u32| now - Duration::days(days.into());
    loop {
        handle.check()?;
        let pruned = queue::prune(&ctx.db, before(ENDED_JOBS), before(DEAD_JOBS)).await?;
        report.jobs += pruned.jobs;
        report.ticks += pruned.ticks;
        handle.progress(report.jobs, None, "jobs forgotten").await;
        if pruned.jobs == 0 {
            return Ok(());
        }
    }
}

/// They say themselves when they end.
async fn forget_answers(
    ctx: &Context,
    handle: &dyn RunHandle,
    now: DateTime<Utc>,
    report: &mut PruneReport,
) -> Result<(), JobError> {
    loop {
        handle.check()?;
        let tx = ctx.db.begin().await?;
        let gone = idempotency::idempotency_prune(&tx, now, PORTION).await?;
        tx.commit().await?;
        report.idempotency_keys += gone;
        if gone == 0 {
            return Ok(());
        }
    }
}

async fn forget(
    ctx: &Context,
    handle: &dyn RunHandle,
    table: Table,
    before: NaiveDate,
    report: &mut PruneReport,
) -> Result<(), JobError> {
    if let Some(kind) = table.covers() {
        report.data_sets += uncover(ctx, handle, kind, midnight(before)).await?;
    }
    loop {
        handle.check()?;
        let tx = ctx.db.begin().await?;
        let gone = table.forget(&tx, before).await?;
        tx.commit().await?;
        *table.count(report) += gone;
        if gone == 0 {
            return Ok(());
        }
        let done = *table.count(report);
        handle.progress(done, None, &format!("{} forgotten", table.name())).await;
    }
}

/// Says no longer that anything is known of the time before. Gives of how many data sets.
async fn uncover(
    ctx: &Context,
    handle: &dyn RunHandle,
    kind: SyncKind,
    before: DateTime<Utc>,
) -> Result<u64, JobError> {
    if kind == SyncKind::Usage {
        // What is known of each WorkSpace: that of the place comes out of it with the next run.
        loop {
            handle.check()?;
            let tx = ctx.db.begin().await?;
            let cut = usage_coverage::usage_coverage_forget(&tx, before, PORTION).await?;
            tx.commit().await?;
            if cut == 0 {
                break;
            }
        }
    }
    let tx = ctx.db.begin().await?;
    let places = data_sets::data_set_forget(&tx, kind, before).await?;
    tx.commit().await?;
    Ok(places)
}
