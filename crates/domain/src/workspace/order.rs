//! What is asked of a WorkSpace: an action, with what it has to be told. What AWS would refuse is known before it is asked: the
//! values by themselves ([`WorkspaceOrder::check_values`]) and beside what the WorkSpace is now ([`check_order`]). Sources: the
//! WorkSpaces API reference and service model, and the guide's page on modifying a WorkSpace.
//! To add an order: a variant here and of [`WorkspaceAction`], its row in `rules`, its arms below.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rules::{self, Refusal};
use super::{ComputeType, ObservedWorkspace, RunningMode, Tags, WorkspaceAction, WorkspaceState};
use WorkspaceState as S;

/// The shortest AUTO_STOP time-out, and what every other is a multiple of, minutes.
pub const AUTO_STOP_STEP_MINUTES: i32 = 60;
/// The longest AUTO_STOP time-out, minutes.
pub const AUTO_STOP_MOST_MINUTES: i32 = 48 * 60;
/// The longest key of a tag, characters.
pub const TAG_KEY_CHARS: usize = 127;
/// The longest value of a tag, characters.
pub const TAG_VALUE_CHARS: usize = 255;
/// Tags that one WorkSpace can have.
pub const MOST_TAGS: usize = 50;
/// The largest volume, GiB.
pub const VOLUME_MOST_GIB: i32 = 2000;

/// The smallest root volume that is larger than the first size, GiB.
const ROOT_SECOND_GIB: i32 = 175;
/// The user volume that a larger root volume needs, and from which on it grows freely, GiB.
const USER_LARGE_GIB: i32 = 100;
/// The sizes of a user volume up to that.
const USER_STEPS_GIB: [i32; 3] = [10, 50, USER_LARGE_GIB];

closed_enum! {
    /// A volume of a WorkSpace.
    pub enum Volume {
        /// The system's: C: of Windows, / of Linux.
        Root = "root",
        /// The user's: D: of Windows, /home of Linux.
        User = "user",
    }
}

/// An action with what it has to be told. On the wire of jobs its name is `action`, beside its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum WorkspaceOrder {
    /// Start.
    Start,
    /// Stop.
    Stop,
    /// Reboot.
    Reboot,
    /// Make the root volume anew from the bundle's image, and the user volume from the last snapshot.
    Rebuild,
    /// Take both volumes back to the last snapshot.
    Restore,
    /// Delete it with everything on it.
    Terminate,
    /// Change how it is run and billed.
    SetRunningMode {
        /// The mode it shall have.
        running_mode: RunningMode,
        /// The AUTO_STOP time-out, minutes; `None` leaves AWS's choice, and is all there is in another mode.
        auto_stop_minutes: Option<i32>,
    },
    /// Change its hardware.
    SetComputeType {
        /// The compute type it shall have.
        compute_type: ComputeType,
    },
    /// Enlarge one volume: AWS takes one at a time, and never makes one smaller.
    GrowVolume {
        /// Which.
        volume: Volume,
        /// The size it shall have, GiB.
        gib: i32,
    },
    /// Set and remove tags; those that are not named stay.
    SetTags {
        /// Tags it shall have, with their values.
        set: Tags,
        /// Keys it shall not have.
        remove: BTreeSet<String>,
    },
}

/// A value that makes no sense whatever the WorkSpace is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OrderFault {
    /// Which value, by its name on the wire.
    pub field: &'static str,
    /// What is wrong with it, in words.
    pub message: String,
}

impl OrderFault {
    fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// What guards must know of a WorkSpace, as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The state.
    pub state: WorkspaceState,
    /// The running mode.
    pub running_mode: Option<RunningMode>,
    /// The AUTO_STOP time-out, minutes.
    pub auto_stop_minutes: Option<i32>,
    /// The compute type.
    pub compute_type: Option<ComputeType>,
    /// The root volume, GiB.
    pub root_gib: Option<i32>,
    /// The user volume, GiB.
    pub user_gib: Option<i32>,
}

impl From<&ObservedWorkspace> for Present {
    fn from(seen: &ObservedWorkspace) -> Self {
        Self {
            state: seen.state.clone(),
            running_mode: seen.running_mode.clone(),
            auto_stop_minutes: seen.auto_stop_timeout_minutes,
            compute_type: seen.compute_type.clone(),
            root_gib: seen.root_volume_gib,
            user_gib: seen.user_volume_gib,
        }
    }
}

impl WorkspaceOrder {
    /// The order of an action that has to be told nothing; `None` for the others.
    #[must_use]
    pub fn plain(action: WorkspaceAction) -> Option<Self> {
        Some(match action {
            WorkspaceAction::Start => Self::Start,
            WorkspaceAction::Stop => Self::Stop,
            WorkspaceAction::Reboot => Self::Reboot,
            WorkspaceAction::Rebuild => Self::Rebuild,
            WorkspaceAction::Restore => Self::Restore,
            WorkspaceAction::Terminate => Self::Terminate,
            WorkspaceAction::SetRunningMode
            | WorkspaceAction::SetComputeType
            | WorkspaceAction::GrowVolume
            | WorkspaceAction::SetTags => return None,
        })
    }

