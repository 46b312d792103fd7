//! Signing in at an OpenID provider: one that nobody here wrote, and one of ours that lies in every way it can.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::TimeDelta;
use contract::oidc::{OidcLinkView, OidcView};
use contract::paths::{OIDC, OIDC_CALLBACK, OIDC_LINK, OIDC_PROOF, OIDC_START, PROFILE_TOTP, SESSION};
use contract::session::SessionView;
use domain::access::{Actor, Role};
use domain::audit::Entry;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::client::{Answer, ApiClient, Request};
use testkit::db::Backend;
use testkit::oidc::{CLIENT_ID, Provider};
use testkit::outside::{needed, root};
use testkit::process::{Child, free_port};
use url::Url;

/// What a browser holds while it is away, and where it was sent.
struct Away {
    held: String,
    url: Url,
}

impl Away {
    fn of(answer: &Answer, url: &str) -> Result<Self> {
        let set = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let held =
            set.filter_map(|cookie| cookie.strip_prefix("__Host-wheelhouse-sso=")).next().context("no cookie")?;
        let held = held.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { held, url: url.parse()? })
    }

    /// Asks to sign in.
    async fn begin(client: &ApiClient, path: &str) -> Result<Self> {
        let answer = client.get(path).await?;
        anyhow::ensure!(answer.status == 303, "{}: {}", answer.status, answer.text());
        Self::of(&answer, answer.header("location"))
    }

    /// Asks to join the provider's person to who is signed in.
    async fn link(client: &ApiClient) -> Result<Self> {
        let answer = client.post_empty(OIDC_LINK).await?;
        Self::of(&answer, &answer.ok::<OidcLinkView>()?.url)
    }

    /// Asks to prove who is signed in.
    async fn prove(client: &ApiClient, return_to: &str) -> Result<Self> {
        let answer = client.post(OIDC_PROOF, &json!({ "return_to": return_to })).await?;
        Self::of(&answer, &answer.ok::<OidcLinkView>()?.url)
    }

    fn parameter(&self, name: &str) -> String {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Comes back as an honest provider would send the browser, with further parameters.
    async fn back(&self, client: &ApiClient, more: &[(&str, &str)]) -> Result<Answer> {
        let mut pairs = vec![("code", "c-1".to_owned()), ("state", self.parameter("state"))];
        for (name, value) in more {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, (*value).to_owned()));
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        comes_back(client, &format!("{OIDC_CALLBACK}?{query}"), &self.held).await
    }
}

async fn comes_back(client: &ApiClient, path: &str, held: &str) -> Result<Answer> {
    let request = Request::new(Method::GET, path).header("cookie", &format!("__Host-wheelhouse-sso={held}"));
    client.send(request).await
}

/// The application with the provider, on both databases.
async fn with_provider(roles: &[&str], backend: Backend) -> Result<Option<(TestApp, Provider)>> {
    let provider = Provider::start().await?;
    let options = TestAppOptions {
        backend,
        simulated_workspaces: 0,
        worker: false,
        oidc: Some(provider.config(roles)),
        ..TestAppOptions::default()
    };
    Ok(TestApp::start(options).await?.map(|app| (app, provider)))
}

/// An honest sign-in of that person, who says what `change` makes of it.
async fn signs_in(
    app: &TestApp,
    provider: &Provider,
    who: &str,
    change: fn(&mut Value),
) -> Result<(ApiClient, Answer)> {
    let client = app.client().stranger()?;
    let away = Away::begin(&client, OIDC_START).await?;
    let mut claims = provider.claims(who, &away.parameter("nonce"), app.clock().now().timestamp());
    change(&mut claims);
    provider.say(|says| says.claims = claims);
    let answer = away.back(&client, &[]).await?;
    Ok((client, answer))
}

fn refused(answer: &Answer) -> String {
    answer.header("location").strip_prefix("/sign-in?error=").unwrap_or_default().to_owned()
}

async fn role_of(client: &ApiClient) -> Result<String> {
    Ok(client.get(SESSION).await?.ok::<SessionView>()?.role)
}

