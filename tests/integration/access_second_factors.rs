//! Second factors, mailed codes, new passwords and one's own page, over HTTP; mail over a real socket.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::TimeDelta;
use contract::paths;
use contract::profile::{MailRequestedView, ProfileView, RecoveryCodesView, TotpSetupView};
use contract::session::{SecondFactorView, SessionView};
use platform::config::{Config, SecretUrl};
use platform::mail::{Mail, Mailer};
use serde_json::{Value, json};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request};
use testkit::smtp::{Manner, SmtpSink};

const NEW_PASSWORD: &str = "bombe and colossus";
/// Tries after which every door must have said: wait.
const ENOUGH: usize = 40;

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

fn password(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}

/// What an app shows now, `steps` from now.
fn shown(app: &TestApp, secret: &str, steps: i64) -> Result<String> {
    let secret = totp_rs::Secret::try_from_base32(secret)?;
    let codes = totp_rs::Builder::new().with_secret(secret).build()?;
    Ok(codes.generate(u64::try_from(app.clock().now().timestamp() + 30 * steps)?).to_string())
}

/// Turns codes on for the owner: the secret and the recovery codes.
async fn enrol(app: &TestApp) -> Result<(String, Vec<String>)> {
    let setup: TotpSetupView = app.client().post_empty(paths::PROFILE_TOTP).await?.ok()?;
    let code = json!({ "code": shown(app, &setup.secret, 0)? });
    let codes: RecoveryCodesView = app.client().post(paths::PROFILE_TOTP_CONFIRM, &code).await?.ok()?;
    Ok((setup.secret, codes.codes))
}

async fn put(client: &ApiClient, path: &str, body: &Value) -> Result<Answer> {
    client.send(Request::new(Method::PUT, path).json(body)).await
}

/// The mail to the owner that comes of a request.
async fn mailed(app: &TestApp, path: &str) -> Result<Mail> {
    let known = app.context().mail.kept().len();
    let answer = app.client().stranger()?.post(path, &json!({ "email": OWNER_EMAIL })).await?;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let mail = tokio::time::timeout(Duration::from_secs(30), app.context().mail.next_to(OWNER_EMAIL, known)).await;
    mail.context("no mail came")
}

app_test! {
    async fn signing_in_with_a_second_factor(app: quiet()) {
        app.create_owner().await?;
        let setup: TotpSetupView = app.client().post_empty(paths::PROFILE_TOTP).await?.ok()?;
        assert!(setup.qr_svg.starts_with("<svg") && setup.uri.contains(&setup.secret), "{}", setup.uri);
        let wrong = app.client().post(paths::PROFILE_TOTP_CONFIRM, &json!({ "code": "000000" })).await?;
        let problem = wrong.refused(422, "invalid_body")?;
        assert_eq!(problem.errors[0].field, "code");
        let (secret, recovery) = enrol(app).await?;
        assert_eq!(recovery.len(), 10);
        let profile: ProfileView = app.client().get(paths::PROFILE).await?.ok()?;
        assert!(profile.second_factor && profile.has_password);
        assert_eq!(profile.recovery_codes_left, 10);
        app.client().post_empty(paths::PROFILE_TOTP).await?.refused(409, "conflict")?;

        app.clock().advance(TimeDelta::seconds(30));
        let client = app.client().stranger()?;
        let first = client.post(paths::SESSION, &password(OWNER_EMAIL, OWNER_PASSWORD)).await?;
        assert_eq!((first.status.as_u16(), first.header("set-cookie")), (202, ""));
        let waiting: SecondFactorView = first.ok()?;
        assert_eq!(waiting.methods, ["totp", "recovery_code"]);
        client.get(paths::SESSION).await?.refused(401, "unauthenticated")?;
        let with = |code: &str| json!({ "challenge": waiting.challenge, "code": code });
        client.post(paths::SESSION_SECOND_FACTOR, &with("000000")).await?.refused(401, "bad_code")?;
        let right = with(&shown(app, &secret, 0)?);
        let view: SessionView = client.post(paths::SESSION_SECOND_FACTOR, &right).await?.ok()?;
        assert_eq!(view.email, OWNER_EMAIL);
        assert_eq!(client.get(paths::SESSION).await?.status, 200);
        client.post(paths::SESSION_SECOND_FACTOR, &right).await?.refused(401, "challenge_over")?;

        // A code is a proof too, and so is a recovery code.
        let proof = client.post(paths::SESSION_PROOF, &json!({ "code": recovery[0] })).await?;
        assert_eq!(proof.status, 204, "{}", proof.text());
        let again = client.post(paths::SESSION_PROOF, &json!({ "code": recovery[0] })).await?;
        assert_eq!(again.refused(422, "invalid_body")?.errors[0].field, "code");
        let fresh: RecoveryCodesView = client.post_empty(paths::PROFILE_RECOVERY_CODES).await?.ok()?;
        assert!(fresh.codes.iter().all(|code| !recovery.contains(code)));
        assert_eq!(client.delete(paths::PROFILE_TOTP).await?.status, 204);
        client.delete(paths::PROFILE_TOTP).await?.refused(409, "conflict")?;
        Ok(())
    }
}

