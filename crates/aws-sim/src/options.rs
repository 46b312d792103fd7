//! What a simulator is started with.
//!
//! Plain data only: nothing here reads a file or the environment. To add an option, add a field here, give it a value
//! in [`SimOptions::new`], and read it where it matters.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::{fault::Fault, throttle::Throttle};

/// Where the simulator gets the time from.
pub type SimClock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The account that any access key belongs to unless an account names that key.
pub const DEFAULT_ACCOUNT: &str = "123456789012";
/// A role of the default account that wants [`DEFAULT_EXTERNAL_ID`].
pub const DEFAULT_ROLE: &str = "WheelhouseRole";
/// A role of the default account that wants no external id.
pub const DEFAULT_OPEN_ROLE: &str = "WheelhouseOpenRole";
/// The external id that [`DEFAULT_ROLE`] wants.
pub const DEFAULT_EXTERNAL_ID: &str = "wheelhouse-demo";

/// How long fleets have existed, in days: a little more than CloudWatch remembers a year by the hour.
pub const DEFAULT_HISTORY_DAYS: u32 = 400;

/// A role that `AssumeRole` hands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimRole {
    /// Name without path, as in `arn:aws:iam::<account>:role/<name>`.
    pub name: String,
    /// When set, `AssumeRole` must bring exactly this external id.
    pub external_id: Option<String>,
}

/// One simulated AWS account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimAccount {
    /// Twelve digits.
    pub id: String,
    /// How many WorkSpaces it has; `None`: as many as [`SimOptions::workspaces`] says.
    pub workspaces: Option<usize>,
    /// Access key ids that belong to this account. Keys nobody names belong to the first account.
    pub access_key_ids: Vec<String>,
    /// Roles that may be assumed in it.
    pub roles: Vec<SimRole>,
}

impl SimAccount {
    /// An account with the two default roles and no keys of its own.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            workspaces: None,
            access_key_ids: Vec::new(),
            roles: vec![
                SimRole { name: DEFAULT_ROLE.to_owned(), external_id: Some(DEFAULT_EXTERNAL_ID.to_owned()) },
                SimRole { name: DEFAULT_OPEN_ROLE.to_owned(), external_id: None },
            ],
        }
    }
}

/// What a simulator is started with. Build one with [`SimOptions::new`] and change the fields that differ.
#[derive(Clone)]
pub struct SimOptions {
    /// WorkSpaces per account, over all regions.
    pub workspaces: usize,
    /// The same seed gives the same fleet.
    pub seed: u64,
    /// At least one; the first is the default account.
    pub accounts: Vec<SimAccount>,
    /// At least one; the first holds 70 % of the WorkSpaces when there are more. Other regions answer empty lists.
    pub regions: Vec<String>,
    /// The request limit; `None`: unlimited. Can be changed while it runs.
    pub throttle: Option<Throttle>,
    /// Faults to begin with. Can be changed while it runs.
    pub faults: Vec<Fault>,
    /// When set, every change of state (start, stop, reboot …) takes this long instead of about as long as at AWS.
    pub transition: Option<Duration>,
    /// People connect and disconnect, and AUTO_STOP desktops start and stop with them. When false, everything stays as
    /// on one Wednesday afternoon until a request changes it.
    pub alive: bool,
    /// How many days before the month of the clock's start the fleet began to exist. WorkSpaces were made between then
    /// and that month; some are gone again.
    pub history_days: u32,
    /// How long after it happened an event can be looked up in CloudTrail; at AWS about 15 minutes.
    pub trail_delay: Duration,
    /// How many everyday events CloudTrail holds per 100 WorkSpaces and working day.
    pub trail_rate: f64,
    /// The time.
    pub clock: SimClock,
}

impl SimOptions {
    /// One account, us-east-1 and eu-central-1, AWS's request limit (2 per second, burst 5), no faults, alive.
    pub fn new(workspaces: usize, seed: u64, clock: SimClock) -> Self {
        Self {
            workspaces,
            seed,
            accounts: vec![SimAccount::new(DEFAULT_ACCOUNT)],
            regions: vec!["us-east-1".to_owned(), "eu-central-1".to_owned()],
            throttle: Some(Throttle::AWS),
            faults: Vec::new(),
            transition: None,
            alive: true,
            history_days: DEFAULT_HISTORY_DAYS,
            trail_delay: Duration::ZERO,
            trail_rate: 1.6,
            clock,
        }
    }
}

impl fmt::Debug for SimOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimOptions")
            .field("workspaces", &self.workspaces)
            .field("seed", &self.seed)
            .field("accounts", &self.accounts)
            .field("regions", &self.regions)
            .field("throttle", &self.throttle)
            .field("faults", &self.faults)
            .field("transition", &self.transition)
            .field("alive", &self.alive)
            .field("history_days", &self.history_days)
            .field("trail_delay", &self.trail_delay)
            .field("trail_rate", &self.trail_rate)
            .finish_non_exhaustive()
    }
}
