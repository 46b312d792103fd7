//! What actions are called, what comes of them, what must be typed before, and which icon they have. Pure.
//! To add an action: its arms here, its fields in `action_values`, its call in `api::workspaces`.

use std::collections::BTreeMap;

use contract::workspaces::{WorkspaceActionItem, WorkspaceActionView};
use domain::workspace::{RunningMode, WorkspaceAction as A, WorkspaceOrder};

use crate::components::ui::{ButtonKind, Icon};

/// The actions that have a button of their own; the others are in a menu.
pub const FIRST: &[A] = A::SELF_SERVICE;

/// The actions of the menu.
pub const MORE: &[A] =
    &[A::SetRunningMode, A::SetComputeType, A::GrowVolume, A::SetTags, A::Rebuild, A::Restore, A::Terminate];

/// The icon of an action.
pub fn action_icon(action: A) -> Icon {
    match action {
        A::Start => Icon::Play,
        A::Stop => Icon::Stop,
        A::Reboot => Icon::Reboot,
        A::Rebuild => Icon::Sync,
        A::Restore => Icon::Left,
        A::Terminate => Icon::Bin,
        A::SetRunningMode => Icon::Contrast,
        A::SetComputeType => Icon::Desktop,
        A::GrowVolume => Icon::SortUp,
        A::SetTags => Icon::Pencil,
    }
}

/// What an action is called on a button.
pub fn action_label(action: A) -> &'static str {
    match action {
        A::Start | A::Stop | A::Reboot | A::Rebuild | A::Restore | A::Terminate => action.verb(),
        A::SetRunningMode => "Running mode",
        A::SetComputeType => "Compute type",
        A::GrowVolume => "Larger volume",
        A::SetTags => "Tags",
    }
}

/// What is done, as the button says it that begins it.
pub fn confirm_verb(action: A) -> &'static str {
    match action {
        A::SetRunningMode | A::SetComputeType | A::SetTags => "Change",
        A::GrowVolume => "Enlarge",
        A::Start | A::Stop | A::Reboot | A::Rebuild | A::Restore | A::Terminate => action.verb(),
    }
}

/// The look of the button that begins it.
pub fn confirm_kind(action: A) -> ButtonKind {
    match action {
        A::Start | A::SetRunningMode | A::GrowVolume | A::SetTags => ButtonKind::Primary,
        A::Stop | A::Reboot | A::Rebuild | A::Restore | A::Terminate | A::SetComputeType => ButtonKind::Danger,
    }
}

/// From so many on whoever cuts people off, or changes what is paid, types how many they are.
const TYPED_FROM: u64 = 10;

/// What must be typed before it is begun: for what destroys always, for one its user, for many how many they are.
pub fn must_type(plan: &WorkspaceActionView) -> Option<String> {
    let accepted = plan.accepted;
    match plan.action {
        A::Start | A::SetTags => None,
        A::Rebuild | A::Restore | A::Terminate if accepted == 1 => {
            let name = |item: &WorkspaceActionItem| item.user_name.clone().or_else(|| item.aws_id.clone());
            plan.items.iter().find(|item| item.accepted).and_then(name).or_else(|| Some("1".to_owned()))
        }
        A::Rebuild | A::Restore | A::Terminate => (accepted > 0).then(|| accepted.to_string()),
        A::Stop | A::Reboot | A::SetRunningMode | A::SetComputeType | A::GrowVolume => {
            (accepted >= TYPED_FROM).then(|| accepted.to_string())
        }
    }
}

/// Why those won't be done that won't, each reason with how many have it, the commonest first.
pub fn reasons(wont: &[WorkspaceActionItem]) -> Vec<(u64, String)> {
    let mut counts = BTreeMap::<&str, u64>::new();
    for item in wont {
        *counts.entry(item.reason.as_deref().unwrap_or("nobody knows why")).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(reason, count)| (count, reason.to_owned())).collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts
}

