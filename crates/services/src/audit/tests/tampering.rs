//! Somebody with all rights in the database changes the log: each way that we can think of, at each entry. And checkpoints that
//! nobody signed.

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use store::repo::audit::{GENESIS, audit_rows, link};

use super::*;

/// Entries of the chain; the end is signed, and entry 3.
const ENTRIES: i64 = 7;
const SIGNED: i64 = 3;

/// The log of a test with a way into it that no trigger watches.
struct Broken {
    harness: Harness,
    db: DatabaseConnection,
    hashes: Vec<String>,
    bodies: Vec<String>,
}

impl Broken {
    async fn new(backend: Backend) -> Option<Self> {
        let harness = Harness::on(backend, FakeFleet::default()).await?;
        let ctx = &harness.ctx;
        write(ctx, (1..=3).map(entry)).await;
        sign(&harness).await.unwrap();
        write(ctx, (4..=7).map(entry)).await;
        sign(&harness).await.unwrap();
        let rows = audit_rows(&ctx.db, 0, 100).await.unwrap().0;
        let db = Database::connect(harness.url()).await.unwrap();
        let disable: Vec<String> = match backend {
            Backend::Postgres => ["audit_entry", "audit_personal", "audit_cut"]
                .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER"))
                .to_vec(),
            Backend::Sqlite => ["entry", "personal", "cut"]
                .iter()
                .flat_map(|table| ["insert", "update", "delete"].map(|verb| format!("audit_{table}_{verb}")))
                .map(|trigger| format!("DROP TRIGGER IF EXISTS {trigger}"))
                .collect(),
        };
        for statement in disable {
            db.execute_unprepared(&statement).await.unwrap();
        }
        for table in ["entry", "personal"] {
            db.execute_unprepared(&format!("CREATE TABLE saved_{table} AS SELECT * FROM audit_{table}")).await.unwrap();
        }
        let hashes = rows.iter().map(|row| row.hash.clone()).collect();
        Some(Self { harness, db, hashes, bodies: rows.into_iter().map(|row| row.body).collect() })
    }

