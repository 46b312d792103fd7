//! The values AWS uses for WorkSpaces, directories and bundles, and what one Describe answer tells of each.
//! Source: the WorkSpaces service model (2015-04-08).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::Permission;

open_enum! {
    /// The operational state of a WorkSpace.
    pub enum WorkspaceState {
        /// Being created.
        Pending = "PENDING",
        /// Ready for its user.
        Available = "AVAILABLE",
        /// Running with trouble.
        Impaired = "IMPAIRED",
        /// Not answering health checks.
        Unhealthy = "UNHEALTHY",
        /// Restarting.
        Rebooting = "REBOOTING",
        /// Starting.
        Starting = "STARTING",
        /// Its root volume is made again from the bundle.
        Rebuilding = "REBUILDING",
        /// Going back to its last snapshot.
        Restoring = "RESTORING",
        /// Under AWS's maintenance.
        Maintenance = "MAINTENANCE",
        /// Taken into maintenance by an administrator: refuses every action.
        AdminMaintenance = "ADMIN_MAINTENANCE",
        /// Being deleted.
        Terminating = "TERMINATING",
        /// Deleted. Rarely returned: absence from Describe means gone.
        Terminated = "TERMINATED",
        /// Image or licence trouble; can't be used.
        Suspended = "SUSPENDED",
        /// Being changed.
        Updating = "UPDATING",
        /// Stopping.
        Stopping = "STOPPING",
        /// Stopped.
        Stopped = "STOPPED",
        /// Failed.
        Error = "ERROR",
    }
}

open_enum! {
    /// How a WorkSpace is run and billed.
    pub enum RunningMode {
        /// Stops by itself after a time-out; billed by the hour.
        AutoStop = "AUTO_STOP",
        /// Always running; billed by the month.
        AlwaysOn = "ALWAYS_ON",
        /// WorkSpaces Core: started and stopped by the operator only.
        Manual = "MANUAL",
    }
}

open_enum! {
    /// The hardware of a WorkSpace.
    pub enum ComputeType {
        /// Value.
        Value = "VALUE",
        /// Standard.
        Standard = "STANDARD",
        /// Performance.
        Performance = "PERFORMANCE",
        /// Power.
        Power = "POWER",
        /// PowerPro.
        PowerPro = "POWERPRO",
        /// General purpose, 4 × large.
        GeneralPurpose4xlarge = "GENERALPURPOSE_4XLARGE",
        /// General purpose, 8 × large.
        GeneralPurpose8xlarge = "GENERALPURPOSE_8XLARGE",
        /// Graphics, first generation.
        Graphics = "GRAPHICS",
        /// GraphicsPro, first generation.
        GraphicsPro = "GRAPHICSPRO",
        /// Graphics on G4dn.
        GraphicsG4dn = "GRAPHICS_G4DN",
        /// GraphicsPro on G4dn.
        GraphicsProG4dn = "GRAPHICSPRO_G4DN",
        /// Graphics on G6, extra large.
        GraphicsG6Xlarge = "GRAPHICS_G6_XLARGE",
        /// Graphics on G6, 2 × extra large.
        GraphicsG6x2xlarge = "GRAPHICS_G6_2XLARGE",
        /// Graphics on G6, 4 × extra large.
        GraphicsG6x4xlarge = "GRAPHICS_G6_4XLARGE",
        /// Graphics on G6, 8 × extra large.
        GraphicsG6x8xlarge = "GRAPHICS_G6_8XLARGE",
        /// Graphics on G6, 16 × extra large.
        GraphicsG6x16xlarge = "GRAPHICS_G6_16XLARGE",
        /// Graphics on Gr6, 4 × extra large.
        GraphicsGr6x4xlarge = "GRAPHICS_GR6_4XLARGE",
        /// Graphics on Gr6, 8 × extra large.
        GraphicsGr6x8xlarge = "GRAPHICS_GR6_8XLARGE",
        /// Graphics on a part of a G6, large.
        GraphicsG6fLarge = "GRAPHICS_G6F_LARGE",
        /// Graphics on a part of a G6, extra large.
        GraphicsG6fXlarge = "GRAPHICS_G6F_XLARGE",
        /// Graphics on a part of a G6, 2 × extra large.
        GraphicsG6fx2xlarge = "GRAPHICS_G6F_2XLARGE",
        /// Graphics on a part of a G6, 4 × extra large.
        GraphicsG6fx4xlarge = "GRAPHICS_G6F_4XLARGE",
        /// Graphics on a part of a Gr6, 4 × extra large.
        GraphicsGr6fx4xlarge = "GRAPHICS_GR6F_4XLARGE",
        /// Graphics on G7, 2 × extra large.
        GraphicsG7x2xlarge = "GRAPHICS_G7_2XLARGE",
        /// Graphics on G7, 4 × extra large.
        GraphicsG7x4xlarge = "GRAPHICS_G7_4XLARGE",
        /// Graphics on G7, 8 × extra large.
        GraphicsG7x8xlarge = "GRAPHICS_G7_8XLARGE",
        /// Graphics on G7, 12 × extra large.
        GraphicsG7x12xlarge = "GRAPHICS_G7_12XLARGE",
    }
}

open_enum! {
    /// The streaming protocol.
    pub enum Protocol {
        /// PCoIP.
        Pcoip = "PCOIP",
        /// Amazon DCV, which the API calls WSP.
        Wsp = "WSP",
    }
}

open_enum! {
    /// Whether somebody is connected.
    pub enum ConnectionState {
        /// Somebody is connected now.
        Connected = "CONNECTED",
        /// Nobody is connected.
        Disconnected = "DISCONNECTED",
        /// AWS does not know, as for a stopped WorkSpace.
        Unknown = "UNKNOWN",
    }
}

