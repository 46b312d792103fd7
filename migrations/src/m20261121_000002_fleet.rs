//! The fleet: directories, bundles, WorkSpaces, their tags and the history of their states.
//!
//! `workspace.directory_id` and `bundle_id` are derived from AWS's ids and are no foreign keys on purpose: AWS shows
//! WorkSpaces whose bundle was deleted, and a sync that may not read directories still keeps its WorkSpaces.
//! Sorts treat an absent value as the smallest, through the same `COALESCE` in index and query; `store` holds the other half.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_pk_auto, boolean, integer_null, pk_uuid, text, text_null, timestamp_with_time_zone, uuid,
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
enum Directory {
    Table,
    Id,
    AccountId,
    Region,
    AwsId,
    Name,
    Alias,
    Kind,
    State,
    RegistrationCode,
    Stage,
    FirstSeenAt,
    ChangedAt,
}

#[derive(DeriveIden)]
enum Bundle {
    Table,
    Id,
    AccountId,
    Region,
    AwsId,
    Name,
    Owner,
    Description,
    ComputeType,
    RootVolumeGib,
    UserVolumeGib,
    ImageId,
    FirstSeenAt,
    ChangedAt,
}

#[derive(DeriveIden)]
enum Workspace {
    Table,
    Id,
    AccountId,
    Region,
    AwsId,
    DirectoryId,
    DirectoryAwsId,
    BundleId,
    BundleAwsId,
    UserName,
    UserKey,
    State,
    StateSince,
    ComputerName,
    IpAddress,
    SubnetId,
    ErrorCode,
    ErrorMessage,
    RunningMode,
    AutoStopTimeoutMinutes,
    ComputeType,
    RootVolumeGib,
    UserVolumeGib,
    Protocol,
    OperatingSystem,
    RootVolumeEncrypted,
    UserVolumeEncrypted,
    ConnectionState,
    ConnectionCheckedAt,
    LastConnectedAt,
    TagsReadAt,
    FirstSeenAt,
    ChangedAt,
    GoneAt,
    Fingerprint,
    TagText,
    Search,
}

#[derive(DeriveIden)]
enum WorkspaceTag {
    Table,
    WorkspaceId,
    Key,
    Value,
}

#[derive(DeriveIden)]
enum WorkspaceStateHistory {
    Table,
    Id,
    WorkspaceId,
    At,
    Before,
    After,
}

/// Every sort of the list with `id` as tie-break, and every filter that is not a sort.
const WORKSPACE_INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX uq_workspace_aws ON workspace (account_id, region, aws_id)",
    "CREATE INDEX ix_workspace_user ON workspace (user_key, id)",
    "CREATE INDEX ix_workspace_state ON workspace (state, id)",
    "CREATE INDEX ix_workspace_running_mode ON workspace (COALESCE(running_mode, ''), id)",
    "CREATE INDEX ix_workspace_compute_type ON workspace (COALESCE(compute_type, ''), id)",
    "CREATE INDEX ix_workspace_region ON workspace (region, id)",
    "CREATE INDEX ix_workspace_state_since ON workspace (state_since, id)",
    "CREATE INDEX ix_workspace_changed ON workspace (changed_at, id)",
    "CREATE INDEX ix_workspace_aws_id ON workspace (aws_id, id)",
    "CREATE INDEX ix_workspace_directory ON workspace (directory_id, id)",
    "CREATE INDEX ix_workspace_bundle ON workspace (bundle_id, id)",
    "CREATE INDEX ix_workspace_connection ON workspace (COALESCE(connection_state, ''), id)",
    "CREATE INDEX ix_workspace_gone ON workspace (gone_at, id) WHERE gone_at IS NOT NULL",
    "CREATE INDEX ix_workspace_tag_value ON workspace_tag (key, value, workspace_id)",
    "CREATE INDEX ix_workspace_history ON workspace_state_history (workspace_id, at, id)",
];

