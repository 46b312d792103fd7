//! The harness of this crate's tests: a fresh database for each, on SQLite and on Postgres, a clock that stands still
//! until it is moved, and rows to begin with. Other crates have `testkit`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, Duration, Utc};
use domain::account::Access;
use domain::env::{Clock, Env, Random};
use domain::ids::{AccountId, Region, SyncRunId};
use domain::workspace::{ObservedWorkspace, RunningMode, WorkspaceState};

use crate::db::{Backend, Db, DbOptions, connect};
use crate::repo::accounts::{NewAccount, account_insert};
use crate::repo::inventory::SyncContext;
use crate::sql::Sql;
use crate::test_database::TestDatabase;

/// The lines of the plan that the database makes for a statement.
pub(crate) async fn plan(db: &Db, sql: &str) -> Vec<String> {
    let postgres = db.backend() == Backend::Postgres;
    let explain = if postgres { "EXPLAIN " } else { "EXPLAIN QUERY PLAN " };
    let rows = Sql::new(db).text(explain).text(sql).all(db).await.unwrap();
    let line = |row: &sea_orm::QueryResult| -> String {
        if postgres { row.try_get_by_index(0) } else { row.try_get_by("detail") }.unwrap()
    };
    rows.iter().map(line).collect()
}

/// A migrated database of one test.
pub(crate) struct TestDb {
    pub(crate) db: Db,
    pub(crate) env: Env,
    pub(crate) options: DbOptions,
    clock: Arc<AtomicI64>,
    _database: TestDatabase,
}

impl TestDb {
    pub(crate) async fn empty(backend: Backend) -> Option<Self> {
        Self::on(TestDatabase::empty(backend).await.unwrap()?).await
    }

    pub(crate) async fn migrated(backend: Backend) -> Option<Self> {
        Self::on(TestDatabase::migrated(backend).await.unwrap()?).await
    }

    async fn on(database: TestDatabase) -> Option<Self> {
        let options = DbOptions { max_connections: 12, ..database.options() };
        let db = connect(&options).await.unwrap();
        let clock = Arc::new(AtomicI64::new(1_750_000_000_000_000));
        let now = Arc::clone(&clock);
        let drawn = AtomicU64::new(getrandom::u64().unwrap());
        let env = Env {
            clock: Clock::new(move || DateTime::from_timestamp_micros(now.load(Ordering::SeqCst)).unwrap()),
            random: Random::new(move |bytes| {
                for part in bytes.chunks_mut(8) {
                    // SplitMix64's increment and a mix: enough to tell ids apart.
                    let mut z = drawn.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    part.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..part.len()]);
                }
            }),
        };
        Some(Self { db, env, options, clock, _database: database })
    }

    /// Another pool on the same database: another process.
    pub(crate) async fn another(&self) -> Db {
        connect(&self.options).await.unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.fetch_add(by.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.env.now()
    }

    /// An account with one region, and a sync of it.
    pub(crate) async fn account(&self) -> SyncContext {
        let id = AccountId(self.env.new_id());
        let region: Region = "eu-central-1".parse().unwrap();
        let new = NewAccount {
            id,
            name: format!("account {id}"),
            access: Access::Chain,
            endpoint_url: None,
            regions: vec![region.clone()],
            at: self.now(),
        };
        account_insert(&self.db, &new).await.unwrap();
        SyncContext { account_id: id, region, run: Some(SyncRunId(self.env.new_id())), at: self.now() }
    }

    pub(crate) async fn close(self) {
        self.db.close().await.unwrap();
    }
}

/// A WorkSpace as Describe shows it.
pub(crate) fn observed(number: usize) -> ObservedWorkspace {
    ObservedWorkspace {
        aws_id: format!("ws-{number:09}"),
        directory_id: "d-906700001".to_owned(),
        bundle_id: "wsb-000000001".to_owned(),
        user_name: format!("User.{number:05}"),
        state: WorkspaceState::Available,
        computer_name: Some(format!("WSAMZN-{number:05}")),
        ip_address: Some(format!("10.0.{}.{}", number / 250, number % 250)),
        subnet_id: Some("subnet-1".to_owned()),
        error_code: None,
        error_message: None,
        running_mode: Some(RunningMode::AutoStop),
        auto_stop_timeout_minutes: Some(60),
        compute_type: Some("STANDARD".into()),
        root_volume_gib: Some(80),
        user_volume_gib: Some(50),
        protocol: Some("WSP".into()),
        operating_system: Some("WINDOWS_SERVER_2022".to_owned()),
        root_volume_encrypted: true,
        user_volume_encrypted: false,
    }
}

/// Defines a test that runs on SQLite and on Postgres: `db_test!(async fn name(test) { … })`.
macro_rules! db_test {
    ($(async fn $name:ident($test:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn run($test: &crate::testing::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = crate::testing::TestDb::migrated(crate::db::Backend::Sqlite).await.unwrap();
                run(&test).await;
                test.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(test) = crate::testing::TestDb::migrated(crate::db::Backend::Postgres).await else { return };
                run(&test).await;
                test.close().await;
            }
        }
    )+};
}
pub(crate) use db_test;
