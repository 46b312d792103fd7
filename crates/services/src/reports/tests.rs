//! Reports as a whole: made as their owner, once each time they are due, kept as many as they say, seen by whom they may be.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Actor, Grant, GrantReach, GrantedRole, Role};
use domain::ids::{GrantId, ReportId, TeamId, UserId};
use domain::reports::{ReportFormat, ReportFrequency, ReportRunState, ReportSpan, ReportTemplate};
use domain::workspace::WorkspaceState;
use futures::TryStreamExt as _;
use store::repo::costs::{CostDayRow, cost_days_replace};
use store::repo::grants::{NewGrant, grant_delete, grant_insert, grant_list};
use store::repo::teams::{TeamRecord, team_delete, team_insert, team_members_add};
use store::repo::users::{NewUser, user_insert};
use uuid::Uuid;

use super::*;
use crate::audit::AuditFilter;
use crate::exports::Table as _;
use crate::exports::tables::AuditTable;
use crate::idempotency::Keep;
use crate::run::JobError;
use crate::sync::{SyncWorkspacesJob, sync_workspaces};
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};
use crate::{Context, PageRequest};

pub(super) fn daily(template: ReportTemplate) -> NewReport {
    NewReport {
        name: "Each morning".to_owned(),
        template,
        filter: ReportFilter::default(),
        span: ReportSpan::Last7Days,
        format: ReportFormat::Csv,
        frequency: ReportFrequency::Daily,
        zone: "Europe/Berlin".to_owned(),
        hour: 7,
        day: 1,
        keep_runs: 2,
        enabled: true,
        recipients: Vec::new(),
        webhook_url: None,
    }
}

pub(super) async fn person(ctx: &Context, number: u128, role: Role) -> Actor {
    let id = UserId(Uuid::from_u128(number));
    let email = format!("user{number}@example.com");
    let at = ctx.env.now();
    let new = NewUser { id, email: email.clone(), display_name: String::new(), password_hash: None, at };
    user_insert(&ctx.db, &new).await.unwrap();
    let grant = Grant { role: GrantedRole::BuiltIn(role), reach: GrantReach::Everything };
    let new = NewGrant { id: GrantId(ctx.env.new_id()), user_id: id, grant, at };
    grant_insert(&ctx.db, &new).await.unwrap();
    Actor::user(id, &email, role)
}

pub(super) async fn made(ctx: &Context, actor: &Actor, new: NewReport) -> ReportRecord {
    create_report_once(ctx, actor, new, Keep::none()).await.unwrap().report
}

pub(super) async fn runs(ctx: &Context, actor: &Actor, id: ReportId) -> Vec<RunRecord> {
    list_runs(ctx, actor, id, PageRequest { limit: 50, cursor: None }).await.unwrap().items
}

/// Makes what waits, as a worker would.
pub(super) async fn make(ctx: &Context, run: &RunRecord) -> Result<RunReport, JobError> {
    let handle = RecordedRun::new(run.job_id.unwrap());
    run_report(ctx, &handle, RunReportJob { run_id: run.id }).await
}

/// A file as whoever fetches it gets it.
async fn text_of(given: Download) -> String {
    let whole = given.file.parts.try_fold(Vec::<u8>::new(), |mut all, part| async move {
        all.extend_from_slice(&part);
        Ok(all)
    });
    String::from_utf8(whole.await.unwrap()).unwrap()
}

