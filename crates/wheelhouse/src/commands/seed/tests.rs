//! A small trial from end to end: everything comes in whole, a second one stands beside it, and a real account is guarded.

use domain::access::{Actor, Scope};
use domain::account::CredentialKind;
use services::accounts::{NewAccount, create_account};
use store::repo::accounts::account_list;
use store::repo::trail::{TrailFilter, trail_count};

use super::*;

#[test]
fn every_data_set_is_brought_in() {
    let mut order = ORDER.to_vec();
    order.sort_unstable();
    let mut all = SyncKind::ALL.to_vec();
    all.sort_unstable();
    assert_eq!(order, all);
    assert_eq!(ORDER[0], SyncKind::Workspaces, "everything else belongs to WorkSpaces");
}

#[test]
fn a_step_is_one_line() {
    let report = SyncReport { items_read: 12, items_written: 4000, ..SyncReport::default() };
    let region = "eu-central-1".parse().unwrap();
    let step = Step { sync: SyncKind::Usage, region, outcome: SyncOutcome::Whole, seconds: 2.0, report };
    assert_eq!(
        step.to_string(),
        "sync-usage             eu-central-1   whole           12 read       4000 written      2.0 s     2000/s"
    );
    assert!((rate(5, 0.0) - 0.0).abs() < f64::EPSILON);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_trial_comes_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = platform::config::Config::default();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("seed.db").display());
    config.database.url = serde_json::from_value(serde_json::Value::String(url)).unwrap();
    let ctx = compose::context(&config).await.unwrap();
    store::db::migrate(&ctx.db).await.unwrap();
    let mut options = Seed {
        workspaces: 12,
        days: 70,
        seed: 3,
        regions: vec!["eu-central-1".parse().unwrap(), "us-east-1".parse().unwrap()],
        database_url: None,
        yes: false,
    };

    let first = seed(ctx.clone(), &options, CancellationToken::new()).await.unwrap();
    assert_eq!(first.steps.len(), 8 * 2 + 1);
    let bad: Vec<_> = first.steps.iter().filter(|step| step.outcome != SyncOutcome::Whole).collect();
    assert!(bad.is_empty(), "{bad:?}");
    let seen: u64 = first.steps.iter().map(|step| step.report.seen).sum();
    assert_eq!(seen, 12);
    assert!(first.workspaces_used > 0 && first.usage_days > first.workspaces_used, "{first:?}");
    let read = |kind: SyncKind| first.steps.iter().filter(|step| step.sync == kind).map(Step::rows).sum::<u64>();
    for kind in ORDER {
        assert!(read(kind) > 0, "nothing was read by {kind}: {first:?}");
    }
    let events = TrailFilter { account_ids: vec![first.account_id], ..TrailFilter::default() };
    assert!(trail_count(&ctx.db, &Scope::Everything, &events).await.unwrap() > 0);

    // Nothing goes on by itself: no job is left, and the account is switched off.
    assert_eq!(ctx_jobs(&ctx).await, 0);
    let accounts = account_list(&ctx.db, &Scope::Everything).await.unwrap();
    assert_eq!(accounts.iter().map(|account| account.enabled).collect::<Vec<_>>(), [false]);

    // Where there is a real account, only with consent.
    let real = NewAccount {
        name: "Production".to_owned(),
        regions: vec!["eu-central-1".parse().unwrap()],
        credentials: CredentialKind::Chain,
        role_arn: None,
        external_id: None,
        endpoint_url: None,
    };
    create_account(&ctx, &Actor::system(), real).await.unwrap();
    let refused = seed(ctx.clone(), &options, CancellationToken::new()).await.unwrap_err();
    assert!(refused.to_string().contains("Production"), "{refused}");
    assert_eq!(account_list(&ctx.db, &Scope::Everything).await.unwrap().len(), 2);

    // Interrupted at once: the account stays, switched off, and says what it is.
    options.yes = true;
    let stopped = CancellationToken::new();
    stopped.cancel();
    let error = seed(ctx.clone(), &options, stopped).await.unwrap_err();
    assert!(error.to_string().contains("Load trial 2"), "{error:#}");
    let trials: Vec<_> = account_list(&ctx.db, &Scope::Everything)
        .await
        .unwrap()
        .into_iter()
        .filter(|account| account.name != "Production")
        .collect();
    assert!(trials.len() == 2 && trials.iter().all(|account| !account.enabled), "{trials:?}");
    ctx.db.close().await.unwrap();
}

async fn ctx_jobs(ctx: &Context) -> u64 {
    store::repo::jobs::job_count(
        &ctx.db,
        &store::repo::jobs::JobScope::everything(),
        &store::repo::jobs::JobFilter::default(),
    )
    .await
    .unwrap()
}
