//! [`Connector`]: gives out handles to accounts. SDK clients are made once per access and region and shared by all handles;
//! rate limits and circuit breakers are kept even when an account's access changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use domain::account::{Access, AccountAccess};
use domain::cloud::{CloudBreaker, CloudConnector, CloudError, DataApi, EndpointGuard, FleetApi};
use domain::env::Env;
use domain::ids::Region;
use tokio::sync::OnceCell;

use crate::call::{Caller, Gates};
use crate::client::{Handle, SdkClients};
use crate::credentials;
use crate::guarded::Guarded;
use crate::limits::Limits;
use crate::options::AwsOptions;
use crate::policy::GLOBAL_REGION;

/// The longest that connecting may take, as a part of the time one request has.
const CONNECT_PART: u32 = 3;

/// The way to AWS. Make one per process and share it: rate limits and circuit breakers are in it.
pub struct Connector {
    gates: Arc<Gates>,
    clients: Mutex<HashMap<(AccountAccess, Region), Arc<SdkClients>>>,
    base: OnceCell<SharedCredentialsProvider>,
    guarded: Option<Guarded>,
}

impl Connector {
    /// A connector that has no clients yet, with limits of its own. Touches neither network nor files.
    #[must_use]
    pub fn new(options: AwsOptions, env: Env) -> Self {
        Self::with_limits(options, env, Arc::new(Limits::in_process()))
    }

    /// The same, with limits that may be shared with other processes.
    #[must_use]
    pub fn with_limits(options: AwsOptions, env: Env, limits: Arc<Limits>) -> Self {
        Self {
            gates: Arc::new(Gates::new(options, env, limits)),
            clients: Mutex::default(),
            base: OnceCell::new(),
            guarded: None,
        }
    }

    /// The same, whose accounts' own endpoints are guarded: checked before they are used, and their names while connecting.
    #[must_use]
    pub fn guarded(mut self, guard: Arc<dyn EndpointGuard>) -> Self {
        self.guarded = Some(Guarded::new(guard));
        self
    }

    /// A connector whose usual chain is `base`, for tests.
    #[cfg(test)]
    pub(crate) fn with_base(options: AwsOptions, env: Env, base: SharedCredentialsProvider) -> Self {
        Self { base: OnceCell::new_with(Some(base)), ..Self::new(options, env) }
    }

    async fn clients(&self, access: &AccountAccess, region: &Region) -> Result<Arc<SdkClients>, CloudError> {
        let key = (access.clone(), region.clone());
        if let Some(clients) = self.lock().get(&key) {
            return Ok(clients.clone());
        }
        let made = Arc::new(self.make(access, region).await?);
        let mut clients = self.lock();
        // The clients of an access that was since changed would never be used again.
        clients.retain(|(known, _), _| known.account != access.account || known == access);
        Ok(clients.entry(key).or_insert(made).clone())
    }

    async fn handle(&self, account: &AccountAccess, region: &Region) -> Result<Handle, CloudError> {
        let clients = self.clients(account, region).await?;
        let simulated = account.access == Access::Simulated;
        let caller = Caller::new(account.account, region.clone(), simulated, self.gates.clone());
        Ok(Handle::new(clients, caller))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(AccountAccess, Region), Arc<SdkClients>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(&self, access: &AccountAccess, region: &Region) -> Result<SdkClients, CloudError> {
        check_endpoint(access)?;
        let sdk_region = aws_config::Region::new(region.as_str().to_owned());
        let unsigned = self.sdk_config(access, sdk_region.clone())?;
        let base = || self.base.get_or_init(|| Box::pin(credentials::default_chain(sdk_region)));
        let provider = match &access.access {
            Access::Simulated => credentials::simulated(access.endpoint_url.as_deref())?,
            Access::Chain => base().await.clone(),
            Access::Role { role_arn, external_id } => {
                let base = base().await.clone();
                Box::pin(credentials::role(role_arn, external_id.as_deref(), base, &unsigned)).await
            }
        };
        let config = unsigned.into_builder().credentials_provider(provider).build();
        let global = config.to_builder().region(aws_config::Region::from_static(GLOBAL_REGION)).build();
        Ok(SdkClients {
            workspaces: aws_sdk_workspaces::Client::new(&config),
            directory: aws_sdk_directory::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            metrics: aws_sdk_cloudwatch::Client::new(&config),
            trail: aws_sdk_cloudtrail::Client::new(&config),
            costs: aws_sdk_costexplorer::Client::new(&global),
            prices: aws_sdk_pricing::Client::new(&global),
            quotas: aws_sdk_servicequotas::Client::new(&config),
        })
    }

    /// All but the credentials. Nothing is taken from the environment or a profile: an account says all itself.
    fn sdk_config(&self, access: &AccountAccess, region: aws_config::Region) -> Result<SdkConfig, CloudError> {
        let options = &self.gates.options;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(options.attempt_timeout / CONNECT_PART)
            .operation_attempt_timeout(options.attempt_timeout)
            .build();
        let mut builder = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(region)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            // One cache for all clients, so that a role is assumed once, and less than a request may take, so that
            // slow credentials are told apart from a slow service.
            .identity_cache(IdentityCache::lazy().load_timeout(options.attempt_timeout.mul_f64(0.8)).build());
        builder.set_app_name(app_name(&options.app_name));
        match (&access.endpoint_url, &self.guarded) {
            (Some(url), Some(guarded)) => {
                builder.set_endpoint_url(Some(guarded.endpoint(url)?)).set_http_client(Some(guarded.http.clone()));
            }
            (url, _) => {
                builder.set_endpoint_url(url.clone());
            }
        }
        Ok(builder.build())
    }
}

fn app_name(wanted: &str) -> Option<AppName> {
    let clean: String = wanted.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(50).collect();
    AppName::new(clean).ok()
}

fn check_endpoint(access: &AccountAccess) -> Result<(), CloudError> {
    let Some(url) = &access.endpoint_url else { return Ok(()) };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plausible = rest.is_some_and(|rest| !rest.starts_with(['/', ':']) && !rest.is_empty())
        && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    if plausible {
        return Ok(());
    }
    Err(CloudError::Refused {
        operation: "connect".to_owned(),
        code: "InvalidEndpoint".to_owned(),
        reason: "the endpoint_url must begin with https:// or http:// and name a host".to_owned(),
    })
}

impl std::fmt::Debug for Connector {
    /// Says nothing of accounts and clients: they hold external ids and credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("options", &self.gates.options).finish_non_exhaustive()
    }
}

#[async_trait]
impl CloudConnector for Connector {
    async fn connect(&self, account: &AccountAccess, region: &Region) -> Result<Arc<dyn FleetApi>, CloudError> {
        Ok(Arc::new(self.handle(account, region).await?))
    }

    async fn connect_data(&self, account: &AccountAccess, region: &Region) -> Result<Arc<dyn DataApi>, CloudError> {
        Ok(Arc::new(self.handle(account, region).await?))
    }

    fn breakers(&self) -> Vec<CloudBreaker> {
        self.gates.breakers()
    }
}