async fn who_comes_gets_what_their_groups_give(backend: Backend) -> Result<()> {
    let roles = ["staff=viewer", "it=operator", "boss=owner", "none=no-such-role"];
    let Some((app, provider)) = with_provider(&roles, backend).await? else { return Ok(()) };
    app.create_owner().await?;
    let view: OidcView = app.client().stranger()?.get(OIDC).await?.ok()?;
    assert_eq!(view.name.as_deref(), Some("single sign-on"));

    let (grace, answer) = signs_in(&app, &provider, "grace", |_| {}).await?;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    assert_eq!(role_of(&grace).await?, "viewer");
    // The code and the verifier of the challenge that was sent, once.
    let form = provider.asked().pop().context("nobody asked")?;
    let said = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!((said("grant_type"), said("code")), (Some("authorization_code"), Some("c-1")));
    assert!(said("code_verifier").is_some_and(|verifier| verifier.len() == 43));

    // With each sign-in anew; the same person by issuer and subject, whatever the address says by now.
    let (again, _) = signs_in(&app, &provider, "grace", |claims| {
        claims["groups"] = json!(["it", "boss"]);
        claims["email"] = json!("renamed@example.com");
    })
    .await?;
    assert_eq!(role_of(&again).await?, "operator", "and nobody becomes an owner by a group");
    let view: SessionView = again.get(SESSION).await?.ok()?;
    assert_eq!(view.email, "grace@example.com");

    let (nobody, answer) = signs_in(&app, &provider, "grace", |claims| claims["groups"] = json!([])).await?;
    assert_eq!(refused(&answer), "sso_no_role");
    assert_eq!(nobody.get(SESSION).await?.status, 401);
    for (who, change, code) in [
        ("new", (|claims| claims["groups"] = json!(["none"])) as fn(&mut Value), "sso_no_role"),
        ("new", |claims| claims["email_verified"] = json!(false), "sso_no_email"),
        ("new", |claims| _ = claims.as_object_mut().map(|claims| claims.remove("email")), "sso_no_email"),
        ("new", |claims| claims["email"] = json!("OWNER@example.com"), "sso_email_taken"),
    ] {
        let (client, answer) = signs_in(&app, &provider, who, change).await?;
        assert_eq!(refused(&answer), code, "{who}");
        assert_eq!(client.get(SESSION).await?.status, 401);
    }
    app.stop().await
}

