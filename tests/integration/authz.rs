//! Who may do what: every operation of the OpenAPI document, times each built-in role over everything and within one account, times
//! one's own and another's object, times those who are not signed in and those who come with an API key, against a table written by
//! hand (`authz/table.rs`). Nothing escapes the table: an operation that is not in it fails the test, as does one that is gone.

pub mod objects;
mod table;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result};
use axum::http::Method;
use chrono::TimeDelta;
use domain::access::{Actor, Permission, Reach, Role, Scope};
use domain::ids::UserId;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;
use services::keys::{NewKey, create_key_for};
use testkit::app::{OWNER_EMAIL, TestApp, TestAppOptions};
use testkit::app_test;
use testkit::client::{ApiClient, Request};

use self::objects::{MEMBER, Side, World, body, check, person, stream_status};
use self::table::{Op, TABLE};

/// The roles in the order of the table's columns.
const ROLES: [Role; 7] =
    [Role::Owner, Role::Admin, Role::Operator, Role::Approver, Role::Auditor, Role::Viewer, Role::Member];

/// Somebody who asks: a client, and who they are or what key they come with.
struct Asker<'a> {
    client: &'a ApiClient,
    user: Option<UserId>,
    bearer: Option<&'a str>,
}

/// The letter of the answer, and its text.
async fn ask(world: &World<'_>, op: &Op, side: &Side, asker: &Asker<'_>) -> Result<(char, String)> {
    let what = format!("{} {}", op.method, op.path);
    if op.path == contract::paths::EVENTS {
        let (status, text) = stream_status(asker.client, asker.bearer).await?;
        return Ok((letter(&what, status, &text)?, String::new()));
    }
    let address = world.address(op.method, op.path, side, asker.user).await?;
    let mut request = Request::new(op.method.parse::<Method>()?, address);
    if ["POST", "PUT", "PATCH"].contains(&op.method) {
        request = request.json(&body(op.method, op.path, world, side));
    }
    if let Some(key) = asker.bearer {
        request = request.header("authorization", &format!("Bearer {key}"));
    }
    // From a network of its own: the limit of sign-ins is no subject here.
    let asked = world.asked.fetch_add(1, Ordering::Relaxed);
    request = request.header("x-forwarded-for", &format!("11.{}.{}.7", asked / 256, asked % 256));
    let answer = asker.client.send(request).await?;
    if answer.status.is_client_error() || answer.status.is_server_error() {
        answer.problem().with_context(|| what.clone())?;
    }
    Ok((letter(&what, answer.status.as_u16(), &answer.text())?, answer.text()))
}

/// See the table.
fn letter(what: &str, status: u16, text: &str) -> Result<char> {
    anyhow::ensure!(!matches!(status, 405 | 429) && status < 500, "{what}: {status}: {text}");
    Ok(match status {
        401 => 'u',
        403 if text.contains("\"step_up_required\"") => 's',
        403 => 'x',
        404 => '-',
        _ => '+',
    })
}

/// Compares a row's answers with the table, and notes where they differ.
fn compare(wrong: &mut Vec<String>, op: &Op, column: &str, expected: &str, found: &str) {
    if expected != found {
        wrong.push(format!("{} {} {column}: expected {expected:?}, found {found:?}", op.method, op.path));
    }
}

