//! What the operations of the table are done to: two small accounts, one of which is anybody's own and the other foreign; a fresh
//! object for each cell that changes it; and the bodies of changes. Not what is expected: that is `table.rs`.

use std::slice;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use contract::paths;
use domain::access::{Permission, Role};
use domain::account::Access;
use domain::ids::{
    AccountId, ApiKeyId, ConversationId, JobId, Region, ReportId, ReportRunId, RequestId, SessionId, SyncRunId,
    TrailEventId, TurnId, UserId, ViewId, WorkspaceId,
};
use domain::reports::{ReportFormat, ReportFrequency, ReportSpan, ReportTemplate};
use domain::requests::RequestKind;
use domain::sync::{DataSetStatus, SyncKind, SyncOutcome, SyncReport};
use domain::views::ViewPage;
use domain::workspace::{ObservedDirectory, ObservedWorkspace, RunningMode, WorkspaceState};
use serde_json::{Value, json};
use store::queue::{NewJob, enqueue};
use store::repo::accounts::{NewAccount, account_insert};
use store::repo::api_keys::{NewApiKey, api_key_insert};
use store::repo::api_spend::api_spend_add;
use store::repo::assistant::{ConversationRecord, conversation_insert, turn_insert};
use store::repo::data_sets::{DataSetUpdate, data_set_put};
use store::repo::inventory::{SyncContext, directories_apply, inventory_apply};
use store::repo::reports::{NewRun, ReportRecord, RunFile, report_insert, run_finish, run_insert, run_link};
use store::repo::requests::{NewRequest, request_insert};
use store::repo::sessions::{NewSession, session_insert};
use store::repo::sync_runs::{NewSyncRun, sync_run_finish, sync_run_start};
use store::repo::trail::{TrailEventRow, trail_append};
use store::repo::users::user_fetch_by_email;
use store::repo::views::{ViewRecord, view_insert};
use testkit::app::TestApp;
use testkit::client::ApiClient;

/// A word that is in everything foreign: no answer to somebody within account A may hold it.
const FOREIGN_WORD: &str = "zanzibar";
/// The e-mail address of the member whose desktop is in account A.
pub const MEMBER: &str = "desktop.user@example.com";

/// One of the two accounts.
#[derive(Debug, Clone)]
pub struct Side {
    /// The account.
    pub account: AccountId,
    /// Its region, which the other does not have.
    pub region: Region,
    /// Its WorkSpace.
    pub workspace: WorkspaceId,
    /// An event in AWS about it.
    event: TrailEventId,
    /// A job about it that stays as it is.
    job: JobId,
    /// Somebody who owns what belongs to people on this side; `None` for whoever asks.
    person: Option<UserId>,
}

/// Both accounts, and who makes what is not of the fleet.
pub struct World<'a> {
    pub app: &'a TestApp,
    /// Account A.
    pub own: Side,
    /// Account B.
    pub foreign: Side,
    /// A person that nobody else signs in as.
    target: UserId,
    /// Requests so far.
    pub asked: AtomicU32,
}

impl<'a> World<'a> {
    pub async fn build(app: &'a TestApp) -> Result<Self> {
        app.create_owner().await?;
        app.create_user_named("target@example.com", Role::Viewer).await?;
        app.create_user_named("someone.else@example.com", Role::Viewer).await?;
        let else_one = person(app, "someone.else@example.com").await?;
        let own = side(app, "Home", "eu-central-1", "desktop.user", None).await?;
        let foreign = side(app, "Zanzibar", "ap-south-1", "zanzibar.user", Some(else_one)).await?;
        Ok(Self { app, own, foreign, target: person(app, "target@example.com").await?, asked: AtomicU32::new(0) })
    }

    /// The path with an object of that side in it: a fresh one where it is going to be changed.
    pub async fn address(&self, method: &str, path: &str, side: &Side, asker: Option<UserId>) -> Result<String> {
        let mut address = path.to_owned();
        while let (Some(open), Some(close)) = (address.find('{'), address.find('}')) {
            let name = address[open + 1..close].to_owned();
            let id = match (method, path) {
                // Whoever is removed is nobody's own.
                ("DELETE", paths::USER) => self.newcomer().await?,
                _ => self.object(&name, method != "GET", side, asker.unwrap_or(self.target)).await?,
            };
            address.replace_range(open..=close, &id);
        }
        Ok(address)
    }

