//! A closure that lives on this thread's stack, called by other threads for as long as [`lend`] runs.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The call that is lent at the moment, if any, and how many threads are inside it.
#[derive(Default)]
pub struct Lent {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    call: Option<Call>,
    inside: usize,
}

/// A borrowed closure without its lifetime.
#[derive(Clone, Copy)]
struct Call(*const (dyn Fn(usize) + Sync));

// SAFETY: what it points to is `Sync`, so it may be called from any thread.
unsafe impl Send for Call {}

impl Lent {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it; a poisoned state is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls what is lent at the moment with `worker`; `false`: nothing is.
    pub fn join(&self, worker: usize) -> bool {
        let call = {
            let mut state = self.lock();
            let Some(call) = state.call else { return false };
            state.inside += 1;
            call
        };
        let guard = Leave(self);
        // SAFETY: invariant 3: `lend` waits until `inside`, raised above while the call was there, is zero again.
        (unsafe { &*call.0 })(worker);
        drop(guard);
        true
    }
}

/// Counts a thread out, also when its call panics.
struct Leave<'a>(&'a Lent);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.inside -= 1;
        if state.inside == 0 {
            self.0.left.notify_all();
        }
    }
}

/// Takes the call back and waits for the threads inside it, also when this thread panics.
struct TakeBack<'a>(&'a Lent);

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        self.0.lock().call = None;
        // The others are at their last piece: asking for a while costs less than being woken.
        for _ in 0..ASK {
            if self.0.lock().inside == 0 {
                return;
            }
            for _ in 0..PAUSE {
                std::hint::spin_loop();
            }
        }
        let mut state = self.0.lock();
        while state.inside > 0 {
            state = self.0.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

const ASK: usize = 200;
const PAUSE: usize = 16;

/// Lends `call` to whoever calls [`Lent::join`] while `mine` runs on this thread. Where something is lent already,
/// `mine` runs alone.
pub fn lend(lent: &Lent, call: &(dyn Fn(usize) + Sync), mine: impl FnOnce()) {
    let pointer = std::ptr::from_ref(call);
    // SAFETY: only the lifetime is dropped; `TakeBack` below ends every use before `call`'s borrow ends (invariant 3).
    let pointer =
        unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync)>(pointer) };
    let mut state = lent.lock();
    let free = state.call.is_none() && state.inside == 0;
    if free {
        state.call = Some(Call(pointer));
    }
    drop(state);
    let guard = free.then(|| TakeBack(lent));
    mine();
    drop(guard);
}
