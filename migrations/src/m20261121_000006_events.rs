//! The outbox: what happened, written in the transaction of the change, in an order that is also the order of commits.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_pk_auto, json_binary, text, timestamp_with_time_zone};

use crate::build::{drop_tables, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Event {
    Table,
    Id,
    At,
    Kind,
    Subject,
    Data,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let event = Table::create()
            .table(Event::Table)
            .col(big_pk_auto(Event::Id))
            .col(timestamp_with_time_zone(Event::At))
            .col(key_text(manager, Event::Kind))
            .col(text(Event::Subject))
            .col(json_binary(Event::Data))
            .to_owned();
        manager.create_table(event).await?;
        run_all(manager, &["CREATE INDEX ix_event_at ON event (at)"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![Event::Table.into_iden()]).await
    }
}
