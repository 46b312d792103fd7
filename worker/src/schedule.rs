//! The only table of schedules, and what makes them tick.
//!
//! A tick is a moment: the period's multiple that has passed last. Every worker offers it to the queue, which takes each
//! schedule's tick once, however many workers there are; a tick that nobody was there for is made up for once.
//! To add a schedule: a variant in [`Schedule`] and its lines in [`table`] and [`Schedule::jobs`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use platform::config::SyncConfig;
use services::Context;
use services::jobs::PruneJob;
use services::sync::sync_job;
use tokio_util::sync::CancellationToken;

use crate::compose::{NewJob, StoreError, account_list, tick};

/// How often due ticks are looked for; a new account waits no longer for its first sync.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schedule {
    /// Each region of each enabled account.
    SyncWorkspaces,
    /// The housekeeping.
    Prune,
}

/// Every schedule with its period; none where schedules are switched off.
fn table(config: &SyncConfig) -> Vec<(Schedule, Duration)> {
    if !config.enabled {
        return Vec::new();
    }
    vec![(Schedule::SyncWorkspaces, config.workspaces_period()), (Schedule::Prune, Duration::from_secs(24 * 3600))]
}

impl Schedule {
    /// What one tick enqueues, each with the name under which its tick is taken.
    async fn jobs(self, ctx: &Context) -> Result<Vec<(String, NewJob)>, StoreError> {
        match self {
            Self::SyncWorkspaces => {
                let mut jobs = Vec::new();
                for account in account_list(&ctx.db).await?.into_iter().filter(|account| account.enabled) {
                    for region in &account.regions {
                        let job = sync_job(&account, &region.region);
                        jobs.push((job.unique_key.clone().unwrap_or_default(), job));
                    }
                }
                Ok(jobs)
            }
            Self::Prune => {
                let mut job = NewJob::new(PruneJob::NAME, "Housekeeping", serde_json::json!({}));
                job.unique_key = Some(PruneJob::NAME.to_owned());
                job.priority = -10;
                Ok(vec![(PruneJob::NAME.to_owned(), job)])
            }
        }
    }
}

/// Ticks until the shutdown begins.
pub(crate) async fn run(ctx: Context, config: SyncConfig, stop: CancellationToken) {
    let table = table(&config);
    // What this process knows to be taken, so that it does not ask for it every time.
    let mut taken = std::collections::HashMap::new();
    loop {
        for (schedule, period) in &table {
            if let Err(error) = offer(&ctx, *schedule, *period, &mut taken).await {
                tracing::warn!(?schedule, error = &error as &dyn std::error::Error, "a schedule could not tick");
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
            return;
        }
    }
}

async fn offer(
    ctx: &Context,
    schedule: Schedule,
    period: Duration,
    taken: &mut std::collections::HashMap<String, DateTime<Utc>>,
) -> Result<(), StoreError> {
    let at = last_tick(ctx.env.now(), period);
    for (name, job) in schedule.jobs(ctx).await? {
        if taken.get(&name) == Some(&at) {
            continue;
        }
        let tx = ctx.db.begin().await?;
        let enqueued = tick(&tx, &ctx.env, &name, at, job).await?;
        tx.commit().await?;
        if enqueued.is_some() {
            ctx.announce();
        }
        taken.insert(name, at);
    }
    Ok(())
}

/// The last multiple of the period, counted from 1970: the same for every worker.
fn last_tick(now: DateTime<Utc>, period: Duration) -> DateTime<Utc> {
    let period = i64::try_from(period.as_secs().max(1)).unwrap_or(i64::MAX);
    let seconds = now.timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(period), 0).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_multiples_of_the_period_whoever_asks() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let five = Duration::from_secs(300);
        for now in ["2026-03-01T12:05:00Z", "2026-03-01T12:07:31.5Z", "2026-03-01T12:09:59.999Z"] {
            assert_eq!(last_tick(at(now), five), at("2026-03-01T12:05:00Z"), "{now}");
        }
        assert_eq!(last_tick(at("2026-03-01T12:10:00Z"), five), at("2026-03-01T12:10:00Z"));
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(last_tick(at("2026-03-01T23:59:59Z"), day), at("2026-03-01T00:00:00Z"));
    }

    #[test]
    fn schedules_can_be_switched_off() {
        let mut config = platform::config::Config::default().sync;
        assert_eq!(table(&config).len(), 2);
        config.enabled = false;
        assert_eq!(table(&config), []);
    }
}
