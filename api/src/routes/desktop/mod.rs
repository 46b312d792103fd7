//! My desktop: one's own WorkSpaces in plain words.

mod error;
pub mod fetch;
mod view;