app_test! {
    async fn dangerous_changes_ask_for_a_fresh_proof(app: quiet()) {
        app.create_owner().await?;
        enrol(app).await?;
        app.clock().advance(TimeDelta::minutes(11));
        app.client().post_empty(paths::PROFILE_TOTP).await?.refused(403, "step_up_required")?;
        app.client().post_empty(paths::PROFILE_RECOVERY_CODES).await?.refused(403, "step_up_required")?;
        app.client().delete(paths::PROFILE_TOTP).await?.refused(403, "step_up_required")?;
        let proof = app.client().post(paths::SESSION_PROOF, &json!({ "password": OWNER_PASSWORD })).await?;
        assert_eq!(proof.status, 204, "{}", proof.text());
        assert_eq!(app.client().delete(paths::PROFILE_TOTP).await?.status, 204);
        Ok(())
    }
}

app_test! {
    async fn asking_for_mail_tells_nobody_who_is_a_user(app: quiet()) {
        app.create_owner().await?;
        for path in [paths::SESSION_EMAIL_CODE, paths::PASSWORD_RESET] {
            let ask = async |email: &str| app.client().stranger()?.post(path, &json!({ "email": email })).await;
            let known = ask(OWNER_EMAIL).await?;
            let unknown = ask("nobody@example.com").await?;
            let never = ask("not an address").await?;
            let view: MailRequestedView = known.ok()?;
            assert!(view.valid_minutes > 0 && !view.detail.is_empty());
            assert_eq!((known.status, &known.body), (unknown.status, &unknown.body), "byte by byte");
            assert_eq!((known.status, &known.body), (never.status, &never.body));
            let names = |answer: &Answer| {
                let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
                names.sort();
                names
            };
            assert_eq!(names(&known), names(&unknown));
        }
        app.context().mail.idle().await;
        let sent = app.context().mail.kept();
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|mail| mail.to == OWNER_EMAIL && mail.text.contains(app.url())));
        Ok(())
    }
}

app_test! {
    async fn a_mailed_code_signs_in(app: quiet()) {
        app.create_owner().await?;
        let mail = mailed(app, paths::SESSION_EMAIL_CODE).await?;
        let line = mail.text.lines().find(|line| line.starts_with("Your code: ")).context("no code")?;
        let code = line.trim_start_matches("Your code: ");
        let client = app.client().stranger()?;
        let enter = async |email: &str, code: &str| {
            client.post(paths::SESSION_EMAIL_CODE_VERIFY, &json!({ "email": email, "code": code })).await
        };
        let wrong = enter(OWNER_EMAIL, "0").await?.refused(401, "bad_code")?;
        let unknown = enter("nobody@example.com", code).await?.refused(401, "bad_code")?;
        assert_eq!((&wrong.title, &wrong.detail), (&unknown.title, &unknown.detail));
        let view: SessionView = enter(OWNER_EMAIL, code).await?.ok()?;
        assert_eq!(view.email, OWNER_EMAIL);
        assert_eq!(client.get(paths::SESSION).await?.status, 200);
        enter(OWNER_EMAIL, code).await?.refused(401, "bad_code")?;
        Ok(())
    }
}

