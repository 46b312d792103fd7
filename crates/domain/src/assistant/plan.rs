//! Plans: which tools are asked, and for what. Made by the rules or by a model under a JSON schema; either way only what can
//! be written as a [`Plan`] is asked, every tool only reads, and each runs under the permissions of whoever asks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::usage::Month;
use crate::workspace::{ComputeType, ConnectionState, RunningMode, WorkspaceState};

/// Most calls of one plan.
pub const MOST_CALLS: usize = 3;

/// What to find out: one to [`MOST_CALLS`] calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The calls, in the order in which the answer has them.
    pub calls: Vec<Call>,
}

closed_enum! {
    /// A tool: a read-only question that Wheelhouse can answer.
    pub enum Tool {
        /// How many WorkSpaces: in all or by a [`Dimension`].
        Fleet = "fleet",
        /// Which WorkSpaces: the first few of a filtered list, with how many there are.
        Workspaces = "workspaces",
        /// One WorkSpace: its state, its person, its bundle, its month.
        Workspace = "workspace",
        /// Connected hours and sessions of a period: in all, or who had most or none.
        Usage = "usage",
        /// What was billed in a period: in all or by a [`Dimension`].
        Cost = "cost",
        /// What the running month will come to.
        Forecast = "forecast",
        /// What could be saved, by running mode or by removing what nobody uses.
        Savings = "savings",
        /// What happened in AWS: CloudTrail events.
        Events = "events",
        /// Our own audit log.
        Audit = "audit",
        /// Jobs: how many in which state, the newest that failed.
        Jobs = "jobs",
        /// How fresh and how complete what is known is.
        Freshness = "freshness",
        /// How something is done in Wheelhouse.
        Help = "help",
    }
}

closed_enum! {
    /// What figures are told apart by.
    pub enum Dimension {
        /// State.
        State = "state",
        /// Running mode.
        RunningMode = "running_mode",
        /// Region.
        Region = "region",
        /// Account.
        Account = "account",
        /// Bundle.
        Bundle = "bundle",
        /// Directory.
        Directory = "directory",
        /// Compute type.
        ComputeType = "compute_type",
        /// Whether somebody is connected.
        Connection = "connection",
        /// Day.
        Day = "day",
        /// Month.
        Month = "month",
        /// WorkSpace, and so the person who has it.
        Workspace = "workspace",
        /// Team tag: the value of the tag `Team`.
        Team = "team",
    }
}

closed_enum! {
    /// Which end of an order, or which part, is asked for.
    pub enum Measure {
        /// Everything.
        All = "all",
        /// The most.
        Most = "most",
        /// The least.
        Least = "least",
        /// Those with none at all.
        None = "none",
    }
}

closed_enum! {
    /// A help page: how something is done.
    pub enum Help {
        /// What can be asked.
        Assistant = "assistant",
        /// Starting, stopping, rebooting.
        Actions = "actions",
        /// Connecting an AWS account, and what it may see.
        Accounts = "accounts",
        /// Users, roles, teams, invitations.
        Access = "access",
        /// One's password, second factor, sessions, keys.
        Profile = "profile",
        /// Syncs and schedules.
        Syncs = "syncs",
        /// Jobs: retry, cancel.
        Jobs = "jobs",
        /// The audit log and how it is verified.
        Audit = "audit",
        /// How hours and costs are reckoned.
        Cost = "cost",
        /// Budgets.
        Budgets = "budgets",
        /// Reports, and lists as files.
        Reports = "reports",
        /// What people with desktops ask for.
        Requests = "requests",
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A calendar month, UTC.
    Month(Month),
    /// From a day to a day, UTC, both included.
    Days(NaiveDate, NaiveDate),
}

/// What a call is narrowed to. Within a field any value fits, fields narrow each other, an empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filters {
    /// States.
    pub states: Vec<WorkspaceState>,
    /// Running modes.
    pub running_modes: Vec<RunningMode>,
    /// Compute types.
    pub compute_types: Vec<ComputeType>,
    /// Connection states.
    pub connections: Vec<ConnectionState>,
    /// Region codes.
    pub regions: Vec<String>,
    /// Names of accounts, as they are here.
    pub accounts: Vec<String>,
    /// Bundles, `wsb-…`.
    pub bundles: Vec<String>,
    /// Directories, `d-…`.
    pub directories: Vec<String>,
    /// Words of a person, a computer, a tag.
    pub words: Option<String>,
    /// A tag's key and, where that matters, its value.
    pub tag: Option<(String, Option<String>)>,
}

/// One question to one tool. What a tool has no use for it ignores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The tool.
    pub tool: Tool,
    /// What it is narrowed to.
    #[serde(default)]
    pub filters: Filters,
    /// The time; `None`: the tool's usual one (the running month, the last 7 days of events).
    #[serde(default)]
    pub period: Option<Period>,
    /// A second period, to be compared with the first.
    #[serde(default)]
    pub compared_with: Option<Period>,
    /// What the figures are told apart by.
    #[serde(default)]
    pub by: Option<Dimension>,
    /// Which end.
    #[serde(default = "all")]
    pub measure: Measure,
    /// How many rows at most, 1 to 10; 0: the tool's usual number.
    #[serde(default)]
    pub top: u8,
    /// The one WorkSpace: its id (`ws-…`), its computer's name or its person's.
    #[serde(default)]
    pub workspace: Option<String>,
    /// The help page.
    #[serde(default)]
    pub help: Option<Help>,
}

fn all() -> Measure {
    Measure::All
}

impl Call {
    /// A call of a tool without anything more.
    #[must_use]
    pub fn of(tool: Tool) -> Self {
        Self {
            tool,
            filters: Filters::default(),
            period: None,
            compared_with: None,
            by: None,
            measure: Measure::All,
            top: 0,
            workspace: None,
            help: None,
        }
    }
}
