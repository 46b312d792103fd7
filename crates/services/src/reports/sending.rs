//! Whom and where to the files of a report are sent: checked when it is made or changed, put into the queue when a file is
//! there. The sending itself is `deliver`.
//!
//! Letters go to people of this installation only, whatever they may see themselves: whoever has a report sent answers for it,
//! as for a link that they pass on. Anybody else gets a file through such a link, or a webhook.

use domain::access::Actor;
use domain::ids::{JobId, ReportDeliveryId, UserId};
use domain::jobs::JobState;
use domain::reports::{DeliveryState, DeliveryWay};
use platform::vault::Place;
use platform::webhook;
use serde_json::json;
use store::queue::{CancelOutcome, Enqueued, NewJob, RetryOutcome, cancel, enqueue, retry_by_hand};
use store::repo::reports::{DeliveryRecord, NewDelivery, ReportRecord, RunRecord, delivery_insert, delivery_job};
use store::repo::users::user_fetch_by_email;
use store::{StoreError, Tx};

use super::DeliverReportJob;
use super::error::ReportError;
use crate::Context;

/// Most people that the files of one report are sent to.
pub const MOST_RECIPIENTS: usize = 20;
/// Tries of a sending before it is given up: with the queue's pauses, some hours.
const TRIES: i32 = 8;

/// Where the secret of a report's webhook is.
pub(super) fn place(row: &str) -> Place<'_> {
    Place { table: "report", row, column: "webhook_secret" }
}

/// The people with these addresses, each once.
pub(super) async fn recipients(ctx: &Context, tx: &Tx, wanted: &[String]) -> Result<Vec<UserId>, ReportError> {
    let refused = |code, message: String| ReportError::field("recipients", code, message);
    if wanted.len() > MOST_RECIPIENTS {
        return Err(refused("too_many", format!("name at most {MOST_RECIPIENTS} people")));
    }
    if !wanted.is_empty() && !ctx.mail.is_on() {
        return Err(refused("mail_off", "this installation sends no mail: mail.smtp_url is not set".to_owned()));
    }
    let mut people = Vec::with_capacity(wanted.len());
    for address in wanted {
        let found = user_fetch_by_email(tx, address.trim()).await?.filter(|person| person.enabled);
        let person = found.ok_or_else(|| {
            refused("unknown_value", format!("{address:?} is the address of nobody who may sign in here"))
        })?;
        if !people.contains(&person.id) {
            people.push(person.id);
        }
    }
    Ok(people)
}

/// The report with the webhook that is wanted, and the webhook's secret where it is a new one: each address has its own.
pub(super) fn with_webhook(
    ctx: &Context,
    wanted: Option<&str>,
    report: ReportRecord,
) -> Result<(ReportRecord, Option<String>), ReportError> {
    let Some(text) = wanted.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok((ReportRecord { webhook_url: None, webhook_secret: None, ..report }, None));
    };
    // One that it has already is asked about when something is sent there.
    if report.webhook_url.as_deref() == Some(text) {
        return Ok((report, None));
    }
    let url = webhook::check_url(&ctx.outgoing, text)
        .map_err(|error| ReportError::field("webhook_url", "not_allowed", error.to_string()))?
        .to_string();
    if report.webhook_url.as_ref() == Some(&url) {
        return Ok((report, None));
    }
    let secret = ctx.env.random.bytes::<{ webhook::SECRET_BYTES }>();
    let sealed = ctx.vault.seal(&place(&report.id.to_string()), &secret)?;
    let report = ReportRecord { webhook_url: Some(url), webhook_secret: Some(sealed), ..report };
    Ok((report, Some(webhook::secret_text(&secret))))
}

/// What people are shown of a URL: its path may hold a secret of the receiver's.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let host = url.split_once("://").map(|(scheme, rest)| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        format!("{scheme}://{host}")
    });
    host.unwrap_or_default()
}

