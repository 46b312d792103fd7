//! Doing something once, however often it is asked: the header `Idempotency-Key` of requests that create something.
//!
//! [`begin`] reserves the key in a short transaction of its own, so that the same request sent again meanwhile is told to wait.
//! The use case then writes the answer in the transaction of its change ([`Keep::answer`], just before the commit): change and
//! answer are there together or not at all. Whoever sends the request again gets that answer, byte for byte, for 72 hours; the
//! same key with another request is refused, and an answer with a secret in it ([`Answer::secret`]) is given again only to the
//! session that it was given to. A refused request keeps nothing: its key is free again.
//! Keys are stored as hashes, answers sealed. Not here: the header and how an answer looks (`api::extract::Once`).
//!
//! To let a use case be done once: a last parameter `keep: Keep<'_, T>` with what its answer shows, and
//! `keep.answer(ctx, &tx, &made).await?` before its commit; its handler goes through `api::extract::Once`.

mod error;
mod service;
#[cfg(test)]
mod tests;

pub use error::OnceError;
pub use service::{Answer, Begun, KEPT_HOURS, Keep, Pending, begin};