app_test! {
    async fn a_mailed_link_sets_a_new_password(app: quiet()) {
        app.create_owner().await?;
        let mail = mailed(app, paths::PASSWORD_RESET).await?;
        let (_, rest) = mail.text.split_once("#token=").context("no link")?;
        let token = rest.lines().next().context("no token")?.to_owned();
        assert!(mail.text.contains(&format!("{}/reset-password#token=", app.url())));
        let client = app.client().stranger()?;
        let set = async |token: &str, password: &str| {
            client.post(paths::PASSWORD_RESET_CONFIRM, &json!({ "token": token, "password": password })).await
        };
        set("made up", NEW_PASSWORD).await?.refused(410, "link_spent")?;
        let weak = set(&token, "password123").await?.refused(422, "invalid_body")?;
        assert_eq!((weak.errors[0].field.as_str(), weak.errors[0].code.as_str()), ("password", "common"));
        assert_eq!(app.client().get(paths::SESSION).await?.status, 200, "nothing is changed yet");
        assert_eq!(set(&token, NEW_PASSWORD).await?.status, 204);
        app.client().get(paths::SESSION).await?.refused(401, "unauthenticated")?;
        set(&token, NEW_PASSWORD).await?.refused(410, "link_spent")?;
        let old = client.post(paths::SESSION, &password(OWNER_EMAIL, OWNER_PASSWORD)).await?;
        old.refused(401, "bad_credentials")?;
        client.post(paths::SESSION, &password(OWNER_EMAIL, NEW_PASSWORD)).await?.ok::<SessionView>()?;
        Ok(())
    }
}

app_test! {
    async fn ones_own_page(app: quiet()) {
        app.create_owner().await?;
        let answer = app.client().get(paths::PROFILE).await?;
        let tag = answer.header("etag").to_owned();
        let profile: ProfileView = answer.ok()?;
        assert_eq!((profile.email.as_str(), profile.second_factor), (OWNER_EMAIL, false));
        let rename = |tag: &str, name: &str| {
            Request::new(Method::PATCH, paths::PROFILE).header("if-match", tag).json(&json!({ "display_name": name }))
        };
        let renamed = app.client().send(rename(&tag, "Grace Hopper")).await?;
        assert_ne!(renamed.header("etag"), tag);
        assert_eq!(renamed.ok::<ProfileView>()?.display_name, "Grace Hopper");
        app.client().send(rename(&tag, "Ada")).await?.refused(412, "precondition_failed")?;
        for bad in ["", " ", "a\nb", " a", &"a".repeat(101)] {
            app.client().send(rename("*", bad)).await?.refused(422, "invalid_body")?;
        }

        let other = app.client().stranger()?;
        other.post(paths::SESSION, &password(OWNER_EMAIL, OWNER_PASSWORD)).await?.ok::<SessionView>()?;
        let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
        let wrong = put(app.client(), paths::PROFILE_PASSWORD, &change("wrong", NEW_PASSWORD)).await?;
        assert_eq!(wrong.refused(422, "invalid_body")?.errors[0].field, "current_password");
        let weak = put(app.client(), paths::PROFILE_PASSWORD, &change(OWNER_PASSWORD, OWNER_EMAIL)).await?;
        assert_eq!(weak.refused(422, "invalid_body")?.errors[0].field, "new_password");
        let changed = put(app.client(), paths::PROFILE_PASSWORD, &change(OWNER_PASSWORD, NEW_PASSWORD)).await?;
        assert_eq!(changed.status, 204, "{}", changed.text());
        assert_eq!(app.client().get(paths::SESSION).await?.status, 200, "this session goes on");
        other.get(paths::SESSION).await?.refused(401, "unauthenticated")?;
        Ok(())
    }
}

