//! The HTTP surface as strangers and other sites meet it: CSRF, CORS, forged addresses, quotas, sizes, headers of answers.

use anyhow::{Context as _, Result};
use axum::http::Method;
use contract::paths::{ACCOUNTS, API_KEYS, PROFILE, SESSION, SETUP, TEAMS, USER, WORKSPACES, with_id};
use contract::session::SessionView;
use domain::access::Role;
use serde_json::json;
use testkit::app::{OWNER_EMAIL, OWNER_PASSWORD, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{Answer, ApiClient, Request};

use crate::support::{fingerprint, texts};

fn quiet() -> TestAppOptions {
    TestAppOptions { simulated_workspaces: 0, worker: false, ..TestAppOptions::default() }
}

/// Refused by its rules once it is believed, so that this test changes nothing.
fn change() -> Request {
    Request::new(Method::POST, ACCOUNTS).json(&json!({ "name": "", "regions": [], "credentials": "simulated" }))
}

/// Headers of a request by their names.
type Headers<'a> = &'a [(&'static str, &'a str)];

app_test! {
    async fn cookie_header_and_origin_in_every_combination(app: quiet()) {
        app.create_owner().await?;
        let before = fingerprint(app).await?;
        let stranger = app.client().stranger()?;
        let own = app.url().to_owned();
        let origins: [(&str, Headers<'_>, bool); 9] = [
            ("none said", &[], true),
            ("own", &[("origin", &own), ("sec-fetch-site", "same-origin")], true),
            ("own, an old browser", &[("origin", &own)], true),
            ("typed in", &[("sec-fetch-site", "none")], true),
            ("another site", &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
            ("another site, an old browser", &[("origin", "https://evil.example")], false),
            ("a neighbour", &[("origin", "https://evil.fleet.example"), ("sec-fetch-site", "same-site")], false),
            ("a sandboxed frame", &[("origin", "null")], false),
            ("a lie about one of them", &[("origin", &own), ("sec-fetch-site", "cross-site")], false),
        ];
        for (whence, headers, ours) in origins {
            for (cookie, page, bearer) in (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0)) {
                let client = if cookie { app.client() } else { &stranger };
                let dress = |request: Request| {
                    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
                    let request = if page { request } else { request.plain() };
                    if bearer { request.header("authorization", "Bearer whk_00000000_not-a-key") } else { request }
                };
                let what = format!("{whence}; cookie {cookie}, header {page}, key {bearer}");
                let answer = client.send(dress(change())).await?;
                let refused = |status, code: &str| answer.refused(status, code).map_err(|error| error.context(what.clone()));
                match (cookie, bearer) {
                    // No browser sends a key by itself.
                    (false, true) => drop(refused(401, "unauthenticated")?),
                    _ if !ours => drop(refused(403, "cross_site")?),
                    (true, _) if !page => drop(refused(403, "cross_site")?),
                    (true, true) | (false, false) => drop(refused(401, "unauthenticated")?),
                    (true, false) => drop(refused(422, "invalid_body")?),
                }
                // Reading changes nothing, and what another site reads stays with the browser.
                let read = client.send(dress(Request::new(Method::GET, SESSION))).await?;
                let expected = if cookie && !bearer { 200 } else { 401 };
                assert_eq!(read.status.as_u16(), expected, "{what}");
                assert!(read.header("access-control-allow-origin").is_empty(), "{what}");
            }
        }
        assert_eq!(fingerprint(app).await?, before, "nothing was changed");
        Ok(())
    }
}

app_test! {
    async fn pages_on_the_list_may_call_and_others_may_not(app: TestAppOptions { cors_origins: vec!["https://tools.example".into()], ..quiet() }) {
        app.create_owner().await?;
        let client = app.client().stranger()?;
        let preflight = |origin: &str, path: &str| {
            Request::new(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type,idempotency-key")
        };
        let allowed = client.send(preflight("https://tools.example", ACCOUNTS)).await?;
        assert_eq!((allowed.status.as_u16(), allowed.header("access-control-allow-origin")), (204, "https://tools.example"));
        for wanted in ["authorization", "content-type", "idempotency-key", "if-match"] {
            let list = allowed.header("access-control-allow-headers");
            assert!(list.split(", ").any(|header| header == wanted), "{wanted} in {list}");
        }
        assert!(allowed.header("access-control-allow-methods").contains("POST"));
        for other in ["https://evil.example", "http://tools.example", "https://tools.example.evil.example", "https://tools.example:444", "null", "*", ""] {
            let refused = client.send(preflight(other, ACCOUNTS)).await?;
            assert!(refused.header("access-control-allow-origin").is_empty(), "{other}: {:?}", refused.headers);
            assert!(!refused.status.is_success(), "{other}");
        }
        let simple = |origin: &str| Request::new(Method::GET, SESSION).header("origin", origin);
        let seen = client.send(simple("https://tools.example")).await?;
        seen.refused(401, "unauthenticated")?;
        assert_eq!(seen.header("access-control-allow-origin"), "https://tools.example", "a refusal can be read too");
        assert!(seen.header("access-control-expose-headers").contains("retry-after"));
        assert!(client.send(simple("https://evil.example")).await?.header("access-control-allow-origin").is_empty());
        // Never with a session: neither is the browser told to send cookies, nor is one believed.
        for answer in [&allowed, &seen] {
            assert!(answer.header("access-control-allow-credentials").is_empty());
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary.as_bytes().eq_ignore_ascii_case(b"origin")));
        }
        app.client().send(change().header("origin", "https://tools.example")).await?.refused(403, "cross_site")?;
        Ok(())
    }
}

async fn addresses(app: &TestApp) -> Result<Vec<String>> {
    texts(&app.database().await?, "SELECT COALESCE(ip_address, '-') AS line FROM session ORDER BY created_at", "line")
        .await
}

async fn sign_in_from(app: &TestApp, forwarded: &[&str]) -> Result<String> {
    let request =
        Request::new(Method::POST, SESSION).json(&json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD }));
    let request = forwarded.iter().fold(request, |request, value| request.header("x-forwarded-for", value));
    let request = request.header("forwarded", "for=198.51.100.99").header("x-real-ip", "198.51.100.98");
    let answer = app.client().stranger()?.send(request.header("x-forwarded-host", "evil.example")).await?;
    anyhow::ensure!(answer.status == 200, "{}", answer.text());
    addresses(app).await?.pop().context("a session")
}