    /// To add a kind of object: an arm for the name of its parameter.
    async fn object(&self, parameter: &str, fresh: bool, side: &Side, asker: UserId) -> Result<String> {
        let person = side.person.unwrap_or(asker);
        Ok(match parameter {
            "account_id" => side.account.to_string(),
            "workspace_id" => side.workspace.to_string(),
            "job_id" if fresh => self.job(side).await?.to_string(),
            "job_id" => side.job.to_string(),
            "name" => "sync-workspaces".to_owned(),
            "session_id" => self.session(person, TimeDelta::hours(1)).await?.1.to_string(),
            "key_id" => self.key(person).await?.to_string(),
            "conversation_id" => self.conversation(person).await?.to_string(),
            "turn_id" => self.turn(person).await?.to_string(),
            "event_id" => side.event.to_string(),
            "request_id" => self.request(person).await?.to_string(),
            "view_id" => self.view(person).await?.to_string(),
            "report_id" => self.report(person).await?.to_string(),
            "report_run_id" => self.report_run(person, None).await?.to_string(),
            "token" => {
                let token = self.app.context().env.new_id().to_string();
                self.report_run(person, Some(&token)).await?;
                token
            }
            "user_id" => self.target.to_string(),
            "seq" => "1".to_owned(),
            "role_id" => self.made(paths::ROLES, &body("POST", paths::ROLES, self, side)).await?,
            "team_id" => self.made(paths::TEAMS, &body("POST", paths::TEAMS, self, side)).await?,
            "budget_id" => self.made(paths::BUDGETS, &body("POST", paths::BUDGETS, self, side)).await?,
            "invitation_id" => self.made(paths::INVITATIONS, &body("POST", paths::INVITATIONS, self, side)).await?,
            other => bail!("objects.rs does not know what {{{other}}} is: add an arm"),
        })
    }

    /// The owner who made the world, signed in anew.
    pub async fn owner(&self) -> Result<&ApiClient> {
        let owner = person(self.app, testkit::app::OWNER_EMAIL).await?;
        let client = self.app.client();
        client.set_session(Some(self.session(owner, TimeDelta::hours(1)).await?.0));
        Ok(client)
    }

    /// The id of what the owner makes by a POST.
    async fn made(&self, path: &str, body: &Value) -> Result<String> {
        let made: Value = self.owner().await?.post(path, body).await?.ok()?;
        let id = ["/id", "/role/id", "/team/id", "/invitation/id"].iter().find_map(|at| made.pointer(at)?.as_str());
        Ok(id.with_context(|| format!("no id: {made}"))?.to_owned())
    }

    /// A person who was never there before.
    async fn newcomer(&self) -> Result<String> {
        let email = format!("{}@example.com", self.app.context().env.new_id().simple());
        self.app.create_user_named(&email, Role::Viewer).await?;
        Ok(person(self.app, &email).await?.to_string())
    }

    async fn job(&self, side: &Side) -> Result<JobId> {
        job(self.app, side.account, &side.region).await
    }

    /// A session of somebody that ends after that time: its secret and its id.
    pub async fn session(&self, user: UserId, lasts: TimeDelta) -> Result<(String, SessionId)> {
        let ctx = self.app.context();
        let id = SessionId(ctx.env.new_id());
        let token = format!("{:0<43}", id.0.simple());
        let at = ctx.env.now();
        let new = NewSession {
            id,
            user_id: user,
            token_hash: services::sessions::token_digest(&token),
            at,
            expires_at: at + lasts,
            user_agent: None,
            ip_address: None,
            method: "password".to_owned(),
        };
        session_insert(&ctx.db, &new).await?;
        Ok((token, id))
    }

    /// A key of somebody that nobody has the secret of.
    async fn key(&self, user: UserId) -> Result<ApiKeyId> {
        let ctx = self.app.context();
        let id = ApiKeyId(ctx.env.new_id());
        let new = NewApiKey {
            id,
            user_id: user,
            name: "a key".to_owned(),
            // The end of the id is what tells two of the same moment apart.
            prefix: id.0.simple().to_string()[24..].to_owned(),
            secret_hash: id.0.simple().to_string(),
            permissions: [Permission::WorkspaceRead].into(),
            at: ctx.env.now(),
            expires_at: None,
        };
        api_key_insert(&ctx.db, &new).await?;
        Ok(id)
    }

    /// A conversation of somebody with the assistant.
    async fn conversation(&self, user: UserId) -> Result<ConversationId> {
        let new = self.conversation_record(user);
        conversation_insert(&self.app.context().db, &new).await?;
        Ok(new.id)
    }

    fn conversation_record(&self, user_id: UserId) -> ConversationRecord {
        let env = &self.app.context().env;
        let (id, at) = (ConversationId(env.new_id()), env.now());
        let title = "a conversation".to_owned();
        ConversationRecord { id, user_id, title, version: 1, created_at: at, updated_at: at }
    }

