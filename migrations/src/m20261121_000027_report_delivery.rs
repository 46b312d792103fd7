//! Reports that are sent: to whom and where to, each sending of a run, and the links that were sent. All of it goes with its
//! report, and what goes to a person with the person.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, pk_uuid, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
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
    WebhookUrl,
    WebhookSecret,
}

#[derive(DeriveIden)]
enum ReportRun {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum ReportRecipient {
    Table,
    ReportId,
    UserId,
}

#[derive(DeriveIden)]
enum ReportDelivery {
    Table,
    Id,
    RunId,
    Way,
    UserId,
    Url,
    JobId,
    Tries,
    Error,
    CreatedAt,
    DeliveredAt,
}

#[derive(DeriveIden)]
enum ReportLink {
    Table,
    Hash,
    RunId,
    ExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The secret is sealed. SQLite adds one column at a time.
        for column in [Report::WebhookUrl, Report::WebhookSecret] {
            let add = Table::alter().table(Report::Table).add_column(text_null(column)).to_owned();
            manager.alter_table(add).await?;
        }
        let recipient = Table::create()
            .table(ReportRecipient::Table)
            .col(uuid(ReportRecipient::ReportId))
            .col(uuid(ReportRecipient::UserId))
            .primary_key(
                Index::create().name("pk_report_recipient").col(ReportRecipient::ReportId).col(ReportRecipient::UserId),
            )
            .foreign_key(&mut foreign_key(
                "fk_report_recipient_report",
                (ReportRecipient::Table, ReportRecipient::ReportId),
                (Report::Table, Report::Id),
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "fk_report_recipient_user",
                (ReportRecipient::Table, ReportRecipient::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(recipient).await?;
        let delivery = Table::create()
            .table(ReportDelivery::Table)
            .col(pk_uuid(ReportDelivery::Id))
            .col(uuid(ReportDelivery::RunId))
            .col(key_text(manager, ReportDelivery::Way))
            // Whom a letter goes to.
            .col(uuid_null(ReportDelivery::UserId))
            // Where a webhook goes to.
            .col(text_null(ReportDelivery::Url))
            // No foreign key: jobs are forgotten sooner than files.
            .col(uuid_null(ReportDelivery::JobId))
            .col(integer(ReportDelivery::Tries).default(0))
            .col(text_null(ReportDelivery::Error))
            .col(timestamp_with_time_zone(ReportDelivery::CreatedAt))
            .col(timestamp_with_time_zone_null(ReportDelivery::DeliveredAt))
            .foreign_key(&mut foreign_key(
                "fk_report_delivery_run",
                (ReportDelivery::Table, ReportDelivery::RunId),
                (ReportRun::Table, ReportRun::Id),
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "fk_report_delivery_user",
                (ReportDelivery::Table, ReportDelivery::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(delivery).await?;
        let link = Table::create()
            .table(ReportLink::Table)
            // The digest of what somebody may use without signing in.
            .col(key_text(manager, ReportLink::Hash).primary_key())
            .col(uuid(ReportLink::RunId))
            .col(timestamp_with_time_zone(ReportLink::ExpiresAt))
            .foreign_key(&mut foreign_key(
                "fk_report_link_run",
                (ReportLink::Table, ReportLink::RunId),
                (ReportRun::Table, ReportRun::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(link).await?;
        let indexes = [
            "CREATE INDEX ix_report_recipient_user ON report_recipient (user_id)",
            "CREATE INDEX ix_report_delivery_run ON report_delivery (run_id, id)",
            "CREATE INDEX ix_report_delivery_user ON report_delivery (user_id) WHERE user_id IS NOT NULL",
            "CREATE INDEX ix_report_link_run ON report_link (run_id)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            vec![ReportLink::Table.into_iden(), ReportDelivery::Table.into_iden(), ReportRecipient::Table.into_iden()];
        drop_tables(manager, tables).await?;
        for column in [Report::WebhookSecret, Report::WebhookUrl] {
            manager.alter_table(Table::alter().table(Report::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