#[tokio::test]
async fn due_once_and_made_as_its_owner() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    harness.account().await;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, daily(ReportTemplate::Inventory)).await;
    // It is noon of 1 March in UTC: next is 7 in Berlin, on the day after.
    assert_eq!(report.next_run_at, Some("2026-03-02T06:00:00Z".parse().unwrap()));
    assert_eq!(start_due(ctx).await.unwrap(), 0);
    harness.advance(TimeDelta::hours(20).num_seconds());
    assert_eq!(start_due(ctx).await.unwrap(), 1);
    assert_eq!(start_due(ctx).await.unwrap(), 0, "each time once");
    let next = fetch_report(ctx, &owner, report.id).await.unwrap().next_run_at;
    assert_eq!(next, Some("2026-03-03T06:00:00Z".parse().unwrap()));

    let waiting = runs(ctx, &owner, report.id).await;
    assert_eq!((waiting.len(), waiting[0].state, waiting[0].by_hand), (1, ReportRunState::Queued, false));
    let first = make(ctx, &waiting[0]).await.unwrap();
    let given = download_run(ctx, &owner, waiting[0].id).await.unwrap();
    assert!(given.file_name.ends_with(".csv"), "{}", given.file_name);
    let (bytes, text) = (given.file.bytes, text_of(given).await);
    assert_eq!((text.len() as u64, first.bytes), (bytes, bytes));
    assert!(text.starts_with("id,aws_id,"), "{text}");
    assert_eq!(make(ctx, &waiting[0]).await.unwrap(), first, "made twice it is made once");
    assert_eq!(runs(ctx, &owner, report.id).await[0].state, ReportRunState::Done);

    // As many are kept as it says: the file of the first goes with it.
    for _ in 0..2 {
        harness.advance(60);
        let run = run_now(ctx, &owner, report.id).await.unwrap();
        make(ctx, &run).await.unwrap();
    }
    let kept = runs(ctx, &owner, report.id).await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|run| run.id != waiting[0].id && run.by_hand));
    assert_eq!(ctx.artefacts.names().await.unwrap().len(), 2);

    // Paused it is not due; removed it leaves nothing.
    let paused = NewReport { enabled: false, ..daily(ReportTemplate::Inventory) };
    assert_eq!(update_report(ctx, &owner, report.id, None, paused).await.unwrap().report.next_run_at, None);
    delete_report(ctx, &owner, report.id, None).await.unwrap();
    assert!(ctx.artefacts.names().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_may_no_longer_gets_no_more() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, daily(ReportTemplate::Audit)).await;
    let run = run_now(ctx, &owner, report.id).await.unwrap();
    for grant in grant_list(&ctx.db, owner.user_id.unwrap()).await.unwrap() {
        grant_delete(&ctx.db, &[grant.id]).await.unwrap();
    }
    assert!(matches!(make(ctx, &run).await, Err(JobError::Fail { .. })));
    assert!(ctx.artefacts.names().await.unwrap().is_empty());
}

#[tokio::test]
async fn files_of_no_run_are_swept_and_others_stay() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, daily(ReportTemplate::Inventory)).await;
    let run = run_now(ctx, &owner, report.id).await.unwrap();
    make(ctx, &run).await.unwrap();
    let (ours, gone) = (format!("{}.csv", run.id), Uuid::from_u128(7));
    for name in [format!("{gone}.csv"), format!("{gone}.part"), "notes.txt".to_owned()] {
        std::fs::write(harness.folder.path().join("reports").join(name), "x").unwrap();
    }
    assert_eq!(sweep(ctx).await.unwrap(), 2);
    let mut left = ctx.artefacts.names().await.unwrap();
    left.sort();
    assert_eq!(left, [ours, "notes.txt".to_owned()]);
    assert_eq!(sweep(ctx).await.unwrap(), 0);
}

#[tokio::test]
async fn a_place_that_fails_is_named_and_tried_again() {
    let harness = Harness::new(FakeFleet::default()).await;
    let owner = person(&harness.ctx, 7, Role::Owner).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let ctx = &Context { artefacts: platform::artefacts::in_folder(file.path().to_owned()), ..harness.ctx.clone() };
    let report = made(ctx, &owner, daily(ReportTemplate::Inventory)).await;
    let run = run_now(ctx, &owner, report.id).await.unwrap();
    match make(ctx, &run).await {
        Err(JobError::Retry { message, .. }) => {
            assert_eq!(message, "the folder of reports (reports.dir) can't be written");
        }
        other => panic!("{other:?}"),
    }
    // Somebody has mended it.
    assert!(make(&harness.ctx, &run).await.is_ok());
}

#[tokio::test]
async fn others_are_seen_by_who_manages_and_may_read_all_of_it() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let (owner, operator) = (person(ctx, 7, Role::Owner).await, person(ctx, 8, Role::Operator).await);
    let (viewer, stranger) = (person(ctx, 9, Role::Viewer).await, person(ctx, 10, Role::Member).await);
    let fleet = made(ctx, &owner, daily(ReportTemplate::Inventory)).await;
    let log = made(ctx, &owner, daily(ReportTemplate::Audit)).await;
    let seen = async |actor: &Actor| {
        let page = list_reports(ctx, actor, PageRequest { limit: 50, cursor: None }).await;
        page.map(|page| page.items.iter().map(|report| report.id).collect::<Vec<_>>())
    };
    assert_eq!(seen(&owner).await.unwrap(), [log.id, fleet.id]);
    assert_eq!(seen(&operator).await.unwrap(), [fleet.id], "the log is not theirs to read");
    assert!(seen(&viewer).await.unwrap().is_empty());
    assert!(matches!(seen(&stranger).await, Err(ReportError::Forbidden(_))));
    assert!(matches!(fetch_report(ctx, &operator, log.id).await, Err(ReportError::NotFound(_))));
    assert!(matches!(run_now(ctx, &operator, log.id).await, Err(ReportError::NotFound(_))));
    let refused = create_report_once(ctx, &operator, daily(ReportTemplate::Audit), Keep::none()).await;
    assert!(matches!(refused, Err(ReportError::Forbidden(_))));
}