async fn what_the_provider_says_is_checked(backend: Backend) -> Result<()> {
    let Some((app, provider)) = with_provider(&["staff=viewer"], backend).await? else { return Ok(()) };
    type Lie = (&'static str, fn(&mut testkit::oidc::Says));
    let lies: [Lie; 12] = [
        ("no signature", |says| says.alg = "none".to_owned()),
        ("the public key as a secret", |says| says.alg = "HS256".to_owned()),
        ("another key", |says| says.forged = true),
        ("another issuer", |says| says.claims["iss"] = json!("https://evil.example")),
        ("another audience", |says| says.claims["aud"] = json!("somebody-else")),
        ("one more audience", |says| says.claims["aud"] = json!([CLIENT_ID, "somebody-else"])),
        ("another nonce", |says| says.claims["nonce"] = json!("of another sign-in")),
        ("no nonce", |says| _ = says.claims.as_object_mut().map(|claims| claims.remove("nonce"))),
        ("run out", |says| says.claims["exp"] = json!(1_000_000)),
        ("no expiry", |says| _ = says.claims.as_object_mut().map(|claims| claims.remove("exp"))),
        ("no subject", |says| _ = says.claims.as_object_mut().map(|claims| claims.remove("sub"))),
        ("a refused code", |says| says.refuses = true),
    ];
    for (what, lie) in lies {
        let client = app.client().stranger()?;
        let away = Away::begin(&client, OIDC_START).await?;
        let claims = provider.claims("grace", &away.parameter("nonce"), app.clock().now().timestamp());
        provider.say(|says| {
            (says.claims, says.alg, says.forged, says.refuses) = (claims, "ES256".to_owned(), false, false);
            lie(says);
        });
        let answer = away.back(&client, &[]).await?;
        assert_eq!(refused(&answer), "sso_failed", "{what}");
        assert_eq!(client.get(SESSION).await?.status, 401, "{what}");
    }
    provider.say(|says| (says.alg, says.refuses) = ("ES256".to_owned(), false));
    // A provider changes its keys now and then; that is no lie.
    signs_in(&app, &provider, "grace", |_| {}).await?;
    let (client, _) = signs_in(&app, &provider, "grace", |_| {}).await?;
    assert_eq!(role_of(&client).await?, "viewer");
    app.stop().await
}

async fn a_sign_in_comes_back_once_to_the_browser_it_began_in(backend: Backend) -> Result<()> {
    let Some((app, provider)) = with_provider(&["staff=viewer"], backend).await? else { return Ok(()) };
    let honest = |away: &Away| {
        let claims = provider.claims("grace", &away.parameter("nonce"), app.clock().now().timestamp());
        provider.say(|says| says.claims = claims);
    };
    let client = app.client().stranger()?;
    let (mine, other) = (Away::begin(&client, OIDC_START).await?, Away::begin(&client, OIDC_START).await?);
    assert_eq!(mine.url.as_str().split('?').next(), Some(format!("{}/auth", provider.issuer()).as_str()));
    for (name, value) in [("response_type", "code"), ("code_challenge_method", "S256"), ("client_id", CLIENT_ID)] {
        assert_eq!(mine.parameter(name), value);
    }
    assert_eq!(mine.parameter("redirect_uri"), format!("{}{OIDC_CALLBACK}", app.url()));
    // By a link from somebody who began it elsewhere.
    let path = format!("{OIDC_CALLBACK}?code=c&state={}", other.parameter("state"));
    let forged = comes_back(&client, &path, &mine.held);
    assert_eq!(refused(&forged.await?), "sso_not_begun");
    // That try spent it.
    honest(&other);
    assert_eq!(refused(&other.back(&client, &[]).await?), "sso_not_begun");
    for (more, code) in [
        (vec![("iss", "https://evil.example")], "sso_other_issuer"),
        (vec![("error", "access_denied")], "sso_declined"),
    ] {
        let away = Away::begin(&client, OIDC_START).await?;
        honest(&away);
        assert_eq!(refused(&away.back(&client, &more).await?), code);
    }
    honest(&mine);
    let answer = mine.back(&client, &[("iss", provider.issuer()), ("session_state", "ignored")]).await?;
    assert_eq!(answer.header("location"), "/");
    assert_eq!(client.get(SESSION).await?.status, 200);
    let again = app.client().stranger()?;
    assert_eq!(refused(&mine.back(&again, &[]).await?), "sso_not_begun", "not twice");
    assert_eq!(again.get(SESSION).await?.status, 401);
    // Too late.
    let late = Away::begin(&again, &format!("{OIDC_START}?return_to=%2Fworkspaces%3Fq%3Da")).await?;
    let later = Away::begin(&again, &format!("{OIDC_START}?return_to=%2F%2Fevil.example")).await?;
    honest(&late);
    assert_eq!(late.back(&again, &[]).await?.header("location"), "/workspaces?q=a");
    app.clock().advance(TimeDelta::seconds(601));
    assert_eq!(refused(&later.back(&again, &[]).await?), "sso_not_begun");
    let away = Away::begin(&again, &format!("{OIDC_START}?return_to=%2F%2Fevil.example")).await?;
    honest(&away);
    assert_eq!(away.back(&again, &[]).await?.header("location"), "/");
    app.stop().await
}

async fn a_person_joins_the_two_and_takes_them_apart(backend: Backend) -> Result<()> {
    let Some((app, provider)) = with_provider(&[], backend).await? else { return Ok(()) };
    app.create_owner().await?;
    let linus = app.create_user_named("linus@example.com", Role::Operator).await?;
    let (_, answer) = signs_in(&app, &provider, "linus", |_| {}).await?;
    assert_eq!(refused(&answer), "sso_email_taken", "an address alone proves nothing");

    let away = Away::link(&linus).await?;
    let claims = provider.claims("linus", &away.parameter("nonce"), app.clock().now().timestamp());
    provider.say(|says| says.claims = claims);
    assert_eq!(away.back(&linus, &[]).await?.header("location"), "/profile");
    let (same, _) = signs_in(&app, &provider, "linus", |claims| claims["groups"] = json!([])).await?;
    assert_eq!(role_of(&same).await?, "operator", "what they are here, whatever the groups");

    // One there is one here.
    let grace = app.create_user_named("grace@example.com", Role::Viewer).await?;
    let away = Away::link(&grace).await?;
    let claims = provider.claims("linus", &away.parameter("nonce"), app.clock().now().timestamp());
    provider.say(|says| says.claims = claims);
    assert_eq!(refused(&away.back(&grace, &[]).await?), "sso_belongs_to_another");

    assert_eq!(linus.delete(OIDC_LINK).await?.status, 204);
    let (_, answer) = signs_in(&app, &provider, "linus", |_| {}).await?;
    assert_eq!(refused(&answer), "sso_email_taken");
    // A proof that is old is none.
    app.clock().advance(TimeDelta::seconds(3600));
    for answer in [linus.post_empty(OIDC_LINK).await?, linus.delete(OIDC_LINK).await?] {
        assert_eq!(answer.problem()?.code, "step_up_required");
    }
    app.stop().await
}

/// What wants a fresh proof of whoever is signed in.
async fn proven(client: &ApiClient) -> Result<bool> {
    let answer = client.post_empty(PROFILE_TOTP).await?;
    if answer.status == 403 {
        answer.refused(403, "step_up_required")?;
    }
    Ok(answer.status.is_success())
}

async fn who_has_no_password_proves_it_where_they_signed_in(backend: Backend) -> Result<()> {
    let Some((app, provider)) = with_provider(&["staff=viewer"], backend).await? else { return Ok(()) };
    app.create_owner().await?;
    app.client().post(OIDC_PROOF, &json!({})).await?.refused(409, "conflict")?;
    app.client().stranger()?.post(OIDC_PROOF, &json!({})).await?.refused(401, "unauthenticated")?;
    let (grace, _) = signs_in(&app, &provider, "grace", |_| {}).await?;
    let (linus, _) = signs_in(&app, &provider, "linus", |_| {}).await?;
    let session = grace.session();
    assert!(proven(&grace).await?, "a sign-in is a proof");
    app.clock().advance(TimeDelta::minutes(10));
    assert!(!proven(&grace).await?);

    let says = |away: &Away, who: &str, asked: Option<i64>| {
        let now = app.clock().now().timestamp();
        let mut claims = provider.claims(who, &away.parameter("nonce"), now);
        if let Some(ago) = asked {
            claims["auth_time"] = json!(now - ago);
        }
        provider.say(|says| says.claims = claims);
    };
    let page = "/users?q=a#top";
    // Not asked again, or nobody knows when; asked, but it was somebody else.
    for (who, asked, code) in [
        ("grace", None, "sso_not_again"),
        ("grace", Some(300), "sso_not_again"),
        ("linus", Some(1), "sso_other_person"),
    ] {
        let away = Away::prove(&grace, page).await?;
        assert_eq!((away.parameter("prompt"), away.parameter("max_age")), ("login".to_owned(), "0".to_owned()));
        says(&away, who, asked);
        let answer = away.back(&grace, &[]).await?;
        assert_eq!(answer.header("location"), format!("/users?q=a&sso_error={code}#top"), "{who} {asked:?}");
        assert!(!proven(&grace).await?, "{who} {asked:?}");
    }
    let away = Away::prove(&grace, page).await?;
    let declined = away.back(&grace, &[("error", "access_denied")]).await?;
    assert_eq!(declined.header("location"), "/users?q=a&sso_error=sso_declined#top");

    // It is of the session that asked, and of no other, not even by who has what that browser holds.
    let away = Away::prove(&linus, page).await?;
    says(&away, "linus", Some(1));
    assert_eq!(refused(&away.back(&grace, &[]).await?), "sso_not_begun");
    assert!(!proven(&grace).await? && !proven(&linus).await?);

    let away = Away::prove(&grace, page).await?;
    says(&away, "grace", Some(1));
    assert_eq!(away.back(&grace, &[]).await?.header("location"), page);
    assert!(proven(&grace).await? && !proven(&linus).await?);
    assert_eq!(grace.session(), session, "the same session");
    app.stop().await
}

async fn a_sign_in_locks_the_log_last(backend: Backend) -> Result<()> {
    let Some((app, provider)) = with_provider(&["staff=viewer", "it=operator"], backend).await? else { return Ok(()) };
    app.create_owner().await?;
    signs_in(&app, &provider, "grace", |_| {}).await?;
    let ctx = app.context();
    // Somebody changes her row and is about to note that, while she signs in with other roles.
    let tx = ctx.db.begin().await?;
    tx.execute_unprepared("UPDATE app_user SET display_name = 'Amazing' WHERE email = 'grace@example.com'").await?;
    let change = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let entry = Entry::open("user.change").on("user", "grace");
        services::audit::record(&tx, ctx, &Actor::system(), entry).await?;
        tx.commit().await?;
        anyhow::Ok(())
    };
    let sign_in = signs_in(&app, &provider, "grace", |claims| claims["groups"] = json!(["it"]));
    let (changed, signed_in) = tokio::join!(change, sign_in);
    changed.context("the change lost to the sign-in")?;
    let (client, answer) = signed_in?;
    assert_eq!(answer.header("location"), "/", "{}", answer.text());
    assert_eq!(role_of(&client).await?, "operator");
    app.stop().await
}

