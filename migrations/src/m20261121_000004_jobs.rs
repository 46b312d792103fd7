//! The job queue: jobs, their attempts, logs and keyed effects, and the ticks of schedules.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, integer, json_binary, json_binary_null, pk_uuid,
    small_integer, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Job {
    Table,
    Id,
    Kind,
    Subject,
    Payload,
    UniqueKey,
    State,
    Priority,
    RunAt,
    MaxAttempts,
    FailedAttempts,
    ClaimNumber,
    SilentClaims,
    Worker,
    HeartbeatAt,
    CancelRequested,
    ProgressDone,
    ProgressTotal,
    ProgressNote,
    Checkpoint,
    Result,
    Error,
    AccountId,
    CreatedBy,
    CreatedByName,
    RequestId,
    CreatedAt,
    StartedAt,
    FinishedAt,
}

#[derive(DeriveIden)]
enum JobAttempt {
    Table,
    JobId,
    Number,
    Worker,
    StartedAt,
    FinishedAt,
    Outcome,
    Error,
}

#[derive(DeriveIden)]
enum JobLog {
    Table,
    Id,
    JobId,
    At,
    Level,
    Message,
}

#[derive(DeriveIden)]
enum JobEffect {
    Table,
    JobId,
    Key,
    At,
    Data,
}

#[derive(DeriveIden)]
enum ScheduleTick {
    Table,
    Schedule,
    Tick,
    JobId,
}

const INDEXES: &[&str] = &[
    // One waiting or running job per key.
    "CREATE UNIQUE INDEX uq_job_unique_key ON job (unique_key) WHERE state IN ('queued', 'running')",
    // The order of claiming.
    "CREATE INDEX ix_job_due ON job (priority DESC, run_at, id) WHERE state = 'queued'",
    "CREATE INDEX ix_job_suspect ON job (run_at) WHERE state = 'queued' AND silent_claims > 1",
    "CREATE INDEX ix_job_running ON job (heartbeat_at) WHERE state = 'running'",
    "CREATE INDEX ix_job_state ON job (state, id)",
    "CREATE INDEX ix_job_kind ON job (kind, id)",
    "CREATE INDEX ix_job_account ON job (account_id, id)",
    "CREATE INDEX ix_job_finished ON job (finished_at) WHERE finished_at IS NOT NULL",
    "CREATE INDEX ix_job_log ON job_log (job_id, id)",
    "CREATE INDEX ix_schedule_tick ON schedule_tick (tick)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(job(manager)).await?;
        for table in [attempt(manager), log(manager), effect(manager), tick(manager)] {
            manager.create_table(table).await?;
        }
        run_all(manager, INDEXES).await?;
        if is_postgres(manager) {
            // Rows of this table change all the time: leave room for it, and clean up early.
            let storage = "ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, \
                           autovacuum_vacuum_threshold = 1000)";
            run_all(manager, &[storage]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            ScheduleTick::Table.into_iden(),
            JobEffect::Table.into_iden(),
            JobLog::Table.into_iden(),
            JobAttempt::Table.into_iden(),
            Job::Table.into_iden(),
        ];
        drop_tables(manager, tables).await
    }
}

fn job(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Job::Table)
        .col(pk_uuid(Job::Id))
        .col(key_text(manager, Job::Kind))
        .col(text(Job::Subject))
        .col(json_binary(Job::Payload))
        .col(key_text_null(manager, Job::UniqueKey))
        .col(
            key_text(manager, Job::State).check((
                "ck_job_state",
                Expr::col(Job::State).is_in(["queued", "running", "done", "dead", "cancelled"]),
            )),
        )
        .col(small_integer(Job::Priority))
        .col(timestamp_with_time_zone(Job::RunAt))
        .col(integer(Job::MaxAttempts))
        .col(integer(Job::FailedAttempts))
        .col(integer(Job::ClaimNumber))
        .col(integer(Job::SilentClaims))
        .col(key_text_null(manager, Job::Worker))
        .col(timestamp_with_time_zone(Job::HeartbeatAt).null())
        .col(boolean(Job::CancelRequested))
        .col(big_integer(Job::ProgressDone))
        .col(big_integer_null(Job::ProgressTotal))
        .col(text(Job::ProgressNote))
        .col(json_binary_null(Job::Checkpoint))
        .col(json_binary_null(Job::Result))
        .col(text_null(Job::Error))
        .col(uuid_null(Job::AccountId))
        .col(uuid_null(Job::CreatedBy))
        .col(text(Job::CreatedByName))
        .col(text_null(Job::RequestId))
        .col(timestamp_with_time_zone(Job::CreatedAt))
        .col(timestamp_with_time_zone(Job::StartedAt).null())
        .col(timestamp_with_time_zone(Job::FinishedAt).null())
        .foreign_key(&mut foreign_key(
            "fk_job_account",
            (Job::Table, Job::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::SetNull,
        ))
        .to_owned()
}

fn attempt(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(JobAttempt::Table)
        .col(uuid(JobAttempt::JobId))
        .col(integer(JobAttempt::Number))
        .col(text(JobAttempt::Worker))
        .col(timestamp_with_time_zone(JobAttempt::StartedAt))
        .col(timestamp_with_time_zone(JobAttempt::FinishedAt))
        .col(key_text(manager, JobAttempt::Outcome))
        .col(text_null(JobAttempt::Error))
        .primary_key(Index::create().name("pk_job_attempt").col(JobAttempt::JobId).col(JobAttempt::Number))
        .foreign_key(&mut foreign_key(
            "fk_job_attempt_job",
            (JobAttempt::Table, JobAttempt::JobId),
            (Job::Table, Job::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn log(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(JobLog::Table)
        .col(big_pk_auto(JobLog::Id))
        .col(uuid(JobLog::JobId))
        .col(timestamp_with_time_zone(JobLog::At))
        .col(key_text(manager, JobLog::Level))
        .col(text(JobLog::Message))
        .foreign_key(&mut foreign_key(
            "fk_job_log_job",
            (JobLog::Table, JobLog::JobId),
            (Job::Table, Job::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

/// No foreign key: an effect is remembered for as long as its job could come back, and pruned with it.
fn effect(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(JobEffect::Table)
        .col(uuid(JobEffect::JobId))
        .col(key_text(manager, JobEffect::Key))
        .col(timestamp_with_time_zone(JobEffect::At))
        .col(json_binary_null(JobEffect::Data))
        .primary_key(Index::create().name("pk_job_effect").col(JobEffect::JobId).col(JobEffect::Key))
        .to_owned()
}

fn tick(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(ScheduleTick::Table)
        .col(key_text(manager, ScheduleTick::Schedule))
        .col(timestamp_with_time_zone(ScheduleTick::Tick))
        .col(uuid_null(ScheduleTick::JobId))
        .primary_key(Index::create().name("pk_schedule_tick").col(ScheduleTick::Schedule).col(ScheduleTick::Tick))
        .to_owned()
}
