//! People as an OpenID provider knows them, and sign-ins that are there just now. Of what goes with a sign-in only hashes are
//! kept: the browser holds the rest.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, text, timestamp_with_time_zone, uuid, uuid_null};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum ExternalIdentity {
    Table,
    Issuer,
    Subject,
    UserId,
    Managed,
    CreatedAt,
    LastSignInAt,
}

#[derive(DeriveIden)]
enum OidcLogin {
    Table,
    StateHash,
    BrowserHash,
    ReturnTo,
    UserId,
    ExpiresAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let identity = Table::create()
            .table(ExternalIdentity::Table)
            .col(key_text(manager, ExternalIdentity::Issuer))
            .col(key_text(manager, ExternalIdentity::Subject))
            .col(uuid(ExternalIdentity::UserId))
            .col(boolean(ExternalIdentity::Managed))
            .col(timestamp_with_time_zone(ExternalIdentity::CreatedAt))
            .col(timestamp_with_time_zone(ExternalIdentity::LastSignInAt))
            .primary_key(
                Index::create()
                    .name("pk_external_identity")
                    .col(ExternalIdentity::Issuer)
                    .col(ExternalIdentity::Subject),
            )
            .foreign_key(&mut foreign_key(
                "fk_external_identity_user",
                (ExternalIdentity::Table, ExternalIdentity::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(identity).await?;
        let mut state = key_text(manager, OidcLogin::StateHash);
        state.primary_key();
        let login = Table::create()
            .table(OidcLogin::Table)
            .col(state)
            .col(text(OidcLogin::BrowserHash))
            .col(text(OidcLogin::ReturnTo))
            .col(uuid_null(OidcLogin::UserId))
            .col(timestamp_with_time_zone(OidcLogin::ExpiresAt))
            .foreign_key(&mut foreign_key(
                "fk_oidc_login_user",
                (OidcLogin::Table, OidcLogin::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(login).await?;
        let indexes = [
            "CREATE INDEX ix_external_identity_user ON external_identity (user_id)",
            "CREATE INDEX ix_oidc_login_expires ON oidc_login (expires_at)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, vec![OidcLogin::Table.into_iden(), ExternalIdentity::Table.into_iden()]).await
    }
}
