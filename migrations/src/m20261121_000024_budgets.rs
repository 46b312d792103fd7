//! Budgets: a monthly amount for a part of what is billed, and which of its thresholds were crossed in which month.
//!
//! The amount is a whole number of 1e-10, as costs are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, date, integer, json_binary, pk_uuid, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Budget {
    Table,
    Id,
    Name,
    ReachKind,
    AccountId,
    Region,
    TagKey,
    TagValue,
    AmountE10,
    Currency,
    Thresholds,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum BudgetCrossing {
    Table,
    BudgetId,
    Month,
    Threshold,
    At,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let kinds = ["everything", "account", "region", "tag"];
        let budget = Table::create()
            .table(Budget::Table)
            .col(pk_uuid(Budget::Id))
            .col(key_text(manager, Budget::Name))
            .col(key_text(manager, Budget::ReachKind).check(Expr::col(Budget::ReachKind).is_in(kinds)))
            .col(uuid_null(Budget::AccountId))
            .col(key_text_null(manager, Budget::Region))
            .col(key_text_null(manager, Budget::TagKey))
            .col(text_null(Budget::TagValue))
            .col(big_integer(Budget::AmountE10))
            .col(key_text(manager, Budget::Currency))
            // Percentages of the amount, ascending.
            .col(json_binary(Budget::Thresholds))
            .col(big_integer(Budget::Version).default(1))
            .col(timestamp_with_time_zone(Budget::CreatedAt))
            .col(timestamp_with_time_zone(Budget::UpdatedAt))
            .foreign_key(&mut foreign_key(
                "fk_budget_account",
                (Budget::Table, Budget::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(budget).await?;
        let crossing = Table::create()
            .table(BudgetCrossing::Table)
            .col(uuid(BudgetCrossing::BudgetId))
            // Its first day, UTC.
            .col(date(BudgetCrossing::Month))
            .col(integer(BudgetCrossing::Threshold))
            .col(timestamp_with_time_zone(BudgetCrossing::At))
            .primary_key(
                Index::create()
                    .name("pk_budget_crossing")
                    .col(BudgetCrossing::BudgetId)
                    .col(BudgetCrossing::Month)
                    .col(BudgetCrossing::Threshold),
            )
            .foreign_key(&mut foreign_key(
                "fk_budget_crossing_budget",
                (BudgetCrossing::Table, BudgetCrossing::BudgetId),
                (Budget::Table, Budget::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(crossing).await?;
        let indexes = [
            "CREATE UNIQUE INDEX uq_budget_name ON budget (lower(name))",
            "CREATE INDEX ix_budget_account ON budget (account_id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![BudgetCrossing::Table.into_iden(), Budget::Table.into_iden()]).await
    }
}
