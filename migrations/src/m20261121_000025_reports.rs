//! Reports: what somebody has made again and again, and each file that was made. They go with their owner.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Report {
    Table,
    Id,
    OwnerId,
    Name,
    Template,
    Filter,
    Span,
    Format,
    Frequency,
    Zone,
    Hour,
    Day,
    KeepRuns,
    Enabled,
    NextRunAt,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum ReportRun {
    Table,
    Id,
    ReportId,
    JobId,
    Format,
    ByHand,
    CreatedAt,
    FinishedAt,
    RowCount,
    ByteCount,
    Sha256,
    LinkHash,
    LinkExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let report = Table::create()
            .table(Report::Table)
            .col(pk_uuid(Report::Id))
            .col(uuid(Report::OwnerId))
            .col(text(Report::Name))
            .col(key_text(manager, Report::Template))
            .col(json_binary(Report::Filter))
            .col(key_text(manager, Report::Span))
            .col(key_text(manager, Report::Format))
            .col(key_text(manager, Report::Frequency))
            .col(text(Report::Zone))
            .col(integer(Report::Hour))
            .col(integer(Report::Day))
            .col(integer(Report::KeepRuns))
            .col(boolean(Report::Enabled))
            .col(timestamp_with_time_zone_null(Report::NextRunAt))
            .col(big_integer(Report::Version).default(1))
            .col(timestamp_with_time_zone(Report::CreatedAt))
            .col(timestamp_with_time_zone(Report::UpdatedAt))
            .foreign_key(&mut foreign_key(
                "fk_report_owner",
                (Report::Table, Report::OwnerId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(report).await?;
        let run = Table::create()
            .table(ReportRun::Table)
            .col(pk_uuid(ReportRun::Id))
            .col(uuid(ReportRun::ReportId))
            // No foreign key: jobs are forgotten sooner than files.
            .col(uuid_null(ReportRun::JobId))
            .col(key_text(manager, ReportRun::Format))
            .col(boolean(ReportRun::ByHand))
            .col(timestamp_with_time_zone(ReportRun::CreatedAt))
            .col(timestamp_with_time_zone_null(ReportRun::FinishedAt))
            .col(big_integer_null(ReportRun::RowCount))
            .col(big_integer_null(ReportRun::ByteCount))
            .col(text_null(ReportRun::Sha256))
            // Of a link that somebody may use without signing in: only its digest is kept.
            .col(text_null(ReportRun::LinkHash))
            .col(timestamp_with_time_zone_null(ReportRun::LinkExpiresAt))
            .foreign_key(&mut foreign_key(
                "fk_report_run_report",
                (ReportRun::Table, ReportRun::ReportId),
                (Report::Table, Report::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(run).await?;
        // Ids rise with time, so that each of these is in the order of its list.
        let indexes = [
            "CREATE INDEX ix_report_owner ON report (owner_id, id)",
            "CREATE INDEX ix_report_due ON report (next_run_at) WHERE next_run_at IS NOT NULL",
            "CREATE INDEX ix_report_run_report ON report_run (report_id, id)",
            "CREATE UNIQUE INDEX uq_report_run_link ON report_run (link_hash) WHERE link_hash IS NOT NULL",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![ReportRun::Table.into_iden(), Report::Table.into_iden()]).await
    }
}
