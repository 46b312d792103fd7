//! Files that are sent: to whom and where to, each once, again where it was not taken, no more where nobody should have it.

use chrono::TimeDelta;
use domain::access::{Actor, Role, Scope};
use domain::reports::{DeliveryState, DeliveryWay, ReportTemplate};
use platform::mail::Mailer;
use store::queue::{cancel, prune};
use store::repo::grants::{grant_delete, grant_list};
use store::repo::jobs::JobScope;
use store::repo::reports::recipients_set;

use super::tests::{daily, made, make, person, runs};
use super::*;
use crate::Context;
use crate::idempotency::Keep;
use crate::run::JobError;
use crate::testing::{FakeFleet, Harness, RecordedRun};

fn to(recipients: &[&str]) -> NewReport {
    let recipients = recipients.iter().map(|email| (*email).to_owned()).collect();
    NewReport { recipients, ..daily(ReportTemplate::Usage) }
}

async fn deliver(ctx: &Context, delivery: &DeliveryRecord) -> Result<DeliveryReport, JobError> {
    let handle = RecordedRun::new(delivery.job_id.unwrap());
    deliver_report(ctx, &handle, DeliverReportJob { delivery_id: delivery.id }).await
}

/// A run that was made, with its sendings.
async fn sent(ctx: &Context, owner: &Actor, report: &ReportRecord) -> RunRecord {
    let run = run_now(ctx, owner, report.id).await.unwrap();
    make(ctx, &run).await.unwrap();
    runs(ctx, owner, report.id).await.remove(0)
}

#[tokio::test]
async fn a_letter_to_each_with_a_link_that_ends() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    person(ctx, 8, Role::Member).await;
    // Each once, however they are written.
    let report = made(ctx, &owner, to(&["user8@example.com", " USER8@example.com ", "user7@example.com"])).await;
    let people: Vec<_> = report.recipients.iter().map(|person| person.email.as_str()).collect();
    assert_eq!(people, ["user7@example.com", "user8@example.com"]);

    let run = sent(ctx, &owner, &report).await;
    assert_eq!(run.deliveries.len(), 2);
    assert!(run.deliveries.iter().all(|one| (one.way, one.state) == (DeliveryWay::Mail, DeliveryState::Waiting)));
    make(ctx, &run).await.unwrap();
    assert_eq!(runs(ctx, &owner, report.id).await[0].deliveries.len(), 2, "made twice it is sent once");

    for delivery in &run.deliveries {
        assert!(deliver(ctx, delivery).await.unwrap().delivered);
        // Run again, as by a worker that was believed dead.
        assert!(deliver(ctx, delivery).await.unwrap().delivered);
    }
    let letters = ctx.mail.kept();
    assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), people);
    let letter = &letters[1];
    assert_eq!((letter.id, letter.subject.as_str()), (run.deliveries[1].id.0, "Report: Each morning"));
    for said in [
        "Days: 22 February 2026 to 28 February 2026\n",
        "Rows: 0\n",
        "File: CSV, ",
        "user7@example.com has this report",
    ] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }
    assert!(letter.text.lines().all(|line| line.len() < 500));
    let states: Vec<_> = runs(ctx, &owner, report.id).await.remove(0).deliveries;
    assert!(states.iter().all(|one| (one.state, one.tries) == (DeliveryState::Delivered, 1) && one.error.is_none()));

    let token = letter.text.split("/report-links/").nth(1).unwrap().split_whitespace().next().unwrap();
    let nobody = Actor::nobody(domain::access::Origin::default());
    assert!(download_by_link(ctx, &nobody, token).await.is_ok());
    // Another link to the same file leaves it as it is.
    link_run(ctx, &owner, run.id).await.unwrap();
    harness.advance(TimeDelta::hours(SENT_LINK_HOURS).num_seconds() - 1);
    assert!(download_by_link(ctx, &nobody, token).await.is_ok());
    harness.advance(1);
    assert!(matches!(download_by_link(ctx, &nobody, token).await, Err(ReportError::NotFound(_))));
}

