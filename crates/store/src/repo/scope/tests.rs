//! What each kind of reach gives of each table: two accounts with two regions each, and who may see what of them.

use std::collections::BTreeSet;

use domain::access::{Reach, Scope};
use domain::account::Access;
use domain::ids::{AccountId, DirectoryId, Region, SyncRunId};
use domain::sync::{DataSetStatus, SyncKind};
use domain::workspace::{ObservedBundle, ObservedDirectory, ObservedWorkspace};
use serde_json::json;

use super::JobScope;
use crate::queue::{NewJob, enqueue};
use crate::repo::accounts::{NewAccount, account_fetch, account_list};
use crate::repo::api_spend::{api_spend_add, api_spend_list};
use crate::repo::data_sets::{DataSetUpdate, data_set_list, data_set_put};
use crate::repo::inventory::{
    SyncContext, bundle_list, bundles_apply, directories_apply, directory_list, inventory_apply,
};
use crate::repo::jobs::{
    JobFilter, JobQuery, job_count, job_fetch, job_kind_counts, job_list, job_oldest_due, job_state_counts,
};
use crate::repo::sync_runs::{
    NewSyncRun, sync_run_count, sync_run_latest, sync_run_latest_whole, sync_run_list, sync_run_start,
};
use crate::repo::trail::{TrailEventRow, TrailFilter, TrailQuery, trail_append, trail_list};
use crate::repo::workspaces::{
    WorkspaceFilter, WorkspaceQuery, workspace_account_counts, workspace_count, workspace_facets, workspace_list,
};
use crate::testing::{TestDb, db_test, observed};

/// The accounts, called `a` and `b`.
const ACCOUNTS: [u128; 2] = [0xa, 0xb];
/// The first is where bills are asked for.
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

fn account(number: u128) -> AccountId {
    AccountId(uuid::Uuid::from_u128(number))
}

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn letter(id: AccountId) -> char {
    if id == account(ACCOUNTS[0]) { 'a' } else { 'b' }
}

/// `a-us`, `b-eu`, …
fn area(id: AccountId, region: &Region) -> String {
    format!("{}-{}", letter(id), &region.as_str()[..2])
}

fn directory(id: AccountId, name: &str, number: usize) -> DirectoryId {
    DirectoryId::derive(id, &region(name), &format!("d-{number}"))
}

/// In each region of each account two directories with a WorkSpace each: of `user0` and `user1`.
async fn fill(test: &TestDb) {
    for id in ACCOUNTS.map(account) {
        let new = NewAccount {
            id,
            name: letter(id).to_string(),
            access: Access::Chain,
            endpoint_url: None,
            regions: REGIONS.iter().map(|name| region(name)).collect(),
            at: test.now(),
        };
        crate::repo::accounts::account_insert(&test.db, &new).await.unwrap();
        api_spend_add(&test.db, id, test.now().date_naive(), "ce", 1, 1).await.unwrap();
        put(test, id, None, SyncKind::Billing).await;
        for name in REGIONS {
            let ctx = SyncContext { account_id: id, region: region(name), run: None, at: test.now() };
            let rows: Vec<_> = (0..2).map(workspace).collect();
            inventory_apply(&test.db, &ctx, &rows).await.unwrap();
            let directories: Vec<_> = (0..2).map(described).collect();
            directories_apply(&test.db, &ctx, &directories).await.unwrap();
            let bundles: Vec<_> = (0..2).map(bundle).collect();
            bundles_apply(&test.db, &ctx, &bundles).await.unwrap();
            put(test, id, Some(name), SyncKind::Workspaces).await;
            for number in [None, Some(0), Some(1)] {
                let event = event(test, name, number);
                trail_append(&test.db, id, &region(name), &[event]).await.unwrap();
            }
        }
    }
    enqueue(&test.db, &test.env, NewJob::new("prune", "all", json!({}))).await.unwrap();
}

