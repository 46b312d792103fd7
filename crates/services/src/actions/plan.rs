//! What an action would do, item by item. Pure: the rows come from `service.rs`.

use std::collections::{HashMap, HashSet};

use domain::ids::{JobId, WorkspaceId};
use domain::workspace::order::{Present, check_order};
use domain::workspace::rules::{self, Refusal};
use domain::workspace::{RunningMode, WorkspaceAction, WorkspaceOrder, WorkspaceState};
use store::repo::workspaces::WorkspaceRecord;

use super::jobs::ActionTarget;

/// What an action will or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionPlan {
    /// The action.
    pub action: WorkspaceAction,
    /// Whether nothing was asked of AWS.
    pub dry_run: bool,
    /// The job that carries it out; `None` for a dry run or when nothing can be done.
    pub job_id: Option<JobId>,
    /// Each WorkSpace once, in the order asked for.
    pub items: Vec<ActionItem>,
}

impl ActionPlan {
    /// How many will be done.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.items.iter().filter(|item| item.accepted).count()
    }

    /// How many won't.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.items.len() - self.accepted()
    }
}

/// One WorkSpace of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionItem {
    /// The WorkSpace as it was asked for.
    pub id: WorkspaceId,
    /// `ws-…`; `None` when there is no such WorkSpace, or not for this actor.
    pub aws_id: Option<String>,
    /// Its user.
    pub user_name: Option<String>,
    /// What the action changes, as it was last seen, in a few words; `None` where it changes no value.
    pub now: Option<String>,
    /// Whether it will be done.
    pub accepted: bool,
    /// A stable code when it won't: [`Refusal::code`] or `not_found`.
    pub code: Option<&'static str>,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// A WorkSpace that was asked for: what the job has to know, what the guards look at, and what the audit log shall say was there
/// before.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) target: ActionTarget,
    pub(super) user_name: String,
    pub(super) present: Present,
    pub(super) gone: bool,
}

impl From<WorkspaceRecord> for Candidate {
    fn from(row: WorkspaceRecord) -> Self {
        Self {
            present: present(&row),
            target: ActionTarget { id: row.id, aws_id: row.aws_id, account_id: row.account_id, region: row.region },
            user_name: row.user_name,
            gone: row.gone_at.is_some(),
        }
    }
}

/// What the guards look at.
fn present(row: &WorkspaceRecord) -> Present {
    Present {
        state: row.state.clone(),
        running_mode: row.running_mode.clone(),
        auto_stop_minutes: row.auto_stop_timeout_minutes,
        compute_type: row.compute_type.clone(),
        root_gib: row.root_volume_gib,
        user_gib: row.user_volume_gib,
    }
}

/// The ids without repeats, in the order given.
pub(super) fn distinct(ids: &[WorkspaceId]) -> Vec<WorkspaceId> {
    let mut seen = HashSet::with_capacity(ids.len());
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}

/// Each id with what will become of it, and those that are accepted.
pub(super) fn decide(
    order: &WorkspaceOrder,
    ids: &[WorkspaceId],
    mut found: HashMap<WorkspaceId, Candidate>,
) -> (Vec<ActionItem>, Vec<Candidate>) {
    let mut chosen = Vec::new();
    let items = ids.iter().map(|&id| match found.remove(&id) {
        None => ActionItem {
            id,
            aws_id: None,
            user_name: None,
            now: None,
            accepted: false,
            code: Some("not_found"),
            reason: Some("there is no such WorkSpace, or you may not see it".to_owned()),
        },
        Some(candidate) => {
            let Candidate { target, user_name, present, gone } = &candidate;
            let refusal = if *gone { Some(Refusal::Gone) } else { check_order(order, present).err() };
            let item = ActionItem {
                id,
                aws_id: Some(target.aws_id.clone()),
                user_name: Some(user_name.clone()),
                now: order.now(present),
                accepted: refusal.is_none(),
                code: refusal.as_ref().map(Refusal::code),
                reason: refusal.as_ref().map(ToString::to_string),
            };
            if item.accepted {
                chosen.push(candidate);
            }
            item
        }
    });
    (items.collect(), chosen)
}

/// The guards of an action without its values, with what only we know: whether it is gone.
pub(crate) fn check(
    action: WorkspaceAction,
    state: &WorkspaceState,
    mode: Option<&RunningMode>,
    gone: bool,
) -> Result<(), Refusal> {
    if gone { Err(Refusal::Gone) } else { rules::check(action, state, mode) }
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> WorkspaceId {
        WorkspaceId(Uuid::from_u128(number))
    }

    fn candidate(number: u128, state: WorkspaceState, gone: bool) -> (WorkspaceId, Candidate) {
        let target = ActionTarget {
            id: id(number),
            aws_id: format!("ws-{number}"),
            account_id: AccountId(Uuid::from_u128(9)),
            region: "eu-central-1".parse().unwrap(),
        };
        let present = Present {
            state,
            running_mode: Some(RunningMode::AutoStop),
            auto_stop_minutes: Some(60),
            compute_type: Some("STANDARD".into()),
            root_gib: Some(80),
            user_gib: Some(50),
        };
        (id(number), Candidate { target, user_name: "grace".into(), present, gone })
    }

    #[test]
    fn each_id_is_decided_once_in_order() {
        let ids = distinct(&[id(4), id(1), id(2), id(1), id(3)]);
        assert_eq!(ids, [id(4), id(1), id(2), id(3)]);
        let found = HashMap::from([
            candidate(1, WorkspaceState::Available, false),
            candidate(2, WorkspaceState::Stopped, false),
            candidate(3, WorkspaceState::Available, true),
        ]);
        let (items, chosen) = decide(&WorkspaceOrder::Stop, &ids, found);
        let told: Vec<_> = items.iter().map(|item| (item.id, item.accepted, item.code)).collect();
        assert_eq!(
            told,
            [
                (id(4), false, Some("not_found")),
                (id(1), true, None),
                (id(2), false, Some("wrong_state")),
                (id(3), false, Some("gone")),
            ]
        );
        assert_eq!(chosen.iter().map(|one| one.target.id).collect::<Vec<_>>(), [id(1)]);
    }

    #[test]
    fn a_change_says_what_is_there_now() {
        let found = HashMap::from([candidate(1, WorkspaceState::Available, false)]);
        let order = WorkspaceOrder::SetComputeType { compute_type: "POWER".into() };
        let (items, _) = decide(&order, &[id(1)], found.clone());
        assert_eq!((items[0].accepted, items[0].now.as_deref()), (true, Some("STANDARD")));
        let order = WorkspaceOrder::SetComputeType { compute_type: "STANDARD".into() };
        let (items, chosen) = decide(&order, &[id(1)], found);
        assert_eq!((items[0].code, chosen.len()), (Some("unchanged"), 0));
    }
}
