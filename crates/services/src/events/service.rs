//! The use cases of events. They take no actor: one reader per process reads for all streams, and asks [`visible_to`] for each.

use domain::access::{Actor, Permission, Place, Scope};
use domain::event::Event;
use store::repo::events::{self, EventRecord};

use super::error::EventsError;
use crate::Context;

/// The channel of the bus that is nudged after events were committed.
pub const CHANNEL: &str = "events";

/// The newest event's id; 0 when there was none.
///
/// # Errors
/// [`EventsError::Store`].
pub async fn latest_event_id(ctx: &Context) -> Result<i64, EventsError> {
    Ok(events::events_latest_id(&ctx.db).await?)
}

/// The oldest event that is still kept; a reader who stopped before it has missed some for good.
///
/// # Errors
/// [`EventsError::Store`].
pub async fn oldest_event_id(ctx: &Context) -> Result<Option<i64>, EventsError> {
    Ok(events::events_oldest_id(&ctx.db).await?)
}

/// At most `limit` events after `after`, the oldest first.
///
/// # Errors
/// [`EventsError::Store`].
pub async fn events_after(ctx: &Context, after: i64, limit: u64) -> Result<Vec<EventRecord>, EventsError> {
    Ok(events::events_after(&ctx.db, after, limit).await?)
}

/// Whether the actor may know of the event: the same as whether they may read what it is about.
#[must_use]
pub fn visible_to(actor: &Actor, event: &Event) -> bool {
    match event {
        Event::WorkspaceState { user_name, account_id, region, directory_id, .. } => {
            let scope = actor.scope(Permission::WorkspaceRead);
            match (account_id, region, directory_id) {
                (Some(account_id), Some(region), Some(directory_id)) => {
                    scope.reaches(&Place { account_id: *account_id, region, directory_id: *directory_id, user_name })
                }
                // From before events told their place.
                _ => scope.covers(&Scope::desktops([user_name])),
            }
        }
        // It tells an account's id and a number: not for somebody who sees some of its desktops only.
        Event::FleetChanged { account_id, region, .. } => {
            actor.scope(Permission::WorkspaceRead).reaches_area(*account_id, region.as_ref())
        }
        Event::Job { created_by, account_id, region, .. } => {
            let scope = actor.scope(Permission::JobRead);
            (created_by.is_some() && *created_by == actor.user_id)
                || scope.is_everything()
                || account_id.is_some_and(|account| scope.reaches_area(account, region.as_ref()))
        }
        // To which regions the account belongs is not told: who sees one of them only reads it when they look.
        Event::Account { id } => actor.scope(Permission::AccountRead).reaches_account(*id),
        // Its name; what may be seen of the schedule is decided when it is read.
        Event::Schedule { .. } => actor.may(Permission::JobRead),
        Event::BudgetCrossed { account_id, .. } => {
            let scope = actor.scope(Permission::CostRead);
            account_id.map_or_else(|| scope.is_everything(), |account| scope.reaches_account(account))
        }
        Event::Changed { what, user_id, account_id, region } => {
            super::change::visible(actor, what, *user_id, *account_id, region.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::access::{Held, Reach, Role};
    use domain::ids::{AccountId, DirectoryId, JobId, Region, UserId, WorkspaceId};
    use domain::jobs::{JobProgress, JobState};
    use domain::workspace::WorkspaceState;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_person_hears_of_their_own_desktop_and_job_only() {
        let id = Uuid::from_u128(1);
        let (me, other) = (UserId(id), UserId(Uuid::from_u128(2)));
        let member = Actor::user(me, "Grace@example.com", Role::Member);
        let viewer = Actor::user(other, "v@example.com", Role::Viewer);
        let (here, there): (Region, Region) = ("eu-central-1".parse().unwrap(), "us-east-1".parse().unwrap());
        let account_of = |number| AccountId(Uuid::from_u128(number));
        let state = |user_name: &str, told: bool| Event::WorkspaceState {
            id: WorkspaceId(id),
            user_name: user_name.to_owned(),
            state: WorkspaceState::Stopped,
            before: None,
            account_id: told.then_some(account_of(1)),
            region: told.then(|| here.clone()),
            directory_id: told.then_some(DirectoryId(id)),
        };
        let job = |created_by, account: Option<u128>, region: Option<&Region>| Event::Job {
            id: JobId(id),
            kind: "workspace-action".to_owned(),
            state: JobState::Done,
            progress: JobProgress::default(),
            created_by,
            account_id: account.map(account_of),
            region: region.cloned(),
        };
        let fleet = |region: Option<&Region>| Event::FleetChanged {
            account_id: account_of(1),
            region: region.cloned(),
            rows: 1,
        };
        let events = [
            state("GRACE", true),
            state("linus", true),
            state("GRACE", false),
            state("linus", false),
            job(Some(me), None, None),
            job(Some(other), None, None),
            job(None, Some(1), None),
            job(None, Some(1), Some(&here)),
            job(None, Some(2), Some(&there)),
            fleet(None),
            fleet(Some(&here)),
            fleet(Some(&there)),
            Event::Account { id: account_of(1) },
            Event::Account { id: account_of(2) },
            Event::Schedule { name: "prune".to_owned() },
        ];
        // One letter for each event, a dot for one that is not seen.
        let seen = |actor: &Actor| -> String {
            let letters = "GLgljkaxyfhtABs".chars();
            events
                .iter()
                .zip(letters)
                .map(|(event, letter)| if visible_to(actor, event) { letter } else { '.' })
                .collect()
        };
        let within = |reach| Actor::new(other, "v@example.com", vec![Held::role(Role::Viewer, Scope::only(reach))]);
        assert_eq!(seen(&member), "G.g.j..........");
        assert_eq!(seen(&viewer), "GLgljkaxyfhtABs");
        assert_eq!(seen(&within(Reach::Account { account_id: account_of(1) })), "GL...kax.fhtA.s");
        assert_eq!(seen(&within(Reach::Region { region: here.clone() })), "GL...k.x..h...s");
        assert_eq!(seen(&within(Reach::Directory { directory_id: DirectoryId(id) })), "GL...k........s");
        assert_eq!(seen(&within(Reach::Account { account_id: account_of(2) })), ".....k..y....Bs");
        assert_eq!(seen(&Actor::new(other, "v@example.com", Vec::new())), ".....k.........");
    }
}
