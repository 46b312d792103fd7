//! Sending the file of a run to somebody, or somewhere: a link to it that ends. The job is taken up again until it was taken;
//! letters and messages are the same each time (`Message-ID`, `webhook-id`), so that whoever gets one twice knows it. Each try
//! has a link of its own, and those of earlier tries stay good: one may have arrived although nobody said so.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Permission;
use domain::audit::Entry;
use domain::reports::DeliveryWay;
use platform::mail::Mail;
use platform::webhook::{self, Webhook, WebhookError};
use serde::Serialize;
use serde_json::json;
use store::repo::reports::{
    DeliveryRecord, ReportRecord, delivery_end, delivery_fetch, delivery_try, delivery_wanted, link_insert,
    report_fetch_any, run_fetch,
};

use super::letter::Sent;
use super::make::as_owner;
use super::{DeliverReportJob, sending};
use crate::run::{JobError, RunHandle};
use crate::{Context, audit, token};

/// A link that was sent is good for so many hours: over a weekend.
pub const SENT_LINK_HOURS: i64 = 72;
/// Where the API gives the file of a link; the token follows.
const LINKED: &str = "/api/v1/report-links/";
/// A receiver who says when to come back is not believed further than this.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// What a sending gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryReport {
    /// Whether it was taken; not when it was removed meanwhile, with its run or whom it was for.
    pub delivered: bool,
    /// When the link in it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Sends the file of a run to one receiver. What was taken is not sent again.
///
/// # Errors
/// [`JobError::Fail`] when the file, its owner or what they must be allowed is gone, or the receiver will never take it;
/// [`JobError::Retry`] and [`JobError::RetryAt`] when it may later; [`JobError::Cancelled`].
pub async fn deliver_report(
    ctx: &Context,
    handle: &dyn RunHandle,
    job: DeliverReportJob,
) -> Result<DeliveryReport, JobError> {
    let Some(delivery) = delivery_fetch(&ctx.db, job.delivery_id).await? else {
        return Ok(DeliveryReport { delivered: false, expires_at: None });
    };
    handle.check()?;
    if !delivery_try(&ctx.db, delivery.id).await? {
        return Ok(DeliveryReport { delivered: delivery.delivered_at.is_some(), expires_at: None });
    }
    let sent = send(ctx, &delivery).await;
    if matches!(sent, Err(JobError::Cancelled)) {
        return Err(JobError::Cancelled);
    }
    let end = match &sent {
        Ok(_) => delivery_end(&ctx.db, delivery.id, Ok(ctx.env.now())).await,
        Err(error) => delivery_end(&ctx.db, delivery.id, Err(&error.to_string())).await,
    };
    // A letter that went out though nobody could write it down is sent once more.
    end?;
    Ok(DeliveryReport { delivered: true, expires_at: Some(sent?) })
}

/// Gives when the link ends.
async fn send(ctx: &Context, delivery: &DeliveryRecord) -> Result<DateTime<Utc>, JobError> {
    let gone = || JobError::fail("the file was removed");
    let run = run_fetch(&ctx.db, delivery.run_id).await?.ok_or_else(gone)?;
    let report = report_fetch_any(&ctx.db, run.report_id).await?.ok_or_else(gone)?;
    let file = run.file.as_ref().ok_or_else(gone)?;
    let actor = as_owner(ctx, &report).await?;
    sending::allow(&actor, &report)?;
    let receiver = Receiver::of(ctx, delivery, &report)?;

    let (token, now) = (token::new(ctx), ctx.env.now());
    let until = now + TimeDelta::hours(SENT_LINK_HOURS);
    let tx = ctx.db.begin().await?;
    if !delivery_wanted(&tx, delivery.id).await? {
        return Err(JobError::Cancelled);
    }
    link_insert(&tx, run.id, &token::digest(&token), (now, until)).await?;
    let entry = Entry::new("report.deliver", Permission::ReportManage).on("report-run", run.id).named(&report.name);
    let entry = entry.after(json!({ "way": delivery.way, "delivery": delivery.id, "expires_at": until }));
    audit::record(&tx, ctx, &actor, entry).await?;
    tx.commit().await?;

    let link = format!("{}{LINKED}{token}", ctx.policy.now().base_url);
    let sent = Sent { report: &report, run: &run, file, link: &link, until };
    receiver.take(ctx, delivery, &sent).await?;
    Ok(until)
}

/// Who takes it.
enum Receiver {
    Person(String),
    Url(String, Vec<u8>),
}

impl Receiver {
    fn of(ctx: &Context, delivery: &DeliveryRecord, report: &ReportRecord) -> Result<Self, JobError> {
        match delivery.way {
            DeliveryWay::Mail => {
                if !report.recipients.iter().any(|person| Some(person.user_id) == delivery.user_id) {
                    return Err(JobError::fail("the report is not sent to them any more"));
                }
                let email = delivery.email.clone().filter(|_| delivery.enabled);
                email.map(Self::Person).ok_or_else(|| JobError::fail("whom it is for may not sign in any more"))
            }
            DeliveryWay::Webhook => {
                let known = report.webhook_url.as_ref().zip(report.webhook_secret.as_ref());
                let (url, sealed) = known
                    .filter(|(url, _)| Some(*url) == delivery.url.as_ref())
                    .ok_or_else(|| JobError::fail("the report has another webhook, or none, by now"))?;
                let secret = ctx.vault.open(&sending::place(&report.id.to_string()), sealed)?;
                Ok(Self::Url(url.clone(), secret))
            }
        }
    }

    async fn take(self, ctx: &Context, delivery: &DeliveryRecord, sent: &Sent<'_>) -> Result<(), JobError> {
        match self {
            Self::Person(to) => {
                let text = sent.text(&ctx.policy.now().base_url);
                let mail = Mail { id: delivery.id.0, at: delivery.created_at, to, subject: sent.subject(), text };
                Ok(ctx.mail.send(mail).await?)
            }
            Self::Url(url, secret) => {
                let (id, body) = (format!("msg_{}", delivery.id.0.simple()), sent.body().to_string());
                let message = Webhook { id, at: ctx.env.now(), url, body };
                webhook::send(&ctx.outgoing, &secret, message).await.map_err(|error| refused(ctx, error))
            }
        }
    }
}

fn refused(ctx: &Context, error: WebhookError) -> JobError {
    let message = error.to_string();
    match &error {
        WebhookError::Answered { retry_after: Some(wait), .. } if error.retryable() => {
            let wait = (*wait).clamp(Duration::from_secs(1), LONGEST_WAIT);
            JobError::RetryAt { at: ctx.env.now() + wait, message }
        }
        _ if error.retryable() => JobError::Retry { message, source: Some(Box::new(error)) },
        _ => JobError::fail(message),
    }
}
