//! API keys as the profile and the administration show them: a table, making one, what is shown once.

mod create;
#[cfg(test)]
mod in_browser;
mod table;
mod words;

pub use table::KeyTable;
pub use words::permission_words;
