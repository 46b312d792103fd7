//! The region a job works on, for those who may see that region only; and the ways to somebody's own jobs and to what there is
//! of a region. Jobs from before have none: those of one region of an account take it from what they were given.

use sea_orm_migration::prelude::*;

use crate::build::{is_postgres, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Job {
    Table,
    Region,
}

const INDEXES: &[&str] = &[
    "CREATE INDEX ix_job_created_by ON job (created_by, id) WHERE created_by IS NOT NULL",
    "CREATE INDEX ix_job_region ON job (region, id) WHERE region IS NOT NULL",
    "CREATE INDEX ix_sync_run_region ON sync_run (region, id)",
    "CREATE INDEX ix_trail_event_region ON trail_event (region, at, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut region = key_text_null(manager, Job::Region);
        manager.alter_table(Table::alter().table(Job::Table).add_column(&mut region).to_owned()).await?;
        let path = if is_postgres(manager) { "payload ->> 'region'" } else { "payload ->> '$.region'" };
        // A bill is the whole account's, wherever it is asked for.
        let fill = format!("UPDATE job SET region = {path} WHERE account_id IS NOT NULL AND kind <> 'sync-billing'");
        run_all(manager, &[&fill]).await?;
        run_all(manager, INDEXES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["ix_job_created_by", "ix_job_region", "ix_sync_run_region", "ix_trail_event_region"] {
            run_all(manager, &[&format!("DROP INDEX IF EXISTS {index}")]).await?;
        }
        manager.alter_table(Table::alter().table(Job::Table).drop_column(Job::Region).to_owned()).await
    }
}
