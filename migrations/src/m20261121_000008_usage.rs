//! Usage: connected time as intervals, what it makes of each day, and daily measures.
//!
//! Every row of these tables belongs to a WorkSpace and goes with it. `usage_day.hours` is the number of bits in
//! `hour_mask`, kept because SQLite can't count bits.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, double, integer, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Workspace {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum UsageInterval {
    Table,
    WorkspaceId,
    StartedAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum UsageDay {
    Table,
    WorkspaceId,
    Day,
    HourMask,
    Hours,
    ConnectedMinutes,
    Sessions,
    FirstAt,
    LastAt,
    ResolutionSecs,
}

#[derive(DeriveIden)]
enum MetricDay {
    Table,
    WorkspaceId,
    Day,
    Metric,
    Average,
    Maximum,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [interval(), day(), metric(manager)] {
            manager.create_table(table).await?;
        }
        let indexes = [
            "CREATE INDEX ix_usage_interval_started ON usage_interval (started_at)",
            "CREATE INDEX ix_usage_day_day ON usage_day (day)",
            "CREATE INDEX ix_metric_day_day ON metric_day (day)",
        ];
        run_all(manager, &indexes).await?;
        if is_postgres(manager) {
            // Today's rows change every few hours: with room on the page such an update touches no index.
            run_all(manager, &["ALTER TABLE usage_day SET (fillfactor = 85)"]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![MetricDay::Table.into_iden(), UsageDay::Table.into_iden(), UsageInterval::Table.into_iden()];
        drop_tables(manager, tables).await
    }
}

fn interval() -> TableCreateStatement {
    Table::create()
        .table(UsageInterval::Table)
        .col(uuid(UsageInterval::WorkspaceId))
        .col(timestamp_with_time_zone(UsageInterval::StartedAt))
        .col(timestamp_with_time_zone(UsageInterval::EndedAt))
        .primary_key(
            Index::create().name("pk_usage_interval").col(UsageInterval::WorkspaceId).col(UsageInterval::StartedAt),
        )
        .foreign_key(&mut foreign_key(
            "fk_usage_interval_workspace",
            (UsageInterval::Table, UsageInterval::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn day() -> TableCreateStatement {
    Table::create()
        .table(UsageDay::Table)
        .col(uuid(UsageDay::WorkspaceId))
        .col(date(UsageDay::Day))
        .col(integer(UsageDay::HourMask))
        .col(integer(UsageDay::Hours))
        .col(integer(UsageDay::ConnectedMinutes))
        .col(integer(UsageDay::Sessions))
        .col(timestamp_with_time_zone(UsageDay::FirstAt))
        .col(timestamp_with_time_zone(UsageDay::LastAt))
        .col(integer(UsageDay::ResolutionSecs))
        .primary_key(Index::create().name("pk_usage_day").col(UsageDay::WorkspaceId).col(UsageDay::Day))
        .foreign_key(&mut foreign_key(
            "fk_usage_day_workspace",
            (UsageDay::Table, UsageDay::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn metric(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(MetricDay::Table)
        .col(uuid(MetricDay::WorkspaceId))
        .col(date(MetricDay::Day))
        .col(key_text(manager, MetricDay::Metric))
        .col(double(MetricDay::Average))
        .col(double(MetricDay::Maximum))
        .primary_key(
            Index::create()
                .name("pk_metric_day")
                .col(MetricDay::WorkspaceId)
                .col(MetricDay::Day)
                .col(MetricDay::Metric),
        )
        .foreign_key(&mut foreign_key(
            "fk_metric_day_workspace",
            (MetricDay::Table, MetricDay::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
