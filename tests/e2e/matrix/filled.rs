//! An installation in which there is something on every page, and one in which there is nothing yet; with somebody of each role.

use anyhow::{Context as _, Result};
use contract::accounts::StartedJobsView;
use contract::assistant::{ConversationDetailView, ConversationView};
use contract::paths::{
    BUDGETS, CONVERSATION_TURNS, CONVERSATIONS, INVITATIONS, JOBS, REPORTS, REQUESTS, SCHEDULE_RUN, TEAMS, TURN_ANSWER,
    USERS, VIEWS, with_id,
};
use contract::workspaces::WorkspaceView;
use domain::access::Role;
use domain::sync::SyncKind;
use serde_json::{Value, json};
use testkit::app::{TestApp, TestAppOptions};
use testkit::client::ApiClient;

use crate::begun::{first, fleet};

/// What addresses name.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    pub workspace: String,
    pub job: String,
    pub user: String,
    pub conversation: String,
}

/// Somebody, and what of it is theirs.
#[derive(Debug)]
pub struct Person {
    pub role: Role,
    pub session: String,
    pub ids: Ids,
}

/// Somebody of each of these roles; the member is who works on that desktop.
async fn people(app: &TestApp, roles: &[Role], desktop: Option<&WorkspaceView>) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for role in roles.iter().copied() {
        let made;
        let client = match (role, desktop) {
            (Role::Owner, _) => app.client(),
            (Role::Member, Some(desktop)) => {
                made = app.create_user_named(&format!("{}@example.com", desktop.user_name), role).await?;
                &made
            }
            _ => {
                made = app.create_user_named(&format!("{role}@example.com"), role).await?;
                &made
            }
        };
        let mut ids = Ids::default();
        if let Some(desktop) = desktop {
            ids.workspace = desktop.id.to_string();
            ids.conversation = asked(client).await?;
        }
        let session = client.session().context("they are signed in")?;
        people.push(Person { role, session, ids });
    }
    Ok(people)
}

/// A conversation with an answer.
async fn asked(client: &ApiClient) -> Result<String> {
    let talk: ConversationView = client.post(CONVERSATIONS, &json!({})).await?.ok()?;
    let question = json!({ "question": "How many WorkSpaces are there by state?" });
    let turn: Value = client.post(&with_id(CONVERSATION_TURNS, talk.id), &question).await?.ok()?;
    let turn = turn["id"].as_str().context("a turn has an id")?;
    // The answer is a stream, and ends.
    client.post_empty(&with_id(TURN_ANSWER, turn)).await?;
    let _: ConversationDetailView = client.get(&with_id(contract::paths::CONVERSATION, talk.id)).await?.ok()?;
    Ok(talk.id.to_string())
}

/// Forty WorkSpaces of which everything was read that the simulated AWS knows, and what people make of them.
pub async fn filled(roles: &[Role]) -> Result<(TestApp, Vec<Person>)> {
    let app = fleet(40).await?;
    let account = app.accounts().await?.into_iter().next().context("an account")?;
    let mut jobs = Vec::new();
    for kind in SyncKind::ALL.iter().filter(|kind| **kind != SyncKind::Workspaces) {
        let started: StartedJobsView = app.client().post_empty(&with_id(SCHEDULE_RUN, kind)).await?.ok()?;
        jobs.extend(started.job_ids);
    }
    for job in jobs {
        app.wait_for_job(job).await?;
    }
    let desktop = first(&app, "state=AVAILABLE").await?;
    let mut people = people(&app, roles, Some(&desktop)).await?;

    let client = app.client();
    for (path, body) in [
        (REQUESTS, json!({ "kind": "other", "note": "A second screen, please" })),
        (TEAMS, json!({ "name": "Engineering" })),
        (INVITATIONS, json!({ "email": "grace@example.com", "grants": [{ "role": "viewer", "reach": "everything" }] })),
        (VIEWS, json!({ "page": "workspaces", "name": "Stopped", "query": "state=STOPPED" })),
        (
            BUDGETS,
            json!({
                "name": "The account", "reach": "account", "account_id": account.id, "amount": "100", "currency": "USD",
                "thresholds": [80],
            }),
        ),
        (
            REPORTS,
            json!({
                "name": "The fleet, each Monday", "template": "inventory", "span": "yesterday", "format": "csv",
                "frequency": "daily", "zone": "UTC", "hour": 6, "day": 1, "keep_runs": 3, "enabled": false,
            }),
        ),
    ] {
        let _: Value = client.post(path, &body).await?.ok()?;
    }
    let first = |page: Value, what: &str| {
        page["items"][0]["id"].as_str().map(str::to_owned).with_context(|| format!("there is no {what}"))
    };
    let job = first(client.get(JOBS).await?.ok()?, "job")?;
    let user = first(client.get(USERS).await?.ok()?, "user")?;
    for person in &mut people {
        person.ids.job.clone_from(&job);
        person.ids.user.clone_from(&user);
    }
    Ok((app, people))
}

/// Nobody connected an account yet.
pub async fn fresh(roles: &[Role]) -> Result<(TestApp, Vec<Person>)> {
    let options = TestAppOptions { simulated_workspaces: 0, portal: true, ..TestAppOptions::default() };
    let app = TestApp::start(options).await?.context("SQLite is always there")?;
    app.create_owner().await?;
    let people = people(&app, roles, None).await?;
    Ok((app, people))
}
