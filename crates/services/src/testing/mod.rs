//! What the database tests of this crate stand on: a SQLite file of their own, a clock that can be set, an AWS with canned
//! answers and faults ([`FakeFleet`]), a run handle that remembers ([`RecordedRun`]). Only compiled for tests.

mod fleet;
mod harness;
mod run;

pub(crate) use fleet::{FakeFleet, observed};
pub(crate) use harness::Harness;
pub(crate) use run::RecordedRun;
