//! Who may hear that things of a kind were changed or read anew: whoever may read all of what it can be about. Nobody hears of
//! what they may not read; who may read a part of it only hears of their own, and reads the rest when they look. Not the events
//! themselves (`domain::event`). To add a kind that its readers hear of: a line in [`read_by`].

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::event::Event;
use domain::ids::{AccountId, Region, UserId};

/// Whether people read what they have of that kind themselves.
fn reads_own(actor: &Actor, what: &str) -> bool {
    match what {
        "api_key" => true,
        "report" => actor.may(Permission::ReportRead),
        "request" => actor.may(Permission::RequestRead),
        _ => false,
    }
}

/// The event of an entry of the audit log, whose action begins with what was changed: `user.create` changed a `user`. What was refused
/// or failed changed the `audit` log alone.
pub(crate) fn changed(entry: &Entry, user_id: Option<UserId>) -> Event {
    let what = if entry.is_done() { entry.action().split('.').next().unwrap_or_default() } else { "audit" };
    Event::Changed { what: what.to_owned(), user_id, account_id: None, region: None }
}

/// Whether the actor may know that things of that kind were changed by that user, or in that place.
pub(super) fn visible(
    actor: &Actor,
    what: &str,
    user_id: Option<UserId>,
    account_id: Option<AccountId>,
    region: Option<&Region>,
) -> bool {
    let everywhere = |permission: &Permission| actor.scope(*permission).is_everything();
    let own = user_id.is_some() && user_id == actor.user_id && reads_own(actor, what);
    // The audit log says all of it.
    if own || everywhere(&Permission::AuditRead) {
        return true;
    }
    let permissions = read_by(what);
    !permissions.is_empty()
        && permissions.iter().all(|permission| {
            everywhere(permission)
                || account_id.is_some_and(|account| actor.scope(*permission).reaches_area(account, region))
        })
}

/// What it takes to read everything of that kind; nothing for what only the audit log tells.
fn read_by(what: &str) -> &'static [Permission] {
    match what {
        "user" | "team" | "role" | "invitation" | "session" => &[Permission::UserRead],
        "api_key" => &[Permission::KeyManage],
        "request" => &[Permission::RequestRead],
        "usage" => &[Permission::UsageRead],
        "cost" | "budget" => &[Permission::CostRead],
        "trail" => &[Permission::AuditRead],
        // A report can be of any of these.
        "report" => &[
            Permission::ReportManage,
            Permission::WorkspaceRead,
            Permission::UsageRead,
            Permission::CostRead,
            Permission::AuditExport,
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use domain::access::{Held, Reach, Role, Scope};
    use uuid::Uuid;

    use super::*;

    const KINDS: [&str; 10] =
        ["user", "session", "api_key", "request", "usage", "cost", "trail", "report", "view", "password"];

    #[test]
    fn nobody_hears_of_what_they_may_not_read() {
        let (me, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let account = AccountId(Uuid::from_u128(3));
        let heard = |actor: &Actor, by: Option<UserId>, place: Option<AccountId>| -> Vec<&str> {
            KINDS.into_iter().filter(|what| visible(actor, what, by, place, None)).collect()
        };
        let of = |role| Actor::user(me, "grace@example.com", role);
        let within = |reach| Actor::new(me, "grace@example.com", vec![Held::role(Role::Auditor, Scope::only(reach))]);
        assert_eq!(heard(&of(Role::Owner), Some(other), None), KINDS);
        assert_eq!(heard(&of(Role::Auditor), None, None), KINDS, "who reads the log hears what it says");
        assert_eq!(heard(&of(Role::Operator), Some(other), None), ["request", "usage", "cost"]);
        assert!(heard(&of(Role::Member), Some(other), Some(account)).is_empty());
        assert_eq!(heard(&of(Role::Member), Some(me), None), ["api_key", "request"], "their own");
        assert_eq!(
            heard(&of(Role::Viewer), Some(me), None),
            ["api_key", "usage", "cost", "report"],
            "and what they read"
        );
        assert!(heard(&Actor::new(me, "grace@example.com", Vec::new()), None, Some(account)).is_empty());
        // A part of the fleet: what belongs to it, and nothing that belongs to no part.
        let here = within(Reach::Account { account_id: account });
        assert!(heard(&here, Some(other), None).is_empty());
        let told = heard(&here, None, Some(account));
        for what in ["request", "usage", "cost", "trail"] {
            assert!(told.contains(&what), "{what} of {told:?}");
        }
        assert!(!told.contains(&"view") && !told.contains(&"api_key"), "{told:?}");
        let there = within(Reach::Account { account_id: AccountId(Uuid::from_u128(4)) });
        assert!(heard(&there, None, Some(account)).is_empty());
    }

    #[test]
    fn what_was_changed_is_how_the_action_begins() {
        let what = |entry: Entry| match changed(&entry, None) {
            Event::Changed { what, user_id: None, account_id: None, region: None } => what,
            other => panic!("{other:?}"),
        };
        let grants = || Entry::new("user.grants", Permission::UserRead);
        assert_eq!(what(grants()), "user");
        assert_eq!(what(grants().refused("no_right")), "audit");
        assert_eq!(what(grants().failed("broken")), "audit");
    }
}
