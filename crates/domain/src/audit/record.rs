//! What is written of an entry: the [`Record`], whose text is chained and stays, and the [`Personal`] parts, of which the
//! record only holds a salted hash, so that they can be erased and the chain stays whole.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Entry;
use super::redact::redact;
use crate::access::Actor;
use crate::ids::{ApiKeyId, SessionId, UserId};

/// The version of [`Record`]'s shape.
pub const RECORD_VERSION: u8 = 1;

closed_enum! {
    /// What kind of actor it was.
    pub enum ActorKind {
        /// A person with a session.
        User = "user",
        /// A person's API key.
        Key = "key",
        /// The installation itself: schedules, the command line.
        System = "system",
        /// Nobody is signed in.
        Nobody = "nobody",
    }
}

closed_enum! {
    /// Whose personal data a part is.
    pub enum Subject {
        /// The one who acted.
        Actor = "actor",
        /// The object, or the person it belongs to.
        Object = "object",
    }
}

/// Who acted, by ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorRef {
    /// What kind.
    pub kind: ActorKind,
    /// The person.
    pub user_id: Option<UserId>,
    /// Their session.
    pub session_id: Option<SessionId>,
    /// Their API key.
    pub key_id: Option<ApiKeyId>,
}

/// With what it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The kind.
    pub kind: String,
    /// The id.
    pub id: String,
}

/// The hashes of the personal parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Of the actor's.
    pub actor: Option<String>,
    /// Of the object's.
    pub object: Option<String>,
}

/// What is chained, as its JSON text. Fields are written in this order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The version of this shape.
    pub v: u8,
    /// Its place: 1, 2, 3 … without a gap.
    pub seq: i64,
    /// Its id.
    pub id: Uuid,
    /// When, RFC 3339 in UTC with microseconds.
    pub at: String,
    /// Who.
    pub actor: ActorRef,
    /// The permission that allows it.
    pub permission: Option<String>,
    /// What: `object.verb`.
    pub action: String,
    /// With what.
    pub object: Option<ObjectRef>,
    /// How it ended.
    pub outcome: String,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// What was there before.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
    /// The hashes of the personal parts.
    pub personal: Parts,
}

/// A personal part: what can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// Whose it is.
    pub subject: Subject,
    /// The user it is erased with.
    pub user_id: Option<UserId>,
    /// JSON text.
    pub body: String,
}

impl Record {
    /// The record of an entry by that actor, without its place and its hashes, and its personal parts.
    #[must_use]
    pub fn of(entry: Entry, actor: &Actor, id: Uuid, at: DateTime<Utc>) -> (Self, Vec<Personal>) {
        let personal = personal_parts(&entry, actor);
        let record = Self {
            v: RECORD_VERSION,
            seq: 0,
            id,
            at: at.to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: actor_ref(actor),
            permission: entry.permission.map(|permission| permission.as_str().to_owned()),
            action: entry.action,
            object: entry.object.map(|(kind, id)| ObjectRef { kind, id }),
            outcome: entry.outcome.as_str().to_owned(),
            reason: entry.reason,
            request_id: actor.origin.request_id.as_deref().map(|id| super::redact::clean(id, 128)),
            before: entry.before,
            after: entry.after,
            personal: Parts::default(),
        };
        (record, personal)
    }

    /// Its text, which is what is hashed.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a record is plain data")
    }
}

fn actor_ref(actor: &Actor) -> ActorRef {
    let kind = match (actor.origin.key_id, actor.user_id) {
        (Some(_), _) => ActorKind::Key,
        (None, Some(_)) => ActorKind::User,
        (None, None) if actor.held().is_empty() => ActorKind::Nobody,
        (None, None) => ActorKind::System,
    };
    ActorRef { kind, user_id: actor.user_id, session_id: actor.origin.session_id, key_id: actor.origin.key_id }
}

fn personal_parts(entry: &Entry, actor: &Actor) -> Vec<Personal> {
    let mut parts = Vec::new();
    let name = actor.user_id.is_some().then_some(&actor.name);
    if name.is_some() || actor.origin.address.is_some() {
        let body = redact(serde_json::json!({ "name": name, "address": actor.origin.address }));
        parts.push(Personal { subject: Subject::Actor, user_id: actor.user_id, body: body.to_string() });
    }
    if entry.label.is_some() || entry.personal.is_some() {
        let body = serde_json::json!({ "label": entry.label, "data": entry.personal });
        parts.push(Personal { subject: Subject::Object, user_id: entry.about, body: body.to_string() });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Origin, Permission, Role};

    #[test]
    fn names_and_addresses_are_in_the_parts_that_can_be_erased() {
        let mut actor = Actor::user(UserId(Uuid::from_u128(1)), "grace@example.com", Role::Owner);
        actor.origin = Origin { address: Some([192, 0, 2, 7].into()), ..Origin::default() };
        let subject = UserId(Uuid::from_u128(2));
        let entry = Entry::new("user.create", Permission::UserWrite)
            .on("user", subject)
            .named("ada@example.com")
            .after(serde_json::json!({ "role": "viewer" }))
            .personal(serde_json::json!({ "email": "ada@example.com" }))
            .about(subject);
        let (record, parts) = Record::of(entry, &actor, Uuid::nil(), DateTime::UNIX_EPOCH);
        let text = record.text();
        for personal in ["grace", "ada", "192.0.2.7"] {
            assert!(!text.contains(personal), "{text}");
        }
        assert_eq!(parts.iter().map(|part| part.user_id).collect::<Vec<_>>(), [actor.user_id, Some(subject)]);
        assert!(parts[0].body.contains("192.0.2.7") && parts[0].body.contains("grace"));
        assert!(parts[1].body.contains("ada@example.com"));
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
    }

    #[test]
    fn kinds_of_actors() {
        let kind = |actor: &Actor| actor_ref(actor).kind;
        let mut actor = Actor::user(UserId(Uuid::nil()), "a@example.com", Role::Viewer);
        assert_eq!(kind(&actor), ActorKind::User);
        actor.origin.key_id = Some(ApiKeyId(Uuid::nil()));
        assert_eq!(kind(&actor), ActorKind::Key);
        assert_eq!(kind(&Actor::system()), ActorKind::System);
        assert_eq!(kind(&Actor::nobody(Origin::default())), ActorKind::Nobody);
    }
}
