//! Signing in at an OpenID provider: authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636), found by
//! discovery. Checked are the signature by the provider's keys, issuer, audience, expiry, nonce, and the subject of the user
//! info. Not who somebody is here: that is `services::oidc`, which also keeps what a sign-in needs until it comes back.
//!
//! Metadata and keys are kept for an hour, and read again when a signature fits none of them: providers change their keys.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenClaims,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::config::{OidcConfig, Secret};

/// How long metadata and keys are taken for good.
const FRESH: Duration = Duration::from_secs(3600);
/// Keys that fit no signature are read again at most this often: a bad token must not make us ask on and on.
const AGAIN: Duration = Duration::from_secs(30);
/// Longest answer of a provider, bytes.
const LONGEST: usize = 1 << 20;

/// Claims beside the standard ones, whatever they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Others(#[serde(default)] Map<String, Value>);

impl AdditionalClaims for Others {}

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Provider = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What goes with one sign-in from its beginning to its end: random texts, 43 characters each.
#[derive(Clone)]
pub struct Secrets {
    /// Comes back in the address; tells whose sign-in it is.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves to the provider that who comes with the code is who began (RFC 7636).
    pub verifier: String,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

/// Who somebody is, as the provider vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The provider.
    pub issuer: String,
    /// The person there; with the issuer the key of them.
    pub subject: String,
    /// Their e-mail address, where the provider tells it.
    pub email: Option<String>,
    /// Whether the provider has checked that the address is theirs.
    pub email_verified: bool,
    /// Their name.
    pub name: Option<String>,
    /// Their groups.
    pub groups: Vec<String>,
    /// When they last showed the provider who they are, where it tells.
    pub auth_time: Option<DateTime<Utc>>,
}

