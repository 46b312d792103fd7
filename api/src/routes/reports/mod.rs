//! Reports: what is made again and again, its runs, their files.

pub mod create;
pub mod delete;
pub mod delete_run;
pub mod deliver;
pub mod draft;
mod error;
pub mod fetch;
pub mod file;
pub mod link;
pub mod linked;
pub mod list;
pub mod preview;
pub mod run;
pub mod runs;
mod send;
pub mod unlink;
pub mod update;
mod view;
