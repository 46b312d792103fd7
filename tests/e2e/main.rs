//! Browser tests: what a person does, in a real browser against the whole application.
//!
//! One page object per page in `pages/`; a test reads like a task. Pictures are kept as artefacts. To add one: its page
//! object, a test file, a line here. Run with `cargo xtask e2e`.

mod access;
mod main_path;
mod pages;
mod schedules;
mod states;
