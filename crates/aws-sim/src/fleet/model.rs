//! A desktop and the words it is described with. No behaviour: what a desktop does over time is in `view.rs` and
//! `habits.rs`, what may be asked of it in `guard.rs`.

use crate::history::record::{Break, PastShape};

/// `WorkspaceState`, as far as the simulator shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Pending,
    Available,
    Impaired,
    Unhealthy,
    Rebooting,
    Starting,
    Rebuilding,
    Restoring,
    Maintenance,
    AdminMaintenance,
    Terminating,
    Suspended,
    Updating,
    Stopping,
    Stopped,
    Error,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Available => "AVAILABLE",
            Self::Impaired => "IMPAIRED",
            Self::Unhealthy => "UNHEALTHY",
            Self::Rebooting => "REBOOTING",
            Self::Starting => "STARTING",
            Self::Rebuilding => "REBUILDING",
            Self::Restoring => "RESTORING",
            Self::Maintenance => "MAINTENANCE",
            Self::AdminMaintenance => "ADMIN_MAINTENANCE",
            Self::Terminating => "TERMINATING",
            Self::Suspended => "SUSPENDED",
            Self::Updating => "UPDATING",
            Self::Stopping => "STOPPING",
            Self::Stopped => "STOPPED",
            Self::Error => "ERROR",
        }
    }
}

/// `RunningMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunningMode {
    AutoStop,
    AlwaysOn,
    Manual,
}

impl RunningMode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AutoStop => "AUTO_STOP",
            Self::AlwaysOn => "ALWAYS_ON",
            Self::Manual => "MANUAL",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::AutoStop, Self::AlwaysOn, Self::Manual].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// When a person works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Weekdays, nine to half past five or so.
    Office,
    /// Weekdays, from six or seven.
    EarlyBird,
    /// Evenings into the night.
    NightOwl,
    /// Three weekdays.
    PartTime,
    /// Five days of seven in one of three shifts.
    Shift,
    /// Saturdays and Sundays.
    Weekend,
    /// An hour once or twice a month.
    Rare,
    /// Never connects.
    Never,
}

/// What was last asked of a desktop. Times in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) at: i64,
    /// When the change is through.
    pub(crate) until: i64,
    pub(crate) kind: CommandKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandKind {
    /// Stopping, then stopped.
    Down,
    /// The state shown meanwhile, then available.
    Up(State),
    /// Terminating, then gone.
    Gone,
}

/// A volume or compute change under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Modification {
    /// `ROOT_VOLUME`, `USER_VOLUME` or `COMPUTE_TYPE`.
    pub(crate) resource: &'static str,
    /// Unix milliseconds.
    pub(crate) until: i64,
}

/// When properties were last changed (Unix ms), for AWS's waiting times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) volumes_grown: Option<i64>,
    pub(crate) compute_changed: Option<i64>,
}

/// One desktop. What never changes and can be drawn from `seed` (address, computer name, first tags) is not stored.
#[derive(Debug, Clone)]
pub(crate) struct Desktop {
    pub(crate) id: String,
    pub(crate) seed: u64,
    /// Index into `Fleet::directories`.
    pub(crate) directory: u16,
    /// Index into `Fleet::bundles`.
    pub(crate) bundle: u16,
    pub(crate) user: String,
    pub(crate) name: Option<String>,
    pub(crate) habit: Habit,
    /// Index into `names::TEAMS`; `None`: made through the API.
    pub(crate) team: Option<u8>,
    pub(crate) running_mode: RunningMode,
    pub(crate) timeout_minutes: u32,
    pub(crate) compute: &'static str,
    pub(crate) root_gib: u32,
    pub(crate) user_gib: u32,
    /// `PCOIP` or `WSP`.
    pub(crate) protocol: &'static str,
    pub(crate) root_encrypted: bool,
    pub(crate) user_encrypted: bool,
    pub(crate) encryption_key: Option<String>,
    /// A state it stays in until a command takes it out.
    pub(crate) fixed: Option<State>,
    pub(crate) command: Option<Command>,
    /// Unix milliseconds.
    pub(crate) created_ms: i64,
    /// When it is gone, once that is known. Unix milliseconds.
    pub(crate) terminated_ms: Option<i64>,
    /// Its former shapes, in order.
    pub(crate) past: Vec<PastShape>,
    /// Times in which nobody could be connected, in order.
    pub(crate) breaks: Vec<Break>,
    /// When it was up after a start by request, Unix milliseconds, in order.
    pub(crate) wakes: Vec<i64>,
    pub(crate) modification: Option<Modification>,
    pub(crate) changes: Changes,
    /// Has a standby in another region.
    pub(crate) has_standby: bool,
}

impl Desktop {
    /// As the operating system sees it.
    pub(crate) fn computer_name(&self) -> String {
        format!("WSAMZN-{}", crate::rng::Rng::from_parts(self.seed, "computer").text(crate::rng::CAPITALS, 8))
    }
}
