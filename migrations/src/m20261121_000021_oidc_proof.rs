//! The session that somebody proves, at the provider, to be theirs still. A way there and back lasts minutes, so that nothing
//! needs to be done about those under way.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum OidcLogin {
    Table,
    SessionId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut session = uuid_null(OidcLogin::SessionId);
        manager.alter_table(Table::alter().table(OidcLogin::Table).add_column(&mut session).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(OidcLogin::Table).drop_column(OidcLogin::SessionId).to_owned()).await
    }
}
