//! What is counted of requests to AWS: each attempt, by service, operation and, for its outcome, region and error. What a
//! metric means is in `platform::metrics::catalog`.

use std::time::Duration;

use domain::cloud::CloudError;
use domain::ids::Region;

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
