//! What an action would do, item by item. Pure: the rows come from `service.rs`.

use std::collections::{HashMap, HashSet};

use domain::access::Permission;
use domain::ids::{JobId, WorkspaceId};
use domain::workspace::rules::{self, Refusal};
use domain::workspace::{RunningMode, WorkspaceAction, WorkspaceState};

use super::jobs::ActionTarget;

/// The permission an action needs.
#[must_use]
pub fn permission(action: WorkspaceAction) -> Permission {
    match action {
        WorkspaceAction::Start => Permission::WorkspaceStart,
        WorkspaceAction::Stop => Permission::WorkspaceStop,
        WorkspaceAction::Reboot => Permission::WorkspaceReboot,
    }
}

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
    /// Whether it will be done.
    pub accepted: bool,
    /// A stable code when it won't: [`Refusal::code`] or `not_found`.
    pub code: Option<&'static str>,
    /// Why not, in words.
    pub reason: Option<String>,
}

/// What the guards must know of a WorkSpace.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) target: ActionTarget,
    pub(super) user_name: String,
    pub(super) state: WorkspaceState,
    pub(super) running_mode: Option<RunningMode>,
    pub(super) gone: bool,
}

/// The ids without repeats, in the order given.
pub(super) fn distinct(ids: &[WorkspaceId]) -> Vec<WorkspaceId> {
    let mut seen = HashSet::with_capacity(ids.len());
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}

/// Each id with what will become of it, and the targets of those that are accepted.
pub(super) fn decide(
    action: WorkspaceAction,
    ids: &[WorkspaceId],
    mut found: HashMap<WorkspaceId, Candidate>,
) -> (Vec<ActionItem>, Vec<ActionTarget>) {
    let mut targets = Vec::new();
    let items = ids.iter().map(|&id| match found.remove(&id) {
        None => ActionItem {
            id,
            aws_id: None,
            user_name: None,
            accepted: false,
            code: Some("not_found"),
            reason: Some("there is no such WorkSpace, or you may not see it".to_owned()),
        },
        Some(candidate) => {
            let refusal = check(action, &candidate.state, candidate.running_mode.as_ref(), candidate.gone).err();
            let item = ActionItem {
                id,
                aws_id: Some(candidate.target.aws_id.clone()),
                user_name: Some(candidate.user_name),
                accepted: refusal.is_none(),
                code: refusal.as_ref().map(Refusal::code),
                reason: refusal.as_ref().map(ToString::to_string),
            };
            if item.accepted {
                targets.push(candidate.target);
            }
            item
        }
    });
    (items.collect(), targets)
}

/// The guards, with what only we know: whether it is gone.
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
        let running_mode = Some(RunningMode::AutoStop);
        (id(number), Candidate { target, user_name: "grace".into(), state, running_mode, gone })
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
        let (items, targets) = decide(WorkspaceAction::Stop, &ids, found);
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
        assert_eq!(targets.iter().map(|target| target.id).collect::<Vec<_>>(), [id(1)]);
    }
}
