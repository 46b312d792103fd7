//! Connected AWS accounts. What an account is, not how AWS is called (that is crate `aws`).

mod model;

pub use model::{Access, AccountAccess, CredentialKind};