/// Every operation of the served document as method and path.
async fn operations(app: &TestApp) -> Result<BTreeSet<(String, String)>> {
    let document: Value = app.client().stranger()?.get(contract::paths::OPENAPI).await?.ok()?;
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for method in item.as_object().context("no item")?.keys() {
            if ["get", "post", "put", "patch", "delete", "head", "options", "trace"].contains(&method.as_str()) {
                operations.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    Ok(operations)
}

/// Says which operations are in one and not in the other.
async fn covered(app: &TestApp) -> Result<()> {
    let table: BTreeSet<_> = TABLE.iter().map(|op| (op.method.to_owned(), op.path.to_owned())).collect();
    assert_eq!(table.len(), TABLE.len(), "no operation twice");
    let served = operations(app).await?;
    let missing: Vec<_> = served.difference(&table).collect();
    let gone: Vec<_> = table.difference(&served).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the table: {missing:?}; not served: {gone:?}");
    // Every cell is there: seven each, unless roles don't matter, or there is no object that could be another's.
    for op in TABLE {
        let lengths = [op.everywhere.len(), op.own.len(), op.foreign.len(), op.others.len()];
        let objects = op.path.contains('{') && !op.path.contains("{name}");
        let whole = matches!(lengths, [7, 7, 7, 7]) || matches!(lengths, [0 | 7, 0 | 7, 0, 7] if !objects);
        assert!(whole, "{} {}: a row without all its cells: {lengths:?}", op.method, op.path);
    }
    Ok(())
}

/// Every role in a scope, by an object of each side: the letters, role by role.
async fn roles(
    world: &World<'_>,
    people: &[(ApiClient, UserId)],
    op: &Op,
    side: &Side,
    check: impl Fn(&str, &str),
) -> Result<String> {
    let mut letters = String::new();
    for (role, (client, user)) in ROLES.iter().zip(people) {
        // A session of its own, since some operations end it.
        client.set_session(Some(world.session(*user, TimeDelta::hours(1)).await?.0));
        let (letter, text) = ask(world, op, side, &Asker { client, user: Some(*user), bearer: None }).await?;
        if letter == '+' {
            check(&format!("{role}: {} {}", op.method, op.path), &text);
        }
        letters.push(letter);
    }
    Ok(letters)
}

/// A person for each role, with that in their address.
async fn people(app: &TestApp, within: Option<&Scope>, tag: &str) -> Result<Vec<(ApiClient, UserId)>> {
    let mut people = Vec::new();
    for role in ROLES {
        let email = match (within, role) {
            (Some(_), Role::Member) if tag == "within" => MEMBER.to_owned(),
            (_, role) => format!("{tag}-{role}@example.com"),
        };
        let client = match within {
            Some(_) if role == Role::Member => app.create_user_named(&email, role).await?,
            Some(scope) => app.create_user_with(&email, &[(role, scope.clone())]).await?,
            None => app.create_user_with(&email, &[(role, Scope::Everything)]).await?,
        };
        people.push((client, person(app, &email).await?));
    }
    Ok(people)
}

/// The API keys of an owner: their text by what is wrong with them.
struct Keys<'a> {
    app: &'a TestApp,
}

impl Keys<'_> {
    /// A key for these permissions.
    async fn make(&self, permissions: BTreeSet<Permission>) -> Result<String> {
        let new = NewKey { name: "matrix".to_owned(), permissions, lasts: None };
        Ok(create_key_for(self.app.context(), &Actor::system(), OWNER_EMAIL, new).await?.secret)
    }

    /// A key for everything, with a column of its row set to the past.
    async fn ended(&self, column: &str) -> Result<String> {
        let text = self.make(Permission::ALL.iter().copied().collect()).await?;
        let prefix = text.split('_').nth(1).context("a key has a prefix")?;
        let db = &self.app.context().db;
        let sql = format!("UPDATE api_key SET {column} = created_at WHERE prefix IN ('{prefix}', 'whk_{prefix}')");
        let done = db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
        assert_eq!(done.rows_affected(), 1, "{column}");
        Ok(text)
    }
}

