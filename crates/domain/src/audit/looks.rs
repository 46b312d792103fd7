//! Which entries say that somebody looked at something or took it along, and changed nothing: by the verb of the action's name.

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
        for change in ["team.create", "team.members", "session.create", "request.refuse", "report.link"] {
            assert!(!is_look(change), "{change}");
        }
    }
}
