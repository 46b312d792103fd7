//! Walking along the chain: what each row must be, given the one before it. Pure, so that it is tested with thousands of
//! broken chains.

use std::collections::BTreeMap;

use domain::audit::{Record, Subject};
use serde::Serialize;
use store::repo::audit::{ChainRow, PersonalRow, Tip, link, personal_hash};

/// Findings that are kept at most; the first ones.
const MOST: usize = 100;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// An entry's text, hash or one of its columns was changed.
    Edited,
    /// Entries are missing within the chain.
    Missing,
    /// An entry does not stand behind the one that it was written behind.
    Moved,
    /// Entries are missing at the end: more were signed.
    Truncated,
    /// The chain fits in itself, but is not the one that was signed.
    Rewritten,
    /// A personal part was changed.
    Personal,
    /// A checkpoint or cut was not signed by a key that is trusted, or can't be read.
    Forged,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub fault: Fault,
    /// The first entry it concerns; `None` when it is a checkpoint that can't be read.
    pub seq: Option<i64>,
    /// In words.
    pub words: String,
}

/// A walk along the chain.
#[derive(Debug)]
pub(super) struct Walk {
    /// The place of the first entry that is there, if all is well.
    pub(super) first: i64,
    /// Where it stands.
    pub(super) at: Tip,
    /// What was signed: places with the hashes they must have.
    marks: BTreeMap<i64, String>,
    pub(super) findings: Vec<Finding>,
    pub(super) entries: u64,
    pub(super) erased: u64,
    pub(super) marks_met: u64,
}

impl Walk {
    /// From there, which is right, past what was signed. Marks before the start are left out.
    pub(super) fn new(start: Tip, marks: impl IntoIterator<Item = (i64, String)>) -> Self {
        let (first, marks_there, findings) = (start.seq + 1, BTreeMap::new(), Vec::new());
        let mut walk = Self { first, at: start, marks: marks_there, findings, entries: 0, erased: 0, marks_met: 0 };
        for (seq, hash) in marks {
            if seq < walk.at.seq {
                continue;
            }
            let signed = if seq == walk.at.seq { Some(&walk.at.hash) } else { walk.marks.get(&seq) };
            if signed.is_some_and(|signed| *signed != hash) {
                walk.find(Fault::Rewritten, seq, "two checkpoints name different hashes for this entry");
            } else if seq > walk.at.seq {
                walk.marks.insert(seq, hash);
            }
        }
        walk
    }

    /// Everything up to there, further than it stands, was removed meanwhile, and rightly so: what it saw of that counts no more.
    pub(super) fn go_on_behind(&mut self, cut: Tip) {
        let kept = self.marks.split_off(&(cut.seq + 1));
        if self.marks.get(&cut.seq).is_some_and(|signed| *signed != cut.hash) {
            self.find(Fault::Rewritten, cut.seq, "a checkpoint and a cut name different hashes for this entry");
        }
        (self.first, self.at, self.marks) = (cut.seq + 1, cut, kept);
        (self.entries, self.erased) = (0, 0);
    }

    pub(super) fn find(&mut self, fault: Fault, seq: i64, words: impl Into<String>) {
        if self.findings.len() < MOST {
            self.findings.push(Finding { fault, seq: Some(seq), words: words.into() });
        }
    }

    /// The next rows, in order, with their personal parts.
    pub(super) fn rows(&mut self, rows: &[ChainRow], parts: &[PersonalRow]) {
        let mut parts = parts.iter().peekable();
        for row in rows {
            let mut own = Vec::new();
            while let Some(part) = parts.next_if(|part| part.seq <= row.seq) {
                if part.seq == row.seq {
                    own.push(part);
                } else {
                    self.find(Fault::Personal, part.seq, "a personal part belongs to no entry");
                }
            }
            self.row(row, &own);
        }
    }

