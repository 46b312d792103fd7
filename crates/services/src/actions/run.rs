//! Carrying an action out: in batches per account and region, each sent to AWS at most once.
//!
//! Before a batch is sent, that is noted for good (`job_effect`, keyed by job, batch and round). A run that follows a crash
//! finds the note without an outcome and asks AWS what the WorkSpaces are doing: those on their way are done, those that
//! never began are sent in a new round. Where that can't be told apart (a rebuild that may be over) it is not sent again.
//! The outcome of a batch is saved in one transaction with the new states and their events; where an order changes values, with
//! the WorkSpace as AWS shows it then.

use std::collections::{BTreeMap, BTreeSet};

use domain::cloud::{CloudError, FailedItem, FleetApi};
use domain::event::Event;
use domain::ids::{AccountId, Region, WorkspaceId};
use domain::jobs::LogLevel;
use domain::workspace::order::{AfterLoss, after_lost_answer};
use domain::workspace::rules::state_after;
use domain::workspace::{ObservedWorkspace, Tags, WorkspaceAction, WorkspaceOrder, WorkspaceState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::queue::effect_once;
use store::repo::inventory::SyncContext;
use store::repo::{events, inventory};

use super::jobs::{ActionTarget, WorkspaceActionJob};
use crate::Context;
use crate::accounts::connect;
use crate::run::{JobError, RunHandle};
use crate::sync::watch::enqueue_watch;

/// What became of one WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOutcome {
    /// The WorkSpace.
    pub id: WorkspaceId,
    /// `ws-…`.
    pub aws_id: String,
    /// Whether AWS accepted it.
    pub ok: bool,
    /// Why not: AWS's code, [`CloudError::code`], `gone`, `uncertain`, or `unreachable` (no way to ask AWS).
    pub code: Option<String>,
    /// Why not, in words.
    pub message: Option<String>,
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionReport {
    /// The action.
    pub action: WorkspaceAction,
    /// How many AWS accepted.
    pub done: usize,
    /// How many it did not.
    pub failed: usize,
    /// Each WorkSpace, in the order of the request within its account and region.
    pub items: Vec<ActionOutcome>,
}

/// What was done so far, by the number of the batch.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    batches: BTreeMap<usize, Vec<ActionOutcome>>,
    /// Rounds of a batch that are known to have had no effect.
    rounds: BTreeMap<usize, u32>,
}

/// Carries out a `workspace-action` job.
///
/// # Errors
/// [`JobError::Retry`] while AWS can't be asked for a passing reason; what was done stays done. What AWS refuses is in the
/// report, item by item, and so is an account that can't be reached for good: the others go on.
pub async fn run_workspace_action(
    ctx: &Context,
    job: &WorkspaceActionJob,
    handle: &dyn RunHandle,
) -> Result<ActionReport, JobError> {
    let mut progress: Progress =
        handle.checkpoint().and_then(|saved| serde_json::from_value(saved).ok()).unwrap_or_default();
    let total = u64::try_from(job.targets.len()).unwrap_or(u64::MAX);
    let mut done = 0;
    for (number, ((account, region), targets)) in batches(job).into_iter().enumerate() {
        done += u64::try_from(targets.len()).unwrap_or(0);
        if progress.batches.contains_key(&number) {
            continue;
        }
        handle.check()?;
        let batch = Batch { ctx, handle, order: &job.order, account, region, targets, number };
        batch.run(&mut progress).await?;
        handle.progress(done, Some(total), "WorkSpaces asked for").await;
    }
    Ok(report(job.order.action(), progress))
}

/// What a job did so far, out of what it was given and saved; `None` before the first batch.
pub(crate) fn done_so_far(payload: &Value, checkpoint: &Value) -> Option<ActionReport> {
    let job = WorkspaceActionJob::deserialize(payload).ok()?;
    let progress = Progress::deserialize(checkpoint).ok()?;
    Some(report(job.order.action(), progress)).filter(|report| !report.items.is_empty())
}

fn report(action: WorkspaceAction, progress: Progress) -> ActionReport {
    let items: Vec<_> = progress.batches.into_values().flatten().collect();
    let done = items.iter().filter(|item| item.ok).count();
    ActionReport { action, done, failed: items.len() - done, items }
}

type Place<'a> = (AccountId, &'a Region);

/// The targets by account and region, as many as a call takes at a time; the same each time, since batches are known by
/// their number.
fn batches(job: &WorkspaceActionJob) -> Vec<(Place<'_>, Vec<&ActionTarget>)> {
    let most = job.order.action().per_call();
    let mut places: BTreeMap<Place<'_>, Vec<&ActionTarget>> = BTreeMap::new();
    for target in &job.targets {
        places.entry((target.account_id, &target.region)).or_default().push(target);
    }
    places
        .into_iter()
        .flat_map(|(place, targets)| targets.chunks(most).map(|some| (place, some.to_vec())).collect::<Vec<_>>())
        .collect()
}