app_test! {
    async fn every_door_is_limited(app: quiet()) {
        app.create_owner().await?;
        enrol(app).await?;
        app.clock().advance(TimeDelta::seconds(30));
        let waiting: SecondFactorView =
            app.client().stranger()?.post(paths::SESSION, &password(OWNER_EMAIL, OWNER_PASSWORD)).await?.ok()?;
        let open = [
            (paths::SESSION_SECOND_FACTOR, json!({ "challenge": waiting.challenge, "code": "000000" })),
            (paths::SESSION_EMAIL_CODE, json!({ "email": OWNER_EMAIL })),
            (paths::SESSION_EMAIL_CODE_VERIFY, json!({ "email": OWNER_EMAIL, "code": "00000000" })),
            (paths::PASSWORD_RESET, json!({ "email": OWNER_EMAIL })),
            (paths::PASSWORD_RESET_CONFIRM, json!({ "token": "made up", "password": NEW_PASSWORD })),
        ];
        let own = [(paths::SESSION_PROOF, json!({ "code": "000000" })), (paths::PROFILE_TOTP_CONFIRM, json!({ "code": "000000" }))];
        for (path, body) in open.iter().chain(&own) {
            let client = if own.iter().any(|(own, _)| own == path) { app.client() } else { &app.client().stranger()? };
            let limited = until_limited(async || client.post(path, body).await).await?;
            let wait: u64 = limited.header("retry-after").parse().with_context(|| (*path).to_owned())?;
            assert!((1..=3600).contains(&wait), "{path}: {wait}");
        }
        let body = json!({ "current_password": "wrong", "new_password": NEW_PASSWORD });
        until_limited(async || put(app.client(), paths::PROFILE_PASSWORD, &body).await).await?;
        app.context().mail.idle().await;
        Ok(())
    }
}

/// Asks until the answer is 429, and gives that.
async fn until_limited(ask: impl AsyncFn() -> Result<Answer>) -> Result<Answer> {
    for _ in 0..ENOUGH {
        let answer = ask().await?;
        if answer.status == 429 {
            answer.refused(429, "rate_limited")?;
            return Ok(answer);
        }
        anyhow::ensure!(answer.status.as_u16() < 500, "{}", answer.text());
    }
    anyhow::bail!("{ENOUGH} tries and no limit")
}

fn mailer(url: &str, deadline: u64) -> Result<Mailer> {
    let mut config = Config::default().mail;
    config.smtp_url = Some(SecretUrl::from(url));
    config.from = Some("\"Wheelhouse, the control room\" <wheelhouse@example.org>".to_owned());
    config.deadline_seconds = deadline;
    Ok(Mailer::from_config(&config)?)
}

fn mail(to: &str, subject: &str, text: &str) -> Mail {
    let env = testkit::env::real();
    Mail { id: env.new_id(), at: env.now(), to: to.into(), subject: subject.into(), text: text.into() }
}

#[tokio::test]
async fn mail_goes_over_a_socket_as_it_was_written() -> Result<()> {
    let sink = SmtpSink::start(Manner::Takes).await?;
    let mailer = mailer(&sink.url(), 10)?;
    let text = "First.\n.\n..two dots\nGrüße, and a link:\nhttps://wheelhouse.example.org/reset-password#token=abc\n";
    mailer.send(mail("grace@example.com", "Hello\r\nBcc: eve@example.com\r\n\r\nInjected", text)).await?;
    let seen = sink.next(0).await?;
    assert_eq!(
        (seen.from.as_str(), seen.to.as_slice()),
        ("wheelhouse@example.org", &["grace@example.com".to_owned()][..])
    );
    assert_eq!(seen.text.trim_end(), text.trim_end());
    let named = |name: &str| seen.headers.iter().filter(|line| line.to_ascii_lowercase().starts_with(name)).count();
    for (name, times) in [("bcc:", 0), ("to:", 1), ("from:", 1), ("subject:", 1), ("date:", 1), ("message-id:", 1)] {
        assert_eq!(named(name), times, "{name}: {:?}", seen.headers);
    }
    for to in ["grace@example.com\r\nRCPT TO:<eve@example.com>", "grace@example.com>\r\nDATA", "a@b, eve@example.com"] {
        assert!(mailer.send(mail(to, "x", "x")).await.is_err(), "{to:?}");
    }
    assert_eq!(sink.received().len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_a_mail_server_says_is_told_apart() -> Result<()> {
    for (manner, retryable) in [(Manner::Silent, true), (Manner::Later, true), (Manner::Never, false)] {
        let sink = SmtpSink::start(manner).await?;
        let refused = mailer(&sink.url(), 1)?.send(mail("grace@example.com", "x", "x")).await;
        let error = refused.err().with_context(|| format!("{manner:?}"))?;
        assert_eq!(error.retryable(), retryable, "{manner:?}: {error:?}");
        assert!(sink.received().is_empty());
    }
    // Nobody listens there.
    let closed = mailer("smtp://127.0.0.1:1", 2)?.send(mail("grace@example.com", "x", "x")).await;
    assert!(closed.err().context("sent")?.retryable());
    Ok(())
}