/// A job, a run and a data set of a region, or of the whole account.
async fn put(test: &TestDb, id: AccountId, name: Option<&str>, kind: SyncKind) {
    let place = region(name.unwrap_or(REGIONS[0]));
    let mut job = NewJob::new(kind.as_str(), letter(id).to_string(), json!({}));
    job.account_id = Some(id);
    job.region = name.map(region);
    if name == Some(REGIONS[1]) {
        job.created_by = Some(uuid::Uuid::from_u128(0xe).into());
    }
    let job_id = Some(enqueue(&test.db, &test.env, job).await.unwrap().id());
    let run = SyncRunId(test.env.new_id());
    let new = NewSyncRun { id: run, account_id: id, region: place.clone(), kind, job_id, at: test.now() };
    sync_run_start(&test.db, &new).await.unwrap();
    let update = DataSetUpdate {
        account_id: id,
        region: place,
        kind,
        status: DataSetStatus::Ok,
        fresh_at: None,
        covered_from: None,
        covered_to: None,
        gaps: None,
        last_run_id: Some(run),
        last_error: None,
        missing_permission: None,
        at: test.now(),
    };
    data_set_put(&test.db, &update).await.unwrap();
}

fn workspace(number: usize) -> ObservedWorkspace {
    let mut one = observed(number);
    one.directory_id = format!("d-{number}");
    one.bundle_id = format!("wsb-{number}");
    one.user_name = format!("User{number}");
    one
}

fn described(number: usize) -> ObservedDirectory {
    ObservedDirectory {
        aws_id: format!("d-{number}"),
        name: format!("d-{number}"),
        alias: None,
        kind: "SIMPLE_AD".to_owned(),
        state: "REGISTERED".to_owned(),
        registration_code: None,
        stage: None,
    }
}

fn bundle(number: usize) -> ObservedBundle {
    ObservedBundle {
        aws_id: format!("wsb-{number}"),
        name: format!("wsb-{number}"),
        owner: "AMAZON".to_owned(),
        description: None,
        compute_type: None,
        root_volume_gib: None,
        user_volume_gib: None,
        image_id: None,
    }
}

/// An event about a WorkSpace, or about none.
fn event(test: &TestDb, name: &str, number: Option<usize>) -> TrailEventRow {
    TrailEventRow {
        event_id: format!("{name} {number:?}"),
        at: test.now(),
        name: "StartWorkspaces".to_owned(),
        source: "workspaces.amazonaws.com".to_owned(),
        read_only: Some(false),
        actor: String::new(),
        actor_arn: None,
        source_ip: None,
        user_agent: None,
        error_code: None,
        error_message: None,
        detail: json!({}),
        workspaces: number.map(|number| observed(number).aws_id).into_iter().collect(),
    }
}

