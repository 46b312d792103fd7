//! Files of reports that are sent: letters over SMTP, webhooks to a receiver that checks them as Standard Webhooks says; what fails
//! and is tried again, what is refused.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::audit::AuditEntryView;
use contract::page::Page;
use contract::paths::{AUDIT_LOG, REPORT, REPORT_DELIVER, REPORT_LINK, REPORT_RUN, REPORT_RUNS, REPORTS, with_id};
use contract::reports::{ReportDeliveryView, ReportLinkView, ReportRunView, ReportView};
use domain::access::Role;
use domain::ids::ReportId;
use domain::reports::{DeliveryState, DeliveryWay};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::Request;
use testkit::smtp::{Manner, SmtpSink};

fn wanted(recipients: &[&str], webhook: Option<&str>) -> Value {
    json!({
        "name": "Usage, each morning", "template": "usage", "span": "yesterday", "format": "csv", "frequency": "never",
        "zone": "Europe/Berlin", "hour": 7, "day": 1, "keep_runs": 3, "enabled": true, "recipients": recipients,
        "webhook_url": webhook,
    })
}

async fn made(app: &TestApp, wanted: &Value) -> Result<ReportView> {
    app.client().post(REPORTS, wanted).await?.ok()
}

async fn newest(app: &TestApp, report: ReportId) -> Result<ReportRunView> {
    let page: Page<ReportRunView> = app.client().get(&with_id(REPORT_RUNS, report)).await?.ok()?;
    page.items.into_iter().next().context("a run")
}

/// Makes a report and waits until every sending ended, well or badly.
async fn sent(app: &TestApp, report: ReportId) -> Result<ReportRunView> {
    let run: ReportRunView = app.client().post_empty(&with_id(REPORT_RUNS, report)).await?.ok()?;
    app.wait_for_job(run.job_id.context("a job makes it")?).await?;
    for delivery in newest(app, report).await?.deliveries {
        app.wait_for_job(delivery.job_id.context("a job sends it")?).await?;
    }
    newest(app, report).await
}

fn only(run: ReportRunView) -> Result<ReportDeliveryView> {
    ensure!(run.deliveries.len() == 1, "{:?}", run.deliveries);
    run.deliveries.into_iter().next().context("one")
}

/// What a receiver got.
#[derive(Debug, Clone)]
struct Hook {
    headers: HeaderMap,
    body: Bytes,
}

/// A receiver of webhooks that answers with these, one after the other, the last one for ever.
#[derive(Debug, Clone)]
struct Receiver {
    answers: Arc<Vec<u16>>,
    got: Arc<Mutex<Vec<Hook>>>,
}

impl Receiver {
    /// Its URL, and it.
    async fn start(answers: &[u16]) -> Result<(String, Self)> {
        let receiver = Self { answers: Arc::new(answers.to_vec()), got: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hooks/reports?key=mine", listener.local_addr()?);
        let routes = Router::new().route("/hooks/reports", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok((url, receiver))
    }

    fn got(&self) -> Vec<Hook> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let mut got = receiver.got.lock().unwrap_or_else(PoisonError::into_inner);
    let status = receiver.answers.get(got.len()).or(receiver.answers.last()).copied().unwrap_or(200);
    got.push(Hook { headers, body });
    if status == 303 {
        return Redirect::to("/elsewhere").into_response();
    }
    StatusCode::from_u16(status).unwrap_or_default().into_response()
}

/// The body of a hook whose signature is right.
fn checked(hook: &Hook, secret: &str) -> Result<Value> {
    let header = |name: &str| hook.headers.get(name).and_then(|value| value.to_str().ok()).context("a header");
    let key = STANDARD.decode(secret.strip_prefix("whsec_").context("a secret")?)?;
    let text = format!("{}.{}.{}", header("webhook-id")?, header("webhook-timestamp")?, str::from_utf8(&hook.body)?);
    let tag = STANDARD.decode(header("webhook-signature")?.strip_prefix("v1,").context("a version")?)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    ensure!(hmac::verify(&key, text.as_bytes(), &tag).is_ok(), "the signature is wrong");
    ensure!(header("content-type")? == "application/json");
    Ok(serde_json::from_slice(&hook.body)?)
}

fn path_of(url: &str) -> Result<&str> {
    url.find("/api/").map(|at| &url[at..]).context("an address of ours")
}

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, ..TestAppOptions::default() }
}

app_test! {
    async fn a_letter_brings_a_link(app: quiet()) {
        app.create_owner().await?;
        app.create_user_named("grace@example.com", Role::Member).await?;
        let report = made(app, &wanted(&["grace@example.com", OWNER_EMAIL], None)).await?;
        assert_eq!(report.recipients, ["grace@example.com", OWNER_EMAIL]);
        let run = sent(app, report.id).await?;
        assert!(run.deliveries.iter().all(|one| (one.way, one.state, one.tries) == (DeliveryWay::Mail, DeliveryState::Delivered, 1)));
        let letter = app.context().mail.kept().into_iter().find(|mail| mail.to == "grace@example.com").context("a letter")?;
        let link = letter.text.lines().find(|line| line.contains("/report-links/")).context("a link")?;
        // Nobody needs to sign in for it, and it goes with the run.
        let stranger = app.client().stranger()?;
        let file = stranger.get(path_of(link)?).await?.text();
        assert_eq!(Some(file.len() as u64), run.bytes);
        app.client().delete(&with_id(REPORT_RUN, run.id)).await?;
        stranger.get(path_of(link)?).await?.refused(404, "not_found")?;
        Ok(())
    }
}

