//! Our own audit log: entries that can only be added, personal parts that can be erased, cuts where an old beginning was
//! removed, and what is shown of checkpoints and verifications.
//!
//! The triggers refuse what nobody should do by mistake or by the application's role; what the database's owner does all the
//! same is found by the chain and the checkpoints outside (`wheelhouse audit verify`).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, pk_uuid, text, text_null, timestamp_with_time_zone, uuid_null,
};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditEntry {
    Table,
    Seq,
    At,
    ActorKind,
    ActorId,
    SessionId,
    KeyId,
    Permission,
    Action,
    ObjectKind,
    ObjectId,
    Outcome,
    RequestId,
    Body,
    PrevHash,
    Hash,
}

#[derive(DeriveIden)]
enum AuditPersonal {
    Table,
    Seq,
    Subject,
    UserId,
    Salt,
    Body,
}

#[derive(DeriveIden)]
enum AuditCut {
    Table,
    Seq,
    Hash,
    At,
    Line,
}

#[derive(DeriveIden)]
enum AuditCheckpoint {
    Table,
    Id,
    Seq,
    Hash,
    At,
    Line,
}

#[derive(DeriveIden)]
enum AuditVerification {
    Table,
    Id,
    At,
    Whole,
    FirstSeq,
    LastSeq,
    Entries,
    BadSeq,
    Problem,
}

const INDEXES: &[&str] = &[
    "CREATE INDEX ix_audit_entry_at ON audit_entry (at, seq)",
    "CREATE INDEX ix_audit_entry_actor ON audit_entry (actor_id, seq) WHERE actor_id IS NOT NULL",
    "CREATE INDEX ix_audit_entry_action ON audit_entry (action, seq)",
    "CREATE INDEX ix_audit_entry_object ON audit_entry (object_kind, object_id, seq)",
    "CREATE INDEX ix_audit_entry_outcome ON audit_entry (outcome, seq) WHERE outcome <> 'done'",
    "CREATE INDEX ix_audit_entry_request ON audit_entry (request_id) WHERE request_id IS NOT NULL",
    "CREATE INDEX ix_audit_personal_user ON audit_personal (user_id) WHERE user_id IS NOT NULL",
    "CREATE INDEX ix_audit_checkpoint_at ON audit_checkpoint (at)",
    "CREATE INDEX ix_audit_verification_at ON audit_verification (at)",
];

/// `audit_tip` takes the lock that the outbox takes too and then reads: in a function of its own, the read sees what
/// was committed while it waited.
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION audit_tip(lock_key bigint) RETURNS TABLE (seq bigint, hash text) LANGUAGE plpgsql VOLATILE AS $$ \
     BEGIN \
       PERFORM pg_advisory_xact_lock(lock_key); \
       RETURN QUERY SELECT t.seq, t.hash::text FROM ( \
         (SELECT e.seq, e.hash FROM audit_entry e ORDER BY e.seq DESC LIMIT 1) \
         UNION ALL (SELECT c.seq, c.hash FROM audit_cut c ORDER BY c.seq DESC LIMIT 1)) t ORDER BY t.seq DESC LIMIT 1; \
     END $$",
    "CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ \
     BEGIN \
       IF TG_TABLE_NAME = 'audit_entry' AND TG_OP = 'DELETE' THEN \
         IF OLD.seq <= (SELECT max(c.seq) FROM audit_cut c) THEN RETURN OLD; END IF; \
       END IF; \
       RAISE EXCEPTION 'the audit log can only be added to' USING ERRCODE = 'insufficient_privilege'; \
     END $$",
    "CREATE TRIGGER audit_entry_guard BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_entry_whole BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_personal_guard BEFORE UPDATE ON audit_personal FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_cut_guard BEFORE UPDATE OR DELETE ON audit_cut FOR EACH ROW EXECUTE FUNCTION audit_guard()",
    "CREATE TRIGGER audit_cut_whole BEFORE TRUNCATE ON audit_cut FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()",
];