#[tokio::test]
async fn who_should_not_have_it_gets_none() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, to(&["user7@example.com"])).await;
    let (first, second) = (sent(ctx, &owner, &report).await, sent(ctx, &owner, &report).await);

    // A run that is removed takes with it what was still to be sent.
    delete_run(ctx, &owner, first.id).await.unwrap();
    assert!(!deliver(ctx, &first.deliveries[0]).await.unwrap().delivered);
    let everybody = JobScope { scope: Scope::Everything, own: None };
    let job = store::repo::jobs::job_fetch(&ctx.db, &everybody, first.deliveries[0].job_id.unwrap()).await;
    assert_eq!(job.unwrap().unwrap().state, domain::jobs::JobState::Cancelled);

    // Whoever is no recipient any more by then gets none.
    recipients_set(&ctx.db, report.id, &[]).await.unwrap();
    assert!(matches!(deliver(ctx, &second.deliveries[0]).await, Err(JobError::Fail { .. })));
    recipients_set(&ctx.db, report.id, &[owner.user_id.unwrap()]).await.unwrap();

    // An owner who may no longer hand files out does not hand any out.
    for grant in grant_list(&ctx.db, owner.user_id.unwrap()).await.unwrap() {
        grant_delete(&ctx.db, &[grant.id]).await.unwrap();
    }
    assert!(matches!(deliver(ctx, &second.deliveries[0]).await, Err(JobError::Fail { .. })));
    assert!(ctx.mail.kept().is_empty());
    let refused = runs(ctx, &owner, report.id).await.remove(0).deliveries.remove(0);
    assert!(refused.tries == 2 && refused.error.is_some(), "{refused:?}");
}

#[tokio::test]
async fn what_is_still_to_be_sent_is_taken_back_with_the_links() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    person(ctx, 8, Role::Member).await;
    let report = made(ctx, &owner, to(&["user7@example.com", "user8@example.com"])).await;
    let run = sent(ctx, &owner, &report).await;
    assert!(deliver(ctx, &run.deliveries[0]).await.unwrap().delivered);
    let one = runs(ctx, &owner, report.id).await.remove(0);
    assert_eq!(one.links_until, Some(ctx.env.now() + TimeDelta::hours(SENT_LINK_HOURS)));
    let link = link_run(ctx, &owner, run.id).await.unwrap();
    assert_eq!(runs(ctx, &owner, report.id).await[0].links_until, one.links_until, "the last one counts");

    unlink_run(ctx, &owner, run.id).await.unwrap();
    let nobody = Actor::nobody(domain::access::Origin::default());
    assert!(matches!(download_by_link(ctx, &nobody, &link.token).await, Err(ReportError::NotFound(_))));
    let after = runs(ctx, &owner, report.id).await.remove(0);
    assert_eq!((after.link_expires_at, after.links_until), (None, None));
    let states: Vec<_> = after.deliveries.iter().map(|one| one.state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Cancelled]);
    assert!(download_run(ctx, &owner, run.id).await.is_ok(), "the file is there");
}

#[tokio::test]
async fn what_is_taken_back_while_it_is_on_its_way_makes_no_link() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, to(&["user7@example.com"])).await;
    let run = sent(ctx, &owner, &report).await;
    // The worker does not know of it yet.
    cancel(&ctx.db, run.deliveries[0].job_id.unwrap(), ctx.env.now()).await.unwrap();
    assert!(matches!(deliver(ctx, &run.deliveries[0]).await, Err(JobError::Cancelled)));
    assert!(ctx.mail.kept().is_empty());
    let after = runs(ctx, &owner, report.id).await.remove(0);
    assert_eq!((after.links_until, after.deliveries[0].state), (None, DeliveryState::Cancelled));
}

