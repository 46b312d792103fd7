//! Where something stands that somebody began on their desktop, and why it did not come to pass: in plain words, with what to do.
//! AWS's own words are for those who run the fleet; they are on the job's page. Pure.

use contract::jobs::JobDetailView;
use domain::jobs::{ItemOutcome, JobState};
use domain::workspace::WorkspaceAction;

const AGAIN: &str = "Try again in a few minutes. If it still does not work, tell those who run the fleet.";
const TELL: &str = "Tell those who run the fleet: they can mend it.";
const LOOK: &str = "Look here in a few minutes how it stands before you try again.";

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It has its turn soon, or AWS is being asked.
    UnderWay,
    /// AWS could not be asked yet, and will be.
    Late,
    /// AWS has taken it: from now on the desktop's state tells.
    Taken,
    /// It did not come to pass.
    Failed(Trouble),
}

/// Why it did not come to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Why.
    pub why: &'static str,
    /// What to do.
    pub next: &'static str,
}

/// Where the job of an action on one desktop stands.
pub fn stand(detail: &JobDetailView) -> Stand {
    let item = detail.items.as_ref().and_then(|items| items.rows.first());
    let failed = |why, next| Stand::Failed(Trouble { why, next });
    match (item.map(|item| item.outcome), detail.job.state) {
        (Some(ItemOutcome::Failed), _) => Stand::Failed(trouble(item.and_then(|item| item.code.as_deref()))),
        (Some(ItemOutcome::Done), _) | (_, JobState::Done) => Stand::Taken,
        (_, JobState::Cancelled) => failed("Somebody who runs the fleet stopped it.", AGAIN),
        (_, JobState::Dead) => failed("AWS could not be asked, although it was tried several times.", AGAIN),
        (_, JobState::Queued) if detail.job.error.is_some() => Stand::Late,
        _ => Stand::UnderWay,
    }
}

/// What a refusal means to whoever works on the desktop. The codes are AWS's and those of `domain::cloud`.
fn trouble(code: Option<&str>) -> Trouble {
    let (why, next) = match code.unwrap_or_default() {
        "denied" | "unauthenticated" | "unsupported" => ("AWS does not let Wheelhouse do this.", TELL),
        "unreachable" => ("Wheelhouse has no way to ask AWS about this desktop.", TELL),
        "unavailable" | "malformed" | "throttled" => ("AWS gave no answer that could be used.", AGAIN),
        "uncertain" => ("AWS did not say whether it was done.", LOOK),
        code if code == "gone" || code == "not_found" || code.starts_with("ResourceNotFound") => {
            ("AWS does not know this desktop any more.", TELL)
        }
        code if code.starts_with("ResourceUnavailable") => ("AWS has no room for it at the moment.", AGAIN),
        code if code.starts_with("OperationInProgress") => ("Something else is being done to the desktop.", AGAIN),
        code if code.starts_with("InvalidResourceState") => ("The desktop is in a state that does not allow it.", LOOK),
        code if code.starts_with("OperationNotSupported") => {
            ("AWS does not offer this for the desktop as it is.", TELL)
        }
        _ => ("AWS refused it.", AGAIN),
    };
    Trouble { why, next }
}

/// What is going on, such as "Starting".
pub fn under_way(action: WorkspaceAction) -> &'static str {
    match action {
        WorkspaceAction::Start => "Starting",
        WorkspaceAction::Stop => "Stopping",
        WorkspaceAction::Reboot => "Restarting",
        // Those who run the fleet do these.
        _ => "Changing",
    }
}

/// What could not be, such as "started".
pub fn not_done(action: WorkspaceAction) -> &'static str {
    match action {
        WorkspaceAction::Start => "started",
        WorkspaceAction::Stop => "stopped",
        WorkspaceAction::Reboot => "restarted",
        _ => "changed",
    }
}

#[cfg(test)]
mod tests {
    use contract::jobs::{JobItemView, JobItemsView, JobView};
    use domain::ids::{JobId, WorkspaceId};
    use domain::jobs::JobProgress;
    use uuid::Uuid;

    use super::*;

    fn job(state: JobState, error: Option<&str>, item: Option<(ItemOutcome, Option<&str>)>) -> JobDetailView {
        let at = chrono::DateTime::UNIX_EPOCH;
        let job = JobView {
            id: JobId(Uuid::from_u128(7)),
            kind: "workspace-action".to_owned(),
            subject: "Start the WorkSpace of ana".to_owned(),
            state,
            progress: JobProgress::default(),
            cancel_requested: false,
            attempts: 1,
            max_attempts: 5,
            account_id: None,
            created_by: "ana@example.com".to_owned(),
            created_at: at,
            run_at: at,
            started_at: None,
            finished_at: None,
            error: error.map(str::to_owned),
        };
        let row = |(outcome, code): (ItemOutcome, Option<&str>)| JobItemView {
            id: WorkspaceId(Uuid::from_u128(1)),
            aws_id: "ws-1".to_owned(),
            user_name: None,
            outcome,
            code: code.map(str::to_owned),
            message: Some("AWS refused".to_owned()),
        };
        let items = Some(JobItemsView { rows: item.map(row).into_iter().collect(), ..JobItemsView::default() });
        JobDetailView { job, result: None, so_far: None, items, attempts: Vec::new(), log: Vec::new() }
    }

    #[test]
    fn where_it_stands_is_read_off_the_job() {
        use ItemOutcome as I;
        use JobState as J;
        let of = |state, error, item| stand(&job(state, error, item));
        assert_eq!(of(J::Queued, None, Some((I::Waiting, None))), Stand::UnderWay);
        assert_eq!(of(J::Running, Some("AWS throttled it"), Some((I::Waiting, None))), Stand::UnderWay);
        assert_eq!(of(J::Queued, Some("AWS throttled it"), Some((I::Waiting, None))), Stand::Late);
        assert_eq!(of(J::Running, None, Some((I::Done, None))), Stand::Taken);
        assert_eq!(of(J::Done, None, Some((I::Done, None))), Stand::Taken);
        for (state, item) in
            [(J::Done, I::Failed), (J::Running, I::Failed), (J::Dead, I::Skipped), (J::Cancelled, I::Skipped)]
        {
            let said = of(state, None, Some((item, None)));
            assert!(matches!(said, Stand::Failed(_)), "{state} {item}: {said:?}");
        }
    }

    #[test]
    fn a_refusal_says_why_and_what_to_do() {
        let next = |code| trouble(Some(code)).next;
        assert_eq!((next("denied"), next("ResourceNotFound.Workspace"), next("uncertain")), (TELL, TELL, LOOK));
        assert_eq!((next("ResourceUnavailable.Fault"), next("NeverHeardOf")), (AGAIN, AGAIN));
        assert_eq!(trouble(None).why, "AWS refused it.");
    }
}
