//! Sign-in, with the way back to where the reader was.

mod view;

pub use view::SignInPage;
