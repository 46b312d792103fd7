//! What becomes of one WorkSpace in a job.

use domain::access::Permission;
use domain::ids::WorkspaceId;
use domain::jobs::JobState;
use domain::timeline::{TimelineKind, TimelineOutcome as Outcome};
use serde_json::{Value, json};
use store::repo::timeline::JobOutcome;
use uuid::Uuid;

use super::service::{became, needs};

#[test]
fn a_job_says_what_became_of_it() {
    let item = |ok: bool, code: Value, message: Value| {
        Some(json!({ "id": WorkspaceId(Uuid::nil()), "aws_id": "ws-1", "ok": ok, "code": code, "message": message }))
    };
    let job =
        |state, error: Option<&str>, item| JobOutcome { state, error: error.map(str::to_owned), item, visible: true };
    for (job, outcome, reason) in [
        (job(JobState::Queued, None, None), Outcome::Waiting, None),
        (job(JobState::Running, Some("the last attempt"), None), Outcome::Waiting, None),
        (job(JobState::Dead, Some("no way to AWS"), None), Outcome::Failed, Some("no way to AWS")),
        (job(JobState::Cancelled, None, None), Outcome::Cancelled, None),
        (job(JobState::Done, None, item(true, Value::Null, Value::Null)), Outcome::Done, None),
        (
            job(JobState::Done, None, item(false, json!("gone"), json!("not there"))),
            Outcome::Refused,
            Some("not there"),
        ),
        (job(JobState::Done, None, item(false, json!("gone"), Value::Null)), Outcome::Refused, Some("gone")),
        (job(JobState::Done, None, None), Outcome::Unknown, None),
        (job(JobState::Done, None, Some(json!({ "id": 7 }))), Outcome::Unknown, None),
    ] {
        assert_eq!(became(Some(&job)), (outcome, reason.map(str::to_owned)), "{job:?}");
    }
    assert_eq!(became(None), (Outcome::Unknown, None));
}

#[test]
fn what_others_did_needs_more_than_seeing_the_desktop() {
    for kind in [TimelineKind::Action, TimelineKind::Aws] {
        assert!(!needs(kind).contains(&Permission::WorkspaceRead), "{kind}");
    }
}
