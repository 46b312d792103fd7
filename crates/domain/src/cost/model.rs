//! The words of billing: what is charged for, and how a running mode is billed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::workspace::RunningMode;

closed_enum! {
    /// What AWS charges for.
    pub enum Charge {
        /// The monthly price of ALWAYS_ON.
        Monthly = "monthly",
        /// The monthly fee of AUTO_STOP.
        AutoStopFee = "auto_stop_fee",
        /// The hours of AUTO_STOP.
        AutoStopHour = "auto_stop_hour",
    }
}

closed_enum! {
    /// How a WorkSpace is billed.
    pub enum BillingMode {
        /// A monthly price: ALWAYS_ON.
        Monthly = "monthly",
        /// A monthly fee and an hourly price: AUTO_STOP.
        Hourly = "hourly",
    }
}

impl BillingMode {
    /// How a running mode is billed; `None` for MANUAL (WorkSpaces Core, whose contract says it) and unknown modes.
    #[must_use]
    pub fn of(mode: &RunningMode) -> Option<Self> {
        match mode {
            RunningMode::AlwaysOn => Some(Self::Monthly),
            RunningMode::AutoStop => Some(Self::Hourly),
            RunningMode::Manual | RunningMode::Other(_) => None,
        }
    }
}

/// A change of the running mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChange {
    /// When.
    pub at: DateTime<Utc>,
    /// To what.
    pub mode: BillingMode,
}