app_test! {
    async fn every_operation_times_every_role(app: TestAppOptions {
        simulated_workspaces: 0,
        worker: false,
        trusted_proxies: vec!["127.0.0.1".to_owned()],
        ..TestAppOptions::default()
    }) {
        let world = World::build(app).await?;
        app.leave_open_jobs();
        covered(app).await?;
        let within = Scope::only(Reach::Account { account_id: world.own.account });
        let everywhere = people(app, None, "everywhere").await?;
        let scoped = people(app, Some(&within), "within").await?;
        let owner = person(app, OWNER_EMAIL).await?;
        let keys = Keys { app };
        let full: BTreeSet<_> = Permission::ALL.iter().copied().collect();
        let (whole, revoked, expired) = (keys.make(full.clone()).await?, keys.ended("revoked_at").await?, keys.ended("expires_at").await?);
        let stranger = app.client().stranger()?;
        let mut wrong = Vec::new();
        for op in TABLE {
            // Who removes themselves is somebody of their own.
            let removing = op.method == "DELETE" && op.path == contract::paths::PROFILE;
            let leaving = match removing {
                true => Some((people(app, None, "leaving").await?, people(app, Some(&within), "leaving-scoped").await?)),
                false => None,
            };
            let (everywhere, scoped) = leaving.as_ref().map_or((&everywhere, &scoped), |(all, some)| (all, some));
            if !op.everywhere.is_empty() {
                for side in [&world.own, &world.foreign] {
                    // What belongs to people is somebody else's for the others however wide their role is.
                    let personal = ["{session_id}", "{key_id}", "{conversation_id}", "{turn_id}", "{report_id}", "{report_run_id}", "{view_id}"].iter().any(|id| op.path.contains(id));
                    // Requests are seen by more than who made them, and taken back by nobody else.
                    let personal = personal || (op.method == "DELETE" && op.path == contract::paths::REQUEST);
                    if side.account == world.own.account || !(personal || removing) {
                        let found = roles(&world, everywhere, op, side, |_, _| {}).await?;
                        compare(&mut wrong, op, "everywhere", op.everywhere, &found);
                    }
                }
                let found = roles(&world, scoped, op, &world.own, |what, text| check(&world, false, what, text)).await?;
                compare(&mut wrong, op, "own", op.own, &found);
            }
            if !op.foreign.is_empty() {
                let found = roles(&world, scoped, op, &world.foreign, |what, text| check(&world, true, what, text)).await?;
                compare(&mut wrong, op, "foreign", op.foreign, &found);
            }
            let mut found = String::new();
            let ended = world.session(owner, TimeDelta::seconds(-1)).await?.0;
            let gone = world.session(owner, TimeDelta::hours(1)).await?;
            store::repo::sessions::session_revoke(&app.context().db, owner, gone.1, app.context().env.now()).await?;
            for session in [None, Some(ended), Some(gone.0)] {
                stranger.set_session(session);
                found.push(ask(&world, op, &world.own, &Asker { client: &stranger, user: None, bearer: None }).await?.0);
            }
            let partial: BTreeSet<_> = full.iter().copied().filter(|one| Some(*one) != op.needs).collect();
            let partial = keys.make(partial).await?;
            for key in [&whole, &partial, &revoked, &expired] {
                stranger.set_session(None);
                let asker = Asker { client: &stranger, user: Some(owner), bearer: Some(key) };
                found.push(ask(&world, op, &world.own, &asker).await?.0);
            }
            forget(app).await?;
            compare(&mut wrong, op, "others", op.others, &found);
        }
        assert!(wrong.is_empty(), "{} answers are others than in the table:\n{}", wrong.len(), wrong.join("\n"));
        Ok(())
    }
}

/// Takes away what a row of the table needed, so that the most that there may be of it is never reached.
async fn forget(app: &TestApp) -> Result<()> {
    let db = &app.context().db;
    for sql in [
        "DELETE FROM api_key WHERE name IN ('a key', 'another name') OR (name = 'matrix' AND id IN \
         (SELECT id FROM api_key WHERE name = 'matrix' ORDER BY id DESC LIMIT 1))",
        "DELETE FROM role",
        "DELETE FROM team",
        "DELETE FROM invitation",
        "DELETE FROM report",
    ] {
        db.execute_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    }
    Ok(())
}