struct Batch<'a> {
    ctx: &'a Context,
    handle: &'a dyn RunHandle,
    order: &'a WorkspaceOrder,
    account: AccountId,
    region: &'a Region,
    targets: Vec<&'a ActionTarget>,
    number: usize,
}

impl Batch<'_> {
    async fn run(&self, progress: &mut Progress) -> Result<(), JobError> {
        let ids: Vec<String> = self.targets.iter().map(|target| target.aws_id.clone()).collect();
        let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
        let api = match connect(self.ctx, self.account, self.region).await {
            Ok(api) => api,
            // Other accounts may well be reached.
            Err(JobError::Fail { message }) => {
                fail_all(&ids, "unreachable", &message, &mut outcomes);
                return self.save(progress, outcomes, Fresh::default()).await;
            }
            Err(error) => return Err(error),
        };
        let mut send = ids;
        // A round is sent once. One whose note is found was sent by an attempt that did not live to hear the answer.
        while !send.is_empty() {
            let round = progress.rounds.get(&self.number).copied().unwrap_or(0);
            let key = format!("{}:{}:{round}", self.order.action(), self.number);
            let now = self.ctx.env.now();
            if effect_once(&self.ctx.db, self.handle.job_id(), &key, now).await? {
                self.send(api.as_ref(), &send, progress, &mut outcomes).await?;
                break;
            }
            let seen = match api.workspaces_by_id(&send).await {
                Ok(seen) => seen,
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(error) => {
                    let message = format!("the answer was lost, and AWS can't be asked what became of it: {error}");
                    fail_all(&send, "uncertain", &message, &mut outcomes);
                    break;
                }
            };
            send = self.sort_out(&send, &seen, &mut outcomes);
            self.void_round(progress).await?;
        }
        let fresh = self.look(api.as_ref(), &outcomes).await;
        self.save(progress, outcomes, fresh).await
    }

    async fn send(
        &self,
        api: &dyn FleetApi,
        ids: &[String],
        progress: &mut Progress,
        outcomes: &mut BTreeMap<String, Outcome>,
    ) -> Result<(), JobError> {
        match api.act(self.order, ids).await {
            Ok(failed) => {
                let failed: BTreeMap<String, FailedItem> =
                    failed.into_iter().map(|item| (item.aws_id.clone(), item)).collect();
                for id in ids {
                    let outcome = match failed.get(id) {
                        Some(item) => Outcome::Failed { code: item.code.clone(), message: item.message.clone() },
                        None => Outcome::Done { state: state_after(self.order.action()) },
                    };
                    outcomes.insert(id.clone(), outcome);
                }
                Ok(())
            }
            // AWS says that it did nothing, or never heard of it.
            Err(error @ (CloudError::Throttled { .. } | CloudError::NotSent { .. })) => {
                self.void_round(progress).await?;
                Err(error.into())
            }
            // It may have been done: the next attempt asks.
            Err(error) if error.is_transient() => Err(error.into()),
            Err(error) => {
                self.handle.log(LogLevel::Error, &error.to_string()).await;
                fail_all(ids, error.code(), &error.to_string(), outcomes);
                Ok(())
            }
        }
    }

    /// What became of a round whose answer was lost. Gives those that are still to be sent.
    fn sort_out(
        &self,
        ids: &[String],
        seen: &[ObservedWorkspace],
        outcomes: &mut BTreeMap<String, Outcome>,
    ) -> Vec<String> {
        let mut send = Vec::new();
        for id in ids {
            let one = seen.iter().find(|one| one.aws_id == *id);
            let failed = |code: &str, message: &str| Outcome::Failed { code: code.into(), message: message.into() };
            let outcome = match after_lost_answer(self.order, one) {
                AfterLoss::Done => {
                    Outcome::Done { state: Some(one.map_or(WorkspaceState::Terminated, |one| one.state.clone())) }
                }
                AfterLoss::Gone => failed("gone", "AWS does not know it any more"),
                AfterLoss::Uncertain => {
                    let action = self.order.action();
                    let message = format!(
                        "the answer was lost, and a {action} that is over looks like one that never began; \
                         it was not sent again"
                    );
                    failed("uncertain", &message)
                }
                AfterLoss::Again => {
                    send.push(id.clone());
                    continue;
                }
            };
            outcomes.insert(id.clone(), outcome);
        }
        send
    }

    /// Notes that nothing more will come of the round: what is still to be sent goes in a new one.
    async fn void_round(&self, progress: &mut Progress) -> Result<(), JobError> {
        *progress.rounds.entry(self.number).or_default() += 1;
        let tx = self.ctx.db.begin().await?;
        self.handle.save_checkpoint(&tx, &json(progress)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Where values were changed: the WorkSpaces as AWS shows them now. What can't be read now comes with the next sync.
    async fn look(&self, api: &dyn FleetApi, outcomes: &BTreeMap<String, Outcome>) -> Fresh {
        let done = self.targets.iter().filter(|one| matches!(outcomes.get(&one.aws_id), Some(Outcome::Done { .. })));
        let mut fresh = Fresh::default();
        match self.order.action() {
            WorkspaceAction::SetTags => {
                for target in done {
                    fresh.tags.extend(api.tags(&target.aws_id).await.ok().map(|tags| (target.id, tags)));
                }
            }
            WorkspaceAction::SetRunningMode | WorkspaceAction::SetComputeType | WorkspaceAction::GrowVolume => {
                let ids: Vec<String> = done.map(|target| target.aws_id.clone()).collect();
                if !ids.is_empty() {
                    fresh.seen = api.workspaces_by_id(&ids).await.unwrap_or_default();
                }
            }
            _ => {}
        }
        fresh
    }

    /// Saves the outcome with the states that AWS shows now, their history and events, and has them watched.
    async fn save(
        &self,
        progress: &mut Progress,
        outcomes: BTreeMap<String, Outcome>,
        fresh: Fresh,
    ) -> Result<(), JobError> {
        let mut items = Vec::with_capacity(self.targets.len());
        let mut accepted: BTreeMap<String, (WorkspaceState, Vec<WorkspaceId>)> = BTreeMap::new();
        let mut failures = BTreeSet::new();
        let mut gone = Vec::new();
        for target in &self.targets {
            let (ok, code, message) = match outcomes.get(&target.aws_id) {
                Some(Outcome::Done { state }) => {
                    match state {
                        Some(WorkspaceState::Terminated) => gone.push(target.id),
                        Some(state) => {
                            let key = state.as_str().to_owned();
                            accepted.entry(key).or_insert_with(|| (state.clone(), Vec::new())).1.push(target.id);
                        }
                        None => {}
                    }
                    (true, None, None)
                }
                Some(Outcome::Failed { code, message }) => (false, Some(code.clone()), Some(message.clone())),
                None => (false, Some("uncertain".to_owned()), Some("AWS did not mention it".to_owned())),
            };
            if let Some(message) = &message {
                failures.insert(format!("{}: {message}", target.aws_id));
            }
            items.push(ActionOutcome { id: target.id, aws_id: target.aws_id.clone(), ok, code, message });
        }
        for failure in failures {
            self.handle.log(LogLevel::Warn, &failure).await;
        }
        progress.batches.insert(self.number, items);

        let now = self.ctx.env.now();
        let tx = self.ctx.db.begin().await?;
        let mut changes = Vec::new();
        for (state, ids) in accepted.values() {
            changes.extend(inventory::workspaces_state_set(&tx, ids, state, now).await?);
        }
        changes.extend(inventory::workspaces_mark_gone(&tx, &gone, now).await?);
        let context = SyncContext { account_id: self.account, region: self.region.clone(), run: None, at: now };
        let mut changed = 0;
        if !fresh.seen.is_empty() {
            let outcome = inventory::inventory_apply(&tx, &context, &fresh.seen).await?;
            changed += outcome.changed;
            changes.extend(outcome.state_changes);
        }
        changed += inventory::tags_apply(&tx, &fresh.tags, now).await?;
        self.handle.save_checkpoint(&tx, &json(progress)).await?;
        if !accepted.is_empty() || !changes.is_empty() {
            enqueue_watch(self.ctx, &tx, self.account, self.region, now).await?;
        }
        let mut told: Vec<Event> = changes.iter().map(inventory::StateChange::event).collect();
        if changed > 0 {
            let region = Some(self.region.clone());
            told.push(Event::FleetChanged { account_id: self.account, region, rows: changed });
        }
        events::events_append(&tx, now, &told).await?;
        tx.commit().await?;
        self.ctx.announce();
        Ok(())
    }
}

enum Outcome {
    /// AWS took it, and then shows this state; `None` where it stays in its own.
    Done {
        state: Option<WorkspaceState>,
    },
    Failed {
        code: String,
        message: String,
    },
}

/// What was read of WorkSpaces after their values were changed.
#[derive(Default)]
struct Fresh {
    seen: Vec<ObservedWorkspace>,
    tags: Vec<(WorkspaceId, Tags)>,
}

fn fail_all(ids: &[String], code: &str, message: &str, outcomes: &mut BTreeMap<String, Outcome>) {
    for id in ids {
        outcomes.insert(id.clone(), Outcome::Failed { code: code.to_owned(), message: message.to_owned() });
    }
}

fn json(progress: &Progress) -> Value {
    serde_json::to_value(progress).expect("progress is plain data")
}
