//! Before one is signed in: sign-in by password, second factor or mailed code, with the way back to where the reader was; a
//! new password by mail; becoming a user by an invitation.

mod codes;
mod forgot;
#[cfg(test)]
mod in_browser;
mod invitation;
#[cfg(test)]
mod links_in_browser;
mod sso;
mod view;

pub use forgot::{ForgotPage, ResetPage};
pub use invitation::InvitationPage;
pub use view::SignInPage;
