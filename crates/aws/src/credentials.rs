//! Where the keys come from: the usual chain, a role assumed from it, or the simulator's dummy keys. Nothing here is
//! stored or logged; the SDK caches and renews. To add a source: a variant of `domain::account::Access`, its function here,
//! and its arm in `connector`.

use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds;
use aws_config::meta::region::RegionProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use domain::cloud::CloudError;

/// Instance metadata is one hop away or not there: it is asked once and given this long.
const IMDS_TIMEOUT: Duration = Duration::from_secs(1);

/// Sessions of an assumed role have this name in CloudTrail.
const SESSION_NAME: &str = "wheelhouse";

/// The usual chain: environment, profile, web identity, container, instance. Building it touches no network; where the
/// environment names no region, `region` is the one whose STS the chain itself asks.
pub(crate) async fn default_chain(region: Region) -> SharedCredentialsProvider {
    let config = ProviderConfig::without_region();
    let imds = imds(&config).build();
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(region);
    let chain = DefaultCredentialsChain::builder().configure(config).region(region).imds_client(imds).build().await;
    SharedCredentialsProvider::new(chain)
}

fn imds(config: &ProviderConfig) -> imds::client::Builder {
    imds::Client::builder()
        .configure(config)
        .max_attempts(1)
        .connect_timeout(IMDS_TIMEOUT)
        .read_timeout(IMDS_TIMEOUT)
        .operation_attempt_timeout(IMDS_TIMEOUT)
        .operation_timeout(2 * IMDS_TIMEOUT)
}

/// A role assumed from `base`; `sdk` is the configuration (endpoint, region, time-outs) with which STS is asked.
pub(crate) async fn role(
    role_arn: &str,
    external_id: Option<&str>,
    base: SharedCredentialsProvider,
    sdk: &SdkConfig,
) -> SharedCredentialsProvider {
    let mut role = AssumeRoleProvider::builder(role_arn).session_name(SESSION_NAME).configure(sdk);
    if let Some(external_id) = external_id {
        role = role.external_id(external_id);
    }
    SharedCredentialsProvider::new(role.build_from_provider(base).await)
}

/// The simulator's dummy keys.
///
/// # Errors
/// [`CloudError::Unauthenticated`] without an endpoint of its own: dummy keys never go to AWS.
pub(crate) fn simulated(endpoint_url: Option<&str>) -> Result<SharedCredentialsProvider, CloudError> {
    if endpoint_url.is_none() {
        return Err(CloudError::Unauthenticated {
            operation: "connect".to_owned(),
            reason: "simulated access needs an endpoint_url".to_owned(),
        });
    }
    let keys = Credentials::new("AKIASIMULATEDAWS0000", "simulated", None, None, "simulated");
    Ok(SharedCredentialsProvider::new(keys))
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials;

    use super::*;

    /// An address that takes connections and never says a word, as a network that swallows instance metadata.
    #[tokio::test]
    async fn silent_instance_metadata_is_given_up_soon() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let silent = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((socket, _)) = listener.accept().await {
                held.push(socket);
            }
        });
        let client = imds(&ProviderConfig::without_region()).endpoint(&endpoint).unwrap().build();
        let provider = imds::credentials::ImdsCredentialsProvider::builder().imds_client(client).build();
        let answer = tokio::time::timeout(Duration::from_secs(20), provider.provide_credentials()).await;
        assert!(answer.expect("it gives up by itself").is_err());
        silent.abort();
    }
}