macro_rules! on_both {
    ($($name:ident),+) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() -> Result<()> {
                super::$name(Backend::Sqlite).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() -> Result<()> {
                super::$name(Backend::Postgres).await
            }
        }
    )+};
}

on_both!(
    who_comes_gets_what_their_groups_give,
    what_the_provider_says_is_checked,
    a_sign_in_comes_back_once_to_the_browser_it_began_in,
    a_person_joins_the_two_and_takes_them_apart,
    who_has_no_password_proves_it_where_they_signed_in,
    a_sign_in_locks_the_log_last
);

/// A browser without scripts: it keeps cookies, follows redirects, fills in the one form of a page.
struct Browser(reqwest::Client);

impl Browser {
    /// Signs in at the provider as that person and agrees, until it is sent back to the application: that address.
    async fn through(&self, url: &Url, who: &str, home: &str) -> Result<String> {
        let mut answer = self.0.get(url.clone()).send().await?;
        for _ in 0..20 {
            if let Some(next) = answer.headers().get("location").and_then(|value| value.to_str().ok()) {
                let next = answer.url().join(next)?;
                if next.as_str().starts_with(home) {
                    return Ok(next.as_str().trim_start_matches(home).to_owned());
                }
                answer = self.0.get(next).send().await?;
                continue;
            }
            let (status, here) = (answer.status(), answer.url().clone());
            let page = answer.text().await?;
            anyhow::ensure!(status == 200, "{here}: {status}: {page}");
            let after = |text: &str| page.split(text).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
            let action = after("action=\"").context("a page without a form")?;
            let mut form = vec![("prompt", after("name=\"prompt\" value=\"").context("no prompt")?)];
            if form[0].1 == "login" {
                form.extend([("login", who.to_owned()), ("password", "any".to_owned())]);
            }
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let to = here.join(&action)?;
            let post = self.0.post(to).header("content-type", "application/x-www-form-urlencoded");
            answer = post.body(body).send().await?;
        }
        anyhow::bail!("the provider leads nowhere")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_sign_in_at_a_provider_nobody_here_wrote() -> Result<()> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(()) };
    let port = free_port()?;
    let mut config = Provider::start().await?.config(&["staff=viewer", "it=operator"]);
    config.issuer = Some(format!("http://127.0.0.1:{port}"));
    config.client_id = Some("wheelhouse".to_owned());
    config.client_secret = Some(platform::config::Secret::new("a-secret-that-only-this-test-knows".to_owned()));
    let options =
        TestAppOptions { simulated_workspaces: 0, worker: false, oidc: Some(config), ..TestAppOptions::default() };
    let Some(app) = TestApp::start(options).await? else { return Ok(()) };
    app.create_owner().await?;
    // Until it is there a browser is told so.
    let early = app.client().stranger()?.get(OIDC_START).await?;
    assert_eq!(refused(&early), "sso_failed");