    /// The action, without its values.
    #[must_use]
    pub fn action(&self) -> WorkspaceAction {
        match self {
            Self::Start => WorkspaceAction::Start,
            Self::Stop => WorkspaceAction::Stop,
            Self::Reboot => WorkspaceAction::Reboot,
            Self::Rebuild => WorkspaceAction::Rebuild,
            Self::Restore => WorkspaceAction::Restore,
            Self::Terminate => WorkspaceAction::Terminate,
            Self::SetRunningMode { .. } => WorkspaceAction::SetRunningMode,
            Self::SetComputeType { .. } => WorkspaceAction::SetComputeType,
            Self::GrowVolume { .. } => WorkspaceAction::GrowVolume,
            Self::SetTags { .. } => WorkspaceAction::SetTags,
        }
    }

    /// Ok when its values make sense by themselves.
    ///
    /// # Errors
    /// The first [`OrderFault`], which names the value.
    pub fn check_values(&self) -> Result<(), OrderFault> {
        match self {
            Self::SetRunningMode { running_mode, auto_stop_minutes } => check_mode(running_mode, *auto_stop_minutes),
            Self::SetComputeType { compute_type } if !compute_type.is_known() => {
                Err(OrderFault::new("compute_type", format!("There is no compute type {compute_type}.")))
            }
            Self::GrowVolume { volume, gib } => check_size(*volume, *gib),
            Self::SetTags { set, remove } => check_tags(set, remove),
            _ => Ok(()),
        }
    }

    /// What the order changes, as it is now, in a few words; `None` where it changes no value, or nothing is known of it.
    #[must_use]
    pub fn now(&self, present: &Present) -> Option<String> {
        match self {
            Self::SetRunningMode { .. } => match (present.running_mode.as_ref()?, present.auto_stop_minutes) {
                (RunningMode::AutoStop, Some(minutes)) => Some(format!("AUTO_STOP after {minutes} min")),
                (mode, _) => Some(mode.to_string()),
            },
            Self::SetComputeType { .. } => present.compute_type.as_ref().map(ToString::to_string),
            Self::GrowVolume { volume: Volume::Root, .. } => present.root_gib.map(|gib| format!("{gib} GiB")),
            Self::GrowVolume { volume: Volume::User, .. } => present.user_gib.map(|gib| format!("{gib} GiB")),
            _ => None,
        }
    }

    /// Whether the WorkSpace is already as ordered; never for what changes no value.
    #[must_use]
    pub fn is_so(&self, present: &Present) -> bool {
        match self {
            Self::SetRunningMode { running_mode, auto_stop_minutes } => {
                present.running_mode.as_ref() == Some(running_mode)
                    && (auto_stop_minutes.is_none() || present.auto_stop_minutes == *auto_stop_minutes)
            }
            Self::SetComputeType { compute_type } => present.compute_type.as_ref() == Some(compute_type),
            Self::GrowVolume { volume: Volume::Root, gib } => present.root_gib == Some(*gib),
            Self::GrowVolume { volume: Volume::User, gib } => present.user_gib == Some(*gib),
            _ => false,
        }
    }
}

fn check_mode(mode: &RunningMode, minutes: Option<i32>) -> Result<(), OrderFault> {
    match (mode, minutes) {
        (RunningMode::Other(name), _) => {
            Err(OrderFault::new("running_mode", format!("There is no running mode {name}.")))
        }
        (RunningMode::AutoStop, Some(minutes)) => {
            let good =
                (1..=AUTO_STOP_MOST_MINUTES).contains(&minutes) && minutes.rem_euclid(AUTO_STOP_STEP_MINUTES) == 0;
            let words = "The time-out is a multiple of 60 minutes, from 60 to 2880.";
            if good { Ok(()) } else { Err(OrderFault::new("auto_stop_minutes", words)) }
        }
        (_, Some(_)) => Err(OrderFault::new("auto_stop_minutes", "Only AUTO_STOP has a time-out.")),
        (_, None) => Ok(()),
    }
}

fn check_size(volume: Volume, gib: i32) -> Result<(), OrderFault> {
    let (good, words) = match volume {
        Volume::Root => {
            ((ROOT_SECOND_GIB..=VOLUME_MOST_GIB).contains(&gib), "A root volume grows to 175 GiB or more, up to 2000.")
        }
        Volume::User => (
            USER_STEPS_GIB.contains(&gib) || (USER_LARGE_GIB..=VOLUME_MOST_GIB).contains(&gib),
            "A user volume has 10, 50 or 100 GiB, or more up to 2000.",
        ),
    };
    if good { Ok(()) } else { Err(OrderFault::new("gib", words)) }
}

