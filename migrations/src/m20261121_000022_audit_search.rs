//! The ways to entries of the audit log by what they are about: an object's id alone, and a kind of object in order. Together
//! they do what the one index of both did.

use sea_orm_migration::prelude::*;

use crate::build::run_all;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(
            manager,
            &[
                "CREATE INDEX ix_audit_entry_object_id ON audit_entry (object_id, seq) WHERE object_id IS NOT NULL",
                "CREATE INDEX ix_audit_entry_kind ON audit_entry (object_kind, seq) WHERE object_kind IS NOT NULL",
                "DROP INDEX ix_audit_entry_object",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(
            manager,
            &[
                "CREATE INDEX ix_audit_entry_object ON audit_entry (object_kind, object_id, seq)",
                "DROP INDEX ix_audit_entry_kind",
                "DROP INDEX ix_audit_entry_object_id",
            ],
        )
        .await
    }
}