app_test! {
    async fn forged_addresses_are_not_believed(app: quiet()) {
        app.create_owner().await?;
        assert_eq!(sign_in_from(app, &["203.0.113.9"]).await?, "127.0.0.1");
        assert_eq!(sign_in_from(app, &["127.0.0.1, 10.0.0.1", "203.0.113.9"]).await?, "127.0.0.1");
        Ok(())
    }
}

app_test! {
    async fn a_trusted_proxy_is_believed_for_what_it_saw_itself(app: TestAppOptions { trusted_proxies: vec!["127.0.0.0/8".into(), "10.0.0.0/8".into()], ..quiet() }) {
        app.create_owner().await?;
        assert_eq!(sign_in_from(app, &["203.0.113.9"]).await?, "203.0.113.9");
        // What the client wrote itself stands to the left of what the proxy saw.
        assert_eq!(sign_in_from(app, &["198.51.100.7, 203.0.113.9, 10.2.2.2"]).await?, "203.0.113.9");
        assert_eq!(sign_in_from(app, &["198.51.100.7", "203.0.113.9"]).await?, "203.0.113.9");
        assert_eq!(sign_in_from(app, &["rubbish"]).await?, "127.0.0.1");
        Ok(())
    }
}

/// What an answer says of a quota, after checking that its headers say the same.
fn quota(answer: &Answer) -> Result<(String, u64, u64)> {
    let number =
        |name: &str| answer.header(name).parse::<u64>().with_context(|| format!("{name}: {:?}", answer.headers));
    let (limit, left, reset) = (number("ratelimit-limit")?, number("ratelimit-remaining")?, number("ratelimit-reset")?);
    let policy = answer.header("ratelimit-policy").to_owned();
    let tier = policy.split('"').nth(1).context("a tier")?.to_owned();
    anyhow::ensure!(policy == format!("\"{tier}\";q={limit};w=60"), "{policy}");
    anyhow::ensure!(answer.header("ratelimit") == format!("\"{tier}\";r={left};t={reset}"), "{:?}", answer.headers);
    Ok((tier, limit, left))
}

async fn counts_down(client: &ApiClient, path: &str, most: u64) -> Result<()> {
    for left in (0..most).rev() {
        let answer = client.get(path).await?;
        anyhow::ensure!(answer.status != 429, "{left}: {}", answer.text());
        anyhow::ensure!(quota(&answer)? == ("reads".to_owned(), most, left), "{:?}", answer.headers);
    }
    let refused = client.get(path).await?;
    refused.refused(429, "rate_limited")?;
    anyhow::ensure!(quota(&refused)?.2 == 0);
    let wait: u64 = refused.header("retry-after").parse()?;
    anyhow::ensure!((1..=60 / most).contains(&wait), "{wait}");
    Ok(())
}

