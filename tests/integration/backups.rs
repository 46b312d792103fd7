//! Backups with the real programs, on both databases: there and back, what is refused and leaves nothing, the job. Point-in-time
//! recovery with pgBackRest: the drill.

mod archived;
mod command;
mod drill;
mod job;
mod place;
mod refused;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use domain::access::{Actor, Scope};
use services::backups::{backup, settle, unpack, verify};
use store::repo::accounts::account_list;
use store::repo::backups::table_counts;
use testkit::db::{Backend, TestDatabase};
use testkit::db_test;
use testkit::run::Quiet;

use place::Place;

async fn there_and_back(database: TestDatabase) -> Result<()> {
    let backend = database.backend;
    let place = Place::filled_in(database).await?;
    let ctx = place.context().await?;
    let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await?;
    assert!(made.read_back && made.rows > 0 && made.removed == 0, "{made:?}");
    assert_eq!(place.names()?, [made.file.file_name().context("a name")?.to_str().context("a name")?]);
    assert_eq!(std::fs::metadata(&made.file)?.len(), made.bytes);
    // What comes later is not in it.
    place.add_account(&ctx, "later").await?;

    let policy = ctx.policy.now();
    let policy = &policy.backup;
    let seen = verify(policy, &Quiet::default(), &place.key()?, &made.file).await?;
    let names: Vec<_> = seen.manifest.parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names[..2], ["database", &format!("reports/{}", place.report)]);
    assert!(names[2].starts_with("audit/checkpoints-") && names.len() == 3, "no key is in it: {names:?}");
    assert_eq!(seen.manifest.tables["account"], 3);

    let empty = Place::empty(backend).await?.context("there was a server")?;
    empty.take_key_of(&place)?;
    let config = empty.config();
    let unpacked = unpack(&config.into(), &Quiet::default(), &empty.key()?, &made.file).await?;
    let restored = empty.context_at(&unpacked.url()).await?;
    let report = settle(&restored, unpacked).await?;
    assert!(report.audit_whole && report.findings.is_empty(), "{report:?}");
    assert_eq!((report.rows, report.tables, report.files), (made.rows, made.tables, made.files));
    assert_eq!((report.audit_seq, &report.missing), (made.audit_seq, &None));

    // As a process of the new installation finds it.
    let after = empty.context().await?;
    let accounts: Vec<_> =
        account_list(&after.db, &Scope::Everything).await?.into_iter().map(|account| account.name).collect();
    assert_eq!(accounts, ["account 0", "account 1", "account 2"]);
    let counts = table_counts(&after.db).await?;
    let changed: BTreeMap<_, _> =
        seen.manifest.tables.iter().filter(|(table, rows)| counts.get(*table) != Some(*rows)).collect();
    // The look at the log, the entry that tells of the restore, and its event.
    assert!(changed.keys().all(|table| table.starts_with("audit_") || *table == "event"), "{changed:?}");
    assert_eq!(
        std::fs::read(empty.reports().join(&place.report))?,
        std::fs::read(place.reports().join(&place.report))?
    );
    let evidence = services::audit::Evidence::own(&after).await?;
    assert!(evidence.trusted.is_empty(), "the signing key did not come along");
    services::accounts::create_account(&after, &Actor::system(), place::account("goes on")).await?;
    after.db.close().await?;
    ctx.db.close().await?;
    Ok(())
}

db_test! {
    async fn what_was_backed_up_is_back(database) {
        Box::pin(there_and_back(database)).await
    }
}

#[tokio::test]
async fn files_of_reports_in_a_bucket_are_left_out_and_it_says_so() -> Result<()> {
    let mut place = Place::filled(Backend::Sqlite).await?.context("SQLite is always there")?;
    let reports = &mut place.config_mut().reports;
    reports.s3_bucket = Some("example-reports".to_owned());
    reports.s3_region = Some("eu-central-1".to_owned());
    reports.s3_prefix = Some("fleet/reports/".to_owned());
    let ctx = place.context().await?;
    let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await?;
    let bucket = Some("s3://example-reports/fleet/reports/");
    assert_eq!(made.reports_in.as_deref(), bucket);
    let policy = ctx.policy.now();
    let seen = verify(&policy.backup, &Quiet::default(), &place.key()?, &made.file).await?;
    assert_eq!(seen.manifest.reports_in.as_deref(), bucket);
    let names: Vec<_> = seen.manifest.parts.iter().map(|part| part.name.as_str()).collect();
    assert!(names.len() == 2 && names[1].starts_with("audit/checkpoints-"), "{names:?}");
    ctx.db.close().await?;
    Ok(())
}