/// All that a scope gives, table by table, as one text.
async fn seen(test: &TestDb, scope: &Scope) -> Vec<(&'static str, String)> {
    let db = &test.db;
    let words =
        |words: Vec<String>| words.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ");
    let accounts = account_list(db, scope).await.unwrap();
    for id in ACCOUNTS.map(account) {
        let one = account_fetch(db, scope, id).await.unwrap();
        assert_eq!(one.as_ref(), accounts.iter().find(|row| row.id == id), "one is as in the list");
    }
    let areas = accounts.iter().flat_map(|row| row.regions.iter().map(|place| area(row.id, &place.region)));
    let areas = words(areas.collect());
    let accounts = words(accounts.into_iter().map(|row| row.name).collect());

    let query = WorkspaceQuery { limit: 100, ..WorkspaceQuery::default() };
    let rows = workspace_list(db, scope, &query).await.unwrap().rows;
    let filter = WorkspaceFilter::default();
    let total = u64::try_from(rows.len()).unwrap();
    assert_eq!(workspace_count(db, scope, &filter).await.unwrap(), total);
    assert_eq!(workspace_facets(db, scope, &filter).await.unwrap().total, total);
    let counts = workspace_account_counts(db, scope).await.unwrap();
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), total);
    let workspaces =
        words(rows.iter().map(|r| format!("{}.{}", area(r.account_id, &r.region), &r.user_name[4..])).collect());

    let directories = directory_list(db, scope, None).await.unwrap();
    let directories =
        words(directories.iter().map(|d| format!("{}.{}", area(d.account_id, &d.region), &d.aws_id[2..])).collect());
    let bundles = bundle_list(db, scope, None).await.unwrap();
    let bundles =
        words(bundles.iter().map(|b| format!("{}.{}", area(b.account_id, &b.region), &b.aws_id[4..])).collect());
    assert_eq!(bundles, directories, "there is one bundle for each directory");

    let kind = |id, region: &Region, kind| match kind {
        SyncKind::Billing => format!("{}$", letter(id)),
        _ => area(id, region),
    };
    let runs = sync_run_list(db, scope, None, 100, None).await.unwrap().rows;
    assert_eq!(sync_run_count(db, scope, None).await.unwrap(), u64::try_from(runs.len()).unwrap());
    let runs = words(runs.iter().map(|run| kind(run.account_id, &run.region, run.kind)).collect());
    let latest = sync_run_latest(db, scope, SyncKind::Workspaces).await.unwrap();
    assert_eq!(words(latest.iter().map(|run| area(run.account_id, &run.region)).collect()), areas);
    assert_eq!(sync_run_latest_whole(db, scope, SyncKind::Workspaces).await.unwrap(), []);
    let sets = data_set_list(db, scope, None).await.unwrap();
    let sets = words(sets.iter().map(|set| kind(set.account_id, &set.region, set.kind)).collect());
    assert_eq!(sets, runs, "where there is a run, there is what it left, and each place has its kinds");

    let day = test.now().date_naive();
    let spend = api_spend_list(db, scope, None, day, day.succ_opt().unwrap()).await.unwrap();
    let spend = words(spend.iter().map(|row| letter(row.account_id).to_string()).collect());

    let query = TrailQuery { limit: 100, ..TrailQuery::default() };
    let events = trail_list(db, scope, &query).await.unwrap().rows;
    assert_eq!(
        crate::repo::trail::trail_count(db, scope, &TrailFilter::default()).await.unwrap(),
        u64::try_from(events.len()).unwrap()
    );
    let about =
        |id: &str| if id.ends_with("None") { "-".to_owned() } else { id[id.len() - 2..id.len() - 1].to_owned() };
    let events =
        words(events.iter().map(|e| format!("{}.{}", area(e.account_id, &e.region), about(&e.event_id))).collect());
    vec![
        ("accounts", accounts),
        ("areas", areas),
        ("workspaces", workspaces),
        ("directories", directories),
        ("syncs", runs),
        ("spend", spend),
        ("events", events),
    ]
}