    /// A question in a conversation of somebody.
    async fn turn(&self, user: UserId) -> Result<TurnId> {
        let ctx = self.app.context();
        let (id, conversation) = (TurnId(ctx.env.new_id()), self.conversation_record(user));
        // Both at once: a request whose asker gave up may still remove this person, with what is theirs.
        let tx = ctx.db.begin().await?;
        conversation_insert(&tx, &conversation).await?;
        turn_insert(&tx, id, conversation.id, "How many WorkSpaces are there?", ctx.env.now()).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A request of somebody.
    async fn request(&self, user_id: UserId) -> Result<RequestId> {
        let (ctx, note) = (self.app.context(), "a request".to_owned());
        let (id, at) = (RequestId(ctx.env.new_id()), ctx.env.now());
        let (user_key, kind) = (user_id.to_string(), RequestKind::Other);
        let new = NewRequest { id, user_id, user_key, kind, desktop: None, bundle: None, note, at };
        request_insert(&ctx.db, &new, ctx.env.new_id()).await?;
        Ok(id)
    }

    /// A view of somebody.
    async fn view(&self, owner_id: UserId) -> Result<ViewId> {
        let ctx = self.app.context();
        let (id, at) = (ViewId(ctx.env.new_id()), ctx.env.now());
        let (name, query) = (format!("View {id}"), String::new());
        let page = ViewPage::Workspaces;
        let new =
            ViewRecord { id, owner_id, page, name, query, shared: false, version: 1, created_at: at, updated_at: at };
        view_insert(&ctx.db, &new).await?;
        Ok(id)
    }

    /// A report of somebody.
    async fn report(&self, owner_id: UserId) -> Result<ReportId> {
        let ctx = self.app.context();
        let (id, at) = (ReportId(ctx.env.new_id()), ctx.env.now());
        let new = ReportRecord {
            id,
            owner_id,
            owner: String::new(),
            name: "a report".to_owned(),
            template: ReportTemplate::Inventory,
            filter: json!({}),
            span: ReportSpan::Yesterday,
            format: ReportFormat::Csv,
            frequency: ReportFrequency::Never,
            zone: "UTC".to_owned(),
            hour: 0,
            day: 1,
            keep_runs: 1,
            enabled: false,
            recipients: Vec::new(),
            webhook_url: None,
            webhook_secret: None,
            next_run_at: None,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        report_insert(&ctx.db, &new).await?;
        Ok(id)
    }

    /// A run of a report of somebody, with its file, and a link to it.
    async fn report_run(&self, owner: UserId, token: Option<&str>) -> Result<ReportRunId> {
        let (ctx, report_id) = (self.app.context(), self.report(owner).await?);
        let (id, at) = (ReportRunId(ctx.env.new_id()), ctx.env.now());
        let job_id = JobId(ctx.env.new_id());
        let new = NewRun { id, report_id, job_id, format: ReportFormat::Csv, by_hand: true, at };
        run_insert(&ctx.db, &new).await?;
        let mut file = ctx.artefacts.begin(&format!("{id}.csv")).await?;
        file.part("id".into()).await?;
        file.finish().await?;
        run_finish(&ctx.db, id, &RunFile { rows: 0, bytes: 2, sha256: String::new() }, at).await?;
        if let Some(token) = token {
            let hash = services::sessions::token_digest(token);
            run_link(&ctx.db, id, &hash, at + TimeDelta::hours(1)).await?;
        }
        Ok(id)
    }

    /// What no answer to somebody within account A may hold.
    pub fn foreign_words(&self) -> Vec<String> {
        let side = &self.foreign;
        let ids = [side.account.to_string(), side.workspace.to_string(), side.job.to_string(), side.region.to_string()];
        ids.into_iter().chain([FOREIGN_WORD.to_owned()]).collect()
    }
}

/// Who has that address.
pub async fn person(app: &TestApp, email: &str) -> Result<UserId> {
    Ok(user_fetch_by_email(&app.context().db, email).await?.context("nobody of that address")?.id)
}

async fn job(app: &TestApp, account: AccountId, region: &Region) -> Result<JobId> {
    let ctx = app.context();
    let mut job = NewJob::new("sync-workspaces", FOREIGN_WORD, json!({}));
    if region.as_str() == "eu-central-1" {
        job.subject = "Home".to_owned();
    }
    job.account_id = Some(account);
    job.region = Some(region.clone());
    Ok(enqueue(&ctx.db, &ctx.env, job).await?.id())
}

async fn side(app: &TestApp, name: &str, region: &str, user: &str, person: Option<UserId>) -> Result<Side> {
    let (ctx, region) = (app.context(), region.parse::<Region>()?);
    let (db, at, account) = (&ctx.db, ctx.env.now(), AccountId(ctx.env.new_id()));
    let new = NewAccount {
        id: account,
        name: name.to_owned(),
        access: Access::Simulated,
        endpoint_url: Some(app.simulator_url().to_owned()),
        regions: vec![region.clone()],
        at,
    };
    account_insert(db, &new).await?;
    let sync = SyncContext { account_id: account, region: region.clone(), run: None, at };
    let directory = ObservedDirectory {
        aws_id: format!("d-{}", name.to_lowercase()),
        name: format!("{}.example", name.to_lowercase()),
        alias: None,
        kind: "SIMPLE_AD".to_owned(),
        state: "REGISTERED".to_owned(),
        registration_code: None,
        stage: None,
    };
    directories_apply(db, &sync, slice::from_ref(&directory)).await?;
    let workspace = ObservedWorkspace {
        aws_id: format!("ws-{}", name.to_lowercase()),
        directory_id: directory.aws_id,
        bundle_id: "wsb-1".to_owned(),
        user_name: user.to_owned(),
        state: WorkspaceState::Available,
        computer_name: Some(format!("{name}-PC")),
        ip_address: None,
        subnet_id: None,
        error_code: None,
        error_message: None,
        running_mode: Some(RunningMode::AutoStop),
        auto_stop_timeout_minutes: Some(60),
        compute_type: Some("STANDARD".into()),
        root_volume_gib: None,
        user_volume_gib: None,
        protocol: None,
        operating_system: None,
        root_volume_encrypted: false,
        user_volume_encrypted: false,
    };
    inventory_apply(db, &sync, slice::from_ref(&workspace)).await?;
    let job = job(app, account, &region).await?;
    for (kind, place) in [(SyncKind::Workspaces, region.clone()), (SyncKind::Billing, "us-east-1".parse()?)] {
        let id = SyncRunId(ctx.env.new_id());
        let run = NewSyncRun { id, account_id: account, region: place.clone(), kind, job_id: Some(job), at };
        sync_run_start(db, &run).await?;
        sync_run_finish(db, id, SyncOutcome::Failed, &SyncReport::default(), Some(name), at).await?;
        let update = DataSetUpdate {
            account_id: account,
            region: place,
            kind,
            status: DataSetStatus::Failed,
            fresh_at: None,
            covered_from: None,
            covered_to: None,
            gaps: None,
            last_run_id: Some(id),
            last_error: Some(name.to_owned()),
            missing_permission: None,
            at,
        };
        data_set_put(db, &update).await?;
    }
    api_spend_add(db, account, at.date_naive(), "ce", 1, 100_000_000).await?;
    let event = event(name, at, &workspace.aws_id);
    trail_append(db, account, &region, slice::from_ref(&event)).await?;
    let event = TrailEventId::derive(account, &region, &event.event_id);
    let workspace = WorkspaceId::derive(account, &region, &workspace.aws_id);
    Ok(Side { account, region, workspace, event, job, person })
}

/// What somebody did to the WorkSpace, as CloudTrail tells it.
fn event(name: &str, at: DateTime<Utc>, workspace: &str) -> TrailEventRow {
    TrailEventRow {
        event_id: format!("event-{}", name.to_lowercase()),
        at,
        name: "StopWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: format!("{}-admin", name.to_lowercase()),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({ "requestParameters": { "stopWorkspaceRequests": [{ "workspaceId": workspace }] } }),
        workspaces: vec![workspace.to_owned()],
    }
}

/// A well-formed body of an operation, so that what refuses it is who asks. To add one: an arm.
pub fn body(method: &str, path: &str, world: &World<'_>, side: &Side) -> Value {
    let id = world.app.context().env.new_id();
    match (method, path) {
        (
            _,
            paths::WORKSPACES_START
            | paths::WORKSPACES_STOP
            | paths::WORKSPACES_REBOOT
            | paths::WORKSPACES_REBUILD
            | paths::WORKSPACES_RESTORE
            | paths::WORKSPACES_TERMINATE,
        ) => json!({ "workspace_ids": [side.workspace], "dry_run": true }),
        (_, paths::WORKSPACES_RUNNING_MODE) => {
            json!({ "workspace_ids": [side.workspace], "dry_run": true, "running_mode": "AUTO_STOP", "auto_stop_minutes": 120 })
        }
        (_, paths::WORKSPACES_COMPUTE_TYPE) => {
            json!({ "workspace_ids": [side.workspace], "dry_run": true, "compute_type": "POWER" })
        }
        (_, paths::WORKSPACES_VOLUME) => {
            json!({ "workspace_ids": [side.workspace], "dry_run": true, "volume": "user", "gib": 100 })
        }
        (_, paths::WORKSPACES_TAGS) => {
            json!({ "workspace_ids": [side.workspace], "dry_run": true, "set": { "Team": "Blue" }, "remove": ["Old"] })
        }
        (_, paths::SESSION) => json!({ "email": "nobody@example.com", "password": "not the password" }),
        (_, paths::REPORTS | paths::REPORT) => json!({
            "name": "a report", "template": "inventory", "span": "yesterday", "format": "csv", "frequency": "daily",
            "zone": "UTC", "hour": 6, "day": 1, "keep_runs": 3, "enabled": false,
        }),
        (_, paths::REPORT_DRAFT) => json!({ "template": "inventory", "span": "yesterday", "zone": "UTC" }),
        (_, paths::SESSION_PROOF) => json!({ "password": "not the password" }),
        (_, paths::PORTAL_ERRORS) => json!({ "message": "it panicked", "page": "/jobs" }),
        (_, paths::PORTAL_SPANS) => json!({ "spans": [{
            "trace_id": id.simple().to_string(), "span_id": "00f067aa0ba902b7", "path": "/jobs", "ended_ms_ago": 7, "duration_ms": 40,
        }] }),
        (_, paths::ACCOUNTS) => json!({ "name": "Made here", "regions": ["eu-north-1"], "credentials": "chain" }),
        (_, paths::API_KEYS) => json!({ "name": "a key", "permissions": ["workspace:read"] }),
        (_, paths::API_KEY) => json!({ "name": "another name" }),
        (_, paths::CONVERSATION) => json!({ "title": "Another title" }),
        (_, paths::CONVERSATION_TURNS) => json!({ "question": "How many WorkSpaces are there?" }),
        (_, paths::TURN) => json!({ "thumb": "up" }),
        (_, paths::ROLES) => json!({ "name": format!("Role {id}"), "permissions": ["workspace:read"] }),
        (_, paths::REQUESTS) => json!({ "kind": "other", "note": "a second screen" }),
        ("POST", paths::BUDGETS) => json!({
            "name": format!("Budget {id}"), "reach": "account", "account_id": side.account, "amount": "100", "currency": "USD",
            "thresholds": [80],
        }),
        (_, paths::VIEWS) => json!({ "page": "workspaces", "name": format!("View {id}"), "query": "state=STOPPED" }),
        (_, paths::VIEW) => json!({ "name": format!("View {id}") }),
        (_, paths::TEAMS) => json!({ "name": format!("Team {id}") }),
        (_, paths::TEAM_MEMBERS) => json!({ "user_ids": [world.target] }),
        (_, paths::USER_GRANTS) => json!({ "grants": [{ "role": "viewer", "reach": "everything" }] }),
        (_, paths::INVITATIONS) => {
            json!({ "email": format!("{}@example.com", id.simple()), "grants": [{ "role": "viewer", "reach": "everything" }] })
        }
        _ => json!({}),
    }
}

/// What the table has no letter for: what was let through shows and does nothing of what is foreign.
pub fn check(world: &World<'_>, foreign: bool, what: &str, text: &str) {
    if foreign {
        assert!(!text.contains("\"accepted\":true"), "{what}: {text}");
    }
    let text = text.to_lowercase();
    // What was asked for by its id may be in the answer, and among what somebody did.
    let asked_for = foreign || what.contains(paths::PROFILE_EXPORT);
    for word in world.foreign_words().iter().filter(|word| !asked_for || *word == FOREIGN_WORD) {
        assert!(!text.contains(word.as_str()), "{what}: the answer tells of {word}: {text}");
    }
}

/// The status of the live stream, without waiting for its end.
pub async fn stream_status(client: &ApiClient, bearer: Option<&str>) -> Result<(u16, String)> {
    let http = platform::http::builder(Duration::from_secs(20)).build()?;
    let mut request = http.get(format!("{}{}", client.base(), paths::EVENTS)).header("accept", "text/event-stream");
    if let Some(token) = client.session() {
        request = request.header("cookie", format!("{}={token}", testkit::client::SESSION_COOKIE));
    }
    if let Some(key) = bearer {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    Ok((status, if status == 200 { String::new() } else { response.text().await? }))
}
