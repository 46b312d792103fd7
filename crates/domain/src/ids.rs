//! Typed ids and small validated names. An id is a newtype, never a bare `Uuid` or `String`, so that an account id can't
//! stand where a user id is wanted. To add one: a line in `uuid_ids!`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A name that is not in a fixed list; its `Display` names the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {what}; it is one of: {choices}")]
pub struct UnknownName {
    /// The type that was asked for.
    pub what: &'static str,
    /// What was given.
    pub given: String,
    /// The choices, separated by spaces.
    pub choices: &'static str,
}

macro_rules! uuid_ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
    )+};
}

uuid_ids! {
    /// A connected AWS account (our row, not AWS's 12 digits).
    AccountId,
    /// A WorkSpace (our row; AWS's `ws-…` is `aws_id`).
    WorkspaceId,
    /// A directory row.
    DirectoryId,
    /// A bundle row.
    BundleId,
    /// An image (our row; AWS's `wsi-…` is `aws_id`).
    ImageId,
    /// A quota of an account and region (our row; AWS's `L-…` is its code).
    QuotaId,
    /// A person who may sign in.
    UserId,
    /// A signed-in session.
    SessionId,
    /// A job in the queue.
    JobId,
    /// One run of a sync.
    SyncRunId,
    /// A CloudTrail event (our row; AWS's id of it is `event_id`).
    TrailEventId,
    /// A role that somebody made, beside the built-in ones.
    RoleId,
    /// A team of people.
    TeamId,
    /// Somebody's conversation with the assistant.
    ConversationId,
    /// A question to the assistant, with its answer.
    TurnId,
    /// A role held within a scope by a person.
    GrantId,
    /// An API key.
    ApiKeyId,
    /// An invitation.
    InvitationId,
    /// A budget.
    BudgetId,
    /// A report that is made again and again.
    ReportId,
    /// A file that was made of a report.
    ReportRunId,
    /// The sending of such a file to somebody.
    ReportDeliveryId,
    /// A request of somebody with a desktop.
    RequestId,
    /// A saved view.
    ViewId,
}

/// The name space of ids that are derived from what AWS calls a thing (`UUIDv5`, RFC 9562 §5.5).
const DERIVED: Uuid = Uuid::from_u128(0x3f1c_1e6a_5d0b_4b6e_9d52_77e1_5c0a_8f10);

fn derive(kind: &str, account: AccountId, region: &Region, aws_id: &str) -> Uuid {
    Uuid::new_v5(&DERIVED, format!("{kind}|{account}|{region}|{aws_id}").as_bytes())
}

impl WorkspaceId {
    /// The row id of the WorkSpace `aws_id` of that account and region: the same each time, so that an upsert needs no look-up.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, aws_id: &str) -> Self {
        Self(derive("workspace", account, region, aws_id))
    }
}

impl DirectoryId {
    /// The row id of the directory `aws_id` of that account and region.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, aws_id: &str) -> Self {
        Self(derive("directory", account, region, aws_id))
    }
}

impl BundleId {
    /// The row id of the bundle `aws_id` as that account and region see it.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, aws_id: &str) -> Self {
        Self(derive("bundle", account, region, aws_id))
    }
}

impl ImageId {
    /// The row id of the image `aws_id` as that account and region see it.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, aws_id: &str) -> Self {
        Self(derive("image", account, region, aws_id))
    }
}

impl QuotaId {
    /// The row id of the quota `code` of that account and region.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, code: &str) -> Self {
        Self(derive("quota", account, region, code))
    }
}

impl TrailEventId {
    /// The row id of the event that CloudTrail calls `event_id` in that account and region.
    #[must_use]
    pub fn derive(account: AccountId, region: &Region, event_id: &str) -> Self {
        Self(derive("trail-event", account, region, event_id))
    }
}

/// An AWS region code, such as `eu-central-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

/// Why a text is not a region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an AWS region code; write it like eu-central-1")]
pub struct InvalidRegion(pub String);

impl Region {
    /// The code, such as `eu-central-1`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let number_last = text
            .rsplit('-')
            .next()
            .is_some_and(|p| p.len() <= 2 && p.bytes().all(|b| b.is_ascii_digit()) && !p.is_empty());
        let lower = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let parted = parts.by_ref().count() >= 3 && text.split('-').all(|p| !p.is_empty());
        if number_last && lower && parted && text.len() <= 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRegion(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidRegion;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_codes() {
        for good in ["eu-central-1", "us-gov-west-1", "ap-southeast-12"] {
            assert_eq!(good.parse::<Region>().map(|r| r.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "frankfurt", "EU-CENTRAL-1", "eu-central", "eu--1", "eu-central-1 ", "-eu-1"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
    }

    #[test]
    fn derived_ids_differ_by_account_region_and_kind() {
        let (a, b) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let region: Region = "eu-west-1".parse().unwrap();
        let other: Region = "eu-west-2".parse().unwrap();
        let id = WorkspaceId::derive(a, &region, "ws-1");
        assert_eq!(id, WorkspaceId::derive(a, &region, "ws-1"));
        assert_ne!(id, WorkspaceId::derive(b, &region, "ws-1"));
        assert_ne!(id, WorkspaceId::derive(a, &other, "ws-1"));
        assert_ne!(id.0, DirectoryId::derive(a, &region, "ws-1").0);
    }
}