app_test! {
    async fn quotas_count_down_and_end(app: TestAppOptions { limits: Some((4, 3)), ..quiet() }) {
        // One change of this network.
        app.create_owner().await?;
        let client = app.client();
        counts_down(client, SESSION, 4).await?;
        // The quota is the person's, whatever the session; it is not the network's, and not that of changes.
        let second = client.stranger()?;
        let answer = second.post(SESSION, &json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD })).await?;
        assert_eq!(quota(&answer)?, ("writes".to_owned(), 3, 1));
        second.get(WORKSPACES).await?.refused(429, "rate_limited")?;
        for left in [2, 1, 0] {
            let answer = client.send(change()).await?;
            answer.refused(422, "invalid_body")?;
            assert_eq!(quota(&answer)?, ("writes".to_owned(), 3, left));
        }
        client.send(change()).await?.refused(429, "rate_limited")?;
        // Strangers share that of their network, whatever they say where they come from.
        let stranger = client.stranger()?;
        for left in [3, 2, 1, 0] {
            let forged = Request::new(Method::GET, SETUP).header("x-forwarded-for", &format!("203.0.113.{left}"));
            assert_eq!(quota(&stranger.send(forged).await?)?, ("reads".to_owned(), 4, left));
        }
        let forged = Request::new(Method::GET, SETUP).header("x-forwarded-for", "203.0.113.77");
        stranger.send(forged).await?.refused(429, "rate_limited")?;
        // Pages and health checks are not counted.
        for path in ["/", "/health/live"] {
            let answer = stranger.get(path).await?;
            assert!(answer.status == 200 && answer.header("ratelimit").is_empty(), "{path}");
        }
        Ok(())
    }
}

