//! The log as a whole, on both databases: whatever somebody with all rights does to it is found.

mod folding;
mod pruning;
mod tampering;

use std::os::unix::fs::PermissionsExt as _;

use domain::access::{Actor, Origin, Permission, Role};
use domain::audit::Entry;
use domain::ids::UserId;
use futures::StreamExt as _;
use serde_json::json;
use store::Backend;
use uuid::Uuid;

use super::*;
use crate::exports::tables::AuditTable;
use crate::exports::{Export, ExportError, ExportFormat, Gate, begin};
use crate::run::JobError;
use crate::testing::{FakeFleet, Harness, RecordedRun, both_databases};
use crate::{Context, PageRequest};

/// Somebody who may do everything, with an address.
fn owner() -> Actor {
    let mut actor = Actor::user(UserId(Uuid::from_u128(7)), "grace@example.com", Role::Owner);
    actor.origin =
        Origin { address: Some([192, 0, 2, 7].into()), request_id: Some("request-7".to_owned()), ..Origin::default() };
    actor
}

fn entry(number: usize) -> Entry {
    let entry = Entry::new("team.update", Permission::TeamWrite).on("team", format!("team-{number}"));
    entry.named("Team Ada").before(json!({ "n": number })).after(json!({ "n": number + 1 }))
}

async fn export(ctx: &Context, actor: &Actor) -> Result<Export, ExportError> {
    begin(ctx, actor, Box::new(AuditTable::default()), ExportFormat::Csv, &Gate::default()).await
}

