//! Tests of the check: facts as the tools find them, sentences as models write them.

mod accepted;
mod babble;
mod fixtures;
mod injection;
mod properties;
mod refused;