/// What comes of it, in plain words.
pub fn consequence(order: &WorkspaceOrder) -> &'static str {
    match order {
        WorkspaceOrder::Start => "They will be ready within a few minutes, and hourly billing starts.",
        WorkspaceOrder::Stop => "Whoever is connected is cut off; unsaved work in open programs can be lost.",
        WorkspaceOrder::Reboot => {
            "Whoever is connected is cut off until the desktop is back; unsaved work can be lost."
        }
        WorkspaceOrder::Rebuild => {
            "The system volume is made anew from the bundle's image: programs and settings on it are lost. The user volume \
             goes back to its last snapshot, which can be 12 hours old. Whoever is connected is cut off."
        }
        WorkspaceOrder::Restore => {
            "Both volumes go back to their last snapshots, which can be 12 hours old: what was done since is lost. Whoever \
             is connected is cut off."
        }
        WorkspaceOrder::Terminate => "They are deleted with everything on them, for good. Nothing brings them back.",
        WorkspaceOrder::SetRunningMode { running_mode: RunningMode::AlwaysOn, .. } => {
            "Billed by the month from now on, this month in part on top of its hours. Stopped ones start."
        }
        WorkspaceOrder::SetRunningMode { .. } => {
            "A change from AlwaysOn is billed by the hour from next month on; another time-out counts at once."
        }
        WorkspaceOrder::SetComputeType { .. } => {
            "They restart with the new hardware: whoever is connected is cut off. AWS takes a larger type once in 6 hours, \
             a smaller one once in 30 days."
        }
        WorkspaceOrder::GrowVolume { .. } => {
            "It costs more from now on and never becomes smaller again. AWS takes this once in 6 hours; the system sees \
             the new size after a restart."
        }
        WorkspaceOrder::SetTags { .. } => "Tags that are not named stay as they are.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(action: A, accepted: u64) -> WorkspaceActionView {
        let item = |number: u64| WorkspaceActionItem {
            id: uuid(number),
            aws_id: Some(format!("ws-{number}")),
            user_name: Some(format!("user{number}")),
            now: None,
            accepted: true,
            code: None,
            reason: None,
        };
        let items = (0..accepted).map(item).collect();
        WorkspaceActionView { action, dry_run: true, job_id: None, accepted, refused: 0, items }
    }

    fn uuid(number: u64) -> domain::ids::WorkspaceId {
        format!("00000000-0000-0000-0000-{number:012}").parse().unwrap()
    }

    #[test]
    fn whoever_cuts_many_off_types_how_many() {
        assert_eq!(must_type(&plan(A::Start, 5000)), None);
        for action in [A::Stop, A::Reboot, A::SetComputeType, A::GrowVolume, A::SetRunningMode] {
            assert_eq!(must_type(&plan(action, 9)), None);
            assert_eq!(must_type(&plan(action, 1234)).as_deref(), Some("1234"));
        }
    }

    #[test]
    fn whoever_destroys_always_types() {
        for action in A::ALL.iter().copied().filter(|action| action.destroys()) {
            assert_eq!(must_type(&plan(action, 0)), None, "there is nothing to begin");
            assert_eq!(must_type(&plan(action, 1)).as_deref(), Some("user0"));
            assert_eq!(must_type(&plan(action, 2)).as_deref(), Some("2"));
            assert_eq!(confirm_kind(action), ButtonKind::Danger);
        }
    }

    #[test]
    fn reasons_are_counted_and_the_commonest_is_first() {
        let mut items = plan(A::Stop, 6).items;
        for (item, reason) in items.iter_mut().zip(["gone", "gone", "it is STOPPED", "it is STOPPED", "it is STOPPED"])
        {
            item.reason = Some(reason.to_owned());
        }
        let counted = [(3_u64, "it is STOPPED"), (2, "gone"), (1, "nobody knows why")];
        assert_eq!(reasons(&items), counted.map(|(count, reason)| (count, reason.to_owned())));
        assert!(reasons(&[]).is_empty());
    }

    #[test]
    fn each_action_is_somewhere() {
        let mut all: Vec<_> = FIRST.iter().chain(MORE).copied().collect();
        all.sort();
        assert_eq!(all, A::ALL);
    }
}
