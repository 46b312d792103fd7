//! The use cases of events. They take no actor: one reader per process reads for all streams, and asks [`visible_to`] for each.

use domain::access::{Actor, Permission, Reach, Scope};
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
        Event::WorkspaceState { user_name, .. } => match actor.scope(Permission::WorkspaceRead) {
            Scope::Everything => true,
            scope => scope.covers(&Scope::desktops([user_name])),
        },
        // It tells an account's id and a number: not for somebody who sees their own desktops only.
        Event::FleetChanged { account_id, .. } => {
            actor.scope(Permission::WorkspaceRead).covers(&Scope::only(Reach::Account { account_id: *account_id }))
        }
        Event::Job { created_by, .. } => {
            actor.may(Permission::JobRead) || (created_by.is_some() && *created_by == actor.user_id)
        }
        Event::Account { .. } => actor.may(Permission::AccountRead),
        Event::Schedule { .. } => actor.may(Permission::JobRead),
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use domain::ids::{AccountId, JobId, UserId, WorkspaceId};
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
        let state = |user_name: &str| Event::WorkspaceState {
            id: WorkspaceId(id),
            user_name: user_name.to_owned(),
            state: WorkspaceState::Stopped,
            before: None,
        };
        let job = |created_by| Event::Job {
            id: JobId(id),
            kind: "workspace-action".to_owned(),
            state: JobState::Done,
            progress: JobProgress::default(),
            created_by,
        };
        let fleet = Event::FleetChanged { account_id: AccountId(id), rows: 1 };
        let account = Event::Account { id: AccountId(id) };
        let seen = |actor: &Actor| {
            let rest = [fleet.clone(), account.clone(), Event::Schedule { name: "prune".to_owned() }];
            [state("GRACE"), state("linus"), job(Some(me)), job(Some(other)), job(None)]
                .into_iter()
                .chain(rest)
                .map(|event| visible_to(actor, &event))
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(&member), [true, false, true, false, false, false, false, false]);
        assert_eq!(seen(&viewer), [true; 8]);
    }
}
