//! The outgoing HTTP client: rustls, a deadline that cannot be forgotten, our user agent.
//!
//! Not for AWS: the SDK brings its own client. To talk to a new service, take [`client`] once at start and pass it on. For a
//! URL that a user gave, take [`guard::Guard::client`] instead.

mod addresses;
pub mod guard;
#[cfg(test)]
mod guard_tests;

use std::time::Duration;

use reqwest::{Client, ClientBuilder};

/// What we call ourselves towards other services.
pub const USER_AGENT: &str = concat!("wheelhouse/", env!("CARGO_PKG_VERSION"));

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// Chooses aws-lc-rs as the TLS provider of this process. Two providers are linked in (the database driver brings
/// ring), and rustls panics at first use unless one is chosen. Call it first thing in `main`; again is harmless.
pub fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was quicker: then one is installed, which is all that is wanted.
        rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap_or_default();
    }
}

/// A client whose requests end after `deadline`, body included.
///
/// # Errors
/// TLS could not be set up, for example because the system has no root certificates.
pub fn client(deadline: Duration) -> reqwest::Result<Client> {
    builder(deadline).build()
}

/// The same, for callers that set more, such as a streamed answer's `read_timeout`. Redirects are not followed.
#[expect(clippy::disallowed_methods, reason = "the one place where clients are made, with their deadline")]
pub fn builder(deadline: Duration) -> ClientBuilder {
    install_crypto_provider();
    Client::builder()
        .user_agent(USER_AGENT)
        .timeout(deadline)
        .connect_timeout(deadline.min(CONNECT_DEADLINE))
        .redirect(reqwest::redirect::Policy::none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_server_ends_in_a_timeout() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = client(Duration::from_millis(50)).unwrap();
        assert!(client.get(url).send().await.unwrap_err().is_timeout());
    }
}
