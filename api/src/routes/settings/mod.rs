//! The settings of this installation: read, never changed here. They belong to the process, not to the database.

pub mod fetch;
pub(crate) mod view;
