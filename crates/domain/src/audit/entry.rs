//! What somebody who changes or reads something says about it.

use serde::Serialize;
use serde_json::Value;

use super::redact::{clean, redact};
use crate::access::Permission;
use crate::ids::UserId;

closed_enum! {
    /// How it ended.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// It was not allowed, or the proof was wrong; nothing was changed.
        Refused = "refused",
        /// It was allowed and did not work; nothing was changed.
        Failed = "failed",
    }
}

/// Longest id, name of a kind or reason that is kept, characters.
const MAX_WORD: usize = 300;

/// One thing that was done, tried or read. Who did it and from where is added where it is recorded.
///
/// What goes into [`Self::before`] and [`Self::after`] stays for ever; what could name a person goes into
/// [`Self::personal`] and can be erased. Secrets belong nowhere; fields that are called like one are blanked.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an entry says nothing until it is recorded"]
pub struct Entry {
    pub(super) action: String,
    pub(super) permission: Option<Permission>,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) object: Option<(String, String)>,
    pub(super) label: Option<String>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) personal: Option<Value>,
    pub(super) about: Option<UserId>,
}

impl Entry {
    /// Something that was done, named `object.verb`, by the permission that allowed it.
    pub fn new(action: &str, permission: Permission) -> Self {
        Self { permission: Some(permission), ..Self::open(action) }
    }

    /// Something done with what is one's own, which needs no permission: one's password, sessions, keys.
    pub fn own(action: &str) -> Self {
        Self::open(action)
    }

    /// Something that anybody may try: signing in, taking an invitation.
    pub fn open(action: &str) -> Self {
        Self {
            action: clean(action, MAX_WORD),
            permission: None,
            outcome: Outcome::Done,
            reason: None,
            object: None,
            label: None,
            before: None,
            after: None,
            personal: None,
            about: None,
        }
    }

    /// With what it was done: the kind (`user`, `account` …) and the id. The id names no person.
    pub fn on(mut self, kind: &str, id: impl std::fmt::Display) -> Self {
        self.object = Some((clean(kind, MAX_WORD), clean(&id.to_string(), MAX_WORD)));
        self
    }

    /// What people call the object. It may name somebody, so that it can be erased.
    pub fn named(mut self, label: &str) -> Self {
        self.label = Some(clean(label, MAX_WORD));
        self
    }

    /// What was there before. Nothing personal.
    pub fn before(mut self, value: impl Serialize) -> Self {
        self.before = json(value);
        self
    }

    /// What is there now. Nothing personal.
    pub fn after(mut self, value: impl Serialize) -> Self {
        self.after = json(value);
        self
    }

    /// Whatever could name a person: e-mail addresses, names, addresses. It can be erased.
    pub fn personal(mut self, value: impl Serialize) -> Self {
        self.personal = json(value);
        self
    }

    /// Whose data the personal part is, when it is a user's: erased with them.
    pub fn about(mut self, user: UserId) -> Self {
        self.about = Some(user);
        self
    }

    /// It was refused, for that reason. The reason names no person.
    pub fn refused(mut self, reason: &str) -> Self {
        (self.outcome, self.reason) = (Outcome::Refused, Some(clean(reason, MAX_WORD)));
        self
    }

    /// It did not work, for that reason. The reason names no person.
    pub fn failed(mut self, reason: &str) -> Self {
        (self.outcome, self.reason) = (Outcome::Failed, Some(clean(reason, MAX_WORD)));
        self
    }

    /// Its name, `object.verb`.
    #[must_use]
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Whether it was done: neither refused nor failed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }
}

/// The value without secrets; `None` for nothing at all, and for what can't be said in JSON.
fn json(value: impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok().filter(|value| !value.is_null()).map(redact)
}
