//! Migrations disturb no running release: what each really sends to Postgres is judged by squawk, by the rules of
//! `migrations/squawk.toml`. The statements are noted by the database itself, so that nothing has to print them.
//! To let a migration take something away: its line in `excluded_paths` there, with the release since which nobody uses it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use sea_orm::{ConnectionTrait as _, Statement};
use store::Backend;
use store::db::Db;
use store::test_database::TestDatabase;
use tempfile::TempDir;
use testkit::db_test;
use testkit::outside::{needed, root};
use tokio::process::Command;

use crate::support::number;

/// Notes each statement that changes the schema, with how many migrations were done before it.
const NOTES: &str = "
    CREATE SCHEMA noted;
    CREATE TABLE noted.statement (id bigint GENERATED ALWAYS AS IDENTITY, migration bigint NOT NULL, text text NOT NULL);
    CREATE FUNCTION noted.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
    DECLARE done bigint := 0;
    BEGIN
      IF to_regclass('public.seaql_migrations') IS NOT NULL THEN
        SELECT count(*) INTO done FROM public.seaql_migrations;
      END IF;
      INSERT INTO noted.statement (migration, text) VALUES (done, current_query());
    END $$;
    CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION noted.note();
    CREATE EVENT TRIGGER dropped ON sql_drop EXECUTE FUNCTION noted.note()";

/// The migrations by their numbers, and their statements.
async fn noted(db: &Db) -> Result<BTreeMap<String, Vec<String>>> {
    let backend = db.get_database_backend();
    let sql = "SELECT version FROM seaql_migrations ORDER BY version";
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    let names: Vec<String> = rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    let sql = "SELECT migration, text FROM noted.statement WHERE text NOT LIKE '%seaql_migrations%' ORDER BY id";
    let mut statements: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(backend, sql)).await? {
        let (before, text): (i64, String) = (row.try_get("", "migration")?, row.try_get("", "text")?);
        let name = names.get(usize::try_from(before)?).context("a statement after the last migration")?;
        let of = statements.entry(name.clone()).or_default();
        // A statement that makes several things is noted once for each.
        if of.last() != Some(&text) {
            of.push(text);
        }
    }
    Ok(statements)
}

/// What squawk says of the files of a folder: whether it found nothing, and its words.
async fn squawk(modules: &str, folder: &Path) -> Result<(bool, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.file_name());
    }
    let output = Command::new(Path::new(modules).join("node_modules/.bin/squawk"))
        .arg("--config")
        .arg(root().join("migrations/squawk.toml"))
        .args(["--reporter", "gcc"])
        .args(files)
        .current_dir(folder)
        .output()
        .await?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), words))
}

#[tokio::test]
async fn no_migration_takes_from_a_running_release_what_it_uses() -> Result<()> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(()) };
    let Some(database) = TestDatabase::empty(Backend::Postgres).await? else { return Ok(()) };
    let db = store::db::connect(&database.options()).await?;
    db.execute_unprepared(NOTES).await?;
    store::db::migrate(&db).await?;
    let statements = noted(&db).await?;
    db.close().await?;
    assert!(statements["m20261121_000002_fleet"].iter().any(|text| text.starts_with("CREATE TABLE \"workspace\"")));

    let folder = TempDir::new()?;
    for (name, texts) in &statements {
        std::fs::write(folder.path().join(format!("{name}.sql")), format!("{};\n", texts.join(";\n\n")))?;
    }
    let (clean, words) = squawk(&modules, folder.path()).await?;
    assert!(clean, "{words}");
    Ok(())
}

#[tokio::test]
async fn what_would_disturb_a_running_release_is_found() -> Result<()> {
    let Some(modules) = needed("WHEELHOUSE_TEST_NODE")? else { return Ok(()) };
    for (rule, statement) in [
        ("ban-drop-column", "ALTER TABLE workspace DROP COLUMN state"),
        ("ban-drop-table", "DROP TABLE workspace"),
        ("renaming-column", "ALTER TABLE workspace RENAME COLUMN state TO condition"),
        ("renaming-table", "ALTER TABLE workspace RENAME TO desktop"),
        ("changing-column-type", "ALTER TABLE workspace ALTER COLUMN state TYPE integer"),
        ("adding-required-field", "ALTER TABLE workspace ADD COLUMN floor integer NOT NULL"),
        ("adding-not-nullable-field", "ALTER TABLE workspace ALTER COLUMN note SET NOT NULL"),
        ("disallowed-unique-constraint", "ALTER TABLE workspace ADD CONSTRAINT uq UNIQUE (note)"),
    ] {
        let folder = TempDir::new()?;
        std::fs::write(folder.path().join("made.sql"), format!("{statement};\n"))?;
        let (clean, words) = squawk(&modules, folder.path()).await?;
        assert!(!clean && words.contains(rule), "{rule}: {words}");
    }
    let folder = TempDir::new()?;
    let adds = "ALTER TABLE workspace ADD COLUMN floor integer;\nCREATE TABLE floor (id bigint PRIMARY KEY);\n";
    std::fs::write(folder.path().join("made.sql"), adds)?;
    let (clean, words) = squawk(&modules, folder.path()).await?;
    assert!(clean, "{words}");
    Ok(())
}

db_test! {
    async fn an_older_release_leaves_a_newer_schema_as_it_is(database) {
        let db = database.connect().await?;
        let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 1)";
        db.execute_unprepared(later).await?;
        store::db::migrate(&db).await?;
        let kept = "SELECT count(*) AS kept FROM seaql_migrations WHERE version = 'm29991231_000001_later'";
        assert_eq!(number(&db, kept).await?, 1);
        // What lacks one of its own and has another's is no newer schema, but one that nobody knows.
        db.execute_unprepared("DELETE FROM seaql_migrations WHERE version = 'm20261121_000034_usage_rollups'").await?;
        assert!(store::db::migrate(&db).await.is_err());
        Ok(())
    }
}
