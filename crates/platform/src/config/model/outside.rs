//! Settings of what is reached outside: outgoing requests, mail, the identity provider and the model.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::blank_is_none;
use crate::config::{Cidr, Secret, SecretUrl};

/// `[outgoing]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingConfig {
    /// Private networks that URLs given by users may lead to.
    pub allow: Vec<Cidr>,
}

/// `[mail]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://…` or `smtp://…`; `None`: no mail is sent.
    #[serde(deserialize_with = "blank_is_none")]
    pub smtp_url: Option<SecretUrl>,
    /// The sender, as `Name <address>`.
    #[serde(deserialize_with = "blank_is_none")]
    pub from: Option<String>,
    /// Seconds within which the server must have taken a message.
    pub deadline_seconds: u64,
}

impl MailConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }
}

/// `[oidc]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The provider; `None`: nobody signs in there.
    #[serde(deserialize_with = "blank_is_none")]
    pub issuer: Option<String>,
    /// What the provider calls this installation.
    #[serde(deserialize_with = "blank_is_none")]
    pub client_id: Option<String>,
    /// The secret that the provider gave; `None` for a public client.
    #[serde(deserialize_with = "blank_is_none")]
    pub client_secret: Option<Secret<String>>,
    /// What people know the provider as.
    pub name: String,
    /// Scopes asked for, besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists somebody's groups.
    pub groups_claim: String,
    /// Whether e-mail addresses count as checked although the provider does not say so.
    pub trust_email: bool,
    /// Domains of e-mail addresses of which people become users; empty: every.
    pub email_domains: Vec<String>,
    /// `group=role`.
    pub roles: Vec<String>,
    /// Seconds that one answer of the provider may take.
    pub deadline_seconds: u64,
}

impl OidcConfig {
    /// `deadline_seconds` as a duration.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// The groups with their roles, in order.
    pub fn group_roles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.roles.iter().filter_map(|pair| pair.rsplit_once('=')).map(|(group, role)| (group.trim(), role.trim()))
    }
}

/// `[ai]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AiConfig {
    /// Address of the assistant service.
    #[serde(deserialize_with = "blank_is_none")]
    pub url: Option<String>,
    /// The model's file or folder; `None`: there is no model.
    #[serde(deserialize_with = "blank_is_none")]
    pub model: Option<PathBuf>,
    /// Tokens that the cache holds.
    pub context: usize,
    /// How the cache is kept: `f16` or `int8`.
    pub kv: String,
    /// Threads that compute; 0: one per processor.
    pub threads: usize,
    /// Most megabytes that the model may take; 0: what the machine has left.
    pub memory_mb: u64,
    /// Requests that run together.
    pub parallel: usize,
    /// Requests that may wait.
    pub queue: usize,
    /// Seconds after which an answer is cancelled.
    pub deadline_seconds: u64,
    /// Address of a smaller model's service; `None`: there is none.
    #[serde(deserialize_with = "blank_is_none")]
    pub small_url: Option<String>,
    /// Address of a service elsewhere; `None`: nothing is sent anywhere.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_url: Option<String>,
    /// The model to ask for there.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_model: Option<String>,
    /// The key for it.
    #[serde(deserialize_with = "blank_is_none")]
    pub remote_key: Option<Secret<String>>,
    /// Seconds in which a model phrases an answer.
    pub answer_seconds: u64,
    /// Tokens a month of each person; 0: as many as they like.
    pub tokens_per_person: u64,
    /// Tokens a month of each team; 0: as many as they like.
    pub tokens_per_team: u64,
}

impl AiConfig {
    /// An answer that is not whole after this is cancelled.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// A model that has not phrased an answer by then is passed over.
    pub fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_seconds)
    }
}
