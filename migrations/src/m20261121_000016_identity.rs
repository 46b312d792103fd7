//! Second factors, and codes and links that are sent by mail. Of each secret only a hash is kept, but for the one that codes are
//! reckoned from: that is sealed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, pk_uuid, text, timestamp_with_time_zone, uuid};

use crate::build::{drop_tables, foreign_key, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum UserTotp {
    Table,
    UserId,
    Secret,
    CreatedAt,
    ConfirmedAt,
    LastStep,
    Tries,
    TriesSince,
}

#[derive(DeriveIden)]
enum RecoveryCode {
    Table,
    UserId,
    CodeHash,
    UsedAt,
}

#[derive(DeriveIden)]
enum OneTimeCode {
    Table,
    Id,
    UserId,
    Purpose,
    CodeHash,
    CreatedAt,
    ExpiresAt,
    Tries,
    UsedAt,
}

#[derive(DeriveIden)]
enum SignInChallenge {
    Table,
    Id,
    UserId,
    Method,
    TokenHash,
    CreatedAt,
    ExpiresAt,
    Tries,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let totp = Table::create()
            .table(UserTotp::Table)
            .col(pk_uuid(UserTotp::UserId))
            .col(text(UserTotp::Secret))
            .col(timestamp_with_time_zone(UserTotp::CreatedAt))
            // Asked for at sign-in from then on.
            .col(timestamp_with_time_zone(UserTotp::ConfirmedAt).null())
            // The step of the last code that was taken: that one and earlier ones are not taken again.
            .col(big_integer(UserTotp::LastStep).default(0))
            // Wrong codes, and since when they are counted.
            .col(integer(UserTotp::Tries).default(0))
            .col(timestamp_with_time_zone(UserTotp::TriesSince).null())
            .foreign_key(&mut foreign_key(
                "fk_user_totp_user",
                (UserTotp::Table, UserTotp::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(totp).await?;
        let recovery = Table::create()
            .table(RecoveryCode::Table)
            .col(uuid(RecoveryCode::UserId))
            .col(key_text(manager, RecoveryCode::CodeHash))
            .col(timestamp_with_time_zone(RecoveryCode::UsedAt).null())
            .primary_key(Index::create().name("pk_recovery_code").col(RecoveryCode::UserId).col(RecoveryCode::CodeHash))
            .foreign_key(&mut foreign_key(
                "fk_recovery_code_user",
                (RecoveryCode::Table, RecoveryCode::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(recovery).await?;
        let code = Table::create()
            .table(OneTimeCode::Table)
            .col(pk_uuid(OneTimeCode::Id))
            .col(uuid(OneTimeCode::UserId))
            .col(
                key_text(manager, OneTimeCode::Purpose)
                    .check(Expr::col(OneTimeCode::Purpose).is_in(["sign_in", "reset"])),
            )
            .col(key_text(manager, OneTimeCode::CodeHash))
            .col(timestamp_with_time_zone(OneTimeCode::CreatedAt))
            .col(timestamp_with_time_zone(OneTimeCode::ExpiresAt))
            .col(integer(OneTimeCode::Tries).default(0))
            .col(timestamp_with_time_zone(OneTimeCode::UsedAt).null())
            .foreign_key(&mut foreign_key(
                "fk_one_time_code_user",
                (OneTimeCode::Table, OneTimeCode::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(code).await?;
        let challenge = Table::create()
            .table(SignInChallenge::Table)
            .col(pk_uuid(SignInChallenge::Id))
            .col(uuid(SignInChallenge::UserId))
            // What was proved first, such as `password`.
            .col(text(SignInChallenge::Method))
            .col(key_text(manager, SignInChallenge::TokenHash))
            .col(timestamp_with_time_zone(SignInChallenge::CreatedAt))
            .col(timestamp_with_time_zone(SignInChallenge::ExpiresAt))
            .col(integer(SignInChallenge::Tries).default(0))
            .foreign_key(&mut foreign_key(
                "fk_sign_in_challenge_user",
                (SignInChallenge::Table, SignInChallenge::UserId),
                (AppUser::Table, AppUser::Id),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(challenge).await?;
        let indexes = [
            "CREATE INDEX ix_one_time_code_user ON one_time_code (user_id, purpose, created_at)",
            "CREATE INDEX ix_one_time_code_hash ON one_time_code (code_hash)",
            "CREATE INDEX ix_one_time_code_expires ON one_time_code (expires_at)",
            "CREATE UNIQUE INDEX uq_sign_in_challenge_token ON sign_in_challenge (token_hash)",
            "CREATE INDEX ix_sign_in_challenge_user ON sign_in_challenge (user_id)",
            "CREATE INDEX ix_sign_in_challenge_expires ON sign_in_challenge (expires_at)",
        ];
        run_all(manager, &indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            SignInChallenge::Table.into_iden(),
            OneTimeCode::Table.into_iden(),
            RecoveryCode::Table.into_iden(),
            UserTotp::Table.into_iden(),
        ];
        drop_tables(manager, tables).await
    }
}
