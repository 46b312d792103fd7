//! Costs of each day by usage type and by tag, AWS's prices, and what our own paid requests cost.
//!
//! Amounts and quantities are whole numbers of 1e-10: exact, and summed exactly by both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, date, integer_null, text, text_null, timestamp_with_time_zone, uuid,
};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum CostDay {
    Table,
    AccountId,
    Day,
    Region,
    UsageType,
    AmountE10,
    QuantityE10,
    Unit,
    Currency,
    Estimated,
    ReadAt,
}

#[derive(DeriveIden)]
enum CostTagDay {
    Table,
    AccountId,
    Day,
    TagKey,
    TagValue,
    AmountE10,
    Currency,
    Estimated,
    ReadAt,
}

#[derive(DeriveIden)]
enum Price {
    Table,
    AccountId,
    Region,
    Sku,
    Bundle,
    ComputeType,
    License,
    OperatingSystem,
    RootGb,
    UserGb,
    RunningMode,
    Unit,
    UsageType,
    PriceE10,
    Currency,
    EffectiveAt,
    ReadAt,
}

#[derive(DeriveIden)]
enum ApiSpend {
    Table,
    AccountId,
    Day,
    Service,
    Requests,
    AmountE10,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [cost_day(manager), cost_tag_day(manager), price(manager), api_spend(manager)] {
            manager.create_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            ApiSpend::Table.into_iden(),
            Price::Table.into_iden(),
            CostTagDay::Table.into_iden(),
            CostDay::Table.into_iden(),
        ];
        drop_tables(manager, tables).await
    }
}

fn cost_day(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(CostDay::Table)
        .col(uuid(CostDay::AccountId))
        .col(date(CostDay::Day))
        .col(key_text(manager, CostDay::Region))
        .col(key_text(manager, CostDay::UsageType))
        .col(big_integer(CostDay::AmountE10))
        .col(big_integer(CostDay::QuantityE10))
        .col(text(CostDay::Unit))
        .col(key_text(manager, CostDay::Currency))
        .col(boolean(CostDay::Estimated))
        .col(timestamp_with_time_zone(CostDay::ReadAt))
        .primary_key(
            Index::create()
                .name("pk_cost_day")
                .col(CostDay::AccountId)
                .col(CostDay::Day)
                .col(CostDay::Region)
                .col(CostDay::UsageType),
        )
        .foreign_key(&mut foreign_key(
            "fk_cost_day_account",
            (CostDay::Table, CostDay::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn cost_tag_day(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(CostTagDay::Table)
        .col(uuid(CostTagDay::AccountId))
        .col(date(CostTagDay::Day))
        .col(key_text(manager, CostTagDay::TagKey))
        .col(key_text(manager, CostTagDay::TagValue))
        .col(big_integer(CostTagDay::AmountE10))
        .col(key_text(manager, CostTagDay::Currency))
        .col(boolean(CostTagDay::Estimated))
        .col(timestamp_with_time_zone(CostTagDay::ReadAt))
        .primary_key(
            Index::create()
                .name("pk_cost_tag_day")
                .col(CostTagDay::AccountId)
                .col(CostTagDay::Day)
                .col(CostTagDay::TagKey)
                .col(CostTagDay::TagValue),
        )
        .foreign_key(&mut foreign_key(
            "fk_cost_tag_day_account",
            (CostTagDay::Table, CostTagDay::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn price(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Price::Table)
        .col(uuid(Price::AccountId))
        .col(key_text(manager, Price::Region))
        .col(key_text(manager, Price::Sku))
        .col(key_text_null(manager, Price::Bundle))
        .col(key_text_null(manager, Price::ComputeType))
        .col(key_text_null(manager, Price::License))
        .col(key_text_null(manager, Price::OperatingSystem))
        .col(integer_null(Price::RootGb))
        .col(integer_null(Price::UserGb))
        .col(key_text_null(manager, Price::RunningMode))
        .col(key_text(manager, Price::Unit))
        .col(text_null(Price::UsageType))
        .col(big_integer(Price::PriceE10))
        .col(key_text(manager, Price::Currency))
        .col(timestamp_with_time_zone(Price::EffectiveAt).null())
        .col(timestamp_with_time_zone(Price::ReadAt))
        .primary_key(Index::create().name("pk_price").col(Price::AccountId).col(Price::Region).col(Price::Sku))
        .foreign_key(&mut foreign_key(
            "fk_price_account",
            (Price::Table, Price::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn api_spend(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(ApiSpend::Table)
        .col(uuid(ApiSpend::AccountId))
        .col(date(ApiSpend::Day))
        .col(key_text(manager, ApiSpend::Service))
        .col(big_integer(ApiSpend::Requests))
        .col(big_integer(ApiSpend::AmountE10))
        .primary_key(
            Index::create().name("pk_api_spend").col(ApiSpend::AccountId).col(ApiSpend::Day).col(ApiSpend::Service),
        )
        .foreign_key(&mut foreign_key(
            "fk_api_spend_account",
            (ApiSpend::Table, ApiSpend::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
