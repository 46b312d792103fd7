//! Our own audit log: what an [`Entry`] says, what of it is chained ([`Record`]) and what can be erased ([`Personal`]), and
//! how secrets stay out ([`redact`]). Not the chain's hashes and rows (`store::repo::audit`) nor its use cases
//! (`services::audit`). To add a kind of entry: call `services::audit::record` with a new `object.verb`; the verb of a look is named in
//! [`LOOKS`].

mod entry;
mod looks;
mod record;
mod redact;

pub use entry::{Entry, Outcome};
pub use looks::{COMINGS, LOOKS, is_change, is_look};
pub use record::{ActorKind, ActorRef, ObjectRef, Parts, Personal, RECORD_VERSION, Record, Subject};
pub use redact::{REDACTED, redact};
