//! A WorkSpace as it leaves the database.

use chrono::{DateTime, Utc};
use domain::ids::{AccountId, BundleId, DirectoryId, Region, WorkspaceId};
use domain::workspace::{ComputeType, ConnectionState, Protocol, RunningMode, WorkspaceState};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::StoreError;

/// A WorkSpace as last seen, with the names of what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRecord {
    /// Our id.
    pub id: WorkspaceId,
    /// The account.
    pub account_id: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The region.
    pub region: Region,
    /// `ws-…`.
    pub aws_id: String,
    /// The directory's row; there may be none.
    pub directory_id: DirectoryId,
    /// `d-…`.
    pub directory_aws_id: String,
    /// The directory's name, when it is known.
    pub directory_name: Option<String>,
    /// The directory's registration code, when it is known.
    pub registration_code: Option<String>,
    /// The bundle's row; there may be none.
    pub bundle_id: BundleId,
    /// `wsb-…`.
    pub bundle_aws_id: String,
    /// The bundle's name, when it is known.
    pub bundle_name: Option<String>,
    /// The user's name in the directory.
    pub user_name: String,
    /// The state.
    pub state: WorkspaceState,
    /// Since when we know it in that state.
    pub state_since: DateTime<Utc>,
    /// The computer's name in the directory.
    pub computer_name: Option<String>,
    /// The private address.
    pub ip_address: Option<String>,
    /// `subnet-…`.
    pub subnet_id: Option<String>,
    /// AWS's code when something is wrong.
    pub error_code: Option<String>,
    /// AWS's words when something is wrong.
    pub error_message: Option<String>,
    /// The running mode.
    pub running_mode: Option<RunningMode>,
    /// The AUTO_STOP time-out, minutes.
    pub auto_stop_timeout_minutes: Option<i32>,
    /// The compute type.
    pub compute_type: Option<ComputeType>,
    /// The root volume, GiB.
    pub root_volume_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_volume_gib: Option<i32>,
    /// The streaming protocol.
    pub protocol: Option<Protocol>,
    /// The operating system as AWS names it.
    pub operating_system: Option<String>,
    /// Whether the root volume is encrypted.
    pub root_volume_encrypted: bool,
    /// Whether the user volume is encrypted.
    pub user_volume_encrypted: bool,
    /// Whether somebody is connected; `None` before it was first read.
    pub connection_state: Option<ConnectionState>,
    /// When AWS looked.
    pub connection_checked_at: Option<DateTime<Utc>>,
    /// When somebody was last connected.
    pub last_connected_at: Option<DateTime<Utc>>,
    /// When its tags were last read.
    pub tags_read_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When what AWS tells of it last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was first missed in AWS.
    pub gone_at: Option<DateTime<Utc>>,
}

/// The columns of a [`WorkspaceRow`], with `w` the WorkSpace, `a` its account, `d` its directory, `b` its bundle.
pub(super) const COLUMNS: &str = "w.id, w.account_id, a.name AS account_name, w.region, w.aws_id, w.directory_id, \
    w.directory_aws_id, d.name AS directory_name, d.registration_code, w.bundle_id, w.bundle_aws_id, \
    b.name AS bundle_name, w.user_name, w.user_key, w.state, w.state_since, w.computer_name, w.ip_address, w.subnet_id, \
    w.error_code, w.error_message, w.running_mode, w.auto_stop_timeout_minutes, w.compute_type, w.root_volume_gib, \
    w.user_volume_gib, w.protocol, w.operating_system, w.root_volume_encrypted, w.user_volume_encrypted, \
    w.connection_state, w.connection_checked_at, w.last_connected_at, w.tags_read_at, w.first_seen_at, w.changed_at, \
    w.gone_at";

#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct WorkspaceRow {
    pub(super) id: Uuid,
    account_id: Uuid,
    account_name: String,
    pub(super) region: String,
    pub(super) aws_id: String,
    directory_id: Uuid,
    directory_aws_id: String,
    directory_name: Option<String>,
    registration_code: Option<String>,
    bundle_id: Uuid,
    bundle_aws_id: String,
    bundle_name: Option<String>,
    user_name: String,
    pub(super) user_key: String,
    pub(super) state: String,
    pub(super) state_since: DateTime<Utc>,
    computer_name: Option<String>,
    ip_address: Option<String>,
    subnet_id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    pub(super) running_mode: Option<String>,
    auto_stop_timeout_minutes: Option<i32>,
    pub(super) compute_type: Option<String>,
    root_volume_gib: Option<i32>,
    user_volume_gib: Option<i32>,
    protocol: Option<String>,
    operating_system: Option<String>,
    root_volume_encrypted: bool,
    user_volume_encrypted: bool,
    connection_state: Option<String>,
    connection_checked_at: Option<DateTime<Utc>>,
    pub(super) last_connected_at: Option<DateTime<Utc>>,
    tags_read_at: Option<DateTime<Utc>>,
    first_seen_at: DateTime<Utc>,
    pub(super) changed_at: DateTime<Utc>,
    gone_at: Option<DateTime<Utc>>,
}

impl TryFrom<WorkspaceRow> for WorkspaceRecord {
    type Error = StoreError;

    fn try_from(row: WorkspaceRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: WorkspaceId(row.id),
            account_id: AccountId(row.account_id),
            account_name: row.account_name,
            region: row.region.parse::<Region>().map_err(|e| StoreError::corrupt("region", e))?,
            aws_id: row.aws_id,
            directory_id: DirectoryId(row.directory_id),
            directory_aws_id: row.directory_aws_id,
            directory_name: row.directory_name,
            registration_code: row.registration_code,
            bundle_id: BundleId(row.bundle_id),
            bundle_aws_id: row.bundle_aws_id,
            bundle_name: row.bundle_name,
            user_name: row.user_name,
            state: row.state.into(),
            state_since: row.state_since,
            computer_name: row.computer_name,
            ip_address: row.ip_address,
            subnet_id: row.subnet_id,
            error_code: row.error_code,
            error_message: row.error_message,
            running_mode: row.running_mode.map(RunningMode::from),
            auto_stop_timeout_minutes: row.auto_stop_timeout_minutes,
            compute_type: row.compute_type.map(ComputeType::from),
            root_volume_gib: row.root_volume_gib,
            user_volume_gib: row.user_volume_gib,
            protocol: row.protocol.map(Protocol::from),
            operating_system: row.operating_system,
            root_volume_encrypted: row.root_volume_encrypted,
            user_volume_encrypted: row.user_volume_encrypted,
            connection_state: row.connection_state.map(ConnectionState::from),
            connection_checked_at: row.connection_checked_at,
            last_connected_at: row.last_connected_at,
            tags_read_at: row.tags_read_at,
            first_seen_at: row.first_seen_at,
            changed_at: row.changed_at,
            gone_at: row.gone_at,
        })
    }
}
