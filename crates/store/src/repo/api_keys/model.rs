//! API keys as this crate takes and gives them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::ids::{ApiKeyId, UserId};

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// The id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it begins with, to be recognised by; no secret.
    pub prefix: String,
    /// What it was made for.
    pub permissions: BTreeSet<Permission>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself; `None` for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used; written now and then only.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where it was last used.
    pub last_used_ip: Option<String>,
    /// When somebody ended it.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The key that took its place.
    pub replaced_by: Option<ApiKeyId>,
    /// Until when it works beside the one that took its place.
    pub good_until: Option<DateTime<Utc>>,
    /// Rises with each change.
    pub version: i64,
}

impl ApiKeyRecord {
    /// When it ends by itself, whatever comes first; `None` for never.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        [self.expires_at, self.good_until].into_iter().flatten().min()
    }

    /// Whether it works then, as far as the key alone tells.
    #[must_use]
    pub fn works(&self, at: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.ends_at().is_none_or(|end| at < end)
    }
}

/// A key with the e-mail address of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedApiKey {
    /// The key.
    pub key: ApiKeyRecord,
    /// Whose it is.
    pub email: String,
}

/// A key to keep.
#[derive(Clone)]
pub struct NewApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: String,
    /// What it begins with.
    pub prefix: String,
    /// The hash of the whole.
    pub secret_hash: String,
    /// What it is for.
    pub permissions: BTreeSet<Permission>,
    /// Now.
    pub at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApiKey").field("id", &self.id).field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// What the list is narrowed to. An empty field does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiKeyFilter {
    /// Whose.
    pub user_id: Option<UserId>,
    /// Letters anywhere in the name or the prefix, without regard to case.
    pub q: Option<String>,
    /// Only those that work at that moment.
    pub working_at: Option<DateTime<Utc>>,
}

/// In what order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApiKeySort {
    /// By name; otherwise by when it was made.
    pub by_name: bool,
    /// The greatest first.
    pub descending: bool,
}

/// A page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyPage {
    /// The keys.
    pub rows: Vec<OwnedApiKey>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
    /// Keys that match in all.
    pub total: u64,
}
