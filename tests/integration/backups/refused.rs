//! What is refused, in words that say why, with nothing half left behind.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use domain::access::Actor;
use services::PageRequest;
use services::accounts::list_accounts;
use services::backups::{BackupError, BackupPolicy, backup, unpack, verify};
use store::repo::backups::tables;
use testkit::db::{Backend, TestDatabase};
use testkit::db_test;
use testkit::run::Quiet;

use super::place::Place;

/// A script in the place of a program of PostgreSQL.
pub fn program(place: &Place, name: &str, script: &str) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = place.folder().join("bin");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(name);
    // Renamed into its place: a file that some process has open for writing can't be started.
    let draft = folder.join("draft");
    std::fs::write(&draft, format!("#!/bin/sh\n{script}\n"))?;
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755))?;
    std::fs::rename(draft, path)?;
    Ok(folder)
}

async fn files(database: TestDatabase) -> Result<()> {
    let backend = database.backend;
    let place = Place::filled_in(database).await?;
    let ctx = place.context().await?;
    let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await?;
    let whole = std::fs::read(&made.file)?;
    let empty = Place::empty(backend).await?.context("there was a server")?;
    let (policy, other) = (BackupPolicy::from(empty.config()), empty.folder().join("other.age"));

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (what, bytes) in [
        ("a flipped bit", flipped),
        ("cut in the middle", whole[..whole.len() / 2].to_vec()),
        ("without its last byte", whole[..whole.len() - 1].to_vec()),
        ("empty", Vec::new()),
        ("something else", b"SQLite format 3".to_vec()),
    ] {
        std::fs::write(&other, bytes)?;
        let seen = verify(&policy, &Quiet::default(), &empty.key()?, &other).await;
        assert!(matches!(seen, Err(BackupError::Damaged { .. })), "{what}: {seen:?}");
        let back = unpack(&policy, &Quiet::default(), &empty.key()?, &other).await;
        assert!(matches!(back, Err(BackupError::Damaged { .. })), "{what}: {back:?}");
        assert_eq!(empty.leftovers()?, Vec::<String>::new(), "{what}");
    }
    empty.write_key("the passphrase of another installation")?;
    let back = unpack(&policy, &Quiet::default(), &empty.key()?, &made.file).await;
    assert!(matches!(back, Err(BackupError::WrongKey(_))), "{back:?}");

    // Where something is already: the database, or a file.
    let back = unpack(&place.config().into(), &Quiet::default(), &place.key()?, &made.file).await;
    let words = back.err().context("it is not empty")?.to_string();
    assert!(words.contains("is there already"), "{words}");
    let kept = list_accounts(&ctx, &Actor::system(), PageRequest { limit: 9, cursor: None }).await?;
    assert_eq!(kept.items.len(), 3);
    empty.take_key_of(&place)?;
    std::fs::create_dir_all(empty.reports())?;
    std::fs::write(empty.reports().join(&place.report), "another")?;
    let back = unpack(&policy, &Quiet::default(), &empty.key()?, &made.file).await;
    let words = back.err().context("a file is there")?.to_string();
    assert!(words.contains(&place.report) && words.contains("move its folder away"), "{words}");
    assert_eq!(empty.leftovers()?, std::slice::from_ref(&place.report));
    if backend == Backend::Postgres {
        let db = store::db::connect(&store::DbOptions::new(empty.config().database.url.expose())).await?;
        assert_eq!(tables(&db).await?, Vec::<String>::new(), "nothing came in");
        db.close().await?;
    }
    ctx.db.close().await?;
    Ok(())
}

db_test! {
    async fn what_is_not_whole_or_not_empty_is_refused(database) {
        files(database).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_can_not_be_written_to_is_named() -> Result<()> {
    let place = Place::filled(Backend::Sqlite).await?.context("SQLite is always there")?;
    let ctx = place.context().await?;
    // Nobody writes there, root neither.
    for folder in [PathBuf::from("/proc/self/backups"), place.key_file().join("below a file")] {
        let made = backup(&ctx, &Quiet::default(), place.key()?, &folder, false).await;
        let words = made.err().context("it can't be written to")?.to_string();
        assert!(words.contains(&folder.display().to_string()), "{words}");
    }
    ctx.db.close().await?;
    assert_eq!(place.leftovers()?.iter().filter(|name| name.contains("backup-copy")).count(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_between_the_kinds_of_database_is_refused() -> Result<()> {
    let Some(empty) = Place::empty(Backend::Postgres).await? else { return Ok(()) };
    let place = Place::filled(Backend::Sqlite).await?.context("SQLite is always there")?;
    let ctx = place.context().await?;
    let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await?;
    let back = unpack(&empty.config().into(), &Quiet::default(), &place.key()?, &made.file).await;
    assert!(matches!(back, Err(BackupError::OtherEngine { .. })), "{back:?}");
    Ok(ctx.db.close().await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_are_missing_old_or_failing_are_named() -> Result<()> {
    let Some(mut place) = Place::filled(Backend::Postgres).await? else { return Ok(()) };
    let made = async |place: &Place| -> Result<String> {
        let ctx = place.context().await?;
        let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await;
        ctx.db.close().await?;
        assert_eq!(place.names()?, Vec::<String>::new());
        Ok(made.err().context("it can't work")?.to_string())
    };
    place.config_mut().backup.postgres_bin = Some("/nonexistent/bin".into());
    let words = made(&place).await?;
    assert!(words.contains("/nonexistent/bin/pg_dump") && words.contains("backup.postgres_bin"), "{words}");

    let old = program(&place, "pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'")?;
    place.config_mut().backup.postgres_bin = Some(old);
    let words = made(&place).await?;
    assert!(words.contains("pg_dump is of version 9") && words.contains("the server is of version"), "{words}");

    let script = "[ \"$1\" = --version ] && { echo 'pg_dump (PostgreSQL) 99.0'; exit; }; echo half; \
                  echo 'pg_dump: error: the network is down' >&2; exit 1";
    program(&place, "pg_dump", script)?;
    let words = made(&place).await?;
    assert!(words.contains("pg_dump failed: pg_dump: error: the network is down"), "{words}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_fails_in_the_middle_leaves_an_empty_database() -> Result<()> {
    let Some(place) = Place::filled(Backend::Postgres).await? else { return Ok(()) };
    let ctx = place.context().await?;
    let made = backup(&ctx, &Quiet::default(), place.key()?, &place.backups(), false).await?;
    ctx.db.close().await?;
    let mut empty = Place::empty(Backend::Postgres).await?.context("there was a server")?;
    empty.take_key_of(&place)?;
    // The real program gets the first half, as when it dies; what it wrote is rolled back.
    let real = std::env::var("WHEELHOUSE_TEST_POSTGRES_BIN").map(PathBuf::from).unwrap_or_default().join("pg_restore");
    let script = format!(
        "[ \"$1\" = --version ] && exec {real} --version; head -c 40000 | exec {real} \"$@\"",
        real = real.display()
    );
    let folder = program(&empty, "pg_restore", &script)?;
    empty.config_mut().backup.postgres_bin = Some(folder);
    let back = unpack(&empty.config().into(), &Quiet::default(), &empty.key()?, &made.file).await;
    let words = back.err().context("half a dump is none")?.to_string();
    assert!(words.starts_with("pg_restore failed"), "{words}");
    assert_eq!(empty.leftovers()?, Vec::<String>::new());
    let db = store::db::connect(&store::DbOptions::new(empty.config().database.url.expose())).await?;
    assert_eq!(tables(&db).await?, Vec::<String>::new());
    Ok(db.close().await?)
}