#[tokio::test]
async fn a_file_is_made_towards_as_many_rows_as_there_are() {
    let harness = Harness::new(FakeFleet::with(3, &WorkspaceState::Available)).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let account_id = harness.account().await;
    let (job, api) = (SyncWorkspacesJob { account_id, region: harness.region() }, Arc::new(harness.fleet.clone()));
    sync_workspaces(ctx, api, &job, &RecordedRun::new(harness.job_id())).await.unwrap();
    let (day, read_at) = (ctx.env.now().date_naive(), ctx.env.now());
    let billed = |usage_type: &str| CostDayRow {
        day,
        region: "eu-central-1".to_owned(),
        usage_type: usage_type.to_owned(),
        amount_e10: 1,
        quantity_e10: 1,
        unit: "Hrs".to_owned(),
        currency: "USD".to_owned(),
        estimated: false,
        read_at,
    };
    let bills = ["A", "B"].map(billed);
    cost_days_replace(&ctx.db, account_id, day, day.succ_opt().unwrap(), &bills).await.unwrap();
    // Reports are about days that are over.
    harness.advance(TimeDelta::days(1).num_seconds());
    for (template, rows) in [
        (ReportTemplate::Inventory, Some(3)),
        (ReportTemplate::Usage, Some(3)),
        (ReportTemplate::Cost, Some(2)),
        (ReportTemplate::Audit, None),
    ] {
        for format in [ReportFormat::Csv, ReportFormat::Pdf] {
            let report = made(ctx, &owner, NewReport { format, ..daily(template) }).await;
            let run = run_now(ctx, &owner, report.id).await.unwrap();
            let handle = RecordedRun::new(run.job_id.unwrap());
            let file = run_report(ctx, &handle, RunReportJob { run_id: run.id }).await.unwrap();
            assert!(rows.map_or(file.rows > 0, |rows| file.rows == rows), "{template}: {}", file.rows);
            let (said, total) = (handle.progress.lock().unwrap(), Some(file.rows));
            let ends = (said.first().copied(), said.last().copied());
            assert_eq!(ends, (Some((0, total)), Some((file.rows, total))), "{template}");
        }
    }
}

#[tokio::test]
async fn links_end() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let report = made(ctx, &owner, daily(ReportTemplate::Inventory)).await;
    let run = run_now(ctx, &owner, report.id).await.unwrap();
    assert!(matches!(link_run(ctx, &owner, run.id).await, Err(ReportError::NotFound(_))), "there is no file yet");
    make(ctx, &run).await.unwrap();
    let (old, link) = (link_run(ctx, &owner, run.id).await.unwrap(), link_run(ctx, &owner, run.id).await.unwrap());
    let nobody = Actor::nobody(domain::access::Origin::default());
    assert!(download_by_link(ctx, &nobody, &link.token).await.is_ok());
    for token in [old.token.as_str(), "", "nonsense"] {
        assert!(matches!(download_by_link(ctx, &nobody, token).await, Err(ReportError::NotFound(_))));
    }
    harness.advance(LINK_HOURS * 3600);
    assert!(matches!(download_by_link(ctx, &nobody, &link.token).await, Err(ReportError::NotFound(_))));
}

#[tokio::test]
async fn what_can_t_be_is_named() {
    let harness = Harness::new(FakeFleet::default()).await;
    let ctx = &harness.ctx;
    let owner = person(ctx, 7, Role::Owner).await;
    let good = daily(ReportTemplate::Usage);
    for (bad, field) in [
        (NewReport { name: "  ".to_owned(), ..good.clone() }, "name"),
        (NewReport { zone: "Europe/Atlantis".to_owned(), ..good.clone() }, "zone"),
        (NewReport { frequency: ReportFrequency::Weekly, day: 8, ..good.clone() }, "day"),
    ] {
        let refused = create_report_once(ctx, &owner, bad, Keep::none()).await;
        assert!(matches!(refused, Err(ReportError::Field { field: named, .. }) if named == field), "{field}");
    }
    let report = made(ctx, &owner, good.clone()).await;
    let changed = update_report(ctx, &owner, report.id, Some(report.version), good.clone()).await.unwrap().report;
    assert_eq!(changed.version, report.version + 1);
    let late = update_report(ctx, &owner, report.id, Some(report.version), good).await;
    assert!(matches!(late, Err(ReportError::Changed)));
    // Every template can be tried out.
    for template in ReportTemplate::ALL {
        let report = made(ctx, &owner, daily(*template)).await;
        let preview = preview_report(ctx, &owner, report.id).await.unwrap();
        assert!(!preview.columns.is_empty() && preview.rows.len() <= 20, "{template}");
    }
}

