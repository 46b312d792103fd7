//! An OpenID provider that says whatever a test wants, right or wrong: discovery, keys, tokens, user info over real HTTP,
//! signed with a real key (ES256). It has no pages: a test reads nonce and state out of the address that a browser would be
//! sent to, and comes back by itself. The well-behaved provider that tests use as well is not ours (`tests/node`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::config::OidcConfig;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the provider calls the application.
pub const CLIENT_ID: &str = "wheelhouse-test";

/// What the provider says next. The defaults are an honest provider's.
#[derive(Debug, Clone)]
pub struct Says {
    /// The claims of the ID token.
    pub claims: Value,
    /// The header's `alg`; with `none` there is no signature.
    pub alg: String,
    /// Whether the signature is made with another key than the one that is shown.
    pub forged: bool,
    /// What user info answers; `None`: the subject alone.
    pub user_info: Option<Value>,
    /// Whether the token endpoint refuses.
    pub refuses: bool,
}

struct Inner {
    issuer: String,
    key: Mutex<(String, EcdsaKeyPair)>,
    other: EcdsaKeyPair,
    says: Mutex<Says>,
    /// The forms that came to the token endpoint.
    asked: Mutex<Vec<Vec<(String, String)>>>,
}

/// A running provider.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_key() -> Result<EcdsaKeyPair> {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| anyhow::anyhow!("no key"))
}

impl Provider {
    /// Starts one; it ends with the test.
    ///
    /// # Errors
    /// Loopback has no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let says = Says { claims: json!({}), alg: "ES256".to_owned(), forged: false, user_info: None, refuses: false };
        let provider = Self(Arc::new(Inner {
            issuer,
            key: Mutex::new(("key-1".to_owned(), new_key()?)),
            other: new_key()?,
            says: Mutex::new(says),
            asked: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(provider)
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The application's settings for it.
    #[must_use]
    pub fn config(&self, roles: &[&str]) -> OidcConfig {
        OidcConfig {
            issuer: Some(self.issuer().to_owned()),
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(platform::config::Secret::new("a client's secret".to_owned())),
            roles: roles.iter().map(|&pair| pair.to_owned()).collect(),
            ..platform::config::Config::default().oidc
        }
    }

    /// Says something else from now on.
    pub fn say(&self, change: impl FnOnce(&mut Says)) {
        change(&mut locked(&self.0.says));
    }

    /// An honest provider's claims for that person and sign-in.
    #[must_use]
    pub fn claims(&self, subject: &str, nonce: &str, now: i64) -> Value {
        json!({
            "iss": self.issuer(), "sub": subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce,
            "email": format!("{subject}@example.com"), "email_verified": true, "name": format!("The {subject}"),
            "groups": ["staff"],
        })
    }

    /// Signs with a new key from now on, and shows only that.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn change_key(&self) -> Result<()> {
        let mut key = locked(&self.0.key);
        *key = (format!("{}+", key.0), new_key()?);
        Ok(())
    }

    /// The forms that came to the token endpoint.
    #[must_use]
    pub fn asked(&self) -> Vec<Vec<(String, String)>> {
        locked(&self.0.asked).clone()
    }

    fn signed(&self, says: &Says) -> Result<String> {
        let key = locked(&self.0.key);
        let header = json!({ "alg": says.alg, "kid": key.0, "typ": "JWT" });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&says.claims));
        if says.alg == "none" {
            return Ok(format!("{signed}."));
        }
        if says.alg == "HS256" {
            // With the public key as the secret, as in the attack on libraries that take the header's word for it.
            let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.1.public_key().as_ref());
            let tag = aws_lc_rs::hmac::sign(&secret, signed.as_bytes());
            return Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref())));
        }
        let pair = if says.forged { &self.0.other } else { &key.1 };
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).ok().context("it can't be signed")?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let issuer = provider.issuer();
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "userinfo_endpoint": format!("{issuer}/me"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let key = locked(&provider.0.key);
    // An uncompressed point: 4, then 32 bytes each (SEC 1 §2.3.3).
    let point = key.1.public_key().as_ref();
    let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
    Json(json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key.0,
        "x": coordinate(1..33), "y": coordinate(33..65),
    }] }))
}

async fn token(State(provider): State<Provider>, body: String) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    locked(&provider.0.asked).push(form);
    let says = locked(&provider.0.says).clone();
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    if says.refuses {
        return Err(refused());
    }
    let id_token = provider.signed(&says).map_err(|_| refused())?;
    Ok(Json(json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 60, "id_token": id_token })))
}

async fn user_info(State(provider): State<Provider>) -> Json<Value> {
    let says = locked(&provider.0.says);
    Json(says.user_info.clone().unwrap_or_else(|| json!({ "sub": says.claims["sub"] })))
}
