//! Who may do what, as people meet it: an invitation, roles, the question whether it is still you, keys, codes, the log.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::browser::Browser;

use crate::pages::{AdminPage, AuditPage, ProfilePage, Question, SignInPage, StepUp, shown_in_both, signed_in};

async fn app() -> Result<TestApp> {
    app_with(TestAppOptions::default()).await
}

async fn app_with(options: TestAppOptions) -> Result<TestApp> {
    let app = TestApp::start(TestAppOptions { simulated_workspaces: 20, portal: true, ..options })
        .await?
        .expect("SQLite is always there");
    app.create_owner().await?;
    Ok(app)
}

/// The owner, signed in.
async fn owner(app: &TestApp, window: (u32, u32, bool)) -> Result<Browser> {
    let browser = signed_in(app, OWNER_EMAIL, "/sign-in", window).await?;
    browser.find("nav-admin").await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn dangerous_things_ask_again_and_are_written_down() -> Result<()> {
    let app = app().await?;
    let browser = owner(&app, (1440, 900, false)).await?;
    // A fresh sign-in is proof enough; after a while it is not.
    app.clock().advance(TimeDelta::minutes(11));
    let profile = ProfilePage(&browser);
    profile.open("keys").await?;
    profile.make_key("Nightly report", "workspace:read").await?;
    let question = StepUp(&browser);
    question.answer("not the password").await?;
    browser.find_css("[data-testid='step-up'] [role='alert']").await?;
    shown_in_both(&browser, "20-step-up").await?;
    question.answer(OWNER_PASSWORD).await?;
    let secret = browser.text("key-secret").await?;
    assert!(secret.starts_with("whk_"), "a key was made after the proof");
    shown_in_both(&browser, "21-key-once").await?;
    browser.click("key-kept").await?;
    browser.find_css("[data-testid='key-row'][data-name='Nightly report']").await?;
    assert_eq!(browser.count("[data-testid='key-secret']").await?, 0, "it is not shown again");

    let audit = AuditPage(&browser);
    audit.open_log().await?;
    let actions = browser
        .until("the log has it", || async {
            let actions = audit.actions().await?;
            Ok(actions.iter().any(|a| a.starts_with("api_key.")).then_some(actions))
        })
        .await?;
    assert!(!actions.is_empty());
    browser.picture("22-audit").await?;
    browser.find_css("[data-testid='audit-row'][data-action^='api_key.'] button").await?.click().await?;
    browser.find_css("[data-testid='audit-drawer'] .changes").await?;
    shown_in_both(&browser, "23-audit-entry").await?;
    let shown = browser.text("audit-drawer").await?;
    assert!(!shown.contains(&secret), "the log has no secrets");
    // The address alone carries the filters.
    browser.goto(&format!("{}/audit/log?action=no.such", app.url())).await?;
    browser.find_css(".chip").await?;
    browser.until("nothing matches", || async { Ok(audit.actions().await?.is_empty().then_some(())) }).await?;
    browser.close().await?;
    app.stop().await
}

/// What the app on a phone shows for this key at that moment.
fn code(secret: &str, at: DateTime<Utc>) -> Result<String> {
    let secret = totp_rs::Secret::try_from_base32(secret)?;
    let codes = totp_rs::Builder::new().with_secret(secret).build()?;
    Ok(codes.generate(u64::try_from(at.timestamp())?).to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_factor_is_turned_on_and_asked_for() -> Result<()> {
    let app = app().await?;
    let browser = owner(&app, (1440, 900, false)).await?;
    let profile = ProfilePage(&browser);
    profile.open("account").await?;
    let secret = profile.begin_codes().await?;
    shown_in_both(&browser, "26-factor").await?;
    let recovery = profile.confirm_codes(&code(&secret, app.clock().now())?).await?;
    assert_eq!(recovery.len(), 10);
    shown_in_both(&browser, "28-recovery-codes").await?;
    browser.click("recovery-kept").await?;
    browser.find("factor-on").await?;
    let session = SignInPage(&browser);
    session.sign_out().await?;
    session.sign_in(OWNER_EMAIL, OWNER_PASSWORD).await?;
    browser.find("signin-code").await?;
    shown_in_both(&browser, "27-second-step").await?;
    // A code works once: the one that turned codes on is spent.
    app.clock().advance(TimeDelta::seconds(60));
    browser.fill("signin-code", &code(&secret, app.clock().now())?).await?;
    browser.click("signin-code-submit").await?;
    browser.find("factor-on").await?;
    let question = Question(&browser);
    question.begin("factor-remove").await?;
    shown_in_both(&browser, "29-factor-off").await?;
    question.yes().await?;
    browser.find("factor-off").await?;
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_given_another_role_and_disabled() -> Result<()> {
    let app = app().await?;
    app.create_user_named("ana@example.com", domain::access::Role::Viewer).await?;
    let browser = owner(&app, (1440, 900, false)).await?;
    let admin = AdminPage(&browser);
    admin.open("invitations").await?;
    admin.invite("grace@example.com").await?;
    browser.picture("24-invitations").await?;
    let question = Question(&browser);
    question.begin("invitation-revoke").await?;
    shown_in_both(&browser, "24-invitation-withdraw").await?;
    question.yes().await?;
    let withdrawn = || async { Ok((browser.count("[data-testid='invitation-revoke']").await? == 0).then_some(())) };
    browser.until("it is withdrawn", withdrawn).await?;
    browser.goto(&format!("{}/admin/users", app.url())).await?;
    admin.open_user("ana@example.com").await?;
    admin.give_role("operator").await?;
    browser.find("toast").await?;
    shown_in_both(&browser, "25-user").await?;
    question.begin("user-switch").await?;
    shown_in_both(&browser, "25-user-disable").await?;
    question.yes().await?;
    browser.find("user-disabled").await?;
    let rows = app.client().get(contract::paths::USERS).await?;
    let text = rows.text();
    assert!(text.contains("operator"), "{text}");
    browser.close().await?;
    app.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_no_mail_carries_is_a_link_shown_once() -> Result<()> {
    // Nobody listens there.
    let nowhere = Some("smtp://127.0.0.1:1".to_owned());
    let app = app_with(TestAppOptions { smtp_url: nowhere, ..TestAppOptions::default() }).await?;
    let browser = owner(&app, (1440, 900, false)).await?;
    let admin = AdminPage(&browser);
    admin.open("invitations").await?;
    admin.invite("grace@example.com").await?;
    let link = browser.text("invite-link").await?;
    assert!(link.starts_with(&format!("{}/invitation#token=", app.url())), "{link}");
    let said = browser.text("invite-made").await?;
    assert!(said.contains("No mail was sent"), "{said}");
    shown_in_both(&browser, "24-invitation-link").await?;
    browser.click("invite-kept").await?;
    let put_away = || async { Ok((browser.count("[data-testid='invite-link']").await? == 0).then_some(())) };
    browser.until("it is put away", put_away).await?;
    // A reload has it no more: another link is made, and the one before opens nothing.
    browser.client().refresh().await?;
    browser.find("invitation-row").await?;
    assert_eq!(browser.count("[data-testid='invite-link']").await?, 0);
    browser.click("invitation-resend").await?;
    let newer = browser.text("invite-link").await?;
    assert!(newer != link && newer.contains("/invitation#token="), "{newer}");
    browser.click("invite-kept").await?;
    let stranger = app.client().stranger()?;
    for (link, status) in [(&link, 410_u16), (&newer, 201)] {
        let token = link.split_once("#token=").map(|(_, token)| token).unwrap_or_default();
        let grace = serde_json::json!({ "token": token, "display_name": "Grace", "password": "moth in relay 70" });
        let answer = stranger.post(contract::paths::INVITATION_ACCEPT, &grace).await?;
        assert_eq!(answer.status, status, "{link}");
    }
    browser.close().await?;
    app.stop().await
}
