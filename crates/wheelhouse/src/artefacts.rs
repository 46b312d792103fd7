//! The place for files of reports, which `platform` knows and `aws` gives the machine's key for, and a look whether its bucket answers,
//! for as long as the process runs: the log tells when that changes, and `/health` says it as `reports`. A process starts without it
//! and waits for it. Where files are in a folder, nothing is looked at.

use std::error::Error;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use aws::MachineKeys;
use domain::env::Env;
use platform::artefacts::{Artefacts, ArtefactsError, Key, Keys};
use platform::config::{Config, Secret};
use platform::health::{HealthRegistry, Severity};
use platform::shutdown::Shutdown;
use tokio::sync::watch;

/// Between two looks, each of which is a paid request.
const PERIOD: Duration = Duration::from_secs(60);

/// [`MachineKeys`] as `platform` takes them.
#[derive(Debug)]
struct Machine(MachineKeys);

#[async_trait::async_trait]
impl Keys for Machine {
    async fn key(&self) -> Result<Key, Box<dyn Error + Send + Sync>> {
        let key = self.0.key().await?;
        Ok(Key { id: key.id, secret: Secret::new(key.secret), token: key.token.map(Secret::new) })
    }
}

/// As it is set up. Touches no network.
pub fn configured(config: &Config, env: Env) -> Result<Arc<dyn Artefacts>, ArtefactsError> {
    let region = config.reports.s3_region.as_deref().unwrap_or_default();
    platform::artefacts::configured(config, Arc::new(Machine(MachineKeys::new(region, env))))
}

/// Looks until the end, at once and then each minute.
pub fn watch(artefacts: Arc<dyn Artefacts>, health: &HealthRegistry, shutdown: &Shutdown) {
    let (tell, told) = watch::channel(None::<String>);
    health.register("reports", Severity::Degraded, move || ready(told.borrow().clone().map_or(Ok(None), Err)));
    let end = shutdown.token();
    shutdown.spawn(async move { end.run_until_cancelled(look(artefacts, tell)).await });
}

async fn look(artefacts: Arc<dyn Artefacts>, tell: watch::Sender<Option<String>>) {
    loop {
        let found = artefacts.check().await;
        let now = found.as_ref().err().map(ToString::to_string);
        let changed = tell.send_if_modified(|known| {
            let changed = *known != now;
            *known = now;
            changed
        });
        match found {
            Err(error) if changed => {
                tracing::error!(error = &error as &dyn Error, "files of reports can't be kept or fetched: {error}");
            }
            Ok(()) if changed => tracing::info!("files of reports can be kept and fetched again"),
            _ => {}
        }
        tokio::time::sleep(PERIOD).await;
    }
}

#[cfg(test)]
mod tests {
    use platform::health::Status;

    use super::*;

    #[tokio::test]
    async fn a_place_that_fails_is_in_the_health_of_the_process() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (shutdown, looks) = (Shutdown::new(), 600);
        let health = HealthRegistry::new(shutdown.clone());
        watch(platform::artefacts::in_folder(file.path().to_owned()), &health, &shutdown);
        let mut report = health.report().await;
        for _ in 0..looks {
            if report.status != Status::Ok {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            report = health.report().await;
        }
        let said: Vec<_> = report.checks.iter().map(|check| (check.name.as_str(), check.detail.as_deref())).collect();
        assert_eq!(said, [("reports", Some("the folder of reports (reports.dir) can't be read"))]);
        assert_eq!(report.status, Status::Degraded, "everything else goes on");
        shutdown.trigger();
        assert!(shutdown.wait(Duration::from_secs(30)).await);
    }
}
