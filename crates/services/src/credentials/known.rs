//! What was just read of those who ask: each process's own copy, for [`FRESH`] at most. Whoever ends a session or a key or
//! changes what somebody may do says so here after the commit, and this process refuses at once; the others notice when their
//! copy is stale. Nothing is kept of secrets nobody has.
//!
//! Beyond that it remembers whom it recognised before ([`Known::is_familiar`]): asking the database about those again is not what
//! somebody who tries out secrets does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ids::{ApiKeyId, SessionId, UserId};

use super::service::{Credential, Identified, Principal};

/// How long a copy is good. With the time a request takes it stays below a second.
const FRESH: Duration = Duration::from_millis(800);
/// Copies kept at most.
const MOST: usize = 10_000;

/// The copies. Cloning is cheap; all clones are one.
#[derive(Clone, Default)]
pub struct Known(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// How often something was forgotten: what was read before is then no longer kept.
    epoch: u64,
    by_credential: HashMap<Credential, Entry>,
}

/// A secret that belongs to somebody.
#[derive(Default)]
struct Entry(Option<Copied>);

/// What was read of it, until it is forgotten.
struct Copied {
    identified: Arc<Identified>,
    /// When the reading began.
    read_at: Instant,
}

impl Entry {
    fn fresh(&self, now: Instant) -> Option<&Arc<Identified>> {
        let copied = self.0.as_ref().filter(|copied| now.duration_since(copied.read_at) < FRESH)?;
        Some(&copied.identified)
    }
}

/// A reading that has begun.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    epoch: u64,
    began: Instant,
}

impl Known {
    /// Forgets a session that was ended or changed.
    pub fn forget_session(&self, id: SessionId) {
        self.forget(|known| matches!(known.principal, Principal::Session { session_id, .. } if session_id == id));
    }

    /// Forgets a key that was ended or changed.
    pub fn forget_key(&self, id: ApiKeyId) {
        self.forget(|known| matches!(known.principal, Principal::Key { key_id, .. } if key_id == id));
    }

    /// Forgets all sessions and keys of a person: they were ended, or the person may do other things now.
    pub fn forget_user(&self, id: UserId) {
        self.forget(|known| known.principal.user_id() == id);
    }

    /// Forgets everybody: a role or a team that many hold has changed.
    pub fn forget_all(&self) {
        self.forget(|_| true);
    }

    /// Whether the secret belonged to somebody when it was last looked up here, or was made here.
    #[must_use]
    pub fn is_familiar(&self, credential: &Credential) -> bool {
        self.entries().by_credential.contains_key(credential)
    }

    /// Notes that somebody was given that secret just now.
    pub(crate) fn introduce(&self, credential: Credential) {
        let mut entries = self.entries();
        entries.make_room();
        entries.by_credential.entry(credential).or_default();
    }

    /// Forgets all of a secret, which is nobody's or nobody's any more.
    pub(crate) fn forget_credential(&self, credential: &Credential) {
        let mut entries = self.entries();
        entries.epoch += 1;
        entries.by_credential.remove(credential);
    }

    fn forget(&self, which: impl Fn(&Identified) -> bool) {
        let mut entries = self.entries();
        entries.epoch += 1;
        for entry in entries.by_credential.values_mut() {
            if entry.0.as_ref().is_some_and(|copied| which(&copied.identified)) {
                entry.0 = None;
            }
        }
    }

    /// The copy, when it is fresh; otherwise how to keep what is read now.
    pub(crate) fn find(&self, credential: &Credential) -> Result<Arc<Identified>, Reading> {
        let (entries, now) = (self.entries(), Instant::now());
        let fresh = entries.by_credential.get(credential).and_then(|entry| entry.fresh(now));
        fresh.map(Arc::clone).ok_or(Reading { epoch: entries.epoch, began: now })
    }

