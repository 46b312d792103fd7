//! What Wheelhouse remembers: the database, Postgres or SQLite, behind functions that speak the words of `domain`.
//!
//! [`db`] opens it and brings the schema up, [`tx`] makes transactions, [`repo`] reads and writes (one module for each
//! feature, noun first), [`queue`] is the job queue, [`replica`] a second Postgres to read from, [`error`] what can go wrong.
//! `waiting` counts who waits for a connection.
//! Entities and their `Model`s stay inside.
//! It is not the place for use cases (`services`), which open the transactions, nor for rules (`domain`).
//!
//! To add a feature: a migration, an entity if whole rows are read or written by it, a module in [`repo`] with its record
//! types, and its tests on both databases (`testing`).

mod cursor;
pub mod db;
mod entity;
pub mod error;
pub mod queue;
pub mod replica;
pub mod repo;
mod sql;
#[cfg(any(test, feature = "testing"))]
pub mod test_database;
#[cfg(test)]
mod testing;
pub mod tx;
mod waiting;

pub use db::{Backend, Db, DbOptions};
pub use error::StoreError;
pub use replica::{Replica, ReplicaState};
/// What repos take: a [`Db`] or a [`Tx`].
pub use sea_orm::ConnectionTrait as Connection;
pub use tx::Tx;
