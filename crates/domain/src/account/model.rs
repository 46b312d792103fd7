//! How an AWS account is reached.

use crate::ids::AccountId;

closed_enum! {
    /// Where the credentials of an account come from.
    pub enum CredentialKind {
        /// The usual AWS chain: environment, profile, container, instance.
        Chain = "chain",
        /// AssumeRole with an external id, starting from the usual chain.
        Role = "role",
        /// Fixed dummy keys for the simulated AWS; only with an `endpoint_url` of its own.
        Simulated = "simulated",
    }
}

/// Credentials of an account, with what each kind needs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Access {
    /// The usual AWS chain.
    Chain,
    /// AssumeRole, starting from the usual chain.
    Role {
        /// The role's ARN.
        role_arn: String,
        /// The external id that the role's trust policy asks for.
        external_id: Option<String>,
    },
    /// Fixed dummy keys.
    Simulated,
}

impl Access {
    /// The kind alone.
    #[must_use]
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::Chain => CredentialKind::Chain,
            Self::Role { .. } => CredentialKind::Role,
            Self::Simulated => CredentialKind::Simulated,
        }
    }
}

/// All that is needed to call AWS for an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountAccess {
    /// Our row.
    pub account: AccountId,
    /// Where the credentials come from.
    pub access: Access,
    /// Another endpoint for every service: an emulator or a VPC endpoint. `None` for AWS's own.
    pub endpoint_url: Option<String>,
}
