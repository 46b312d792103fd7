//! How fresh and how complete each data set of each place is, and what people changed about the schedules.
//!
//! A data set's region is no foreign key on purpose: an account's costs stand at `us-east-1` whichever regions it has.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, integer_null, json_binary, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum DataSet {
    Table,
    AccountId,
    Region,
    Kind,
    Status,
    FreshAt,
    CoveredFrom,
    CoveredTo,
    Gaps,
    LastRunId,
    LastError,
    MissingPermission,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Schedule {
    Table,
    Name,
    PeriodSecs,
    Paused,
    UpdatedAt,
    UpdatedBy,
    UpdatedByName,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let data_set = Table::create()
            .table(DataSet::Table)
            .col(uuid(DataSet::AccountId))
            .col(key_text(manager, DataSet::Region))
            .col(key_text(manager, DataSet::Kind))
            .col(key_text(manager, DataSet::Status))
            .col(timestamp_with_time_zone(DataSet::FreshAt).null())
            .col(timestamp_with_time_zone(DataSet::CoveredFrom).null())
            .col(timestamp_with_time_zone(DataSet::CoveredTo).null())
            .col(json_binary(DataSet::Gaps))
            .col(uuid_null(DataSet::LastRunId))
            .col(text_null(DataSet::LastError))
            .col(text_null(DataSet::MissingPermission))
            .col(timestamp_with_time_zone(DataSet::UpdatedAt))
            .primary_key(
                Index::create().name("pk_data_set").col(DataSet::AccountId).col(DataSet::Region).col(DataSet::Kind),
            )
            .foreign_key(&mut foreign_key(
                "fk_data_set_account",
                (DataSet::Table, DataSet::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(data_set).await?;
        // Who changed it is no foreign key: the name stays when the person goes.
        let schedule = Table::create()
            .table(Schedule::Table)
            .col(key_text(manager, Schedule::Name).primary_key())
            .col(integer_null(Schedule::PeriodSecs))
            .col(boolean(Schedule::Paused))
            .col(timestamp_with_time_zone(Schedule::UpdatedAt))
            .col(uuid_null(Schedule::UpdatedBy))
            .col(text(Schedule::UpdatedByName))
            .to_owned();
        manager.create_table(schedule).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![Schedule::Table.into_iden(), DataSet::Table.into_iden()]).await
    }
}
