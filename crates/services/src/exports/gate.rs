//! How many exports one process makes at a time: each holds a page in memory, and a workbook a file on the disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::access::Actor;
use domain::ids::UserId;

use super::error::ExportError;

/// Exports that one process makes at a time.
pub const AT_ONCE: usize = 8;
/// Of these, for one person, with all their keys.
pub const OF_ONE: usize = 3;

/// Counts exports. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Mutex<HashMap<Option<UserId>, usize>>>);

impl Gate {
    fn counts(&self) -> MutexGuard<'_, HashMap<Option<UserId>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one more in.
    ///
    /// # Errors
    /// [`ExportError::Busy`].
    pub(super) fn enter(&self, actor: &Actor) -> Result<Pass, ExportError> {
        let mut counts = self.counts();
        if counts.get(&actor.user_id).is_some_and(|own| *own >= OF_ONE) {
            return Err(ExportError::Busy("You have three exports under way. Wait for one of them to end."));
        }
        if counts.values().sum::<usize>() >= AT_ONCE {
            return Err(ExportError::Busy("Others are exporting. Come back in a moment."));
        }
        *counts.entry(actor.user_id).or_default() += 1;
        Ok(Pass { gate: self.clone(), user: actor.user_id })
    }
}

/// A place among those that export; given back when dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Gate,
    user: Option<UserId>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut counts = self.gate.counts();
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn so_many_of_one_and_so_many_in_all() {
        let (gate, person) = (Gate::default(), |n| Actor::user(UserId(Uuid::from_u128(n)), "a@b.c", Role::Owner));
        let own: Vec<_> = (0..OF_ONE).map(|_| gate.enter(&person(1)).unwrap()).collect();
        assert!(matches!(gate.enter(&person(1)), Err(ExportError::Busy(_))));
        let others: Vec<_> = (0..AT_ONCE - OF_ONE).map(|n| gate.enter(&person(2 + n as u128)).unwrap()).collect();
        assert!(matches!(gate.enter(&person(99)), Err(ExportError::Busy(_))));
        drop(own);
        assert!(gate.enter(&person(1)).is_ok() && gate.enter(&person(99)).is_ok());
        drop(others);
        assert!(gate.counts().is_empty());
    }
}
