//! The people: the list, and one of them with what they hold and where they are signed in.

mod detail;
#[cfg(test)]
mod in_browser;
mod list;

pub use detail::UserPage;
pub use list::UsersPage;