app_test! {
    async fn links_that_were_sent_are_taken_back_with_the_one_that_was_made(app: quiet()) {
        app.create_owner().await?;
        let report = made(app, &wanted(&[OWNER_EMAIL], None)).await?;
        let run = sent(app, report.id).await?;
        assert!(run.link_expires_at.is_none() && run.links_until.is_some(), "{run:?}");
        let letter = app.context().mail.kept().into_iter().find(|mail| mail.to == OWNER_EMAIL).context("a letter")?;
        let link = letter.text.lines().find(|line| line.contains("/report-links/")).context("a link")?;
        let (stranger, path) = (app.client().stranger()?, with_id(REPORT_LINK, run.id));
        let by_hand: ReportLinkView = app.client().post_empty(&path).await?.ok()?;
        for url in [link, by_hand.url.as_str()] {
            assert_eq!(Some(stranger.get(path_of(url)?).await?.text().len() as u64), run.bytes);
        }
        // Asked for twice there is nothing more to take back.
        for _ in 0..2 {
            assert_eq!(app.client().delete(&path).await?.status.as_u16(), 204);
        }
        for url in [link, by_hand.url.as_str()] {
            stranger.get(path_of(url)?).await?.refused(404, "not_found")?;
        }
        let after = newest(app, report.id).await?;
        assert_eq!((after.links_until, after.bytes), (None, run.bytes));
        assert_eq!(only(after)?.state, DeliveryState::Delivered, "it was sent, all the same");
        let noted = app.client().get(&format!("{AUDIT_LOG}?action=report.unlink")).await?;
        let noted = noted.ok::<Page<AuditEntryView>>()?;
        assert_eq!(noted.total, 1, "what changed nothing is no entry");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_goes_over_smtp_and_one_that_is_refused_is_told() -> Result<()> {
    for (manner, state) in [(Manner::Takes, DeliveryState::Delivered), (Manner::Never, DeliveryState::Failed)] {
        let sink = SmtpSink::start(manner).await?;
        let options = TestAppOptions { smtp_url: Some(sink.url()), ..quiet() };
        let app = TestApp::start(options).await?.context("SQLite is always there")?;
        app.create_owner().await?;
        let report = made(&app, &wanted(&[OWNER_EMAIL], None)).await?;
        let delivery = only(sent(&app, report.id).await?)?;
        assert_eq!((delivery.state, delivery.to.as_str(), delivery.tries), (state, OWNER_EMAIL, 1), "{manner:?}");
        match manner {
            Manner::Takes => {
                let seen = sink.next(0).await?;
                assert_eq!(seen.to, [OWNER_EMAIL]);
                assert!(seen.text.contains("Rows: 0") && seen.text.contains("/api/v1/report-links/"), "{}", seen.text);
                assert!(
                    seen.headers.iter().any(|line| line == "Subject: Report: Usage, each morning"),
                    "{:?}",
                    seen.headers
                );
            }
            _ => assert_eq!(delivery.error.as_deref(), Some("the mail server refused the message")),
        }
        app.stop().await?;
    }
    Ok(())
}

app_test! {
    async fn a_webhook_is_signed_and_tried_again(app: quiet()) {
        app.create_owner().await?;
        let (url, receiver) = Receiver::start(&[500, 200]).await?;
        let report = made(app, &wanted(&[], Some(&url))).await?;
        let secret = report.webhook_secret.clone().context("it is told once")?;
        let read: ReportView = app.client().get(&with_id(REPORT, report.id)).await?.ok()?;
        assert_eq!((read.webhook_url.as_deref(), read.webhook_secret), (Some(url.as_str()), None));

        let run = sent(app, report.id).await?;
        let (id, bytes) = (run.id, run.bytes);
        let delivery = only(run)?;
        assert_eq!((delivery.way, delivery.state, delivery.tries, delivery.error.as_deref()), (DeliveryWay::Webhook, DeliveryState::Delivered, 2, None));
        assert!(url.starts_with(&delivery.to) && !delivery.to.contains("key"), "{}", delivery.to);
        let got = receiver.got();
        assert_eq!(got.len(), 2);
        assert_eq!(got[0].headers.get("webhook-id"), got[1].headers.get("webhook-id"), "the same message");
        let stranger = app.client().stranger()?;
        for hook in &got {
            let said = checked(hook, &secret)?;
            assert_eq!((&said["type"], &said["data"]["run_id"]), (&json!("report.made"), &json!(id)));
            // Also the link of the try that was not answered well: it may have arrived.
            let link = said["data"]["url"].as_str().context("a link")?;
            assert_eq!(Some(stranger.get(path_of(link)?).await?.text().len() as u64), bytes);
        }
        assert!(checked(&got[0], "whsec_AAAA").is_err());

        // The address stays: so does the secret, and nobody is told it.
        let put = async |body: &Value| app.client().send(Request::new(Method::PUT, with_id(REPORT, report.id)).json(body)).await;
        let same: ReportView = put(&wanted(&[], Some(&url))).await?.ok()?;
        assert_eq!(same.webhook_secret, None);
        let other: ReportView = put(&wanted(&[], Some("https://hooks.example.com/"))).await?.ok()?;
        assert!(other.webhook_secret.is_some_and(|new| new != secret));
        Ok(())
    }
}

app_test! {
    async fn a_webhook_that_moved_or_is_gone_is_given_up(app: quiet()) {
        app.create_owner().await?;
        for (status, words) in [(303, "the receiver answered 303"), (410, "the receiver answered 410")] {
            let (url, receiver) = Receiver::start(&[status]).await?;
            let report = made(app, &wanted(&[], Some(&url))).await?;
            let delivery = only(sent(app, report.id).await?)?;
            assert_eq!((delivery.state, delivery.error.as_deref(), delivery.tries), (DeliveryState::Failed, Some(words), 1));
            assert_eq!(receiver.got().len(), 1);
        }
        Ok(())
    }
}

app_test! {
    async fn what_was_given_up_is_sent_again_to_nobody_else(app: quiet()) {
        app.create_owner().await?;
        let (url, receiver) = Receiver::start(&[410, 200]).await?;
        let report = made(app, &wanted(&[OWNER_EMAIL], Some(&url))).await?;
        let secret = report.webhook_secret.clone().context("it is told once")?;
        let run = sent(app, report.id).await?;
        let states = |run: &ReportRunView| {
            let mut states: Vec<_> = run.deliveries.iter().map(|one| (one.way, one.state, one.tries)).collect();
            states.sort_unstable();
            states
        };
        let letter = (DeliveryWay::Mail, DeliveryState::Delivered, 1);
        assert_eq!(states(&run), [letter, (DeliveryWay::Webhook, DeliveryState::Failed, 1)]);

        let again = app.client().post_empty(&with_id(REPORT_DELIVER, run.id)).await?;
        assert_eq!(again.status.as_u16(), 202);
        let begun: ReportRunView = again.ok()?;
        for delivery in &begun.deliveries {
            app.wait_for_job(delivery.job_id.context("a job sends it")?).await?;
        }
        let ended = newest(app, report.id).await?;
        assert_eq!(states(&ended), [letter, (DeliveryWay::Webhook, DeliveryState::Delivered, 2)]);
        // Everybody has it by now.
        let same: ReportRunView = app.client().post_empty(&with_id(REPORT_DELIVER, run.id)).await?.ok()?;
        assert_eq!(same, ended);
        let got = receiver.got();
        assert_eq!((got.len(), app.context().mail.kept().len()), (2, 1));
        assert_eq!(got[0].headers.get("webhook-id"), got[1].headers.get("webhook-id"), "the same message");
        checked(&got[1], &secret)?;
        let noted = app.client().get(&format!("{AUDIT_LOG}?action=report.deliver-again")).await?;
        assert_eq!(noted.ok::<Page<AuditEntryView>>()?.total, 1, "what changed nothing is no entry");

        let viewer = app.create_user(Role::Viewer).await?;
        viewer.post_empty(&with_id(REPORT_DELIVER, run.id)).await?.refused(403, "forbidden")?;
        app.client().post_empty(&with_id(REPORT_DELIVER, ReportId(uuid::Uuid::nil()))).await?.refused(404, "not_found")?;
        Ok(())
    }
}

app_test! {
    async fn receivers_that_can_t_be_are_refused_by_name(app: TestAppOptions { outgoing: Vec::new(), worker: false, ..quiet() }) {
        app.create_owner().await?;
        let many: Vec<&str> = vec![OWNER_EMAIL; 21];
        for (bad, field) in [
            (wanted(&["nobody@example.com"], None), "recipients"),
            (wanted(&many, None), "recipients"),
            (wanted(&[OWNER_EMAIL, ""], None), "recipients[1]"),
            (wanted(&[], Some("http://192.168.1.1:8080/")), "webhook_url"),
            (wanted(&[], Some("https://10.0.0.1/")), "webhook_url"),
            (wanted(&[], Some("https://169.254.169.254/latest/")), "webhook_url"),
            (wanted(&[], Some("http://example.com/")), "webhook_url"),
            (wanted(&[], Some("hooks")), "webhook_url"),
        ] {
            let problem = app.client().post(REPORTS, &bad).await?.refused(422, "invalid_body")?;
            assert_eq!(problem.errors[0].field, field, "{bad}");
        }
        let page: Page<ReportView> = app.client().get(REPORTS).await?.ok()?;
        assert_eq!(page.total, 0);
        Ok(())
    }
}