const POSTGRES_INDEXES: &[&str] = &[
    "CREATE INDEX ix_workspace_last_connected ON workspace \
     (COALESCE(last_connected_at, TIMESTAMPTZ '1970-01-01 00:00:00+00'), id)",
    // Totals by state and mode without reading rows: what the list counts most, and a hundredth of the time.
    "CREATE INDEX ix_workspace_present ON workspace (state, running_mode) WHERE gone_at IS NULL",
    // What the facets and the overview count: read from the index alone.
    "CREATE INDEX ix_workspace_counts ON workspace (account_id, region) \
     INCLUDE (state, running_mode, compute_type, connection_state, directory_id, bundle_id) WHERE gone_at IS NULL",
    "CREATE INDEX ix_workspace_tags_due ON workspace \
     (account_id, region, COALESCE(tags_read_at, TIMESTAMPTZ '1970-01-01 00:00:00+00'), id) WHERE gone_at IS NULL",
    // Substring search. An installation whose role may not create extensions goes without: search is then a filter
    // along the sort's index, slower but right.
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; \
     EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'pg_trgm is not available, searching goes without its index'; END $$",
    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm') THEN \
     EXECUTE 'CREATE INDEX ix_workspace_search ON workspace USING gin (search gin_trgm_ops)'; END IF; END $$",
    // Room on each page, so that noting when a connection was looked at is a heap-only update that touches no index.
    "ALTER TABLE workspace SET (fillfactor = 80)",
];

const SQLITE_INDEXES: &[&str] = &[
    "CREATE INDEX ix_workspace_last_connected ON workspace (COALESCE(last_connected_at, ''), id)",
    "CREATE INDEX ix_workspace_counts ON workspace \
     (account_id, region, state, running_mode, compute_type, connection_state, directory_id, bundle_id) \
     WHERE gone_at IS NULL",
    "CREATE INDEX ix_workspace_tags_due ON workspace (account_id, region, COALESCE(tags_read_at, ''), id) \
     WHERE gone_at IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(directory(manager)).await?;
        manager.create_table(bundle(manager)).await?;
        manager.create_table(workspace(manager)).await?;
        manager.create_table(tag(manager)).await?;
        manager.create_table(history(manager)).await?;
        run_all(manager, WORKSPACE_INDEXES).await?;
        run_all(manager, if is_postgres(manager) { POSTGRES_INDEXES } else { SQLITE_INDEXES }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            WorkspaceStateHistory::Table.into_iden(),
            WorkspaceTag::Table.into_iden(),
            Workspace::Table.into_iden(),
            Bundle::Table.into_iden(),
            Directory::Table.into_iden(),
        ];
        drop_tables(manager, tables).await
    }
}

