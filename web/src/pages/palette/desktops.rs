//! WorkSpaces in the palette: which of their actions is asked for by its name, and the lines of those that were found. Pure.

use contract::workspaces::WorkspaceView;
use domain::access::Permission;
use domain::workspace::WorkspaceAction;
use domain::workspace::rules::check;

use super::commands::{Command, Deed, command};
use crate::components::ui::Icon;
use crate::format::aws_words;

/// With more WorkSpaces than these, what can be done with each is not offered before it is asked for.
const FEW: usize = 3;

/// The action that a text begins with, and what is left to look for; `stop ana` is to stop one of Ana's.
pub fn asked(text: &str) -> (Option<WorkspaceAction>, &str) {
    let text = text.trim();
    let split = text.split_once(char::is_whitespace);
    match split.and_then(|(verb, rest)| named(verb).map(|action| (action, rest))) {
        Some((action, rest)) => (Some(action), rest.trim_start()),
        None => (None, text),
    }
}

fn named(verb: &str) -> Option<WorkspaceAction> {
    match verb.to_lowercase().as_str() {
        "start" => Some(WorkspaceAction::Start),
        "stop" => Some(WorkspaceAction::Stop),
        "restart" | "reboot" => Some(WorkspaceAction::Reboot),
        _ => None,
    }
}

/// The lines of WorkSpaces. Where an action was asked for, it takes the place of the WorkSpace that it is possible with.
pub fn lines(rows: &[WorkspaceView], asked: Option<WorkspaceAction>, may: impl Fn(Permission) -> bool) -> Vec<Command> {
    let can = |row: &WorkspaceView, action: WorkspaceAction| {
        may(action.permission()) && check(action, &row.state, row.running_mode.as_ref()).is_ok()
    };
    let first = |row: &WorkspaceView| match asked.filter(|action| can(row, *action)) {
        Some(action) => act(row, action),
        None => open(row),
    };
    let mut lines: Vec<Command> = rows.iter().map(first).collect();
    if asked.is_none() && rows.len() <= FEW {
        for row in rows {
            let possible = WorkspaceAction::SELF_SERVICE.iter().filter(|action| can(row, **action));
            lines.extend(possible.map(|action| act(row, *action)));
        }
    }
    lines
}

fn note(row: &WorkspaceView) -> String {
    format!("{} · {}", aws_words(row.state.as_str()), row.aws_id)
}

fn open(row: &WorkspaceView) -> Command {
    command(&row.user_name, &note(row), Icon::Desktop, Deed::Go(format!("/workspaces/{}", row.id)))
}

/// Leads to the preview of the action, which asks once more.
fn act(row: &WorkspaceView, action: WorkspaceAction) -> Command {
    let icon = match action {
        WorkspaceAction::Start => Icon::Play,
        WorkspaceAction::Stop => Icon::Stop,
        _ => Icon::Reboot,
    };
    let deed = Deed::Go(format!("/workspaces/{}?do={action}", row.id));
    command(&format!("{} {}", action.verb(), row.user_name), &note(row), icon, deed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_asked_for_by_its_name_before_the_person() {
        assert_eq!(asked(" Stop  ana b "), (Some(WorkspaceAction::Stop), "ana b"));
        assert_eq!(asked("restart ana"), (Some(WorkspaceAction::Reboot), "ana"));
        assert_eq!(asked("reboot ana"), (Some(WorkspaceAction::Reboot), "ana"));
        for plain in ["stop", "stopper ana", "ana stop", ""] {
            assert_eq!(asked(plain), (None, plain));
        }
    }
}
