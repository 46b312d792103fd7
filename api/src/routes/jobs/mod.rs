//! Jobs: list, the queue in numbers, detail, cancel, retry. The queue itself is in `store`.

pub mod cancel;
mod error;
pub mod fetch;
pub mod list;
pub mod retry;
pub mod summary;
pub mod view;