/// INSERT OR REPLACE deletes without asking the DELETE trigger, so that what is inserted is looked at too.
const SQLITE: &[&str] = &[
    "CREATE TRIGGER audit_entry_insert BEFORE INSERT ON audit_entry \
     WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit_entry) \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry \
     WHEN OLD.seq > (SELECT coalesce(max(seq), 0) FROM audit_cut) \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_personal_insert BEFORE INSERT ON audit_personal \
     WHEN EXISTS (SELECT 1 FROM audit_personal WHERE seq = NEW.seq AND subject = NEW.subject) \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_personal_update BEFORE UPDATE ON audit_personal \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_cut_insert BEFORE INSERT ON audit_cut \
     WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit_cut) \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_cut_update BEFORE UPDATE ON audit_cut \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
    "CREATE TRIGGER audit_cut_delete BEFORE DELETE ON audit_cut \
     BEGIN SELECT RAISE(ABORT, 'the audit log can only be added to'); END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entry = Table::create()
            .table(AuditEntry::Table)
            .col(big_integer(AuditEntry::Seq).primary_key())
            .col(timestamp_with_time_zone(AuditEntry::At))
            .col(key_text(manager, AuditEntry::ActorKind))
            .col(uuid_null(AuditEntry::ActorId))
            .col(uuid_null(AuditEntry::SessionId))
            .col(uuid_null(AuditEntry::KeyId))
            .col(key_text_null(manager, AuditEntry::Permission))
            .col(key_text(manager, AuditEntry::Action))
            .col(key_text_null(manager, AuditEntry::ObjectKind))
            .col(key_text_null(manager, AuditEntry::ObjectId))
            .col(key_text(manager, AuditEntry::Outcome))
            .col(key_text_null(manager, AuditEntry::RequestId))
            .col(text(AuditEntry::Body))
            .col(key_text(manager, AuditEntry::PrevHash))
            .col(key_text(manager, AuditEntry::Hash))
            .to_owned();
        manager.create_table(entry).await?;
        let personal = Table::create()
            .table(AuditPersonal::Table)
            .col(big_integer(AuditPersonal::Seq))
            .col(key_text(manager, AuditPersonal::Subject))
            .col(uuid_null(AuditPersonal::UserId))
            .col(text(AuditPersonal::Salt))
            .col(text(AuditPersonal::Body))
            .primary_key(Index::create().name("pk_audit_personal").col(AuditPersonal::Seq).col(AuditPersonal::Subject))
            .foreign_key(&mut foreign_key(
                "fk_audit_personal_entry",
                (AuditPersonal::Table, AuditPersonal::Seq),
                (AuditEntry::Table, AuditEntry::Seq),
                ForeignKeyAction::Cascade,
            ))
            .to_owned();
        manager.create_table(personal).await?;
        let cut = Table::create()
            .table(AuditCut::Table)
            .col(big_integer(AuditCut::Seq).primary_key())
            .col(key_text(manager, AuditCut::Hash))
            .col(timestamp_with_time_zone(AuditCut::At))
            .col(text(AuditCut::Line))
            .to_owned();
        manager.create_table(cut).await?;
        let checkpoint = Table::create()
            .table(AuditCheckpoint::Table)
            .col(pk_uuid(AuditCheckpoint::Id))
            .col(big_integer(AuditCheckpoint::Seq))
            .col(key_text(manager, AuditCheckpoint::Hash))
            .col(timestamp_with_time_zone(AuditCheckpoint::At))
            .col(text(AuditCheckpoint::Line))
            .to_owned();
        manager.create_table(checkpoint).await?;
        let verification = Table::create()
            .table(AuditVerification::Table)
            .col(pk_uuid(AuditVerification::Id))
            .col(timestamp_with_time_zone(AuditVerification::At))
            .col(boolean(AuditVerification::Whole))
            .col(big_integer(AuditVerification::FirstSeq))
            .col(big_integer(AuditVerification::LastSeq))
            .col(big_integer(AuditVerification::Entries))
            .col(big_integer_null(AuditVerification::BadSeq))
            .col(text_null(AuditVerification::Problem))
            .to_owned();
        manager.create_table(verification).await?;
        run_all(manager, INDEXES).await?;
        run_all(manager, if is_postgres(manager) { POSTGRES } else { SQLITE }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            AuditVerification::Table.into_iden(),
            AuditCheckpoint::Table.into_iden(),
            AuditPersonal::Table.into_iden(),
            AuditEntry::Table.into_iden(),
            AuditCut::Table.into_iden(),
        ];
        drop_tables(manager, tables).await?;
        if is_postgres(manager) {
            run_all(manager, &["DROP FUNCTION audit_tip(bigint)", "DROP FUNCTION audit_guard()"]).await?;
        }
        Ok(())
    }
}
