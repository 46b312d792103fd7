//! Browser tests: what a person does, in a real browser against the whole application.
//!
//! One page object per page in `pages/`; a test reads like a task. Pictures are kept as artefacts, and
//! `pages::shown` asks whether what they show keeps anybody out. A window fails at its end over whatever the browser complained
//! about (`policy`). What people mainly come for is in `tasks`. To add one: its page object, a test file, a line here. Run with `cargo xtask e2e`.

mod access;
mod actions;
mod addresses;
mod assistant;
mod audit;
mod begun;
mod book;
mod costs;
mod desktop;
mod doors;
mod fleet;
mod forms;
mod keyboard;
mod lighthouse;
mod live;
mod main_path;
mod matrix;
mod overview;
mod pages;
mod palette;
mod people;
mod policy;
mod reports;
mod requests;
mod schedules;
mod spans;
mod states;
mod stopped;
mod tasks;
mod usage;
mod views;
mod virtual_rows;
mod workspace;
