//! The simulator itself: all fleets, the clock, the limits, and how they are reached over HTTP.
//!
//! No AWS rule lives here; those are in `fleet` (what desktops do) and `ops` (what requests mean).

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{Router, serve::ListenerExt as _};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    billing::Books,
    control,
    fault::{Fault, FaultBook},
    fleet::{
        Fleet,
        generate::{self, Era},
        habits,
        view::{STILL, Timings, Watch},
    },
    history::month_start,
    ledger::{Ledger, OperationCount},
    options::{DEFAULT_ACCOUNT, SimAccount, SimOptions},
    throttle::{Limiter, Throttle},
    trail::Trail,
    wire,
};

/// A simulated AWS. Clones share everything.
#[derive(Clone)]
pub struct Simulator(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) options: SimOptions,
    pub(crate) limiter: Limiter,
    pub(crate) faults: FaultBook,
    pub(crate) ledger: Ledger,
    pub(crate) books: Books,
    pub(crate) trail: Trail,
    timings: Timings,
    /// When nothing existed yet, and until when the past was drawn.
    pub(crate) era: Era,
    /// When a fleet that is not alive stands still, Unix seconds.
    still_at: i64,
    /// What `/_sim/advance` has added to the clock, in milliseconds.
    offset_ms: AtomicI64,
    serial: AtomicU64,
    fleets: HashMap<String, HashMap<String, RwLock<Fleet>>>,
    /// For regions and accounts that the simulator does not have.
    nowhere: RwLock<Fleet>,
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Draws the fleets; under a second for 50,000 WorkSpaces in a release build.
    pub fn new(mut options: SimOptions) -> Self {
        if options.accounts.is_empty() {
            options.accounts.push(SimAccount::new(DEFAULT_ACCOUNT));
        }
        if options.regions.is_empty() {
            options.regions.push("us-east-1".to_owned());
        }
        let started = (options.clock)().timestamp();
        let still_at = STILL.min(started);
        let era = era(&options, started, still_at);
        let fleets = options
            .accounts
            .iter()
            .map(|account| {
                let count = account.workspaces.unwrap_or(options.workspaces);
                let shares = generate::split(count, options.regions.len());
                let regions = options.regions.iter().zip(shares).map(|(region, share)| {
                    (region.clone(), RwLock::new(generate::fleet(options.seed, &account.id, region, share, era)))
                });
                (account.id.clone(), regions.collect())
            })
            .collect();
        Self(Arc::new(Inner {
            limiter: Limiter::new(options.throttle),
            faults: FaultBook::new(options.faults.clone(), options.seed),
            ledger: Ledger::default(),
            books: Books::default(),
            trail: Trail::default(),
            timings: Timings::new(options.transition),
            era,
            still_at,
            offset_ms: AtomicI64::new(0),
            serial: AtomicU64::new(1),
            fleets,
            nowhere: RwLock::new(Fleet::new("", "", Vec::new(), Vec::new())),
            options,
        }))
    }

    /// AWS's paths and the control surface under `/_sim`.
    pub fn router(&self) -> Router {
        wire::router(self.clone()).nest("/_sim", control::router(self.clone()))
    }

    /// The simulator's time: the clock it was given plus what was [advanced](Self::advance).
    pub fn now(&self) -> DateTime<Utc> {
        let clock = (self.0.options.clock)();
        // Beyond the calendar's end there is nothing to advance to.
        clock.checked_add_signed(TimeDelta::milliseconds(self.0.offset_ms.load(Ordering::Relaxed))).unwrap_or(clock)
    }

    /// Moves the simulator's time forward (or back, when negative).
    pub fn advance(&self, by: TimeDelta) {
        self.0.offset_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// Changes the request limit; `None` lifts it.
    pub fn set_throttle(&self, throttle: Option<Throttle>) {
        self.0.limiter.set(throttle);
    }

    /// Replaces all faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.0.faults.set(faults);
    }

    /// What was asked so far, by operation.
    pub fn counts(&self) -> BTreeMap<&'static str, OperationCount> {
        self.0.ledger.counts()
    }

    /// WorkSpaces by state, over all accounts and regions.
    pub fn states(&self) -> BTreeMap<&'static str, usize> {
        let mut total = BTreeMap::new();
        for (region, fleet) in self.0.fleets.values().flatten() {
            let watch = self.watch(region);
            for (state, count) in fleet.read().unwrap_or_else(PoisonError::into_inner).count_by_state(&watch) {
                *total.entry(state).or_insert(0) += count;
            }
        }
        total
    }

    /// Makes a WorkSpace disappear at once, as if its termination were over. False when there is none of that id.
    pub fn delete_workspace(&self, id: &str) -> bool {
        let now_ms = self.now().timestamp_millis();
        self.0
            .fleets
            .values()
            .flat_map(HashMap::values)
            .any(|fleet| fleet.write().unwrap_or_else(PoisonError::into_inner).remove(id, now_ms))
    }

    pub(crate) fn watch(&self, region: &str) -> Watch {
        Watch {
            now_ms: self.now().timestamp_millis(),
            alive: self.0.options.alive,
            still_at: self.0.still_at,
            zone_hours: habits::zone_hours(region),
            timings: self.0.timings,
        }
    }

    pub(crate) fn serial(&self) -> u64 {
        self.0.serial.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self, account: &str, region: &str) -> &RwLock<Fleet> {
        self.0.fleets.get(account).and_then(|regions| regions.get(region)).unwrap_or(&self.0.nowhere)
    }

    pub(crate) fn fleet(&self, account: &str, region: &str) -> RwLockReadGuard<'_, Fleet> {
        self.lock(account, region).read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fleet_mut(&self, account: &str, region: &str) -> RwLockWriteGuard<'_, Fleet> {
        self.lock(account, region).write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The drawn past ends with the month before the start, so that a simulator started again in the same month tells the
/// same past; that of a fleet that stands still ends there.
fn era(options: &SimOptions, started: i64, still_at: i64) -> Era {
    let end = if options.alive { month_start(started) } else { still_at };
    Era { start: end - i64::from(options.history_days.max(1)) * 86_400, end }
}

/// Serves until `shutdown`, then lets requests under way end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, simulator: Simulator, shutdown: CancellationToken) -> std::io::Result<()> {
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps small packets back");
        }
    });
    axum::serve(listener, simulator.router()).with_graceful_shutdown(shutdown.cancelled_owned()).await
}
