//! What is counted of requests to AWS: each attempt, by service, operation and, for its outcome, region and error; by service, how
//! many are under way, and how many calls wait until one may be sent. What a metric means is in `platform::metrics::catalog`.

use std::time::Duration;

use domain::cloud::CloudError;
use domain::ids::Region;
use metrics::Gauge;

use crate::policy::Operation;

impl Operation {
    /// The service and the operation, as in `workspaces:DescribeTags`.
    pub(crate) fn parts(&self) -> (&'static str, &'static str) {
        self.action.split_once(':').unwrap_or((self.action, ""))
    }
}

/// An attempt has ended.
pub(crate) fn attempted(operation: &Operation, region: &Region, took: Duration, error: Option<&CloudError>) {
    let (service, method) = operation.parts();
    metrics::histogram!(
        "rpc_client_call_duration_seconds",
        "rpc_system" => "aws-api", "rpc_service" => service, "rpc_method" => method
    )
    .record(took.as_secs_f64());
    metrics::counter!(
        "wheelhouse_aws_requests_total",
        "rpc_service" => service, "rpc_method" => method, "cloud_region" => region.as_str().to_owned(),
        "error_type" => error.map_or("", CloudError::code)
    )
    .increment(1);
}

/// A call was given up before it was sent: our own limit had no room for it in time.
pub(crate) fn held_back(operation: &Operation) {
    let (service, method) = operation.parts();
    metrics::counter!("wheelhouse_aws_held_back_total", "rpc_service" => service, "rpc_method" => method).increment(1);
}

/// One more in a gauge as long as this lives: also where the work is given up in the middle.
#[must_use]
pub(crate) struct Counted(Gauge);

impl Counted {
    /// A request whose answer has not come.
    pub(crate) fn running(operation: &Operation) -> Self {
        Self::within(metrics::gauge!("wheelhouse_aws_requests_running", "rpc_service" => operation.parts().0))
    }

    /// A call that our own limit holds back for now.
    pub(crate) fn waiting(operation: &Operation) -> Self {
        Self::within(metrics::gauge!("wheelhouse_aws_requests_waiting", "rpc_service" => operation.parts().0))
    }

    fn within(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_is_under_way_is_counted_until_it_ends_or_is_given_up() {
        let value = Arc::new(AtomicU64::default());
        let told = || f64::from_bits(value.load(Ordering::Relaxed)) as u64;
        let gauge = Gauge::from_arc(Arc::clone(&value));
        let one = Counted::within(gauge.clone());
        let other = tokio::spawn(async move {
            let _counted = Counted::within(gauge);
            std::future::pending::<()>().await;
        });
        let both = async {
            while told() < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), both).await.expect("both are counted");
        other.abort();
        assert!(other.await.unwrap_err().is_cancelled());
        assert_eq!(told(), 1);
        drop(one);
        assert_eq!(told(), 0);
    }
}
