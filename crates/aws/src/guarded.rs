//! The HTTP client for accounts with an endpoint of their own: it resolves names through the guard and connects to no other
//! address than those the guard gave, and it uses no proxy, which would resolve names by itself. AWS's own endpoints are
//! reached with the SDK's usual client. What may be reached is not decided here.

use std::sync::Arc;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use domain::cloud::{CloudError, EndpointGuard};

/// The guard, and the client that asks it.
pub(crate) struct Guarded {
    guard: Arc<dyn EndpointGuard>,
    pub(crate) http: SharedHttpClient,
}

impl Guarded {
    pub(crate) fn new(guard: Arc<dyn EndpointGuard>) -> Self {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build_with_resolver(Resolver(Arc::clone(&guard)));
        Self { guard, http }
    }

    /// The endpoint as it is meant. An address written as one is never resolved, so that this is where it is checked.
    ///
    /// # Errors
    /// [`CloudError::Refused`] with the guard's words.
    pub(crate) fn endpoint(&self, url: &str) -> Result<String, CloudError> {
        self.guard.check_url(url).map_err(|reason| CloudError::Refused {
            operation: "connect".to_owned(),
            code: "EndpointRefused".to_owned(),
            reason,
        })
    }
}

#[derive(Debug, Clone)]
struct Resolver(Arc<dyn EndpointGuard>);

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move { self.0.addresses(name).await.map_err(ResolveDnsError::new) })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Mutex;

    use async_trait::async_trait;
    use domain::account::{Access, AccountAccess};
    use domain::cloud::CloudConnector as _;
    use domain::env::{Clock, Env, Random};
    use domain::ids::AccountId;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;
    use uuid::Uuid;

    use super::*;
    use crate::{AwsOptions, Connector};

    /// Lets through one name, which it resolves as told, and no address that is written as one.
    #[derive(Debug)]
    struct OneName {
        answers: Mutex<Vec<Result<IpAddr, String>>>,
    }

    #[async_trait]
    impl EndpointGuard for OneName {
        fn check_url(&self, url: &str) -> Result<String, String> {
            if url.contains("://127.") { Err("not a public address".to_owned()) } else { Ok(url.to_owned()) }
        }

        async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
            assert_eq!(host, "aws.example");
            self.answers.lock().unwrap().pop().ok_or("no answer left")?.map(|address| vec![address])
        }
    }

    fn env() -> Env {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Env { clock: Clock::new(move || now), random: Random::new(|bytes| bytes.fill(0xff)) }
    }

    fn access(endpoint: &str) -> AccountAccess {
        AccountAccess {
            account: AccountId(Uuid::from_u128(1)),
            access: Access::Simulated,
            endpoint_url: Some(endpoint.to_owned()),
        }
    }

    fn connector(answers: Vec<Result<IpAddr, String>>) -> Connector {
        let options = AwsOptions { max_attempts: 1, ..AwsOptions::default() };
        Connector::new(options, env()).guarded(Arc::new(OneName { answers: Mutex::new(answers) }))
    }

    /// A listener that counts who comes.
    async fn listener() -> (u16, Arc<Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(0));
        let count = Arc::clone(&came);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                drop(socket.read(&mut [0; 1024]).await);
            }
        });
        (port, came)
    }

    #[tokio::test]
    async fn an_address_is_refused_before_anything_is_sent() {
        let (port, came) = listener().await;
        let region = "eu-west-1".parse().unwrap();
        let refused = connector(Vec::new()).connect(&access(&format!("http://127.0.0.1:{port}")), &region).await;
        assert!(matches!(refused, Err(CloudError::Refused { code, .. }) if code == "EndpointRefused"));
        assert_eq!(*came.lock().unwrap(), 0);
    }

    #[tokio::test]
    async fn each_connection_goes_to_the_address_that_was_checked() {
        let (port, came) = listener().await;
        let region = "eu-west-1".parse().unwrap();
        let local = "127.0.0.1".parse().unwrap();
        // First it may be reached; then the name has changed its mind, and the guard too.
        let connector = connector(vec![Err("not a public address".to_owned()), Ok(local)]);
        let api = connector.connect(&access(&format!("http://aws.example:{port}")), &region).await.unwrap();
        assert!(api.caller_identity().await.is_err(), "the listener is no AWS");
        assert_eq!(*came.lock().unwrap(), 1);
        let error = api.caller_identity().await.unwrap_err();
        assert!(error.to_string().contains("not a public address"), "{error}");
        assert_eq!(*came.lock().unwrap(), 1);
    }
}