async fn write(ctx: &Context, entries: impl IntoIterator<Item = Entry>) {
    for entry in entries {
        let tx = ctx.db.begin().await.unwrap();
        record(&tx, ctx, &owner(), entry).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn sign(harness: &Harness) -> Result<CheckpointReport, JobError> {
    harness.advance(300);
    checkpoint(&harness.ctx, &RecordedRun::new(harness.job_id())).await
}

async fn look(ctx: &Context) -> Report {
    let evidence = Evidence::own(ctx).await.unwrap();
    verify(ctx, &evidence, |_| true).await.unwrap().unwrap()
}

fn files(harness: &Harness) -> Vec<std::path::PathBuf> {
    let folder = harness.folder.path().join("audit");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    paths.sort();
    paths
}

both_databases! {
    async fn a_whole_log_is_whole(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let nothing = look(ctx).await;
        assert!(nothing.whole && nothing.entries == 0 && nothing.last_seq == 0);
        let verified = async || fetch_audit_state(ctx, &owner()).await.unwrap().verification;
        assert_eq!(verified().await, None, "a look at nothing is not shown as a whole log");
        assert_eq!(sign(&harness).await.unwrap().seq, None, "nothing is signed before the first entry");

        write(ctx, (0..5).map(entry)).await;
        let first = sign(&harness).await.unwrap();
        assert_eq!((first.seq, first.entries), (Some(5), 5));
        let seen = verified().await.expect("the first checkpoint looked at everything");
        assert_eq!((seen.whole, seen.first_seq, seen.last_seq, seen.entries), (true, 1, 5, 5));
        write(ctx, (5..8).map(entry)).await;
        let second = sign(&harness).await.unwrap();
        assert_eq!((second.seq, second.entries), (Some(8), 3), "only what came since is looked at");
        let again = sign(&harness).await.unwrap();
        assert_eq!((again.seq, again.entries), (Some(8), 0));

        let report = look(ctx).await;
        assert!(report.whole, "{:?}", report.findings);
        // Three lines in the file and their copies.
        assert_eq!((report.first_seq, report.last_seq, report.entries, report.checkpoints), (1, 8, 8, 6));
        let state = fetch_audit_state(ctx, &owner()).await.unwrap();
        assert_eq!(state.head.unwrap().seq, 8);
        assert_eq!(state.checkpoint.unwrap().seq, 8);
        assert!(state.verification.unwrap().whole);

        let key = harness.folder.path().join("audit/audit.key");
        assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        let job = verify_job(ctx, &RecordedRun::new(harness.job_id())).await.unwrap();
        assert_eq!((job.entries, job.checkpoints), (8, 6));
    }

    async fn the_public_key_is_enough_elsewhere(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        write(ctx, (0..3).map(entry)).await;
        sign(&harness).await.unwrap();
        let folder = harness.folder.path().join("audit");
        // An auditor's machine: the files and the public key, without the secret one.
        let pem = std::fs::read_to_string(folder.join("audit.pub")).unwrap();
        std::fs::rename(folder.join("audit.key"), harness.folder.path().join("elsewhere")).unwrap();
        let mut evidence = Evidence::own(ctx).await.unwrap();
        let without = verify(ctx, &evidence, |_| true).await.unwrap().unwrap();
        assert!(!without.whole && without.findings.iter().all(|finding| finding.fault == Fault::Forged));
        evidence.trusted.push(pem.parse().unwrap());
        assert!(verify(ctx, &evidence, |_| true).await.unwrap().unwrap().whole);
        assert_eq!(verify(ctx, &evidence, |_| false).await.unwrap(), None, "it can be stopped");
    }

    async fn erasing_a_person_keeps_the_chain_whole(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let who = owner().user_id.unwrap();
        write(ctx, [entry(0), entry(1).about(who).personal(json!({ "email": "grace@example.com" }))]).await;
        sign(&harness).await.unwrap();
        let tx = ctx.db.begin().await.unwrap();
        assert_eq!(erase_personal(&tx, who).await.unwrap(), 3);
        tx.commit().await.unwrap();
        let report = look(ctx).await;
        assert!(report.whole, "{:?}", report.findings);
        assert_eq!(report.erased_parts, 3);
        let read = fetch_entry(ctx, &owner(), 2).await.unwrap().unwrap();
        assert_eq!((read.actor, read.object), (None, None));
        assert_eq!(read.record.actor.user_id, Some(who), "the pseudonym stays");
        assert!(!read.body.contains("grace"));
    }

    async fn an_old_beginning_goes_behind_a_signed_cut(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        write(ctx, (0..4).map(entry)).await;
        sign(&harness).await.unwrap();
        harness.advance(86_400);
        let before = ctx.env.now();
        write(ctx, (4..6).map(entry)).await;
        let evidence = Evidence::own(ctx).await.unwrap();
        let viewer = harness.actor(Role::Viewer);
        assert!(matches!(prune_before(ctx, &viewer, &evidence, before).await, Err(AuditError::Forbidden(_))));
        let outcome = prune_before(ctx, &Actor::system(), &evidence, before).await.unwrap();
        assert_eq!(outcome, PruneOutcome { cut_seq: Some(4), removed: 4 });
        let report = look(ctx).await;
        assert!(report.whole, "{:?}", report.findings);
        assert_eq!((report.first_seq, report.last_seq, report.entries), (5, 7, 3));
        // The cut is in the log itself, and checkpoints go on behind it.
        let last = fetch_entry(ctx, &owner(), 7).await.unwrap().unwrap();
        assert_eq!(last.record.action, "audit.prune");
        sign(&harness).await.unwrap();
        assert!(look(ctx).await.whole);
        let evidence = Evidence::own(ctx).await.unwrap();
        let nothing = prune_before(ctx, &Actor::system(), &evidence, before).await.unwrap();
        assert_eq!(nothing, PruneOutcome { cut_seq: None, removed: 0 });
    }

    async fn many_reads_are_noted_in_few_transactions(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let reads = (0..300).map(|number| {
            let ctx = ctx.clone();
            tokio::spawn(async move {
                let entry = Entry::new("workspace.read", Permission::WorkspaceRead).on("workspace", number);
                let actor = owner();
                let noted = note_read(&ctx, &actor, entry);
                if number % 10 == 0 {
                    // Somebody who gives up waiting takes nobody with them.
                    drop(tokio::time::timeout(std::time::Duration::from_micros(50), noted).await);
                    return true;
                }
                noted.await.is_ok()
            })
        });
        for read in futures::future::join_all(reads).await {
            assert!(read.unwrap());
        }
        // Those who gave up may still be written.
        let everything = || async { look(ctx).await.entries };
        let mut entries = everything().await;
        while entries < 270 {
            entries = everything().await;
        }
        assert!(look(ctx).await.whole);
        note_read(ctx, &owner(), Entry::open("user.read")).await.unwrap();
    }

    async fn a_read_that_cant_be_noted_is_an_error(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        ctx.db.close().await.unwrap();
        for _ in 0..2 {
            let noted = note_read(ctx, &owner(), Entry::open("user.read")).await;
            assert!(noted.is_err_and(|error| error.retryable()));
        }
    }

    async fn reading_the_log_is_in_the_log(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        write(ctx, (0..2).map(entry)).await;
        let filter = AuditFilter { q: Some("Ada".to_owned()), ..AuditFilter::default() };
        let page = list_entries(ctx, &owner(), &filter, PageRequest { limit: 10, cursor: None }).await.unwrap();
        assert_eq!((page.items.len(), page.total), (2, 2));
        let taken = export(ctx, &owner()).await.unwrap();
        let parts: Vec<_> = taken.parts.collect().await;
        let text: String = parts.into_iter().map(|part| String::from_utf8(part.unwrap()).unwrap()).collect();
        assert_eq!(text.lines().count(), 1 + 3, "with the read before it; this one is written when its first rows are read");
        for (seq, action) in [(3, "audit.list"), (4, "audit.export")] {
            let read = fetch_entry(ctx, &owner(), seq).await.unwrap().unwrap();
            assert_eq!(read.record.action, action);
            assert!(!read.body.contains("Ada"), "what was looked for may name somebody");
            assert_eq!(read.record.request_id.as_deref(), Some("request-7"));
        }
        let looked_for = fetch_entry(ctx, &owner(), 3).await.unwrap().unwrap();
        assert_eq!(looked_for.object.unwrap()["data"]["q"], "Ada");

        let viewer = harness.actor(Role::Viewer);
        let page = PageRequest { limit: 10, cursor: None };
        assert!(matches!(list_entries(ctx, &viewer, &filter, page).await, Err(AuditError::Forbidden(_))));
        assert!(matches!(fetch_entry(ctx, &viewer, 1).await, Err(AuditError::Forbidden(_))));
        assert!(matches!(fetch_audit_state(ctx, &viewer).await, Err(AuditError::Forbidden(_))));
        assert!(matches!(list_values(ctx, &viewer, &AuditFilter::default()).await, Err(AuditError::Forbidden(_))));
        assert!(matches!(export(ctx, &viewer).await, Err(ExportError::Forbidden(_))));
    }
}
