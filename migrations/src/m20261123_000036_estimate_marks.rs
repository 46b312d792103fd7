//! A mark for each time that something was changed of what estimates of costs are made from, by account: so that an estimate that was
//! made before is known to hold still, or not. What they are for is told in `store::repo::estimate_marks`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_pk_auto, uuid};

use crate::build::{drop_tables, foreign_key, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum EstimateMark {
    Table,
    Id,
    AccountId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mark = Table::create()
            .table(EstimateMark::Table)
            .col(big_pk_auto(EstimateMark::Id))
            .col(uuid(EstimateMark::AccountId))
            .foreign_key(&mut foreign_key(
                "fk_estimate_mark_account",
                (EstimateMark::Table, EstimateMark::AccountId),
                (Account::Table, Account::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(mark).await?;
        run_all(manager, &["CREATE INDEX ix_estimate_mark ON estimate_mark (account_id, id)"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![EstimateMark::Table.into_iden()]).await
    }
}
