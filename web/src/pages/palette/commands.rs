//! What the palette offers, and how a few letters find it. Pure.

use domain::access::Permission;

use crate::components::ui::Icon;

/// What choosing a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Goes to an address of the portal.
    Go(String),
    /// Begins a sync of every account.
    Sync,
    /// Changes to the next theme.
    Theme,
    /// Shows the list of keys.
    Keys,
    /// Ends the session.
    SignOut,
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it says.
    pub label: String,
    /// What stands small beside it.
    pub note: String,
    /// Its picture.
    pub icon: Icon,
    /// What it does.
    pub deed: Deed,
}

/// A place: name, other words for it, address, icon, what one must be allowed to see.
type Place = (&'static str, &'static str, &'static str, Icon, Option<Permission>);

/// Pages.
const PAGES: &[Place] = &[
    ("Overview", "home start fleet", "/", Icon::Overview, Some(Permission::WorkspaceRead)),
    ("WorkSpaces", "desktops list fleet machines", "/workspaces", Icon::Desktop, Some(Permission::WorkspaceRead)),
    (
        "Directories",
        "workspaces active directory",
        "/workspaces/directories",
        Icon::People,
        Some(Permission::WorkspaceRead),
    ),
    ("Bundles", "workspaces volumes", "/workspaces/bundles", Icon::Desktop, Some(Permission::WorkspaceRead)),
    ("Images", "workspaces bundles", "/workspaces/images", Icon::Desktop, Some(Permission::WorkspaceRead)),
    ("Quotas", "aws limits head-room left", "/workspaces/quotas", Icon::Cloud, Some(Permission::WorkspaceRead)),
    ("My desktop", "own start stop request", "/desktop", Icon::Desktop, Some(Permission::RequestCreate)),
    ("Requests", "approve wishes asked", "/requests", Icon::Send, Some(Permission::RequestRead)),
    ("Usage", "hours connected heat map", "/usage", Icon::Chart, Some(Permission::UsageRead)),
    ("Costs", "money bill budget forecast", "/costs", Icon::Chart, Some(Permission::CostRead)),
    ("Reports", "files schedule export", "/reports", Icon::Log, Some(Permission::ReportRead)),
    ("Audit", "aws events cloudtrail", "/audit", Icon::Log, Some(Permission::AuditRead)),
    ("Assistant", "ask question chat", "/assistant", Icon::Chat, Some(Permission::AssistantUse)),
    ("Jobs", "queue runs tasks", "/jobs", Icon::Jobs, Some(Permission::JobRead)),
    ("Schedules", "jobs period pause", "/jobs/schedules", Icon::Jobs, Some(Permission::JobRead)),
    ("Data sets", "jobs fresh coverage sync", "/jobs/data-sets", Icon::Sync, Some(Permission::AccountRead)),
    ("Accounts", "aws regions role", "/accounts", Icon::Cloud, Some(Permission::AccountRead)),
    ("Users", "administration people", "/admin/users", Icon::People, Some(Permission::UserRead)),
    ("Roles", "administration permissions", "/admin/roles", Icon::Lock, Some(Permission::UserRead)),
    ("Teams", "administration groups", "/admin/teams", Icon::People, Some(Permission::UserRead)),
    ("Invitations", "administration people new", "/admin/invitations", Icon::People, Some(Permission::UserRead)),
    ("API keys of everybody", "administration token", "/admin/keys", Icon::Key, Some(Permission::KeyManage)),
    ("Assistant: who answers", "administration models", "/admin/assistant", Icon::Chat, Some(Permission::SystemRead)),
    ("Settings", "administration configuration", "/admin/settings", Icon::Info, Some(Permission::SystemRead)),
    ("Audit log", "administration who did what", "/audit/log", Icon::Check, Some(Permission::AuditRead)),
    ("Everything that happened", "audit aws events log", "/audit/all", Icon::Log, Some(Permission::AuditRead)),
    ("Profile", "me account password name", "/profile/account", Icon::Key, None),
    ("Sessions", "profile devices signed in", "/profile/sessions", Icon::Key, None),
    ("API keys of mine", "profile token", "/profile/keys", Icon::Key, None),
    ("Appearance", "profile theme colours", "/profile/appearance", Icon::Contrast, None),
];

/// Places that nobody sees a part of: for who may do that with all there is.
const WHOLE: &[&str] = &["/audit/log"];

/// Something that can be done: name, other words for it, icon, what it does, what one must be allowed to do.
type Action = (&'static str, &'static str, Icon, Act, &'static [Permission]);

/// What can be done from anywhere.
const ACTIONS: &[Action] = &[
    (
        "New report",
        "make schedule export file",
        Icon::Plus,
        Act::Go("/reports?report=new"),
        &[Permission::ReportRead, Permission::ReportManage],
    ),
    (
        "New budget",
        "set make costs money limit",
        Icon::Plus,
        Act::Go("/costs?budget=new"),
        &[Permission::CostRead, Permission::BudgetManage],
    ),
    (
        "Invite a person",
        "new user people add",
        Icon::Plus,
        Act::Go("/admin/invitations?invitation=new"),
        &[Permission::UserRead, Permission::UserWrite],
    ),
    (
        "New team",
        "make people group",
        Icon::Plus,
        Act::Go("/admin/teams?team=new"),
        &[Permission::UserRead, Permission::TeamWrite],
    ),
    (
        "New role",
        "make permissions",
        Icon::Plus,
        Act::Go("/admin/roles?role=new"),
        &[Permission::UserRead, Permission::RoleWrite],
    ),
    ("New API key", "make token", Icon::Plus, Act::Go("/profile/keys?key=new"), &[Permission::KeyWrite]),
    (
        "Connect an account",
        "aws add new",
        Icon::Plus,
        Act::Go("/accounts?account=new"),
        &[Permission::AccountRead, Permission::AccountWrite],
    ),
    (
        "Request a desktop",
        "ask new bundle rebuild wish",
        Icon::Send,
        Act::Go("/desktop?request=new"),
        &[Permission::RequestCreate],
    ),
    ("Ask the assistant", "question chat", Icon::Chat, Act::Go("/assistant"), &[Permission::AssistantUse]),
    ("Sync now", "read again refresh aws", Icon::Sync, Act::Sync, &[Permission::AccountRead, Permission::SyncRun]),
    (
        "Show stopped WorkSpaces",
        "filter state",
        Icon::Stop,
        Act::Go("/workspaces?state=STOPPED"),
        &[Permission::WorkspaceRead],
    ),
    (
        "Show who is connected",
        "filter now online",
        Icon::Plug,
        Act::Go("/workspaces?connection=CONNECTED"),
        &[Permission::WorkspaceRead],
    ),
    ("Show dead jobs", "failed errors", Icon::Alert, Act::Go("/jobs?state=dead"), &[Permission::JobRead]),
    ("Change the theme", "dark light colours", Icon::Contrast, Act::Theme, &[]),
    ("Keys and what they do", "keyboard shortcuts help", Icon::Info, Act::Keys, &[]),
    ("Sign out", "leave log off", Icon::SignOut, Act::SignOut, &[]),
];

/// [`Deed`] as a constant.
#[derive(Clone, Copy)]
enum Act {
    Go(&'static str),
    Sync,
    Theme,
    Keys,
    SignOut,
}

/// Pages and actions whose name or other words begin with each of the words, those found by their name first. `everywhere` is what
/// one may do with all there is, `may` with some of it at least.
pub fn found(words: &str, may: impl Fn(Permission) -> bool, everywhere: impl Fn(Permission) -> bool) -> Vec<Command> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let allowed = |place: &&Place| {
        let whole = WHOLE.contains(&place.2);
        place.4.is_none_or(|permission| if whole { everywhere(permission) } else { may(permission) })
    };
    let pages = PAGES.iter().filter(allowed).map(|(label, other, href, icon, _)| {
        (*label, *other, command(label, "Page", *icon, Deed::Go((*href).to_owned())))
    });
    let actions = ACTIONS.iter().filter(|action| action.4.iter().all(|permission| may(*permission))).map(
        |(label, other, icon, act, _)| {
            let deed = match act {
                Act::Go(href) => Deed::Go((*href).to_owned()),
                Act::Sync => Deed::Sync,
                Act::Theme => Deed::Theme,
                Act::Keys => Deed::Keys,
                Act::SignOut => Deed::SignOut,
            };
            (*label, *other, command(label, "Action", *icon, deed))
        },
    );
    let mut found: Vec<(u8, Command)> = pages
        .chain(actions)
        .filter_map(|(label, other, command)| rank(&words, label, other).map(|rank| (rank, command)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, command)| command).collect()
}

/// The addresses of the pages that are offered: what the tests of every table of places and tabs ask.
#[cfg(test)]
pub fn addresses(may: impl Fn(Permission) -> bool) -> Vec<&'static str> {
    PAGES.iter().filter(|place| place.4.is_none_or(&may)).map(|place| place.2).collect()
}

/// A line.
pub fn command(label: &str, note: &str, icon: Icon, deed: Deed) -> Command {
    Command { label: label.to_owned(), note: note.to_owned(), icon, deed }
}

/// 0 when the name begins with what was typed, 1 when each word begins one of its own, 2 with other words' help; `None` when a
/// word begins none.
fn rank(words: &[String], label: &str, other: &str) -> Option<u8> {
    let begins = |text: &str, word: &str| text.to_lowercase().split_whitespace().any(|part| part.starts_with(word));
    if words.iter().all(|word| begins(label, word)) {
        let first = words.first().is_none_or(|word| label.to_lowercase().starts_with(word.as_str()));
        return Some(if first { 0 } else { 1 });
    }
    words.iter().all(|word| begins(label, word) || begins(other, word)).then_some(2)
}

/// The line that is chosen after a step through `count` lines; it goes round at either end.
pub fn step(chosen: usize, count: usize, forward: bool) -> usize {
    match (count, forward) {
        (0, _) => 0,
        (_, true) => (chosen + 1) % count,
        (_, false) => (chosen + count - 1) % count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(words: &str) -> Vec<String> {
        found(words, |_| true, |_| true).into_iter().map(|command| command.label).collect()
    }

    #[test]
    fn a_few_letters_find_pages_by_name_before_those_by_other_words() {
        assert_eq!(labels("aud"), ["Audit", "Audit log", "Everything that happened"]);
        assert_eq!(labels("JO")[0], "Jobs");
        assert_eq!(labels("dark"), ["Change the theme"]);
        let jobs = labels("jobs");
        assert_eq!(jobs[0], "Jobs");
        assert!(jobs.contains(&"Schedules".to_owned()), "{jobs:?}");
        assert_eq!(labels("show dead"), ["Show dead jobs"]);
        assert_eq!(labels("new r")[..2], ["New report", "New role"]);
        assert!(labels("nothing like it").is_empty());
        assert_eq!(labels("").len(), PAGES.len() + ACTIONS.len());
    }

    #[test]
    fn what_one_may_not_see_is_not_offered() {
        let nobody = found("", |_| false, |_| false);
        assert!(nobody.iter().any(|command| command.label == "Profile"));
        assert!(nobody.iter().all(|command| command.label != "Jobs" && command.label != "Connect an account"));
        // What makes one lies on a page that one must be able to see.
        let made = |may: &[Permission]| {
            let found = found("new", |permission| may.contains(&permission), |_| true);
            found
                .into_iter()
                .filter(|command| command.note == "Action")
                .map(|command| command.label)
                .collect::<Vec<_>>()
        };
        assert!(made(&[Permission::TeamWrite]).is_empty());
        assert_eq!(made(&[Permission::TeamWrite, Permission::UserRead]), ["New team"]);
    }

    #[test]
    fn what_nobody_sees_a_part_of_is_offered_to_who_may_see_all_of_it() {
        let labels: Vec<_> = found("aud", |_| true, |_| false).into_iter().map(|command| command.label).collect();
        assert_eq!(labels, ["Audit", "Everything that happened"]);
        assert!(WHOLE.iter().all(|whole| PAGES.iter().any(|place| place.2 == *whole)));
    }

    #[test]
    fn steps_go_round() {
        assert_eq!((step(0, 3, true), step(2, 3, true), step(0, 3, false), step(0, 0, true)), (1, 0, 2, 0));
    }
}