/// What can go wrong. `Display` is for people; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The provider does not answer, or not as it must.
    #[error("the sign-in service does not answer as it should")]
    Provider(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The provider refuses the code.
    #[error("the sign-in service refused: {0}")]
    Refused(String),
    /// What the provider vouches for does not hold.
    #[error("what the sign-in service answered does not hold")]
    Token(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with the settings of `[oidc]`.
#[derive(Debug, thiserror::Error)]
pub enum OidcConfigError {
    /// An issuer, but no client.
    #[error("oidc.client_id is not set; the provider gives it when this installation is registered there")]
    NoClient,
    /// The issuer is no URL.
    #[error("oidc.issuer is no address")]
    Issuer(#[source] url::ParseError),
    /// The address to come back to is no URL.
    #[error("server.public_url is no address to come back to")]
    Redirect(#[source] url::ParseError),
    /// TLS could not be set up.
    #[error("outgoing HTTP could not be set up")]
    Http(#[source] reqwest::Error),
}

struct Known {
    metadata: CoreProviderMetadata,
    read_at: Instant,
}

struct Inner {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: Option<Secret<String>>,
    redirect: RedirectUrl,
    scopes: Vec<Scope>,
    groups_claim: String,
    http: reqwest::Client,
    now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    known: Mutex<Option<Known>>,
}

/// One provider. Cheap to clone.
#[derive(Clone)]
pub struct Oidc(Arc<Inner>);

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc").field("issuer", &self.0.issuer.as_str()).finish_non_exhaustive()
    }
}

impl Oidc {
    /// The provider that is configured, if one is. Nothing is asked of it yet. `redirect` is the address to come back to.
    ///
    /// # Errors
    /// [`OidcConfigError`].
    pub fn from_config(
        config: &OidcConfig,
        redirect: String,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Result<Option<Self>, OidcConfigError> {
        let Some(issuer) = config.issuer.clone() else { return Ok(None) };
        let client_id = config.client_id.clone().ok_or(OidcConfigError::NoClient)?;
        Ok(Some(Self(Arc::new(Inner {
            issuer: IssuerUrl::new(issuer).map_err(OidcConfigError::Issuer)?,
            client_id: ClientId::new(client_id),
            client_secret: config.client_secret.clone(),
            redirect: RedirectUrl::new(redirect).map_err(OidcConfigError::Redirect)?,
            scopes: config.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new).collect(),
            groups_claim: config.groups_claim.clone(),
            http: crate::http::client(config.deadline()).map_err(OidcConfigError::Http)?,
            now: Box::new(now),
            known: Mutex::new(None),
        }))))
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer.as_str()
    }

    /// The provider's address to send the browser to. `anew`: whoever is signed in there is to show again who they are, and
    /// [`Vouched::auth_time`] says whether they did.
    ///
    /// # Errors
    /// [`OidcError::Provider`].
    pub async fn start(&self, secrets: &Secrets, anew: bool) -> Result<String, OidcError> {
        let provider = self.provider(FRESH).await?;
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(secrets.verifier.clone()));
        let mut asked = provider
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(self.0.scopes.iter().cloned())
            .set_pkce_challenge(challenge);
        if anew {
            // A provider that is asked for an age must tell `auth_time` (OpenID Connect Core 1.0 §2).
            asked = asked.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, ..) = asked.url();
        Ok(url.into())
    }

    /// Exchanges the code for who somebody is.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(&self, code: &str, secrets: &Secrets) -> Result<Vouched, OidcError> {
        let mut provider = self.provider(FRESH).await?;
        let http = |request| fetch(self.0.http.clone(), request);
        let exchange = provider
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(broken)?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()));
        let tokens = exchange.request_async(&http).await.map_err(exchange_failed)?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let id_token = tokens.id_token().ok_or_else(|| OidcError::Token("no ID token came".into()))?;
        let verified = self.verify(&provider, &tokens, &nonce);
        let claims = match verified {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                provider = self.provider(AGAIN).await?;
                self.verify(&provider, &tokens, &nonce)
            }
            verified => verified,
        };
        let claims = claims.map_err(|error| OidcError::Token(Box::new(error)))?;
        if let Some(expected) = claims.access_token_hash() {
            let verifier = provider.id_token_verifier();
            let algorithm = id_token.signing_alg().map_err(|error| OidcError::Token(Box::new(error)))?;
            let key = id_token.signing_key(&verifier).map_err(|error| OidcError::Token(Box::new(error)))?;
            let actual = openidconnect::AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
                .map_err(|error| OidcError::Token(Box::new(error)))?;
            if actual != *expected {
                return Err(OidcError::Token("the access token is not the one of the ID token".into()));
            }
        }
        let mut vouched = self.vouched(&claims);
        if vouched.email.is_none() || vouched.groups.is_empty() {
            // Many providers tell these only when asked for the user info.
            if let Ok(request) = provider.user_info(tokens.access_token().clone(), Some(claims.subject().clone())) {
                let info: UserInfoClaims<Others, CoreGenderClaim> =
                    request.request_async(&http).await.map_err(broken)?;
                self.complete(&mut vouched, &info);
            }
        }
        Ok(vouched)
    }

    fn verify(
        &self,
        provider: &Provider,
        tokens: &StandardTokenResponse<Fields, CoreTokenType>,
        nonce: &Nonce,
    ) -> Result<IdTokenClaims<Others, CoreGenderClaim>, ClaimsVerificationError> {
        let verifier = provider.id_token_verifier().set_time_fn(|| (self.0.now)());
        match tokens.id_token() {
            Some(token) => token.claims(&verifier, nonce).cloned(),
            None => Err(ClaimsVerificationError::Other("no ID token came".to_owned())),
        }
    }

    fn vouched(&self, claims: &IdTokenClaims<Others, CoreGenderClaim>) -> Vouched {
        Vouched {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            email: claims.email().map(|email| email.as_str().to_owned()),
            email_verified: claims.email_verified().unwrap_or(false),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned()),
            groups: self.groups(claims.additional_claims()),
            auth_time: claims.auth_time(),
        }
    }

    fn complete(&self, vouched: &mut Vouched, info: &UserInfoClaims<Others, CoreGenderClaim>) {
        if vouched.email.is_none() {
            vouched.email = info.email().map(|email| email.as_str().to_owned());
            vouched.email_verified = info.email_verified().unwrap_or(false);
        }
        if vouched.name.is_none() {
            vouched.name = info.name().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        }
        if vouched.groups.is_empty() {
            vouched.groups = self.groups(info.additional_claims());
        }
    }

    /// A list of names, or one name.
    fn groups(&self, claims: &Others) -> Vec<String> {
        match claims.0.get(&self.0.groups_claim) {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    /// The provider by metadata that are no older than `most`.
    async fn provider(&self, most: Duration) -> Result<Provider, OidcError> {
        let mut known = self.0.known.lock().await;
        if known.as_ref().is_none_or(|known| known.read_at.elapsed() >= most) {
            let http = |request| fetch(self.0.http.clone(), request);
            let metadata = CoreProviderMetadata::discover_async(self.0.issuer.clone(), &http).await.map_err(broken)?;
            *known = Some(Known { metadata, read_at: Instant::now() });
        }
        let metadata = known.as_ref().map(|known| known.metadata.clone());
        let metadata = metadata.ok_or_else(|| OidcError::Provider("nothing is known of it".into()))?;
        let secret = self.0.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().clone()));
        Ok(Client::from_provider_metadata(metadata, self.0.client_id.clone(), secret)
            .set_redirect_uri(self.0.redirect.clone()))
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> OidcError {
    OidcError::Provider(Box::new(error))
}

fn exchange_failed<E: std::error::Error + Send + Sync + 'static>(
    error: openidconnect::RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> OidcError {
    match error {
        openidconnect::RequestTokenError::ServerResponse(answer) => OidcError::Refused(answer.error().to_string()),
        other => broken(other),
    }
}

/// Why an answer could not be had.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the provider could not be reached")]
    Http(#[from] reqwest::Error),
    #[error("the provider's answer is too long")]
    TooLong,
    #[error("the provider's answer is no HTTP")]
    Odd(#[from] http::Error),
}

async fn fetch(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, FetchError> {
    let mut answer = client.execute(reqwest::Request::try_from(request)?).await?;
    let mut response = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await? {
        if body.len() + part.len() > LONGEST {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&part);
    }
    Ok(response.body(body)?)
}
