//! What makes the schedules tick. Which there are, how often, and what one tick starts is in `services::schedules::table`.
//!
//! A tick is a moment: the period's multiple that has passed last. Every worker offers it to the queue, which takes each
//! tick of each place once, however many workers there are; a tick that nobody was there for is made up for once. What
//! somebody changed is read with every look, so that it holds within seconds.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::access::Scope;
use services::Context;
use services::schedules::Setting;
use services::schedules::ticks::{is_due, last_tick};
use tokio_util::sync::CancellationToken;

use crate::compose::{NewJob, StoreError, account_list, schedule_last_ticks, schedule_list, tick};

/// Ticks until the shutdown begins, looking every `every`.
pub(crate) async fn run(ctx: Context, every: Duration, stop: CancellationToken) {
    let mut made = Made::default();
    loop {
        if let Err(error) = look(&ctx, &mut made).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the schedules could not be looked at");
        }
        if let Err(error) = services::reports::start_due(&ctx).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "due reports could not be started");
        }
        if stop.run_until_cancelled(tokio::time::sleep(every)).await.is_none() {
            return;
        }
    }
}

/// The newest tick of each place, as far as this process knows: so that it does not offer one every time, and ticks only go
/// forward when a period becomes longer.
#[derive(Debug, Default)]
struct Made(Option<HashMap<String, DateTime<Utc>>>);

impl Made {
    /// What is known; read from the database the first time.
    async fn known(&mut self, ctx: &Context) -> Result<&mut HashMap<String, DateTime<Utc>>, StoreError> {
        if self.0.is_none() {
            let ticks = schedule_last_ticks(&ctx.db).await?;
            self.0 = Some(ticks.into_iter().map(|tick| (tick.name, tick.tick)).collect());
        }
        Ok(self.0.get_or_insert_default())
    }
}

/// Offers every tick that is due now.
async fn look(ctx: &Context, made: &mut Made) -> Result<(), StoreError> {
    let made = made.known(ctx).await?;
    let settings = Setting::all(&ctx.policy.now(), &schedule_list(&ctx.db).await?);
    let accounts = account_list(&ctx.db, &Scope::Everything).await?;
    let now = ctx.env.now();
    for setting in settings.iter().filter(|setting| setting.ticks()) {
        let at = last_tick(now, setting.period);
        for (name, job) in setting.schedule.jobs(&accounts) {
            if !is_due(at, made.get(&name).copied(), now) {
                continue;
            }
            if let Err(error) = offer(ctx, &name, at, job).await {
                // The others may do better; this one is offered again with the next look.
                tracing::warn!(schedule = name, error = &error as &dyn std::error::Error, "a schedule could not tick");
                break;
            }
            made.insert(name, at);
        }
    }
    Ok(())
}

async fn offer(ctx: &Context, name: &str, at: DateTime<Utc>, job: NewJob) -> Result<(), StoreError> {
    let tx = ctx.db.begin().await?;
    let enqueued = tick(&tx, &ctx.env, name, at, job).await?;
    tx.commit().await?;
    if enqueued.is_some() {
        ctx.announce();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
