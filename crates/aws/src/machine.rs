//! The credentials of the machine that this runs on, for what is no account of the fleet: the bucket that files are kept in. They come
//! from the usual chain (environment, profile, web identity, container, instance) and are kept until shortly before they end.

use std::time::Duration;

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use chrono::{DateTime, TimeDelta, Utc};
use domain::env::Env;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::timeout;

use crate::credentials::default_chain;

/// The chain is given up after this long.
const DEADLINE: Duration = Duration::from_secs(10);
/// Credentials are asked for anew so long before they end.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// A key as it is now.
pub struct MachineKey {
    /// Its public half.
    pub id: String,
    /// Its secret half.
    pub secret: String,
    /// What goes with it, where it is a role's.
    pub token: Option<String>,
}

/// Why there is no key. Holds none.
#[derive(Debug, thiserror::Error)]
pub enum NoMachineKey {
    /// The chain found none.
    #[error("environment, profile, web identity, container and instance give no credentials")]
    Nothing(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The chain did not answer in time.
    #[error("the machine's credentials were not there within ten seconds")]
    Late,
}

/// The machine's own credentials. Made once, asked for each request.
pub struct MachineKeys {
    region: Region,
    env: Env,
    chain: OnceCell<SharedCredentialsProvider>,
    kept: Mutex<Option<Credentials>>,
}

impl MachineKeys {
    /// Touches no network. The region is the one whose STS is asked where the environment names none.
    #[must_use]
    pub fn new(region: &str, env: Env) -> Self {
        let region = Region::new(region.to_owned());
        Self { region, env, chain: OnceCell::new(), kept: Mutex::default() }
    }

    /// The key, asked for anew when the kept one is about to end; until it has ended, it is good where there is no new one. Of many
    /// who ask at once one does it for all.
    ///
    /// # Errors
    /// [`NoMachineKey`].
    pub async fn key(&self) -> Result<MachineKey, NoMachineKey> {
        let mut kept = timeout(DEADLINE, self.kept.lock()).await.map_err(|_| NoMachineKey::Late)?;
        let key = match kept.clone() {
            Some(key) if self.lasts(&key, AHEAD) => key,
            before => match self.ask().await {
                Ok(key) => key,
                Err(error) => before.filter(|key| self.lasts(key, TimeDelta::zero())).ok_or(error)?,
            },
        };
        *kept = Some(key.clone());
        Ok(MachineKey {
            id: key.access_key_id().to_owned(),
            secret: key.secret_access_key().to_owned(),
            token: key.session_token().map(str::to_owned),
        })
    }

    fn lasts(&self, key: &Credentials, longer: TimeDelta) -> bool {
        key.expiry().is_none_or(|end| DateTime::<Utc>::from(end) - longer > self.env.now())
    }

    async fn ask(&self) -> Result<Credentials, NoMachineKey> {
        let asked = async {
            let chain = self.chain.get_or_init(|| Box::pin(default_chain(self.region.clone()))).await;
            chain.provide_credentials().await
        };
        let given = timeout(DEADLINE, asked).await.map_err(|_| NoMachineKey::Late)?;
        given.map_err(|error| NoMachineKey::Nothing(Box::new(error)))
    }
}

impl std::fmt::Debug for MachineKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachineKeys").field("region", &self.region).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
    use std::time::SystemTime;

    use aws_credential_types::provider::error::CredentialsError;
    use aws_credential_types::provider::future;
    use domain::env::{Clock, Random};

    use super::*;

    /// Counts; each of its keys ends an hour after the one before. There are three.
    #[derive(Debug, Default)]
    struct Hourly(AtomicU32);

    impl aws_credential_types::provider::ProvideCredentials for Hourly {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            if number > 3 {
                return future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("there are no more")));
            }
            let end = DateTime::UNIX_EPOCH + TimeDelta::hours(number.into());
            let token = Some(format!("token {number}"));
            let key = Credentials::new(format!("key {number}"), "secret", token, Some(SystemTime::from(end)), "hourly");
            future::ProvideCredentials::ready(Ok(key))
        }
    }

    #[tokio::test]
    async fn a_key_is_kept_until_shortly_before_it_ends() {
        let minutes = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&minutes);
        let now = move || DateTime::UNIX_EPOCH + TimeDelta::minutes(moved.load(Ordering::Relaxed));
        let env = Env { clock: Clock::new(now), random: Random::new(|_| ()) };
        let chain = OnceCell::new_with(Some(SharedCredentialsProvider::new(Hourly::default())));
        let keys = MachineKeys { chain, ..MachineKeys::new("eu-central-1", env) };
        for (minute, id) in [(0, "key 1"), (54, "key 1"), (55, "key 2"), (114, "key 2"), (115, "key 3"), (179, "key 3")]
        {
            minutes.store(minute, Ordering::Relaxed);
            let key = keys.key().await.unwrap();
            assert_eq!(key.id, id, "after {minute} minutes");
            assert_eq!((key.secret.as_str(), key.token.is_some()), ("secret", true));
        }
        minutes.store(180, Ordering::Relaxed);
        assert!(keys.key().await.is_err(), "the last has ended");
        assert!(!format!("{keys:?}").contains("secret"));
    }
}
