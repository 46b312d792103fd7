//! What lasts of a prune that does not come to its end, verifying while one runs, and what a checkpoint makes of files and logs
//! that lack something.

use std::path::PathBuf;

use sea_orm::{ConnectionTrait as _, Database};
use store::repo::audit::{Tip, audit_rows};

use super::prune::prune_in_pieces;
use super::*;

/// Four entries that are signed, and two a day later; the moment between them.
async fn old_and_new(harness: &Harness) -> chrono::DateTime<chrono::Utc> {
    write(&harness.ctx, (0..4).map(entry)).await;
    sign(harness).await.unwrap();
    harness.advance(40 * 86_400);
    let before = harness.ctx.env.now();
    write(&harness.ctx, (4..6).map(entry)).await;
    before
}

fn written(harness: &Harness) -> String {
    files(harness).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Runs statements that no trigger watches.
async fn force(harness: &Harness, backend: Backend, statements: &[&str]) {
    let db = Database::connect(harness.url()).await.unwrap();
    let off = match backend {
        Backend::Postgres => "ALTER TABLE audit_entry DISABLE TRIGGER USER",
        Backend::Sqlite => "DROP TRIGGER IF EXISTS audit_entry_update; DROP TRIGGER IF EXISTS audit_entry_delete",
    };
    for statement in [off].iter().chain(statements) {
        db.execute_unprepared(statement).await.unwrap();
    }
    db.close().await.unwrap();
}

const EDIT: &str = "UPDATE audit_entry SET body = replace(body, '\"n\":', '\"m\":') WHERE seq = 2";

both_databases! {
    async fn a_prune_that_fails_leaves_nothing_that_is_believed(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let before = old_and_new(&harness).await;
        let lines = written(&harness);
        let refuse = match backend {
            Backend::Postgres => "ALTER TABLE audit_cut ADD CONSTRAINT refuse CHECK (seq < 0)",
            Backend::Sqlite => "CREATE TRIGGER refuse BEFORE INSERT ON audit_cut BEGIN SELECT RAISE(ABORT, 'no'); END",
        };
        force(&harness, backend, &[refuse]).await;
        let evidence = Evidence::own(ctx).await.unwrap();
        let failed = prune_before(ctx, &Actor::system(), &evidence, before).await;
        assert!(matches!(failed, Err(AuditError::Store(_))), "{failed:?}");
        assert_eq!(written(&harness), lines, "nothing was signed that did not happen");
        let report = look(ctx).await;
        assert_eq!((report.whole, report.first_seq, report.entries), (true, 1, 6), "{:?}", report.findings);
        force(&harness, backend, &[EDIT]).await;
        assert_eq!(look(ctx).await.bad_seq(), Some(2), "the beginning is looked at as before");
    }

    async fn a_cut_with_something_left_before_it_is_not_believed(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        old_and_new(&harness).await;
        let hash = audit_rows(&ctx.db, 2, 1).await.unwrap().0[0].hash.clone();
        let (tip, at) = (Tip { seq: 3, hash }, ctx.env.now());
        let line = ctx.audit.files.key().unwrap().unwrap().sign(LineKind::Cut, &tip, at);
        // First in a file alone, as one that a prune left which died; then in the database as well.
        ctx.audit.files.append(&line).unwrap();
        assert_eq!(look(ctx).await.first_seq, 1);
        let (hash, text) = (&tip.hash, line.text());
        let row = format!("INSERT INTO audit_cut (seq, hash, at, line) VALUES (3, '{hash}', '{}', '{text}')", at.to_rfc3339());
        force(&harness, backend, &[&row]).await;
        let report = look(ctx).await;
        assert_eq!((report.whole, report.first_seq, report.entries), (true, 1, 6), "{:?}", report.findings);
        force(&harness, backend, &[EDIT]).await;
        assert_eq!(look(ctx).await.bad_seq(), Some(2));
    }

    async fn a_prune_that_died_before_it_wrote_its_line_counts(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let before = old_and_new(&harness).await;
        let evidence = Evidence::own(ctx).await.unwrap();
        let month = ctx.env.now().format("checkpoints-%Y-%m.jsonl").to_string();
        let path: PathBuf = harness.folder.path().join("audit").join(month);
        std::fs::create_dir(&path).unwrap();
        let failed = prune_before(ctx, &Actor::system(), &evidence, before).await;
        assert!(matches!(failed, Err(AuditError::Seal(_))), "{failed:?}");
        std::fs::remove_dir(&path).unwrap();
        assert!(!written(&harness).contains("\"cut\""));
        let report = look(ctx).await;
        assert_eq!((report.whole, report.first_seq, report.entries), (true, 5, 3), "{:?}", report.findings);
        // The next checkpoint writes it, once.
        for _ in 0..2 {
            sign(&harness).await.unwrap();
            assert_eq!(written(&harness).matches("\"cut\"").count(), 1);
        }
        assert!(look(ctx).await.whole);
    }

    async fn a_beginning_goes_in_pieces_that_are_each_whole(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        old_and_new(&harness).await;
        // All of it is old: the newest entry stays all the same.
        harness.advance(60);
        let evidence = Evidence::own(ctx).await.unwrap();
        let outcome = prune_in_pieces(ctx, &Actor::system(), &evidence, ctx.env.now(), 2).await.unwrap();
        assert_eq!(outcome, PruneOutcome { cut_seq: Some(5), removed: 5 });
        assert_eq!(written(&harness).matches("\"cut\"").count(), 3);
        let report = look(ctx).await;
        assert_eq!((report.whole, report.first_seq, report.last_seq, report.entries), (true, 6, 9, 4), "{report:?}");
        assert_eq!(sign(&harness).await.unwrap().seq, Some(9));
    }

    async fn verifying_while_a_beginning_is_removed_raises_no_alarm(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        for part in [0..1500, 1500..2500] {
            let tx = ctx.db.begin().await.unwrap();
            record_many(&tx, ctx, &owner(), part.map(entry).collect()).await.unwrap();
            tx.commit().await.unwrap();
            sign(&harness).await.unwrap();
        }
        harness.advance(86_400);
        let before = ctx.env.now();
        write(ctx, (0..2).map(entry)).await;
        sign(&harness).await.unwrap();
        let evidence = Evidence::own(ctx).await.unwrap();
        // After the first 1000 entries, all that are old go: those that were looked at, and those that are next.
        let mut pruned = None;
        let report = verify(ctx, &evidence, |_| {
            if pruned.is_none() {
                let system = Actor::system();
                let prune = prune_before(ctx, &system, &evidence, before);
                let outcome = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(prune));
                pruned = Some(outcome.unwrap());
            }
            true
        });
        let report = report.await.unwrap().unwrap();
        assert_eq!(pruned, Some(PruneOutcome { cut_seq: Some(2500), removed: 2500 }));
        assert_eq!(report.findings, []);
        assert_eq!((report.first_seq, report.last_seq, report.entries), (2501, 2503, 3));
        sign(&harness).await.unwrap();
        assert!(look(ctx).await.whole);
    }

    async fn a_checkpoint_keeps_what_it_finds(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        write(ctx, (0..5).map(entry)).await;
        sign(&harness).await.unwrap();
        assert!(look(ctx).await.whole);
        let lines = written(&harness);
        force(&harness, backend, &["DELETE FROM audit_personal WHERE seq > 3", "DELETE FROM audit_entry WHERE seq > 3"]).await;
        let Err(JobError::Fail { message, .. }) = sign(&harness).await else { panic!("it was signed") };
        assert!(message.contains("entry 4: the log ends here, but entry 5 was signed"), "{message}");
        let state = fetch_audit_state(ctx, &owner()).await.unwrap().verification.unwrap();
        assert_eq!((state.whole, state.bad_seq), (false, Some(4)));
        assert!(state.problem.is_some_and(|problem| problem.contains("entry 5 was signed")));
        let report = look(ctx).await;
        assert_eq!((report.bad_seq(), report.findings[0].fault), (Some(4), Fault::Truncated));
        assert_eq!(written(&harness), lines);
    }

    async fn a_cut_does_not_hide_the_last_checkpoint(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        let before = old_and_new(&harness).await;
        assert_eq!(sign(&harness).await.unwrap().seq, Some(6));
        let evidence = Evidence::own(ctx).await.unwrap();
        prune_before(ctx, &Actor::system(), &evidence, before).await.unwrap();
        assert!(written(&harness).lines().last().unwrap().contains("\"cut\""));
        force(&harness, backend, &["DELETE FROM audit_personal WHERE seq > 5", "DELETE FROM audit_entry WHERE seq > 5"]).await;
        assert!(matches!(sign(&harness).await, Err(JobError::Fail { .. })), "entry 6 was signed");
    }

    async fn a_torn_line_is_no_alarm_and_spoils_no_other(backend) {
        let Some(harness) = Harness::on(backend, FakeFleet::default()).await else { return };
        let ctx = &harness.ctx;
        write(ctx, (0..3).map(entry)).await;
        sign(&harness).await.unwrap();
        let path = files(&harness).pop().unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        // A process died, or the disk was full, in the middle of a line.
        std::fs::write(&path, format!("{good}{}", &good[..60])).unwrap();
        let torn = Evidence::own(ctx).await.unwrap().torn;
        assert_eq!(torn.len(), 1, "{torn:?}");
        assert!(look(ctx).await.whole);
        write(ctx, (3..5).map(entry)).await;
        assert_eq!(sign(&harness).await.unwrap().entries, 2, "it goes on from the last whole line");
        let report = look(ctx).await;
        assert_eq!((report.whole, report.checkpoints), (true, 4), "two lines and their copies: {:?}", report.findings);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3);
    }
}
