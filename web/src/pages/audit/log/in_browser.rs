//! How the audit log stands, in a browser: whole, not verified, broken. And what an entry is about, and AWS's events about it, as links.
#![cfg(target_arch = "wasm32")]

use chrono::DateTime;
use contract::audit::{AuditCheckpointView, AuditEntryView, AuditStateView, AuditVerificationView};
use domain::access::Permission;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::drawer::{about, in_aws};
use super::standing::Standing;
use crate::stage::{Stage, stage};
use crate::state::clock::Now;

const STANDINGS: [&str; 3] = ["audit-whole", "audit-unverified", "audit-broken"];

fn log(verification: Option<AuditVerificationView>) -> AuditStateView {
    AuditStateView {
        head_seq: 1_234,
        head_hash: Some("ab12".to_owned()),
        cut_seq: None,
        checkpoint: None,
        verification,
    }
}

/// A verification of everything that found nothing wrong.
fn sound() -> AuditVerificationView {
    let at = DateTime::UNIX_EPOCH;
    AuditVerificationView {
        at,
        whole: true,
        first_seq: 1,
        last_seq: 1_200,
        entries: 1_200,
        bad_seq: None,
        problem: None,
    }
}

fn shown(state: AuditStateView) -> Stage {
    stage(move || {
        provide_context(Now::start());
        view! { <Standing state/> }
    })
}

/// Which of the standings are shown.
fn standings(page: &Stage) -> Vec<&'static str> {
    STANDINGS.into_iter().filter(|name| page.find(&format!("[data-testid={name}]")).is_some()).collect()
}

#[wasm_bindgen_test]
async fn a_log_whose_chain_held_is_whole_up_to_the_last_entry_that_was_looked_at() {
    let page = shown(log(Some(sound())));
    assert_eq!(standings(&page), ["audit-whole"]);
    let words = page.words("[data-testid=audit-standing]");
    assert!(words.contains("1,234") && words.contains("up to entry 1,200"), "{words}");
    assert!(words.contains("none yet"), "no checkpoint was signed: {words}");
}

#[wasm_bindgen_test]
async fn a_log_is_not_called_whole_before_its_entries_were_looked_at() {
    let empty = AuditVerificationView { first_seq: 0, last_seq: 0, entries: 0, ..sound() };
    for verification in [None, Some(empty)] {
        let page = shown(log(verification));
        assert_eq!(standings(&page), ["audit-unverified"]);
        let words = page.words("[data-testid=audit-standing]");
        assert!(words.contains("wheelhouse audit verify"), "it says what to do: {words}");
    }
}

#[wasm_bindgen_test]
async fn a_broken_log_says_where_and_what_is_wrong() {
    for bad_seq in [Some(1_017), None] {
        let problem = Some("its hash is not that of its contents".to_owned());
        let page = shown(log(Some(AuditVerificationView { whole: false, bad_seq, problem, ..sound() })));
        assert_eq!(standings(&page), ["audit-broken"]);
        let words = page.words("[data-testid=audit-standing]");
        assert!(words.contains("its hash is not that of its contents"), "{words}");
        assert_eq!(words.contains("at entry 1,017"), bad_seq.is_some(), "{words}");
    }
}

#[wasm_bindgen_test]
async fn signed_checkpoints_and_cuts_are_named() {
    let checkpoint = AuditCheckpointView {
        seq: 1_100,
        hash: "cd34".to_owned(),
        at: DateTime::UNIX_EPOCH,
        line: "1100 cd34 signed".to_owned(),
    };
    let page = shown(AuditStateView { cut_seq: Some(500), checkpoint: Some(checkpoint), ..log(None) });
    let words = page.words("[data-testid=audit-standing]");
    assert!(
        words.contains("those up to 500 were removed, behind a signed cut") && words.contains("entry 1,100"),
        "{words}"
    );
    assert_eq!(page.attribute("span[title]", "title").as_deref(), Some("1100 cd34 signed"));
}

/// Somebody was changed.
fn entry(object_kind: &str) -> AuditEntryView {
    AuditEntryView {
        seq: 7,
        at: DateTime::UNIX_EPOCH,
        actor_kind: "system".to_owned(),
        actor_id: None,
        actor_name: None,
        address: None,
        session_id: None,
        key_id: None,
        permission: None,
        action: format!("{object_kind}.change"),
        object_kind: Some(object_kind.to_owned()),
        object_id: Some("0190b6a0-0000-7000-8000-000000000000".to_owned()),
        object_name: Some("grace@example.com".to_owned()),
        outcome: "done".to_owned(),
        reason: None,
        request_id: None,
    }
}

#[wasm_bindgen_test]
async fn what_an_entry_is_about_leads_to_its_page_for_who_may_see_it() {
    const LINK: &str = "[data-testid=audit-about]";
    let page = stage(|| about(&entry("user"), |needs| needs == Permission::UserRead));
    let href = page.attribute(LINK, "href");
    assert_eq!(href.as_deref(), Some("/admin/users/0190b6a0-0000-7000-8000-000000000000"));
    assert_eq!(page.words(LINK), "grace@example.com");
    for (kind, may) in [("user", false), ("team", true)] {
        let page = stage(move || about(&entry(kind), |_| may));
        assert!(page.find("a").is_none(), "{kind}");
        assert!(page.words("dd").contains("grace@example.com"), "{kind}");
    }
}

#[wasm_bindgen_test]
async fn an_entry_about_a_workspace_leads_to_what_aws_knows_of_it() {
    const LINK: &str = "[data-testid=audit-in-aws]";
    let page = stage(|| in_aws(&entry("workspace")));
    let href = page.attribute(LINK, "href").unwrap_or_default();
    assert!(href.starts_with("/audit?workspace=0190b6a0-0000-7000-8000-000000000000&from=1969-12-31"), "{href}");
    let page = stage(|| in_aws(&entry("user")));
    assert!(page.find(LINK).is_none(), "AWS knows nothing of people here");
}