/// WorkSpaces that one request may name of what AWS takes many at a time.
pub const MOST_AT_ONCE: usize = 5000;
/// WorkSpaces that one request may name of what AWS takes one at a time.
pub const MOST_ONE_BY_ONE: usize = 500;

closed_enum! {
    /// What an operator can ask of a WorkSpace.
    pub enum WorkspaceAction {
        /// Start a stopped WorkSpace.
        Start = "start",
        /// Stop a running one.
        Stop = "stop",
        /// Restart its operating system.
        Reboot = "reboot",
        /// Make it anew from its bundle's image; the user volume goes back to the last snapshot.
        Rebuild = "rebuild",
        /// Take both volumes back to the last snapshot.
        Restore = "restore",
        /// Delete it with everything on it.
        Terminate = "terminate",
        /// Change its running mode and AUTO_STOP time-out.
        SetRunningMode = "set_running_mode",
        /// Change its compute type.
        SetComputeType = "set_compute_type",
        /// Enlarge a volume.
        GrowVolume = "grow_volume",
        /// Set and remove tags.
        SetTags = "set_tags",
    }
}

impl WorkspaceAction {
    /// What people may do with their own desktop.
    pub const SELF_SERVICE: &'static [Self] = &[Self::Start, Self::Stop, Self::Reboot];

    /// Whether it takes away what somebody has on the desktop, so that a fresh proof of who asks is wanted.
    #[must_use]
    pub const fn destroys(self) -> bool {
        matches!(self, Self::Rebuild | Self::Restore | Self::Terminate)
    }

    /// The permission it needs.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Start => Permission::WorkspaceStart,
            Self::Stop => Permission::WorkspaceStop,
            Self::Reboot => Permission::WorkspaceReboot,
            Self::Rebuild => Permission::WorkspaceRebuild,
            Self::Restore => Permission::WorkspaceRestore,
            Self::Terminate => Permission::WorkspaceTerminate,
            Self::SetRunningMode | Self::SetComputeType | Self::GrowVolume => Permission::WorkspaceModify,
            Self::SetTags => Permission::WorkspaceTag,
        }
    }

    /// WorkSpaces that one call to AWS takes.
    #[must_use]
    pub const fn per_call(self) -> usize {
        match self {
            Self::Start | Self::Stop | Self::Reboot | Self::Terminate => 25,
            Self::Rebuild
            | Self::Restore
            | Self::SetRunningMode
            | Self::SetComputeType
            | Self::GrowVolume
            | Self::SetTags => 1,
        }
    }

    /// WorkSpaces that one request may name. What AWS takes one at a time, at two calls a second, is asked for fewer.
    #[must_use]
    pub const fn most(self) -> usize {
        if self.per_call() == 1 { MOST_ONE_BY_ONE } else { MOST_AT_ONCE }
    }

    /// What it does, as a word that a sentence begins with.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Reboot => "Reboot",
            Self::Rebuild => "Rebuild",
            Self::Restore => "Restore",
            Self::Terminate => "Terminate",
            Self::SetRunningMode => "Change the running mode of",
            Self::SetComputeType => "Change the compute type of",
            Self::GrowVolume => "Enlarge a volume of",
            Self::SetTags => "Change the tags of",
        }
    }
}

/// What one DescribeWorkspaces answer tells of a WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedWorkspace {
    /// `ws-…`.
    pub aws_id: String,
    /// `d-…`.
    pub directory_id: String,
    /// `wsb-…`.
    pub bundle_id: String,
    /// The user's name in the directory.
    pub user_name: String,
    /// The state.
    pub state: WorkspaceState,
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
    /// The running mode; `None` when AWS did not say.
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
    /// The operating system as AWS names it, such as `WINDOWS_SERVER_2022`.
    pub operating_system: Option<String>,
    /// Whether the root volume is encrypted.
    pub root_volume_encrypted: bool,
    /// Whether the user volume is encrypted.
    pub user_volume_encrypted: bool,
}

/// What DescribeWorkspacesConnectionStatus tells of a WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedConnection {
    /// `ws-…`.
    pub aws_id: String,
    /// Whether somebody is connected.
    pub state: ConnectionState,
    /// When AWS looked.
    pub checked_at: Option<DateTime<Utc>>,
    /// When somebody was last connected.
    pub last_connected_at: Option<DateTime<Utc>>,
}

/// A directory, from DescribeWorkspaceDirectories joined with Directory Service's DescribeDirectories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedDirectory {
    /// `d-…`.
    pub aws_id: String,
    /// The directory's name, such as `corp.example.com`.
    pub name: String,
    /// The alias of its sign-in page.
    pub alias: Option<String>,
    /// SIMPLE_AD, AD_CONNECTOR, …
    pub kind: String,
    /// REGISTERED, DEREGISTERED, …
    pub state: String,
    /// The code its users type into the client.
    pub registration_code: Option<String>,
    /// From Directory Service: its stage (`Active`, …), `None` when that service did not answer or does not know it.
    pub stage: Option<String>,
}

/// A bundle, from DescribeWorkspaceBundles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedBundle {
    /// `wsb-…`.
    pub aws_id: String,
    /// Its name.
    pub name: String,
    /// `AMAZON` or an account id.
    pub owner: String,
    /// Its description.
    pub description: Option<String>,
    /// The compute type.
    pub compute_type: Option<ComputeType>,
    /// The root volume, GiB.
    pub root_volume_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_volume_gib: Option<i32>,
    /// `wsi-…`.
    pub image_id: Option<String>,
}

/// The tags of one resource.
pub type Tags = BTreeMap<String, String>;
