//! How far back and how far forward the usage of each WorkSpace is known. By WorkSpace, since one that is found later has
//! its own past to read, and one that CloudWatch answered badly for is behind the others.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date_null, pk_uuid, timestamp_with_time_zone};

use crate::build::{drop_tables, foreign_key};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Workspace {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum UsageCoverage {
    Table,
    WorkspaceId,
    CoveredFrom,
    CoveredTo,
    MeasuredTo,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(UsageCoverage::Table)
            .col(pk_uuid(UsageCoverage::WorkspaceId))
            .col(timestamp_with_time_zone(UsageCoverage::CoveredFrom))
            .col(timestamp_with_time_zone(UsageCoverage::CoveredTo))
            // The day after the last whose daily measures are in.
            .col(date_null(UsageCoverage::MeasuredTo))
            .foreign_key(&mut foreign_key(
                "fk_usage_coverage_workspace",
                (UsageCoverage::Table, UsageCoverage::WorkspaceId),
                (Workspace::Table, Workspace::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![UsageCoverage::Table.into_iden()]).await
    }
}