fn check_tags(set: &Tags, remove: &BTreeSet<String>) -> Result<(), OrderFault> {
    if set.is_empty() && remove.is_empty() {
        return Err(OrderFault::new("set", "Name at least one tag to set or to remove."));
    }
    for (field, count) in [("set", set.len()), ("remove", remove.len())] {
        if count > MOST_TAGS {
            return Err(OrderFault::new(field, format!("At most {MOST_TAGS} tags at once.")));
        }
    }
    for (field, key) in set.keys().map(|key| ("set", key)).chain(remove.iter().map(|key| ("remove", key))) {
        if let Some(words) = key_fault(key) {
            return Err(OrderFault::new(field, words));
        }
    }
    for (key, value) in set {
        if value.chars().count() > TAG_VALUE_CHARS || value.chars().any(char::is_control) {
            let words = format!("The value of {key} has at most {TAG_VALUE_CHARS} characters, without line breaks.");
            return Err(OrderFault::new("set", words));
        }
    }
    match remove.iter().find(|key| set.contains_key(*key)) {
        Some(key) => Err(OrderFault::new("remove", format!("{key} is both set and removed."))),
        None => Ok(()),
    }
}

/// What is wrong with the key of a tag, in words.
#[must_use]
pub fn key_fault(key: &str) -> Option<String> {
    let length = key.chars().count();
    if length == 0 || length > TAG_KEY_CHARS || key.chars().any(char::is_control) {
        return Some(format!("A key has 1 to {TAG_KEY_CHARS} characters, without line breaks."));
    }
    // AWS compares without regard to capitals.
    let reserved = key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    reserved.then(|| "Keys that begin with aws: are AWS's own.".to_owned())
}

/// Whether AWS would accept the order now: the state, and what the WorkSpace is beside what it shall be.
///
/// # Errors
/// The [`Refusal`] that explains why not.
pub fn check_order(order: &WorkspaceOrder, present: &Present) -> Result<(), Refusal> {
    rules::check(order.action(), &present.state, present.running_mode.as_ref())?;
    if order.is_so(present) {
        return Err(Refusal::Unchanged { now: order.now(present).unwrap_or_default() });
    }
    match order {
        WorkspaceOrder::SetComputeType { compute_type } => match &present.compute_type {
            Some(now) if graphics(now) != graphics(compute_type) => {
                Err(Refusal::ComputeFamily { now: now.to_string(), wanted: compute_type.to_string() })
            }
            _ => Ok(()),
        },
        WorkspaceOrder::GrowVolume { volume, gib } => check_growth(*volume, *gib, present),
        _ => Ok(()),
    }
}

fn graphics(compute: &ComputeType) -> bool {
    compute.as_str().starts_with("GRAPHICS")
}

/// AWS has WorkSpaces with root and user volumes of 80 and 10, 50 or 100 GiB, or of 175 to 2000 and 100 to 2000.
fn check_growth(volume: Volume, gib: i32, present: &Present) -> Result<(), Refusal> {
    let (Some(root), Some(user)) = (present.root_gib, present.user_gib) else { return Ok(()) };
    let refused = |reason: String| Err(Refusal::VolumeSize { reason });
    let now = match volume {
        Volume::Root => root,
        Volume::User => user,
    };
    if gib < now {
        return refused(format!("its {volume} volume has {now} GiB, and volumes only grow"));
    }
    match volume {
        Volume::Root if user < USER_LARGE_GIB => refused(format!(
            "its user volume has {user} GiB; the root volume grows once that has {USER_LARGE_GIB} GiB or more"
        )),
        Volume::User if root < ROOT_SECOND_GIB && gib > USER_LARGE_GIB => {
            refused(format!("its root volume has {root} GiB; beside it a user volume has at most {USER_LARGE_GIB} GiB"))
        }
        _ => Ok(()),
    }
}

/// What became of an order whose answer was lost, as far as a look at the WorkSpace tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLoss {
    /// AWS did it.
    Done,
    /// AWS did not, or doing it again changes nothing: it can be sent again.
    Again,
    /// Done looks like never begun, and doing it twice would cost somebody their work: it is not sent again.
    Uncertain,
    /// The WorkSpace is not there any more.
    Gone,
}

/// What became of an order whose answer was lost. `seen` is the WorkSpace as AWS shows it now, `None` when it shows none.
#[must_use]
pub fn after_lost_answer(order: &WorkspaceOrder, seen: Option<&ObservedWorkspace>) -> AfterLoss {
    let action = order.action();
    let Some(seen) = seen else {
        return if action == WorkspaceAction::Terminate { AfterLoss::Done } else { AfterLoss::Gone };
    };
    if rules::state_after(action).as_ref() == Some(&seen.state) {
        return AfterLoss::Done;
    }
    let accepted = rules::accepted_states(action).contains(&seen.state);
    match action {
        WorkspaceAction::Start | WorkspaceAction::Stop | WorkspaceAction::Reboot if !accepted => AfterLoss::Done,
        WorkspaceAction::Reboot | WorkspaceAction::Rebuild | WorkspaceAction::Restore => AfterLoss::Uncertain,
        WorkspaceAction::Terminate if seen.state == S::Terminated => AfterLoss::Done,
        _ if order.is_so(&Present::from(seen)) => AfterLoss::Done,
        _ => AfterLoss::Again,
    }
}