app_test! {
    async fn edits_on_a_condition(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let made = client.post(TEAMS, &json!({ "name": "Support", "description": "" })).await?;
        let path = made.header("location").to_owned();
        let mut etag = made.header("etag").to_owned();
        assert!(!etag.is_empty() && client.get(&path).await?.header("etag") == etag);
        let edit = |condition: Option<&str>, description: &str| {
            let request = Request::new(Method::PATCH, path.clone()).json(&json!({ "description": description }));
            client.send(condition.map_or(request.clone(), |condition| request.header("if-match", condition)))
        };
        // No condition, any version, this version: done, and each makes a new one.
        for condition in [None, Some("*"), Some("this one")] {
            let given = condition.map(|text| if text == "*" { text.to_owned() } else { etag.clone() });
            let answer = edit(given.as_deref(), &format!("{condition:?}")).await?;
            assert_eq!(answer.status.as_u16(), 200, "{condition:?}: {}", answer.text());
            let before = std::mem::replace(&mut etag, answer.header("etag").to_owned());
            assert_ne!(before, etag, "{condition:?}");
            edit(Some(&before), "stale").await?.refused(412, "precondition_failed")?;
        }
        let weak = format!("W/{etag}");
        for other in [weak.as_str(), "\"\"", "\"x\"", "\"-1\"", "\"99999999999999999999\""] {
            edit(Some(other), "other").await?.refused(412, "precondition_failed")?;
        }
        for wrong in ["", "1", "\"1", &format!("{etag}, {etag}")] {
            edit(Some(wrong), "wrong").await?.refused(400, "invalid_header")?;
        }
        // Of two who have seen the same, one is first.
        let (one, two) = tokio::join!(edit(Some(&etag), "one"), edit(Some(&etag), "two"));
        let mut statuses = [one?.status.as_u16(), two?.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let stale = Request::new(Method::DELETE, path.clone()).header("if-match", &etag);
        client.send(stale).await?.refused(412, "precondition_failed")?;
        assert_eq!(client.get(&path).await?.status.as_u16(), 200, "it is still there");
        Ok(())
    }
}

app_test! {
    async fn removals_on_a_condition(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let viewer = app.create_user(Role::Viewer).await?;
        let user = with_id(USER, viewer.get(SESSION).await?.ok::<SessionView>()?.user_id);
        let key = client.post(API_KEYS, &json!({ "name": "k", "permissions": ["workspace:read"] })).await?;
        let key = key.header("location").to_owned();
        for path in [user, key] {
            let etag = client.get(&path).await?.header("etag").to_owned();
            let remove = |etag: &str| client.send(Request::new(Method::DELETE, path.clone()).header("if-match", etag));
            remove("\"999\"").await?.refused(412, "precondition_failed")?;
            assert_eq!(client.get(&path).await?.status, 200, "{path}");
            assert_eq!(remove(&etag).await?.status, 204, "{path}: {etag}");
        }
        // Oneself, as somebody else has seen it.
        let viewer = app.create_user_named("other@example.com", Role::Viewer).await?;
        let remove = |etag: &str| viewer.send(Request::new(Method::DELETE, PROFILE).header("if-match", etag));
        remove("\"999\"").await?.refused(412, "precondition_failed")?;
        let etag = viewer.get(PROFILE).await?.header("etag").to_owned();
        assert_eq!(remove(&etag).await?.status, 204);
        Ok(())
    }
}

app_test! {
    async fn secrets_that_are_nobodys_are_limited_by_network(app: TestAppOptions { unknown_per_minute: Some(1), ..quiet() }) {
        app.create_owner().await?;
        let replica = app.replica().await?;
        let sign_in = json!({ "email": OWNER_EMAIL, "password": OWNER_PASSWORD });
        let later = app.client().stranger()?;
        assert_eq!(later.post(SESSION, &sign_in).await?.status, 200);
        let with = |token: &str| {
            let client = replica.stranger()?;
            client.set_session(Some(token.to_owned()));
            anyhow::Ok(client)
        };
        let known = with(&app.client().session().context("signed in")?)?;
        // Who turns out to be somebody costs nothing, however often and by whatever.
        for _ in 0..3 {
            assert_eq!(known.get(SESSION).await?.status, 200);
        }
        with("made up")?.get(SESSION).await?.refused(401, "unauthenticated")?;
        let refused = with("made up as well")?.get(SESSION).await?;
        refused.refused(429, "rate_limited")?;
        let wait: u64 = refused.header("retry-after").parse()?;
        assert!((1..=60).contains(&wait), "{wait}");
        let key = format!("Bearer whk_0123abcd_{}", "x".repeat(43));
        let by_key = Request::new(Method::GET, WORKSPACES).header("authorization", &key);
        replica.stranger()?.send(by_key).await?.refused(429, "rate_limited")?;
        // It was not looked up: this one is good, and this process has not met it.
        with(&later.session().context("signed in")?)?.get(SESSION).await?.refused(429, "rate_limited")?;
        // Who was recognised before goes on, and so does who signs in, with whatever their browser still holds.
        app.client().get(SESSION).await?;
        assert_eq!(known.get(SESSION).await?.status, 200);
        let returning = with("an old one")?;
        assert_eq!(returning.post(SESSION, &sign_in).await?.status, 200);
        assert_eq!(returning.get(SESSION).await?.status, 200);
        Ok(())
    }
}

app_test! {
    async fn headers_that_are_too_many_or_too_long_are_refused(app: quiet()) {
        let client = app.client();
        let many = (0..200).fold(Request::new(Method::GET, SETUP), |request, at| request.header("x-filler", &at.to_string()));
        assert_eq!(client.send(many).await?.status.as_u16(), 431);
        let long = Request::new(Method::GET, SETUP).header("x-filler", &"a".repeat(200_000));
        assert_eq!(client.send(long).await?.status.as_u16(), 431);
        assert_eq!(client.get(SETUP).await?.status.as_u16(), 200, "and the next one is served");
        Ok(())
    }
}

app_test! {
    async fn every_answer_says_what_a_browser_may_do_with_it(app: quiet()) {
        app.create_owner().await?;
        let client = app.client();
        let foreign = Request::new(Method::DELETE, SESSION).header("origin", "https://evil.example");
        let answers = [
            ("page", client.get("/").await?),
            ("no page", client.get("/nothing.js").await?),
            ("answer", client.get(SESSION).await?),
            ("not found", client.get("/api/v1/nowhere").await?),
            ("refused", client.send(foreign).await?),
            ("health", client.get("/health/live").await?),
        ];
        for (what, answer) in answers {
            let program = !what.contains("page");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with(if program { "default-src 'none'" } else { "default-src 'self'" }), "{what}: {policy}");
            assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'), "{policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-embedder-policy", "require-corp"),
                ("x-permitted-cross-domain-policies", "none"),
            ] {
                assert_eq!(answer.header(name), value, "{what}: {name}");
            }
            assert!(answer.header("permissions-policy").contains("camera=()"), "{what}");
            assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(), "{what}");
            if what == "answer" || what == "refused" {
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            }
        }
        Ok(())
    }
}