    /// Keeps what was read, unless something was forgotten since the reading began: it might be older than that.
    pub(crate) fn keep(&self, reading: Reading, credential: &Credential, identified: &Arc<Identified>) {
        let mut entries = self.entries();
        if entries.epoch != reading.epoch {
            return;
        }
        entries.make_room();
        let copied = Copied { identified: Arc::clone(identified), read_at: reading.began };
        entries.by_credential.insert(credential.clone(), Entry(Some(copied)));
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Drops what is not fresh when there is no room for more, and all of it when that is not enough.
    fn make_room(&mut self) {
        if self.by_credential.len() < MOST {
            return;
        }
        let now = Instant::now();
        self.by_credential.retain(|_, entry| entry.fresh(now).is_some());
        if self.by_credential.len() >= MOST {
            self.by_credential.clear();
        }
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("entries", &self.entries().by_credential.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use domain::access::{Actor, Role};
    use uuid::Uuid;

    use super::*;

    fn session(number: u128, user: u128) -> (Credential, Arc<Identified>) {
        let (user_id, session_id) = (UserId(Uuid::from_u128(user)), SessionId(Uuid::from_u128(number)));
        let actor = Actor::user(user_id, "a@example.com", Role::Viewer);
        let identified = Identified::new(Principal::Session { user_id, session_id }, actor, String::new(), None, None);
        (Credential::session(&number.to_string()), Arc::new(identified))
    }

    fn keep(known: &Known, number: u128, user: u128) -> Credential {
        let (credential, identified) = session(number, user);
        let reading = known.find(&credential).expect_err("nothing yet");
        known.keep(reading, &credential, &identified);
        assert!(known.find(&credential).is_ok());
        credential
    }

    #[test]
    fn each_is_forgotten_alone() {
        let known = Known::default();
        let all = [keep(&known, 1, 7), keep(&known, 2, 7), keep(&known, 3, 8), keep(&known, 4, 9)];
        let there = || all.iter().map(|credential| known.find(credential).is_ok()).collect::<Vec<_>>();
        known.forget_session(SessionId(Uuid::from_u128(1)));
        assert_eq!(there(), [false, true, true, true]);
        known.forget_user(UserId(Uuid::from_u128(8)));
        assert_eq!(there(), [false, true, false, true]);
        known.forget_credential(&all[3]);
        assert_eq!(there(), [false, true, false, false]);
        known.forget_all();
        assert_eq!(there(), [false; 4]);
    }

    #[test]
    fn who_was_recognised_once_is_familiar_until_it_is_known_to_be_nobody() {
        let known = Known::default();
        let credential = keep(&known, 1, 7);
        known.forget_all();
        assert!(
            known.find(&credential).is_err() && known.is_familiar(&credential),
            "may do other things, and is still somebody"
        );
        known.forget_credential(&credential);
        assert!(!known.is_familiar(&credential));
        let new = Credential::session("just made");
        known.introduce(new.clone());
        assert!(known.is_familiar(&new) && known.find(&new).is_err());
        assert!(!known.is_familiar(&Credential::session("made up")));
    }

    #[test]
    fn what_was_read_before_something_was_forgotten_is_not_kept() {
        let known = Known::default();
        let (credential, identified) = session(1, 7);
        let reading = known.find(&credential).expect_err("nothing yet");
        known.forget_session(SessionId(Uuid::from_u128(1)));
        known.keep(reading, &credential, &identified);
        assert!(known.find(&credential).is_err(), "read before it was ended");
    }

    #[test]
    fn a_copy_gets_stale_from_when_its_reading_began() {
        let known = Known::default();
        let (credential, identified) = session(1, 7);
        let mut reading = known.find(&credential).expect_err("nothing yet");
        reading.began = Instant::now().checked_sub(FRESH).expect("the machine has been up that long");
        known.keep(reading, &credential, &identified);
        assert!(known.find(&credential).is_err());
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let known = Known::default();
        for number in 0..=MOST as u128 {
            keep(&known, number, number);
        }
        assert!(known.entries().by_credential.len() <= MOST);
    }
}