    async fn run(&self, statement: &str) {
        self.db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    async fn restore(&self) {
        for statement in [
            "DELETE FROM audit_personal",
            "DELETE FROM audit_entry",
            "DELETE FROM audit_cut",
            "INSERT INTO audit_entry SELECT * FROM saved_entry",
            "INSERT INTO audit_personal SELECT * FROM saved_personal",
        ] {
            self.run(statement).await;
        }
    }

    /// What is found after these statements, first the place. Everything is as before afterwards.
    async fn found(&self, statements: &[String]) -> (i64, Fault) {
        for statement in statements {
            self.run(statement).await;
        }
        let report = look(&self.harness.ctx).await;
        assert!(!report.whole, "{statements:?} went unseen");
        let signed = sign(&self.harness).await;
        let place = report.bad_seq().unwrap();
        let first = report.findings.iter().find(|finding| finding.seq == Some(place)).unwrap();
        // The checkpoint looks at what is new, and never signs an end that is not the one it signed before.
        if first.fault == Fault::Truncated {
            assert!(matches!(signed, Err(JobError::Fail { .. })), "{statements:?} was signed: {signed:?}");
        }
        self.restore().await;
        (place, first.fault)
    }

    /// Statements that write the entries from `seq` on again, `edit` in the first one's text: a chain that fits in itself.
    fn rewritten(&self, seq: i64, through: i64, edit: impl Fn(&str) -> String) -> Vec<String> {
        let at = |seq: i64| usize::try_from(seq - 1).unwrap();
        let mut prev = if seq == 1 { GENESIS.to_owned() } else { self.hashes[at(seq - 1)].clone() };
        let mut statements = Vec::new();
        for place in seq..=through {
            let body = if place == seq { edit(&self.bodies[at(place)]) } else { self.bodies[at(place)].clone() };
            let hash = link(&prev, &body);
            let text = body.replace('\'', "''");
            statements.push(format!(
                "UPDATE audit_entry SET body = '{text}', prev_hash = '{prev}', hash = '{hash}' WHERE seq = {place}"
            ));
            prev = hash;
        }
        statements
    }
}

fn one(statement: String) -> Vec<String> {
    vec![statement]
}

/// An edit that changes nothing but the text.
fn edited(body: &str) -> String {
    body.replacen("\"n\":", "\"m\":", 1)
}

both_databases! {
    async fn every_edit_of_every_entry_is_found(backend) {
        let Some(log) = Broken::new(backend).await else { return };
        let columns = [
            ("at", "'2020-01-01T00:00:00+00:00'"),
            ("actor_kind", "'system'"),
            ("actor_id", "NULL"),
            ("session_id", "actor_id"),
            ("key_id", "actor_id"),
            ("permission", "'user:write'"),
            ("action", "'team.delete'"),
            ("object_kind", "'user'"),
            ("object_id", "'team-99'"),
            ("outcome", "'refused'"),
            ("request_id", "NULL"),
        ];
        for seq in 1..=ENTRIES {
            let set = |what: &str| one(format!("UPDATE audit_entry SET {what} WHERE seq = {seq}"));
            for (column, value) in columns {
                let found = log.found(&set(&format!("{column} = {value}"))).await;
                assert_eq!(found, (seq, Fault::Edited), "{column}");
            }
            assert_eq!(log.found(&set("body = replace(body, '\"n\":', '\"m\":')")).await, (seq, Fault::Edited));
            assert_eq!(log.found(&set("body = 'x'")).await, (seq, Fault::Edited));
            let (at, _) = log.found(&set(&format!("hash = '{GENESIS}'"))).await;
            assert_eq!(at, seq);
            let (at, _) = log.found(&set(&format!("prev_hash = '{}'", "ab".repeat(32)))).await;
            assert_eq!(at, seq);
            for part in ["body = '{}'", "salt = 'x'", "subject = 'nobody'"] {
                let statement = format!("UPDATE audit_personal SET {part} WHERE seq = {seq} AND subject = 'object'");
                assert_eq!(log.found(&one(statement)).await, (seq, Fault::Personal), "{part}");
            }
            // An entry that fits its own hash again no longer fits the next one, or what was signed.
            let found = log.found(&log.rewritten(seq, seq, edited)).await;
            let expected = match seq {
                SIGNED | ENTRIES => (seq, Fault::Rewritten),
                _ => (seq + 1, Fault::Moved),
            };
            assert_eq!(found, expected);
            // A chain that fits in itself from there on does not fit the next checkpoint.
            let found = log.found(&log.rewritten(seq, ENTRIES, edited)).await;
            let signed = if seq <= SIGNED { SIGNED } else { ENTRIES };
            assert_eq!(found, (signed, Fault::Rewritten));
        }
    }

    async fn every_removal_is_found(backend) {
        let Some(log) = Broken::new(backend).await else { return };
        for first in 1..=ENTRIES {
            for last in first..=ENTRIES {
                let range = format!("seq BETWEEN {first} AND {last}");
                let gone =
                    ["personal", "entry"].map(|table| format!("DELETE FROM audit_{table} WHERE {range}")).to_vec();
                let fault = if last == ENTRIES { Fault::Truncated } else { Fault::Missing };
                assert_eq!(log.found(&gone).await, (first, fault), "{first} to {last}");
                if last == ENTRIES {
                    continue;
                }
                // The same with what follows moved up, so that there is no gap.
                let by = last - first + 1;
                let mut closed = gone;
                for place in last + 1..=ENTRIES {
                    let to = place - by;
                    closed.push(format!(
                        "INSERT INTO audit_entry SELECT {to}, at, actor_kind, actor_id, session_id, key_id, permission, \
                         action, object_kind, object_id, outcome, request_id, body, prev_hash, hash FROM audit_entry \
                         WHERE seq = {place}"
                    ));
                    closed.push(format!("UPDATE audit_personal SET seq = {to} WHERE seq = {place}"));
                    closed.push(format!("DELETE FROM audit_entry WHERE seq = {place}"));
                }
                let (at, _) = log.found(&closed).await;
                assert_eq!(at, first, "{first} to {last}, closed up");
            }
        }
    }

    async fn what_was_cut_off_is_found_when_the_log_went_on(backend) {
        let Some(log) = Broken::new(backend).await else { return };
        for keep in 0..ENTRIES {
            for table in ["personal", "entry"] {
                log.run(&format!("DELETE FROM audit_{table} WHERE seq > {keep}")).await;
            }
            // Nobody noticed, and the application writes on: more than there was.
            write(&log.harness.ctx, (0..9).map(entry)).await;
            let report = look(&log.harness.ctx).await;
            let signed = if keep < SIGNED { SIGNED } else { ENTRIES };
            assert_eq!(report.bad_seq(), Some(signed));
            assert_eq!(report.findings[0].fault, Fault::Rewritten);
            assert!(matches!(sign(&log.harness).await, Err(JobError::Fail { .. })), "it is not signed again");
            log.restore().await;
        }
    }

    async fn every_change_of_order_is_found(backend) {
        let Some(log) = Broken::new(backend).await else { return };
        for (a, b) in (1..=ENTRIES).flat_map(|a| (a + 1..=ENTRIES).map(move |b| (a, b))) {
            let mut swapped = Vec::new();
            for column in [
                "at", "actor_kind", "actor_id", "session_id", "key_id", "permission", "action", "object_kind",
                "object_id", "outcome", "request_id", "body", "prev_hash", "hash",
            ] {
                swapped.push(format!(
                    "UPDATE audit_entry SET {column} = (SELECT s.{column} FROM saved_entry s \
                     WHERE s.seq = {a} + {b} - audit_entry.seq) WHERE seq IN ({a}, {b})"
                ));
            }
            let (at, fault) = log.found(&swapped).await;
            assert_eq!((at, fault), (a, Fault::Moved), "{a} and {b}");
        }
    }

    async fn checkpoints_and_cuts_that_nobody_signed_count_for_nothing(backend) {
        let Some(log) = Broken::new(backend).await else { return };
        let path = files(&log.harness).pop().unwrap();
        let good = std::fs::read_to_string(&path).unwrap();
        let last = good.lines().last().unwrap();
        let other = seal::SigningKey::from_seed(&[9; 32]).unwrap();
        let tip = store::repo::audit::Tip { seq: 2, hash: log.hashes[1].clone() };
        let stranger = other.sign(LineKind::Cut, &tip, log.harness.ctx.env.now());
        for forged in [
            last.replace(&log.hashes[6], &log.hashes[5]),
            last.replace("\"seq\":7", "\"seq\":6"),
            last.replace("\"kind\":\"checkpoint\"", "\"kind\":\"cut\""),
            stranger.text(),
            "{}".to_owned(),
            "not a line".to_owned(),
        ] {
            std::fs::write(&path, format!("{good}{forged}\n")).unwrap();
            let report = look(&log.harness.ctx).await;
            assert!(!report.whole, "{forged}");
            assert!(report.findings.iter().all(|finding| finding.fault == Fault::Forged), "{:?}", report.findings);
        }
        std::fs::write(&path, &good).unwrap();
        assert!(look(&log.harness.ctx).await.whole);

        // The beginning removed behind a cut that nobody signed.
        let cut = format!(
            "INSERT INTO audit_cut (seq, hash, at, line) VALUES (2, '{}', '2026-01-01T00:00:00+00:00', '{}')",
            tip.hash,
            stranger.text()
        );
        for statement in [cut.as_str(), "DELETE FROM audit_personal WHERE seq < 3", "DELETE FROM audit_entry WHERE seq < 3"] {
            log.run(statement).await;
        }
        let report = look(&log.harness.ctx).await;
        let faults: Vec<_> = report.findings.iter().map(|finding| (finding.seq, finding.fault)).collect();
        assert_eq!(faults, [(Some(1), Fault::Missing), (None, Fault::Forged)]);
        log.restore().await;
        assert!(look(&log.harness.ctx).await.whole);
    }
}
