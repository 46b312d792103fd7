//! The use cases of schedules: look at them, change them, run one now.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission, Scope};
use domain::audit::Entry;
use domain::event::Event;
use domain::ids::JobId;
use domain::sync::{DataSetStatus, SyncKind};
use serde_json::json;
use store::queue::{Enqueued, enqueue_many};
use store::repo::accounts::{AccountRecord, account_list};
use store::repo::data_sets::{DataSetRecord, data_set_list};
use store::repo::events::events_append;
use store::repo::jobs::{self, JobFilter, JobQuery, JobRecord, JobScope};
use store::repo::schedules::{
    self, ScheduleRecord, ScheduleTickRecord, ScheduleUpdate, schedule_fetch, schedule_last_ticks, schedule_list,
};

use super::error::ScheduleError;
use super::table::{Schedule, Setting};
use crate::Context;
use crate::idempotency::Keep;

/// Somebody waits for it: before what schedules ask for.
const BY_HAND: i16 = 10;

/// A schedule as people look at it.
#[derive(Debug, Clone)]
pub struct ScheduleOverview {
    /// The schedule.
    pub schedule: Schedule,
    /// What the configuration asks for.
    pub configured_period: Duration,
    /// What holds.
    pub setting: Setting,
    /// What somebody changed, with when and who; `None` while nobody did.
    pub change: Option<ScheduleRecord>,
    /// How many jobs one tick starts.
    pub places: u64,
    /// Its newest tick.
    pub last_tick: Option<DateTime<Utc>>,
    /// Its next tick; `None` while there is none.
    pub next_tick: Option<DateTime<Utc>>,
    /// Its newest job.
    pub last_job: Option<LastJob>,
    /// How many of its places stand how; empty when it is no sync.
    pub statuses: Vec<(DataSetStatus, u64)>,
}

/// The newest job of a schedule.
pub type LastJob = JobRecord;

/// A change. What is `None` stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScheduleChange {
    /// The period, seconds; `Some(None)`: the configured one again.
    pub period_secs: Option<Option<u64>>,
    /// Whether it is paused.
    pub paused: Option<bool>,
}

/// Every schedule, each with what the actor may see of its places and jobs.
///
/// # Errors
/// [`ScheduleError::Forbidden`], [`ScheduleError::Store`].
pub async fn list_schedules(ctx: &Context, actor: &Actor) -> Result<Vec<ScheduleOverview>, ScheduleError> {
    actor.require(Permission::JobRead)?;
    let known = Known::read(ctx, actor).await?;
    let mut schedules = Vec::new();
    for schedule in Schedule::all().filter(|schedule| schedule.is_here(&ctx.policy.now())) {
        schedules.push(known.overview(ctx, schedule).await?);
    }
    Ok(schedules)
}

/// Changes a schedule: it holds for every worker within seconds, so it needs the permission for everything.
///
/// # Errors
/// [`ScheduleError::NotFound`], [`ScheduleError::Period`], [`ScheduleError::Forbidden`], [`ScheduleError::StepUp`],
/// [`ScheduleError::Store`].
pub async fn update_schedule(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    change: ScheduleChange,
) -> Result<ScheduleOverview, ScheduleError> {
    actor.require_everywhere(Permission::ScheduleWrite)?;
    let schedule = here(ctx, name)?;
    if schedule.watches_the_log() {
        // Who runs the fleet does not switch off what watches them.
        actor.require_everywhere(Permission::AuditExport)?;
        actor.require_proof(ctx.env.now(), ctx.policy.now().proof_window)?;
    }
    let wanted = match change.period_secs {
        Some(Some(secs)) => Some(Some(within(schedule, secs)?)),
        Some(None) => Some(None),
        None => None,
    };
    let at = ctx.env.now();
    let tx = ctx.db.begin().await?;
    schedules::schedule_lock(&tx, name).await?;
    let before = schedule_fetch(&tx, name).await?;
    let (period_secs, paused) = before.map_or((None, false), |before| (before.period_secs, before.paused));
    let after = (wanted.unwrap_or(period_secs), change.paused.unwrap_or(paused));
    if after != (period_secs, paused) {
        let update = ScheduleUpdate {
            name: name.to_owned(),
            period_secs: after.0,
            paused: after.1,
            by: actor.user_id,
            by_name: actor.name.clone(),
            at,
        };
        schedules::schedule_put(&tx, &update).await?;
        events_append(&tx, at, &[Event::Schedule { name: name.to_owned() }]).await?;
        let said = |(period_secs, paused)| json!({ "period_secs": period_secs, "paused": paused });
        let entry = Entry::new("schedule.update", Permission::ScheduleWrite).on("schedule", name);
        let entry = entry.before(said((period_secs, paused))).after(said(after));
        crate::audit::record(&tx, ctx, actor, entry).await?;
    }
    tx.commit().await?;
    ctx.announce();
    Known::read(ctx, actor).await?.overview(ctx, schedule).await
}