#[tokio::test]
async fn the_log_is_cut_at_midnight_in_the_report_s_zone() {
    let harness = Harness::new(FakeFleet::default()).await;
    let owner = person(&harness.ctx, 7, Role::Owner).await;
    let report = made(&harness.ctx, &owner, daily(ReportTemplate::Audit)).await;
    let at = |text: &str| -> DateTime<Utc> { text.parse().unwrap() };
    // In Berlin the clock is an hour ahead; the last seven days of a 10th begin with the 3rd.
    let table = tables::table(&report, at("2026-03-10T12:00:00Z")).unwrap();
    let filter = AuditFilter {
        from: Some(at("2026-03-02T23:00:00Z")),
        to: Some(at("2026-03-09T23:00:00Z")),
        ..AuditFilter::default()
    };
    assert_eq!(table.entry(), AuditTable { filter }.entry());
}

/// A team of these people.
async fn team(ctx: &Context, people: &[UserId]) -> TeamId {
    let (id, at) = (TeamId(ctx.env.new_id()), ctx.env.now());
    let (name, description) = ("Lab".to_owned(), String::new());
    let new = TeamRecord { id, name, description, version: 1, created_at: at, updated_at: at };
    team_insert(&ctx.db, &new).await.unwrap();
    team_members_add(&ctx.db, id, people).await.unwrap();
    id
}

both_databases! {
    async fn a_team_is_the_desktops_of_its_people(backend) {
        let fleet = FakeFleet::with(3, &WorkspaceState::Available);
        let Some(harness) = Harness::on(backend, fleet).await else { return };
        let ctx = &harness.ctx;
        let (owner, ana) = (person(ctx, 7, Role::Owner).await, person(ctx, 1, Role::Member).await);
        let account_id = harness.account().await;
        let (job, api) = (SyncWorkspacesJob { account_id, region: harness.region() }, Arc::new(harness.fleet.clone()));
        sync_workspaces(ctx, api, &job, &RecordedRun::new(harness.job_id())).await.unwrap();
        let lab = team(ctx, &[ana.user_id.unwrap()]).await;
        let narrowed = |template, teams: &[TeamId]| {
            let filter = ReportFilter { teams: teams.to_vec(), ..ReportFilter::default() };
            NewReport { filter, ..daily(template) }
        };
        for template in [ReportTemplate::Inventory, ReportTemplate::Usage] {
            for format in [ReportFormat::Csv, ReportFormat::Pdf] {
                let wanted = NewReport { format, ..narrowed(template, &[lab]) };
                let report = made(ctx, &owner, wanted).await;
                let preview = preview_report(ctx, &owner, report.id).await.unwrap();
                let user = preview.columns.iter().position(|column| column == "user_name").unwrap();
                let users: Vec<_> = preview.rows.iter().map(|row| row[user].as_str()).collect();
                assert_eq!(users, ["user1"], "{template}");
                let run = run_now(ctx, &owner, report.id).await.unwrap();
                assert_eq!(make(ctx, &run).await.unwrap().rows, 1, "{template} {format}");
            }
        }
        let savings = made(ctx, &owner, narrowed(ReportTemplate::Savings, &[lab])).await;
        preview_report(ctx, &owner, savings.id).await.unwrap();

        // Bills and the log know no desktops, and nobody knows that team.
        let nobody = TeamId(Uuid::from_u128(404));
        for (bad, code) in [
            (narrowed(ReportTemplate::Cost, &[lab]), "unexpected"),
            (narrowed(ReportTemplate::Audit, &[lab]), "unexpected"),
            (narrowed(ReportTemplate::Usage, &[lab, nobody]), "unknown"),
        ] {
            let created = create_report_once(ctx, &owner, bad.clone(), Keep::none()).await;
            let changed = update_report(ctx, &owner, savings.id, None, bad).await;
            for refused in [created, changed] {
                let Err(ReportError::Field { field, code: said, .. }) = &refused else { panic!("{refused:?}") };
                assert_eq!((*field, *said), ("filter.teams", code));
            }
        }
        let operator = person(ctx, 8, Role::Operator).await;
        let refused = create_report_once(ctx, &operator, narrowed(ReportTemplate::Usage, &[lab]), Keep::none()).await;
        assert!(matches!(refused, Err(ReportError::Forbidden(_))), "who may not see people: {refused:?}");

        // Once it is gone, a report of it is not one of everybody, nor one of nobody.
        let report = made(ctx, &owner, narrowed(ReportTemplate::Inventory, &[lab])).await;
        let run = run_now(ctx, &owner, report.id).await.unwrap();
        team_delete(&ctx.db, lab).await.unwrap();
        assert!(matches!(preview_report(ctx, &owner, report.id).await, Err(ReportError::Conflict(_))));
        assert!(matches!(make(ctx, &run).await, Err(JobError::Fail { .. })));
    }
}
