//! What recognising somebody and checking a permission adds to a request: the same handler over HTTP with and without, and the
//! look alone, with the process's copy and by its statement.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use api::extract::{Require, SESSION_COOKIE, Strangers};
use api::live::{Kept, Live, Outbox, OutboxError, Recorded};
use api::state::AppState;
use async_trait::async_trait;
use axum::routing::get;
use domain::access::{Actor, Permission, marker};
use platform::config::{Config, LiveConfig};
use platform::limits::RateLimiter;
use services::credentials::{self, Credential};
use services::keys::NewKey;
use services::sessions::SessionMeta;
use testkit::app::TestAppOptions;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::served::{Connection, percentiles};
use crate::{Row, row};

/// Requests of each kind, after as many again to warm up.
const REQUESTS: usize = 20_000;
/// Looks that ask the database.
const LOOKS: usize = 3_000;

/// No events.
struct Nothing;

#[async_trait]
impl Outbox for Nothing {
    async fn kept(&self) -> Result<Kept, OutboxError> {
        Ok(Kept { resumable_from: 0, newest: 0 })
    }

    async fn after(&self, _id: i64, _limit: u32) -> Result<Vec<Recorded>, OutboxError> {
        Ok(Vec::new())
    }
}

/// A guarded and an open handler that do nothing.
async fn serve(context: services::Context) -> Result<u16> {
    let live = Live::new(Arc::new(Nothing), CancellationToken::new());
    let state =
        AppState::new(context, RateLimiter::new(None), Strangers::new(120), live, LiveConfig::new(Config::default()));
    let router = axum::Router::new()
        .route("/open", get(async || "done"))
        .route("/guarded", get(async |_: Require<marker::WorkspaceRead>| "done"))
        .with_state(state);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(port)
}

/// Both kinds by turns, so that whatever else the machine does meets both.
async fn by_turns(port: u16, requests: [&str; 2]) -> Result<[f64; 2]> {
    let (mut one, mut two) = (Connection::open(port).await?, Connection::open(port).await?);
    let mut took = [Vec::new(), Vec::new()];
    for turn in 0..2 * REQUESTS {
        for (at, connection) in [&mut one, &mut two].into_iter().enumerate() {
            let asked = Instant::now();
            connection.ask(requests[at]).await?;
            if turn >= REQUESTS {
                took[at].push(asked.elapsed());
            }
        }
    }
    Ok(took.map(|took| percentiles(took)[0]))
}

pub async fn run() -> Result<Vec<Row>> {
    let database = crate::postgres().await?;
    let config = testkit::compose::config(&TestAppOptions::default(), &database.url, ([127, 0, 0, 1], 0).into())?;
    let context = testkit::compose::context(&config, None).await?;
    let token = services::identity::issue_setup_link(&context).await?.context("there is a user")?;
    let (email, password) = (testkit::app::OWNER_EMAIL, testkit::app::OWNER_PASSWORD);
    let meta = SessionMeta::default();
    let session = services::identity::create_owner(&context, &token, email, password, meta).await?;
    let permissions = [Permission::WorkspaceRead].into();
    let new = NewKey { name: "bench".to_owned(), permissions, lasts: None };
    let key = services::keys::create_key_for(&context, &Actor::system(), email, new).await?.secret;

    let port = serve(context.clone()).await?;
    let request = |path: &str, header: &str| format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{header}\r\n");
    let open = request("/open", "");
    let mut rows = Vec::new();
    for (what, header) in [
        ("a session", format!("Cookie: {SESSION_COOKIE}={}\r\n", session.token)),
        ("an API key", format!("Authorization: Bearer {key}\r\n")),
    ] {
        let [without, with] = by_turns(port, [&open, &request("/guarded", &header)]).await?;
        rows.push(row(
            format!("a request with {what} and a permission"),
            format!(
                "p50 {with:.3} ms, without {without:.3} ms: {:.3} ms more, ratio {:.2}",
                with - without,
                with / without
            ),
        ));
    }
    for (what, credential) in
        [("session", Credential::session(&session.token)), ("API key", Credential::key(&key).context("it is a key")?)]
    {
        let look = async |asks: bool| -> Result<f64> {
            let mut took = Vec::new();
            for _ in 0..LOOKS {
                if asks {
                    context.known.forget_all();
                }
                let began = Instant::now();
                let found = credentials::authenticate(&context, &credential, None).await?.context("recognised")?;
                found.actor.require(Permission::WorkspaceRead)?;
                took.push(began.elapsed());
            }
            Ok(percentiles(took)[0])
        };
        let (copy, asked) = (look(false).await?, look(true).await?);
        let figure = format!("p50 {copy:.4} ms with the process's copy, {asked:.3} ms by its statement on Postgres");
        rows.push(row(format!("the look alone, {what}"), figure));
    }
    context.db.close().await?;
    Ok(rows)
}