/// The schedule of that name that this installation has.
fn here(ctx: &Context, name: &str) -> Result<Schedule, ScheduleError> {
    Schedule::named(name).filter(|schedule| schedule.is_here(&ctx.policy.now())).ok_or(ScheduleError::NotFound)
}

fn within(schedule: Schedule, secs: u64) -> Result<u32, ScheduleError> {
    let (least, most) = schedule.bounds();
    match u32::try_from(secs) {
        Ok(fits) if (least..=most).contains(&secs) => Ok(fits),
        _ => Err(ScheduleError::Period { least, most }),
    }
}

/// Starts everything of a schedule now, all or nothing: a job for each place of each enabled account. One that waits or runs
/// already is given instead of a second. A paused schedule can be run too; its ticks stay as they are.
///
/// # Errors
/// [`ScheduleError::NotFound`], [`ScheduleError::Forbidden`], [`ScheduleError::Store`].
pub async fn run_schedule(ctx: &Context, actor: &Actor, name: &str) -> Result<Vec<JobId>, ScheduleError> {
    run_schedule_once(ctx, actor, name, Keep::none()).await
}

/// [`run_schedule`], with its answer kept.
///
/// # Errors
/// As [`run_schedule`].
pub async fn run_schedule_once(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    keep: Keep<'_, Vec<JobId>>,
) -> Result<Vec<JobId>, ScheduleError> {
    actor.require_everywhere(Permission::SyncRun)?;
    let schedule = here(ctx, name)?;
    let mut jobs: Vec<_> =
        schedule.jobs(&account_list(&ctx.db, &Scope::Everything).await?).into_iter().map(|(_, job)| job).collect();
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    // Always in one order: two who start the same at once then never wait for each other.
    jobs.sort_by(|a, b| a.unique_key.cmp(&b.unique_key));
    for job in &mut jobs {
        job.priority = job.priority.max(BY_HAND);
        job.asked_by(actor);
    }
    let tx = ctx.db.begin().await?;
    let ids = enqueue_many(&tx, &ctx.env, jobs).await?.into_iter().map(Enqueued::id).collect();
    keep.answer(&tx, &ids).await?;
    let entry = Entry::new("schedule.run", Permission::SyncRun).on("schedule", name);
    crate::audit::record(&tx, ctx, actor, entry.after(json!({ "jobs": ids }))).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(ids)
}

/// What is known of all schedules at once.
struct Known {
    jobs: JobScope,
    now: DateTime<Utc>,
    accounts: Vec<AccountRecord>,
    changes: Vec<ScheduleRecord>,
    ticks: Vec<ScheduleTickRecord>,
    data_sets: Vec<DataSetRecord>,
}

impl Known {
    async fn read(ctx: &Context, actor: &Actor) -> Result<Self, ScheduleError> {
        let scope = actor.scope(Permission::JobRead);
        Ok(Self {
            now: ctx.env.now(),
            accounts: account_list(&ctx.db, &scope).await?,
            changes: schedule_list(&ctx.db).await?,
            ticks: schedule_last_ticks(&ctx.db).await?,
            data_sets: data_set_list(&ctx.db, &scope, None).await?,
            jobs: JobScope { scope, own: actor.user_id },
        })
    }

    async fn overview(&self, ctx: &Context, schedule: Schedule) -> Result<ScheduleOverview, ScheduleError> {
        let change = self.changes.iter().find(|change| change.name == schedule.name());
        let setting = Setting::of(schedule, &ctx.policy.now(), change);
        let filter = JobFilter { kinds: vec![schedule.name().to_owned()], ..JobFilter::default() };
        let newest = jobs::job_list(&ctx.db, &self.jobs, &JobQuery { filter, cursor: None, limit: 1 }).await?;
        Ok(ScheduleOverview {
            schedule,
            configured_period: schedule.configured_period(&ctx.policy.now().sync),
            setting,
            change: change.cloned(),
            places: u64::try_from(schedule.jobs(&self.accounts).len()).unwrap_or(u64::MAX),
            last_tick: self.ticks.iter().filter(|tick| schedule.owns(&tick.name)).map(|tick| tick.tick).max(),
            next_tick: setting.next_tick(self.now),
            last_job: newest.rows.into_iter().next(),
            statuses: schedule.kind().map(|kind| self.statuses(kind)).unwrap_or_default(),
        })
    }

    fn statuses(&self, kind: SyncKind) -> Vec<(DataSetStatus, u64)> {
        let of = |status| self.data_sets.iter().filter(|set| set.kind == kind && set.status == status).count();
        DataSetStatus::ALL.iter().map(|status| (*status, u64::try_from(of(*status)).unwrap_or(u64::MAX))).collect()
    }
}
