//! The ways in: by an invitation, by a link to a new password, by a mailed code, by single sign-on.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::browser::Browser;
use testkit::oidc::Provider;

use crate::pages::{AdminPage, GatePage, ProfilePage, ProviderPage, Question, SignInPage, shown, shown_in_both, told};

const GRACE: &str = "grace@example.com";

fn options() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, portal: true, ..TestAppOptions::default() }
}

/// The last mail to Grace, which is not the `known` first ones: what stands in it from a mark to the end of the line.
async fn mailed(app: &TestApp, known: usize, mark: &str) -> Result<String> {
    let mail = tokio::time::timeout(std::time::Duration::from_secs(30), app.context().mail.next_to(GRACE, known));
    let text = mail.await.context("no mail came")?.text;
    let line = text.lines().find(|line| line.contains(mark)).with_context(|| format!("no {mark} in {text}"))?;
    Ok(line.get(line.find(mark).unwrap_or_default()..).unwrap_or_default().trim().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_a_new_password_and_a_mailed_code_let_somebody_in() -> Result<()> {
    let app = TestApp::start(options()).await?.expect("SQLite is always there");
    app.create_owner().await?;
    let browser = Browser::open(1440, 900, false).await?;
    let (session, gate) = (SignInPage(&browser), GatePage(&browser));
    browser.goto(&format!("{}/sign-in", app.url())).await?;
    session.sign_in(OWNER_EMAIL, OWNER_PASSWORD).await?;
    let admin = AdminPage(&browser);
    admin.open("invitations").await?;
    admin.invite(GRACE).await?;
    session.sign_out().await?;

    let link = mailed(&app, 0, app.url()).await?;
    gate.accept(&link, "Grace Hopper", "moth in relay 70").await?;
    assert!(browser.text("user-menu").await?.contains(GRACE), "who accepts is signed in");
    browser.picture("30-accepted").await?;
    session.sign_out().await?;

    let known = app.context().mail.kept().len();
    gate.forget(GRACE).await?;
    let link = mailed(&app, known, app.url()).await?;
    gate.reset(&link, "another moth, relay 71").await?;
    session.sign_in(GRACE, "another moth, relay 71").await?;
    browser.find("user-menu").await?;
    session.sign_out().await?;

    app.clock().advance(TimeDelta::minutes(2));
    app.context().mail.idle().await;
    let known = app.context().mail.kept().len();
    gate.ask_code(GRACE).await?;
    shown(&browser, "31-mailed-code").await?;
    let code = mailed(&app, known, "Your code: ").await?.replace("Your code: ", "");
    gate.enter_code(&code).await?;
    assert!(browser.text("user-menu").await?.contains(GRACE));
    browser.close().await?;
    app.stop().await
}

/// What the provider will say of that person to whoever comes with that page's address.
fn vouch(app: &TestApp, provider: &Provider, there: &ProviderPage<'_>, who: &str) -> Result<()> {
    let now = app.clock().now().timestamp();
    let mut claims = provider.claims(who, &there.parameter("nonce")?, now);
    claims["auth_time"] = now.into();
    provider.say(|says| says.claims = claims);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_sign_on_lets_in_joins_and_proves() -> Result<()> {
    let provider = Provider::start().await?;
    let options = TestAppOptions { oidc: Some(provider.config(&["staff=admin"])), ..options() };
    let app = TestApp::start(options).await?.expect("SQLite is always there");
    app.create_owner().await?;
    let browser = Browser::open(1440, 900, false).await?;
    let (session, profile) = (SignInPage(&browser), ProfilePage(&browser));

    // Whom the provider vouches for comes to where they wanted to go.
    browser.goto(&format!("{}/profile/keys", app.url())).await?;
    browser.find("signin-sso").await?;
    shown(&browser, "32-sign-in-sso").await?;
    browser.click("signin-sso").await?;
    let there = ProviderPage::reached(&browser, &provider).await?;
    vouch(&app, &provider, &there, "grace")?;
    there.back("code=c-1").await?;
    browser.find("key-add").await?;
    assert!(browser.text("user-menu").await?.contains(GRACE));

    // They have no password: the proof is asked for there, too, and what went wrong there is told here.
    app.clock().advance(TimeDelta::minutes(11));
    for fails in [true, false] {
        profile.make_key("Nightly report", "workspace:read").await?;
        browser.find("proof-elsewhere").await?;
        assert_eq!(browser.count("[data-testid='proof-password']").await?, 0, "they have none");
        shown_in_both(&browser, "33-step-up-sso").await?;
        browser.click("proof-elsewhere").await?;
        let there = ProviderPage::reached(&browser, &provider).await?;
        assert_eq!(there.parameter("prompt")?, "login");
        vouch(&app, &provider, &there, "grace")?;
        there.back(if fails { "error=access_denied" } else { "code=c-2" }).await?;
        told(&browser, if fails { "said no" } else { "It is you" }).await?;
        let address = browser.client().current_url().await?;
        assert_eq!((address.path(), address.query()), ("/profile/keys", None));
    }
    profile.make_key("Nightly report", "workspace:read").await?;
    browser.find("key-secret").await?;
    browser.click("key-kept").await?;
    session.sign_out().await?;

    // Somebody with a password joins themselves to a person there, and leaves.
    session.sign_in(OWNER_EMAIL, OWNER_PASSWORD).await?;
    browser.find("user-menu").await?;
    for (who, joined) in [("grace", false), ("ada", true)] {
        profile.open("account").await?;
        browser.find("sso-apart").await?;
        browser.click("sso-join").await?;
        let there = ProviderPage::reached(&browser, &provider).await?;
        vouch(&app, &provider, &there, who)?;
        there.back("code=c-3").await?;
        if joined {
            browser.find("sso-joined").await?;
        } else {
            told(&browser, "belongs to another user").await?;
        }
    }
    shown(&browser, "34-joined").await?;
    let question = Question(&browser);
    question.begin("sso-leave").await?;
    shown_in_both(&browser, "35-leave-sso").await?;
    question.yes().await?;
    browser.find("sso-apart").await?;
    browser.close().await?;
    app.stop().await
}