/// The jobs that a scope gives: by account and region, `a` without one, `*` about everything.
async fn jobs(test: &TestDb, scope: Scope, own: Option<u128>) -> String {
    let scope = JobScope { scope, own: own.map(|id| uuid::Uuid::from_u128(id).into()) };
    let query = JobQuery { limit: 100, ..JobQuery::default() };
    let rows = job_list(&test.db, &scope, &query).await.unwrap().rows;
    let total = u64::try_from(rows.len()).unwrap();
    assert_eq!(job_count(&test.db, &scope, &JobFilter::default()).await.unwrap(), total);
    let states = job_state_counts(&test.db, &scope).await.unwrap();
    assert_eq!(states.iter().map(|(_, count)| count).sum::<u64>(), total);
    let kinds = job_kind_counts(&test.db, &scope, &[domain::jobs::JobState::Queued]).await.unwrap();
    assert_eq!(kinds.iter().map(|(_, _, count)| count).sum::<u64>(), total);
    assert_eq!(job_oldest_due(&test.db, &scope, test.now()).await.unwrap().is_some(), total > 0);
    let all = job_list(&test.db, &JobScope::everything(), &query).await.unwrap().rows;
    for row in all {
        let there = rows.iter().any(|one| one.id == row.id);
        assert_eq!(job_fetch(&test.db, &scope, row.id).await.unwrap().is_some(), there, "{row:?}");
    }
    let word = |row: &crate::repo::jobs::JobRecord| match (row.account_id, &row.region) {
        (Some(id), Some(region)) => area(id, region),
        (Some(id), None) => letter(id).to_string(),
        (None, _) => "*".to_owned(),
    };
    rows.iter().map(word).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

fn only(reach: Reach) -> Scope {
    Scope::only(reach)
}

db_test! {
    async fn each_reach_gives_its_part_of_each_table(test) {
        fill(test).await;
        let a = Reach::Account { account_id: account(ACCOUNTS[0]) };
        let us = Reach::Region { region: region(REGIONS[0]) };
        let d = Reach::Directory { directory_id: directory(account(ACCOUNTS[1]), REGIONS[1], 1) };
        let everything = [
            "a b",
            "a-eu a-us b-eu b-us",
            "a-eu.0 a-eu.1 a-us.0 a-us.1 b-eu.0 b-eu.1 b-us.0 b-us.1",
            "a-eu.0 a-eu.1 a-us.0 a-us.1 b-eu.0 b-eu.1 b-us.0 b-us.1",
            "a$ a-eu a-us b$ b-eu b-us",
            "a b",
            "a-eu.- a-eu.0 a-eu.1 a-us.- a-us.0 a-us.1 b-eu.- b-eu.0 b-eu.1 b-us.- b-us.0 b-us.1",
        ];
        // accounts, their regions, WorkSpaces, directories, syncs ($: of a whole account), spend, events (-: about none).
        for (scope, expected) in [
            (Scope::Everything, everything),
            (
                only(a.clone()),
                [
                    "a",
                    "a-eu a-us",
                    "a-eu.0 a-eu.1 a-us.0 a-us.1",
                    "a-eu.0 a-eu.1 a-us.0 a-us.1",
                    "a$ a-eu a-us",
                    "a",
                    "a-eu.- a-eu.0 a-eu.1 a-us.- a-us.0 a-us.1",
                ],
            ),
            (
                only(us.clone()),
                [
                    "a b",
                    "a-us b-us",
                    "a-us.0 a-us.1 b-us.0 b-us.1",
                    "a-us.0 a-us.1 b-us.0 b-us.1",
                    "a-us b-us",
                    "",
                    "a-us.- a-us.0 a-us.1 b-us.- b-us.0 b-us.1",
                ],
            ),
            (only(d.clone()), ["b", "b-eu", "b-eu.1", "b-eu.1", "b-eu", "", "b-eu.1"]),
            (
                Scope::desktops(["USER1"]),
                [
                    "",
                    "",
                    "a-eu.1 a-us.1 b-eu.1 b-us.1",
                    "a-eu.1 a-us.1 b-eu.1 b-us.1",
                    "",
                    "",
                    "a-eu.1 a-us.1 b-eu.1 b-us.1",
                ],
            ),
            (
                only(a.clone()).union(only(d.clone())),
                [
                    "a b",
                    "a-eu a-us b-eu",
                    "a-eu.0 a-eu.1 a-us.0 a-us.1 b-eu.1",
                    "a-eu.0 a-eu.1 a-us.0 a-us.1 b-eu.1",
                    "a$ a-eu a-us b-eu",
                    "a",
                    "a-eu.- a-eu.0 a-eu.1 a-us.- a-us.0 a-us.1 b-eu.1",
                ],
            ),
            (only(Reach::Account { account_id: account(0xc) }), [""; 7]),
            (Scope::nothing(), [""; 7]),
        ] {
            let found = seen(test, &scope).await;
            for ((table, found), expected) in found.iter().zip(expected) {
                assert_eq!(found, expected, "{table} within {scope:?}");
            }
        }
    }

    async fn jobs_are_ones_own_or_about_what_one_sees(test) {
        fill(test).await;
        let a = Reach::Account { account_id: account(ACCOUNTS[0]) };
        let us = Reach::Region { region: region(REGIONS[0]) };
        let d = Reach::Directory { directory_id: directory(account(ACCOUNTS[1]), REGIONS[1], 1) };
        let me = Some(0xe);
        for (scope, own, expected) in [
            (Scope::Everything, None, "* a a-eu a-us b b-eu b-us"),
            (only(a.clone()), None, "a a-eu a-us"),
            (only(a.clone()), me, "a a-eu a-us b-eu"),
            (only(us.clone()), None, "a-us b-us"),
            (only(us), me, "a-eu a-us b-eu b-us"),
            (only(d), None, ""),
            (Scope::desktops(["user1"]), Some(0xf), ""),
            (Scope::nothing(), me, "a-eu b-eu"),
            (Scope::nothing(), None, ""),
        ] {
            assert_eq!(jobs(test, scope.clone(), own).await, expected, "{scope:?} {own:?}");
        }
    }
}