/// The job that sends a file of that report to one receiver.
fn job_of(report: &ReportRecord, id: ReportDeliveryId) -> NewJob {
    let payload = json!(DeliverReportJob { delivery_id: id });
    let mut job = NewJob::new(DeliverReportJob::NAME, format!("Send report: {}", report.name), payload);
    job.max_attempts = TRIES;
    job.created_by = Some(report.owner_id);
    job.created_by_name.clone_from(&report.owner);
    job
}

/// Puts the sendings of a run's file in, in the transaction that says that the file is there.
pub(super) async fn enqueue_all(
    ctx: &Context,
    tx: &Tx,
    report: &ReportRecord,
    run: &RunRecord,
) -> Result<(), StoreError> {
    let letters = report.recipients.iter().map(|person| (DeliveryWay::Mail, Some(person.user_id), None));
    let hook = report.webhook_url.iter().map(|url| (DeliveryWay::Webhook, None, Some(url.clone())));
    for (way, user_id, url) in letters.chain(hook) {
        let id = ReportDeliveryId(ctx.env.new_id());
        let job_id: JobId = enqueue(tx, &ctx.env, job_of(report, id)).await?.id();
        let new = NewDelivery { id, run_id: run.id, way, user_id, url, job_id, at: ctx.env.now() };
        delivery_insert(tx, &new).await?;
    }
    Ok(())
}

/// Sends again what was given up of these. What was taken, waits or is being sent stays as it is, and so does what somebody
/// cancelled. Gives what is on its way again.
pub(super) async fn send_again(
    ctx: &Context,
    tx: &Tx,
    report: &ReportRecord,
    deliveries: &[DeliveryRecord],
) -> Result<Vec<ReportDeliveryId>, StoreError> {
    let mut again = Vec::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.state == DeliveryState::Failed) {
        let outcome = match delivery.job_id {
            Some(job) => retry_by_hand(tx, job, ctx.env.now()).await?,
            None => RetryOutcome::NotFound,
        };
        match outcome {
            RetryOutcome::Queued => again.push(delivery.id),
            // Somebody else was faster.
            RetryOutcome::WrongState(JobState::Queued | JobState::Running) => {}
            // Jobs are forgotten sooner than files. Asked for twice at once there is one.
            RetryOutcome::WrongState(_) | RetryOutcome::NotFound => {
                let mut job = job_of(report, delivery.id);
                job.unique_key = Some(format!("{} {}", DeliverReportJob::NAME, delivery.id));
                if let Enqueued::New(job) = enqueue(tx, &ctx.env, job).await? {
                    delivery_job(tx, delivery.id, job).await?;
                    again.push(delivery.id);
                }
            }
        }
    }
    Ok(again)
}

/// Cancels what of these was not taken yet. Gives what that is.
pub(super) async fn cancel_open(
    ctx: &Context,
    tx: &Tx,
    deliveries: &[DeliveryRecord],
) -> Result<Vec<ReportDeliveryId>, StoreError> {
    let open = |delivery: &&DeliveryRecord| matches!(delivery.state, DeliveryState::Waiting | DeliveryState::Sending);
    let mut cancelled = Vec::new();
    for delivery in deliveries.iter().filter(open) {
        if let Some(job) = delivery.job_id {
            let outcome = cancel(tx, job, ctx.env.now()).await?;
            if matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Asked) {
                cancelled.push(delivery.id);
            }
        }
    }
    Ok(cancelled)
}

/// What the log tells of where a report is sent, and what of it names people.
pub(super) fn told(report: &ReportRecord) -> (serde_json::Value, serde_json::Value) {
    let people: Vec<&str> = report.recipients.iter().map(|person| person.email.as_str()).collect();
    let hook = report.webhook_url.as_deref().map(shown_url);
    (json!({ "recipients": people.len(), "webhook": hook }), json!({ "recipients": people }))
}

/// Whether the actor may have the file of that report given to others.
pub(super) fn allow(actor: &Actor, report: &ReportRecord) -> Result<(), ReportError> {
    actor.require(domain::access::Permission::ReportManage)?;
    Ok(actor.require(super::tables::permission(report.template))?)
}