fn directory(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Directory::Table)
        .col(pk_uuid(Directory::Id))
        .col(uuid(Directory::AccountId))
        .col(key_text(manager, Directory::Region))
        .col(key_text(manager, Directory::AwsId))
        .col(text(Directory::Name))
        .col(text_null(Directory::Alias))
        .col(text(Directory::Kind))
        .col(text(Directory::State))
        .col(text_null(Directory::RegistrationCode))
        .col(text_null(Directory::Stage))
        .col(timestamp_with_time_zone(Directory::FirstSeenAt))
        .col(timestamp_with_time_zone(Directory::ChangedAt))
        .foreign_key(&mut foreign_key(
            "fk_directory_account",
            (Directory::Table, Directory::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .index(
            Index::create()
                .unique()
                .name("uq_directory_aws")
                .col(Directory::AccountId)
                .col(Directory::Region)
                .col(Directory::AwsId),
        )
        .to_owned()
}

fn bundle(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Bundle::Table)
        .col(pk_uuid(Bundle::Id))
        .col(uuid(Bundle::AccountId))
        .col(key_text(manager, Bundle::Region))
        .col(key_text(manager, Bundle::AwsId))
        .col(text(Bundle::Name))
        .col(text(Bundle::Owner))
        .col(text_null(Bundle::Description))
        .col(text_null(Bundle::ComputeType))
        .col(integer_null(Bundle::RootVolumeGib))
        .col(integer_null(Bundle::UserVolumeGib))
        .col(text_null(Bundle::ImageId))
        .col(timestamp_with_time_zone(Bundle::FirstSeenAt))
        .col(timestamp_with_time_zone(Bundle::ChangedAt))
        .foreign_key(&mut foreign_key(
            "fk_bundle_account",
            (Bundle::Table, Bundle::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .index(
            Index::create()
                .unique()
                .name("uq_bundle_aws")
                .col(Bundle::AccountId)
                .col(Bundle::Region)
                .col(Bundle::AwsId),
        )
        .to_owned()
}

fn workspace(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(Workspace::Table)
        .col(pk_uuid(Workspace::Id))
        .col(uuid(Workspace::AccountId))
        .col(key_text(manager, Workspace::Region))
        .col(key_text(manager, Workspace::AwsId))
        .col(uuid(Workspace::DirectoryId))
        .col(text(Workspace::DirectoryAwsId))
        .col(uuid(Workspace::BundleId))
        .col(text(Workspace::BundleAwsId))
        .col(text(Workspace::UserName))
        .col(key_text(manager, Workspace::UserKey))
        .col(key_text(manager, Workspace::State))
        .col(timestamp_with_time_zone(Workspace::StateSince))
        .col(text_null(Workspace::ComputerName))
        .col(text_null(Workspace::IpAddress))
        .col(text_null(Workspace::SubnetId))
        .col(text_null(Workspace::ErrorCode))
        .col(text_null(Workspace::ErrorMessage))
        .col(key_text_null(manager, Workspace::RunningMode))
        .col(integer_null(Workspace::AutoStopTimeoutMinutes))
        .col(key_text_null(manager, Workspace::ComputeType))
        .col(integer_null(Workspace::RootVolumeGib))
        .col(integer_null(Workspace::UserVolumeGib))
        .col(text_null(Workspace::Protocol))
        .col(text_null(Workspace::OperatingSystem))
        .col(boolean(Workspace::RootVolumeEncrypted))
        .col(boolean(Workspace::UserVolumeEncrypted))
        .col(key_text_null(manager, Workspace::ConnectionState))
        .col(timestamp_with_time_zone(Workspace::ConnectionCheckedAt).null())
        .col(timestamp_with_time_zone(Workspace::LastConnectedAt).null())
        .col(timestamp_with_time_zone(Workspace::TagsReadAt).null())
        .col(timestamp_with_time_zone(Workspace::FirstSeenAt))
        .col(timestamp_with_time_zone(Workspace::ChangedAt))
        .col(timestamp_with_time_zone(Workspace::GoneAt).null())
        .col(uuid(Workspace::Fingerprint))
        .col(text(Workspace::TagText))
        .col(text(Workspace::Search))
        .foreign_key(&mut foreign_key(
            "fk_workspace_account",
            (Workspace::Table, Workspace::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn tag(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(WorkspaceTag::Table)
        .col(uuid(WorkspaceTag::WorkspaceId))
        .col(key_text(manager, WorkspaceTag::Key))
        .col(key_text(manager, WorkspaceTag::Value))
        .primary_key(Index::create().name("pk_workspace_tag").col(WorkspaceTag::WorkspaceId).col(WorkspaceTag::Key))
        .foreign_key(&mut foreign_key(
            "fk_workspace_tag_workspace",
            (WorkspaceTag::Table, WorkspaceTag::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn history(manager: &SchemaManager<'_>) -> TableCreateStatement {
    Table::create()
        .table(WorkspaceStateHistory::Table)
        .col(big_pk_auto(WorkspaceStateHistory::Id))
        .col(uuid(WorkspaceStateHistory::WorkspaceId))
        .col(timestamp_with_time_zone(WorkspaceStateHistory::At))
        .col(key_text_null(manager, WorkspaceStateHistory::Before))
        .col(key_text(manager, WorkspaceStateHistory::After))
        .foreign_key(&mut foreign_key(
            "fk_workspace_state_history_workspace",
            (WorkspaceStateHistory::Table, WorkspaceStateHistory::WorkspaceId),
            (Workspace::Table, Workspace::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}
