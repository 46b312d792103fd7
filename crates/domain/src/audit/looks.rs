//! Which entries tell of no change: those that say that somebody looked at something or took it along, by the verb of the action's
//! name, and those that say who came and went.

/// The verbs: what stands behind the point of the action's name.
pub const LOOKS: &[&str] = &[
    "download",
    "export",
    "fetch-by-link",
    "list",
    "match",
    "people",
    "rank",
    "read",
    "savings",
    "unused",
    "workspaces",
];

/// The actions of whoever comes and goes.
pub const COMINGS: &[&str] = &["session.create", "session.end", "session.prove"];

/// Whether an action of that name changes something.
#[must_use]
pub fn is_change(action: &str) -> bool {
    !is_look(action) && !COMINGS.contains(&action)
}

/// Whether an action of that name is a look.
#[must_use]
pub fn is_look(action: &str) -> bool {
    let verb = action.split_once('.').map_or(action, |(_, verb)| verb);
    LOOKS.contains(&verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_tells_a_look_from_a_change() {
        for look in ["workspace.list", "audit.read", "activity.export", "usage.rank", "report.fetch-by-link"] {
            assert!(is_look(look), "{look}");
        }
        for change in ["team.create", "team.members", "request.refuse", "report.link"] {
            assert!(is_change(change) && !is_look(change), "{change}");
        }
        assert!(!is_look("session.create") && !is_change("session.create") && !is_change("team.list"));
    }
}
