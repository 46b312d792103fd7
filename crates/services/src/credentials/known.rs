//! What was just read of those who ask: each process's own copy, for [`FRESH`] at most. Whoever ends a session or a key or
//! changes what somebody may do says so here after the commit, and this process refuses at once; the others notice when their
//! copy is stale. Nothing is kept of secrets nobody has.

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

struct Entry {
    identified: Arc<Identified>,
    /// When the reading began.
    read_at: Instant,
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

    /// Forgets what belongs to that secret.
    pub(crate) fn forget_credential(&self, credential: &Credential) {
        let mut entries = self.entries();
        entries.epoch += 1;
        entries.by_credential.remove(credential);
    }

    fn forget(&self, which: impl Fn(&Identified) -> bool) {
        let mut entries = self.entries();
        entries.epoch += 1;
        entries.by_credential.retain(|_, entry| !which(&entry.identified));
    }

    /// The copy, when it is fresh; otherwise how to keep what is read now.
    pub(crate) fn find(&self, credential: &Credential) -> Result<Arc<Identified>, Reading> {
        let (entries, now) = (self.entries(), Instant::now());
        match entries.by_credential.get(credential) {
            Some(entry) if now.duration_since(entry.read_at) < FRESH => Ok(Arc::clone(&entry.identified)),
            _ => Err(Reading { epoch: entries.epoch, began: now }),
        }
    }

    /// Keeps what was read, unless something was forgotten since the reading began: it might be older than that.
    pub(crate) fn keep(&self, reading: Reading, credential: &Credential, identified: &Arc<Identified>) {
        let mut entries = self.entries();
        if entries.epoch != reading.epoch {
            return;
        }
        if entries.by_credential.len() >= MOST {
            let now = Instant::now();
            entries.by_credential.retain(|_, entry| now.duration_since(entry.read_at) < FRESH);
            if entries.by_credential.len() >= MOST {
                entries.by_credential.clear();
            }
        }
        let entry = Entry { identified: Arc::clone(identified), read_at: reading.began };
        entries.by_credential.insert(credential.clone(), entry);
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
