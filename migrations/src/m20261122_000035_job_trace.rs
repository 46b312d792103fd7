//! The trace of the request that asked for a job, so that what the job does belongs to it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Job {
    Table,
    Trace,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut trace = text_null(Job::Trace);
        manager.alter_table(Table::alter().table(Job::Table).add_column(&mut trace).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Job::Table).drop_column(Job::Trace).to_owned()).await
    }
}
