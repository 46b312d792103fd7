//! Accounts for load trials: a simulated fleet whose data was brought in once, by `wheelhouse seed`. Its simulator is gone
//! afterwards, so it is switched off from the start: schedules leave it alone, and its name says what it is.

use domain::access::{Actor, Permission, Scope};
use domain::account::Access;
use domain::audit::Entry;
use domain::event::Event;
use domain::ids::{AccountId, Region};
use store::repo::{accounts, events};

use super::check;
use super::error::AccountError;
use crate::Context;

/// What their names begin with; a number follows.
const PREFIX: &str = "Load trial ";
/// Where a simulator that is gone is said to be: an address that nothing ever answers at (RFC 2606).
const NOWHERE: &str = "http://load-trial.invalid";

/// An account for a load trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
}

/// Connects the next account for a load trial to a simulator, switched off.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::Invalid`], [`AccountError::Store`]; [`AccountError::NameTaken`] when another one
/// is made at the same time.
pub async fn connect_trial(
    ctx: &Context,
    actor: &Actor,
    workspaces: u32,
    regions: Vec<Region>,
    endpoint_url: &str,
) -> Result<Trial, AccountError> {
    actor.require_everywhere(Permission::AccountWrite)?;
    check::regions(&regions)?;
    let endpoint_url = check::endpoint(Some(endpoint_url))?;
    let last = accounts::account_list(&ctx.db, &Scope::Everything)
        .await?
        .iter()
        .filter_map(|account| number(&account.name))
        .max();
    let name = name_of(last.unwrap_or(0).saturating_add(1), workspaces);
    let (id, at) = (AccountId(ctx.env.new_id()), ctx.env.now());
    let row = accounts::NewAccount { id, name: name.clone(), access: Access::Simulated, endpoint_url, regions, at };
    let tx = ctx.db.begin().await?;
    accounts::account_insert(&tx, &row).await.map_err(|error| {
        if error.is_conflict("uq_account_name") { AccountError::NameTaken } else { AccountError::Store(error) }
    })?;
    accounts::account_enabled_set(&tx, id, false, at).await?;
    events::events_append(&tx, at, &[Event::Account { id }]).await?;
    let entry = Entry::new("account.create", Permission::AccountWrite).on("account", id).named(&name);
    crate::audit::record(&tx, ctx, actor, entry.after(serde_json::json!({ "trial": true }))).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(Trial { id, name })
}

/// The simulator of an account for a load trial is gone.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::Store`].
pub async fn disconnect_trial(ctx: &Context, actor: &Actor, id: AccountId) -> Result<(), AccountError> {
    actor.require_everywhere(Permission::AccountWrite)?;
    let at = ctx.env.now();
    let tx = ctx.db.begin().await?;
    accounts::account_endpoint_set(&tx, id, NOWHERE, at).await?;
    events::events_append(&tx, at, &[Event::Account { id }]).await?;
    let entry = Entry::new("account.disconnect", Permission::AccountWrite).on("account", id);
    crate::audit::record(&tx, ctx, actor, entry.after(serde_json::json!({ "endpoint_url": NOWHERE }))).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(())
}

fn name_of(number: u32, workspaces: u32) -> String {
    format!("{PREFIX}{number} ({workspaces} WorkSpaces, not connected)")
}

/// The number in the name of an account for a load trial.
fn number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix(PREFIX)?.split(' ').next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use domain::sync::SyncKind;
    use store::repo::accounts::account_list;

    use super::*;
    use crate::schedules::Schedule;
    use crate::testing::{FakeFleet, Harness};

    #[test]
    fn names_carry_their_number() {
        assert_eq!(number(&name_of(41, 5000)), Some(41));
        for other in ["Load trial", "Load trial x", "load trial 3", "Demo"] {
            assert_eq!(number(other), None, "{other}");
        }
        assert!(name_of(u32::MAX, u32::MAX).chars().count() <= 80);
    }

    #[tokio::test]
    async fn each_trial_has_its_account_and_no_schedule_touches_it() {
        let harness = Harness::new(FakeFleet::default()).await;
        let (ctx, actor) = (&harness.ctx, Actor::system());
        let connected = harness.account().await;
        let endpoint = "http://127.0.0.1:5066";
        let mut trials = Vec::new();
        for _ in 0..2 {
            trials.push(connect_trial(ctx, &actor, 5000, vec![harness.region()], endpoint).await.unwrap());
        }
        assert_eq!(trials[0].name, "Load trial 1 (5000 WorkSpaces, not connected)");
        assert_eq!(trials[1].name, "Load trial 2 (5000 WorkSpaces, not connected)");
        let accounts = account_list(&ctx.db, &Scope::Everything).await.unwrap();
        let jobs = Schedule::Sync(SyncKind::Usage).jobs(&accounts);
        assert_eq!(jobs.iter().map(|(_, job)| job.account_id).collect::<Vec<_>>(), [Some(connected)]);

        disconnect_trial(ctx, &actor, trials[0].id).await.unwrap();
        let endpoints: Vec<_> = account_list(&ctx.db, &Scope::Everything)
            .await
            .unwrap()
            .into_iter()
            .map(|one| (one.id, one.endpoint_url))
            .collect();
        assert!(endpoints.contains(&(trials[0].id, Some(NOWHERE.to_owned()))), "{endpoints:?}");
        assert!(endpoints.contains(&(trials[1].id, Some(endpoint.to_owned()))), "{endpoints:?}");

        let viewer = harness.actor(Role::Viewer);
        let refused = connect_trial(ctx, &viewer, 1, vec![harness.region()], endpoint).await;
        assert!(matches!(refused, Err(AccountError::Forbidden(_))), "{refused:?}");
    }
}