#[tokio::test]
async fn what_was_given_up_is_sent_again_and_nothing_twice() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    person(ctx, 8, Role::Member).await;
    let report = made(ctx, &owner, to(&["user7@example.com", "user8@example.com"])).await;
    let run = sent(ctx, &owner, &report).await;
    assert_eq!(deliver_again(ctx, &owner, run.id).await.unwrap(), run, "both are on their way");
    assert!(deliver(ctx, &run.deliveries[0]).await.unwrap().delivered);
    cancel(&ctx.db, run.deliveries[1].job_id.unwrap(), ctx.env.now()).await.unwrap();
    let stopped = deliver_again(ctx, &owner, run.id).await.unwrap();
    assert_eq!(stopped.deliveries[1].state, DeliveryState::Cancelled, "what somebody cancelled is not begun again");

    // Its job is forgotten before its file.
    let later = ctx.env.now() + TimeDelta::seconds(1);
    prune(&ctx.db, later, later).await.unwrap();
    assert_eq!(runs(ctx, &owner, report.id).await[0].deliveries[1].state, DeliveryState::Failed);
    let begun = deliver_again(ctx, &owner, run.id).await.unwrap();
    let states: Vec<_> = begun.deliveries.iter().map(|one| one.state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Waiting]);
    assert_ne!(begun.deliveries[1].job_id, run.deliveries[1].job_id);
    assert_eq!(deliver_again(ctx, &owner, run.id).await.unwrap(), begun, "asked for twice it is done once");
    assert!(deliver(ctx, &begun.deliveries[1]).await.unwrap().delivered);
    let ended = deliver_again(ctx, &owner, run.id).await.unwrap();
    assert!(ended.deliveries.iter().all(|one| (one.state, one.tries) == (DeliveryState::Delivered, 1)), "{ended:?}");
    let mut people: Vec<_> = ctx.mail.kept().into_iter().map(|letter| letter.to).collect();
    people.sort_unstable();
    assert_eq!(people, ["user7@example.com", "user8@example.com"], "each has one letter");

    let viewer = person(ctx, 9, Role::Viewer).await;
    assert!(matches!(deliver_again(ctx, &viewer, run.id).await, Err(ReportError::Forbidden(_))));
}

#[tokio::test]
async fn receivers_that_can_t_be_are_named() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let webhook = |url: &str| NewReport { webhook_url: Some(url.to_owned()), ..to(&[]) };
    let many: Vec<String> = (0..=MOST_RECIPIENTS).map(|_| "user7@example.com".to_owned()).collect();
    for (bad, field) in [
        (to(&["nobody@example.com"]), "recipients"),
        (to(&[""]), "recipients"),
        (NewReport { recipients: many, ..to(&[]) }, "recipients"),
        (webhook("https://169.254.169.254/"), "webhook_url"),
        (webhook("http://example.com/"), "webhook_url"),
        (webhook("https://user@example.com/"), "webhook_url"),
        (webhook("nonsense"), "webhook_url"),
    ] {
        let refused = create_report_once(ctx, &owner, bad.clone(), Keep::none()).await;
        assert!(matches!(refused, Err(ReportError::Field { field: named, .. }) if named == field), "{bad:?}");
    }
    let silent = Context { mail: Mailer::off(), ..ctx.clone() };
    let refused = create_report_once(&silent, &owner, to(&["user7@example.com"]), Keep::none()).await;
    assert!(matches!(refused, Err(ReportError::Field { code: "mail_off", .. })));
    assert!(create_report_once(&silent, &owner, to(&[]), Keep::none()).await.is_ok());
}

#[tokio::test]
async fn a_webhook_has_a_secret_of_its_own() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let at = |url: &str| NewReport { webhook_url: Some(url.to_owned()), ..to(&[]) };
    let saved = create_report_once(ctx, &owner, at(" https://hooks.example.com/a?key=1"), Keep::none()).await.unwrap();
    let (id, secret) = (saved.report.id, saved.webhook_secret.unwrap());
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let kept = saved.report.webhook_secret.unwrap();
    assert!(platform::vault::is_sealed(&kept));
    let change = async |new: NewReport| update_report(ctx, &owner, id, None, new).await.unwrap();
    let same = change(at("https://hooks.example.com/a?key=1")).await;
    assert_eq!((same.webhook_secret, same.report.webhook_secret), (None, Some(kept)), "it is not told again");
    let other = change(at("https://hooks.example.com/b")).await;
    assert!(other.webhook_secret.is_some_and(|new| new != secret), "another address, another secret");
    let none = change(to(&[])).await.report;
    assert_eq!((none.webhook_url, none.webhook_secret), (None, None));
    assert_eq!(shown_url("https://hooks.example.com:8443/b?key=1"), "https://hooks.example.com:8443");
}