    fn row(&mut self, row: &ChainRow, parts: &[&PersonalRow]) {
        let expected = self.at.seq + 1;
        if row.seq != expected {
            let last = row.seq - 1;
            let words = if last == expected {
                "the entry is missing".to_owned()
            } else {
                format!("the entries up to {last} are missing")
            };
            self.find(Fault::Missing, expected, words);
        } else if row.prev_hash != self.at.hash {
            self.find(Fault::Moved, row.seq, "it was not written behind the entry before it");
        }
        if link(&row.prev_hash, &row.body) != row.hash {
            self.find(Fault::Edited, row.seq, "its text does not fit its hash");
        } else {
            match serde_json::from_str::<Record>(&row.body) {
                Err(_) => self.find(Fault::Edited, row.seq, "its text can't be read"),
                Ok(record) if record.seq != row.seq => {
                    self.find(Fault::Moved, row.seq, format!("it was written as entry {}", record.seq));
                }
                Ok(record) => {
                    if let Some(column) = differs(row, &record) {
                        self.find(Fault::Edited, row.seq, format!("the column {column} is not what the text says"));
                    }
                    self.parts(row.seq, &record, parts);
                }
            }
        }
        while let Some((seq, hash)) = self.marks.first_key_value().filter(|(seq, _)| **seq <= row.seq) {
            let (seq, hash) = (*seq, hash.clone());
            self.marks.remove(&seq);
            if seq < row.seq {
                continue;
            }
            self.marks_met += 1;
            if hash != row.hash {
                self.find(Fault::Rewritten, seq, "it is not the entry that a checkpoint signed");
            }
        }
        self.entries += 1;
        self.at = Tip { seq: row.seq, hash: row.hash.clone() };
    }

    fn parts(&mut self, seq: i64, record: &Record, parts: &[&PersonalRow]) {
        for subject in Subject::ALL {
            let promised = match subject {
                Subject::Actor => record.personal.actor.as_ref(),
                Subject::Object => record.personal.object.as_ref(),
            };
            let found = parts.iter().find(|part| part.subject == Some(*subject));
            match (promised, found) {
                (None, Some(_)) => {
                    self.find(Fault::Personal, seq, format!("there was no personal part of the {subject}"))
                }
                (Some(hash), Some(part)) if personal_hash(&part.salt, &part.body) != *hash => {
                    self.find(Fault::Personal, seq, format!("the personal part of the {subject} was changed"));
                }
                (Some(_), None) => self.erased += 1,
                _ => {}
            }
        }
        if parts.iter().any(|part| part.subject.is_none()) {
            self.find(Fault::Personal, seq, "there is a personal part of nobody");
        }
    }

    /// No more rows: what was signed beyond the end was cut off.
    pub(super) fn end(&mut self) {
        let Some((last, _)) = self.marks.last_key_value() else { return };
        let (next, last) = (self.at.seq + 1, *last);
        self.find(Fault::Truncated, next, format!("the log ends here, but entry {last} was signed"));
        self.marks.clear();
    }
}

