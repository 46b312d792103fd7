//! Who stands behind the secret that comes with a request: a session's cookie or an API key. One look for both, kept in the
//! process for less than a second ([`Known`]), so that most requests ask no database and what is ended anywhere is refused
//! everywhere within a second. Not how somebody signs in (`crate::identity`), not how sessions and keys are made and ended
//! (`crate::sessions`, `crate::keys`): those tell [`Known`] what they ended. To add a kind of secret: a variant of
//! [`Credential`] and of [`Principal`], and its branch in `service::read`.

mod known;
mod service;

pub use known::Known;
pub use service::{Credential, Identified, Principal, authenticate, still_good};