    let mut command = tokio::process::Command::new("node");
    command.arg(root().join("tests/node/oidc_provider.mjs")).arg(port.to_string());
    command.arg(format!("{}{OIDC_CALLBACK}", app.url())).env("WHEELHOUSE_TEST_NODE", modules);
    let mut provider = Child::spawn(command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()))?;
    let mut lines = provider.lines()?;
    loop {
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await??;
        if line.context("the provider ended")?.starts_with("http") {
            break;
        }
    }
    for (who, role) in [("grace", Some("operator")), ("linus", Some("viewer")), ("mallory", None)] {
        let client = app.client().stranger()?;
        let away = Away::begin(&client, OIDC_START).await?;
        let http = platform::http::builder(Duration::from_secs(20)).cookie_store(true).build()?;
        let browser = Browser(http);
        let path = browser.through(&away.url, who, app.url()).await?;
        let answer = comes_back(&client, &path, &away.held).await?;
        match role {
            Some(role) => {
                assert_eq!(answer.header("location"), "/", "{who}");
                assert_eq!(role_of(&client).await?, role);
                // It knows the browser by now, and asks again all the same.
                let away = Away::prove(&client, "/users").await?;
                let path = browser.through(&away.url, who, app.url()).await?;
                assert_eq!(comes_back(&client, &path, &away.held).await?.header("location"), "/users", "{who}");
            }
            None => assert_eq!(refused(&answer), "sso_no_email", "{who}"),
        }
    }
    provider.kill().await?;
    app.stop().await
}