/// The first column that is not what the text says.
fn differs(row: &ChainRow, record: &Record) -> Option<&'static str> {
    let at = row.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let (kind, id) = record.object.as_ref().map_or((None, None), |object| (Some(&object.kind), Some(&object.id)));
    let columns = [
        ("at", at == record.at),
        ("actor_kind", row.actor_kind == record.actor.kind.as_str()),
        ("actor_id", row.actor_id == record.actor.user_id.map(|id| id.0)),
        ("session_id", row.session_id == record.actor.session_id.map(|id| id.0)),
        ("key_id", row.key_id == record.actor.key_id.map(|id| id.0)),
        ("permission", row.permission == record.permission),
        ("action", row.action == record.action),
        ("object_kind", row.object_kind.as_ref() == kind),
        ("object_id", row.object_id.as_ref() == id),
        ("outcome", row.outcome == record.outcome),
        ("request_id", row.request_id == record.request_id),
    ];
    columns.into_iter().find(|(_, same)| !same).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::access::{Actor, Permission, Role};
    use domain::audit::Entry;
    use domain::ids::UserId;
    use proptest::prelude::*;
    use store::repo::audit::GENESIS;
    use uuid::Uuid;

    use super::*;

    /// A chain of that many entries, as it would be written.
    fn chain(length: i64) -> (Vec<ChainRow>, Vec<PersonalRow>) {
        let actor = Actor::user(UserId(Uuid::from_u128(1)), "grace@example.com", Role::Owner);
        let (mut rows, mut parts, mut prev) = (Vec::new(), Vec::new(), GENESIS.to_owned());
        for seq in 1..=length {
            let entry = Entry::new("team.update", Permission::TeamWrite).on("team", seq).after(seq);
            let at = DateTime::from_timestamp(seq, 0).unwrap();
            let (mut record, personal) = Record::of(entry, &actor, Uuid::from_u128(1), at);
            record.seq = seq;
            for part in personal {
                let salt = format!("salt{seq}");
                record.personal.actor = Some(personal_hash(&salt, &part.body));
                parts.push(PersonalRow { seq, subject: Some(part.subject), salt, body: part.body });
            }
            let body = record.text();
            let hash = link(&prev, &body);
            rows.push(ChainRow {
                seq,
                at,
                actor_kind: "user".into(),
                actor_id: Some(Uuid::from_u128(1)),
                session_id: None,
                key_id: None,
                permission: Some("team:write".into()),
                action: "team.update".into(),
                object_kind: Some("team".into()),
                object_id: Some(seq.to_string()),
                outcome: "done".into(),
                request_id: None,
                body,
                prev_hash: prev,
                hash: hash.clone(),
            });
            prev = hash;
        }
        (rows, parts)
    }

    fn walked(rows: &[ChainRow], parts: &[PersonalRow], marks: &[(i64, String)]) -> Walk {
        let start = Tip { seq: 0, hash: GENESIS.to_owned() };
        let mut walk = Walk::new(start, marks.iter().cloned());
        // In portions, as they are read.
        let mut from = 0;
        for portion in rows.chunks(3) {
            let last = portion.last().map_or(0, |row| row.seq);
            let own: Vec<_> = parts.iter().filter(|part| part.seq > from && part.seq <= last).cloned().collect();
            walk.rows(portion, &own);
            from = last;
        }
        walk.end();
        walk
    }

    /// Flips one bit of the text, staying within ASCII.
    fn flip(text: &mut String, at: usize, bit: u8) {
        let mut bytes = std::mem::take(text).into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << (bit % 7);
        *text = String::from_utf8(bytes).unwrap();
    }

    proptest! {
        #[test]
        fn a_whole_chain_is_whole(length in 0_i64..12, mark in 0_usize..12) {
            let (rows, parts) = chain(length);
            let marks: Vec<_> = rows.get(mark).map(|row| (row.seq, row.hash.clone())).into_iter().collect();
            let walk = walked(&rows, &parts, &marks);
            prop_assert!(walk.findings.is_empty(), "{:?}", walk.findings);
            prop_assert_eq!(walk.entries, u64::try_from(length).unwrap());
            prop_assert_eq!(walk.marks_met, u64::try_from(marks.len()).unwrap());
        }

        #[test]
        fn any_bit_of_any_entry_counts(length in 1_i64..9, row in 0_usize..9, what in 0_u8..5, at: usize, bit: u8) {
            let (mut rows, mut parts) = chain(length);
            let end = rows.last().map(|row| (row.seq, row.hash.clone()));
            let row = row % rows.len();
            match what {
                0 => flip(&mut rows[row].body, at, bit),
                1 => flip(&mut rows[row].hash, at, bit),
                2 => flip(&mut rows[row].prev_hash, at, bit),
                3 => flip(&mut parts[row].body, at, bit),
                _ => flip(&mut parts[row].salt, at, bit),
            }
            let walk = walked(&rows, &parts, &end.into_iter().collect::<Vec<_>>());
            let seq = rows[row].seq;
            prop_assert_eq!(walk.findings.first().and_then(|finding| finding.seq), Some(seq));
        }

        #[test]
        fn any_other_set_of_rows_counts(length in 2_i64..9, keep in prop::collection::vec(0_usize..9, 0..12)) {
            let (rows, parts) = chain(length);
            let end = rows.last().map(|row| (row.seq, row.hash.clone()));
            // Rows taken out, in another order, or twice; places given again from 1, and as they were.
            let taken: Vec<_> = keep.iter().filter_map(|at| rows.get(*at)).cloned().collect();
            prop_assume!(taken != rows);
            let mut renumbered = taken.clone();
            renumbered.iter_mut().zip(1..).for_each(|(row, seq)| row.seq = seq);
            let marks: Vec<_> = end.into_iter().collect();
            prop_assert!(!walked(&renumbered, &[], &marks).findings.is_empty());
            let mut sorted = taken;
            sorted.sort_by_key(|row| row.seq);
            sorted.dedup_by_key(|row| row.seq);
            if sorted != rows {
                prop_assert!(!walked(&sorted, &parts, &marks).findings.is_empty());
            }
        }

        #[test]
        fn a_chain_made_anew_does_not_fit_what_was_signed(length in 1_i64..9, from in 0_usize..9, mark in 0_usize..9) {
            let (rows, _) = chain(length);
            let (from, mark) = (from % rows.len(), mark % rows.len());
            let signed = vec![(rows[mark].seq, rows[mark].hash.clone())];
            let mut forged = rows.clone();
            let mut prev = forged[from].prev_hash.clone();
            for row in &mut forged[from..] {
                row.body = row.body.replace("team.update", "team.delete");
                row.action = "team.delete".into();
                row.prev_hash = prev;
                row.hash = link(&row.prev_hash, &row.body);
                prev = row.hash.clone();
            }
            let walk = walked(&forged, &[], &signed);
            let first = walk.findings.first().map(|finding| (finding.seq, finding.fault));
            let seen = Some((Some(rows[mark].seq), Fault::Rewritten));
            prop_assert_eq!(first, if from <= mark { seen } else { None });
        }
    }
}
