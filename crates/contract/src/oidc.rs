//! Signing in at an OpenID provider.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// Whether people may sign in at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcView {
    /// What people know the provider as; absent where none is set up.
    pub name: Option<String>,
}

/// How a sign-in begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct OidcStartQuery {
    /// The page to come back to: a path of the portal, such as `/workspaces`. Anything else is the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<String>,
}

/// What the provider sends the browser back with. Providers add parameters of their own, which are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct OidcReturnQuery {
    /// The code to exchange.
    #[serde(default)]
    pub code: Option<String>,
    /// Whose sign-in it is.
    #[serde(default)]
    pub state: Option<String>,
    /// The provider (RFC 9207).
    #[serde(default)]
    pub iss: Option<String>,
    /// Why not.
    #[serde(default)]
    pub error: Option<String>,
}

/// Proves at the provider who is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OidcProofRequest {
    /// The page to come back to: a path of the portal, such as `/users`; left out, the profile. Anything else is the first page.
    #[garde(inner(length(bytes, max = 500)))]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_to: Option<String>,
}

/// Where the browser goes, to join the provider's person to oneself or to prove that one still is them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OidcLinkView {
    /// The provider's address.
    pub url: String,
}
