//! The guard of outgoing connections as the AWS client wants it. What may be reached is `platform::http::guard`'s.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use domain::cloud::EndpointGuard;
use platform::http::guard::Guard;

#[derive(Debug)]
struct Endpoints(Guard);

#[async_trait]
impl EndpointGuard for Endpoints {
    fn check_url(&self, url: &str) -> Result<String, String> {
        let url = self.0.check_url(url).map_err(|error| error.to_string())?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        self.0.addresses(host).await.map_err(|error| error.to_string())
    }
}

/// The guard for accounts' endpoints.
#[must_use]
pub fn endpoint_guard(guard: &Guard) -> Arc<dyn EndpointGuard> {
    Arc::new(Endpoints(guard.clone()))
}
