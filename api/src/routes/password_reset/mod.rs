//! A new password for somebody who forgot theirs: a link by mail, then the password. Changing one that is known is in `profile`.

pub mod confirm;
pub mod create;
