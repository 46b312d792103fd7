//! What the database tests of this crate stand on: a database of their own ([`both_databases`] for tests that matter on both
//! kinds), a clock that can be set, an AWS with canned answers and faults ([`FakeFleet`]), a run handle that remembers
//! ([`RecordedRun`]) and one with a real claim of the queue ([`ClaimedRun`]). Only compiled for tests.

mod database;
mod fleet;
mod harness;
mod run;

pub(crate) use database::both_databases;
pub(crate) use fleet::{FakeFleet, observed};
pub(crate) use harness::Harness;
pub(crate) use run::{ClaimedRun, RecordedRun};
