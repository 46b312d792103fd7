//! How fast AWS lets each operation be called, per account and region. Not the limit of a simulated account, which the
//! options name. To add an operation: its line in [`DOCUMENTED`], with the source of the figure.

use crate::limits::Rate;
use crate::options::AwsOptions;

const fn rate(per_second: f64, burst: f64) -> Rate {
    Rate { per_second, burst }
}

/// Requests per second, and at once, by operation or (without an operation's name) by service.
const DOCUMENTED: &[(&str, Rate)] = &[
    // CloudTrail's guide, quotas: two LookupEvents per second, account and region; it names no burst.
    ("cloudtrail:LookupEvents", rate(2.0, 2.0)),
    // CloudWatch's guide, quotas: 50 GetMetricData per second, account and region. There is a limit on points per second
    // too, which full requests meet first: its throttled answers slow the bucket down.
    ("cloudwatch:GetMetricData", rate(50.0, 50.0)),
    // Cost Explorer publishes no figure; its API reference only says that too many calls in a short time are refused.
    // Some requests per second are known to pass; we have no haste.
    ("ce:GetCostAndUsage", rate(1.0, 1.0)),
    // The Price List's query API publishes no figure in its reference; ten per second are known to pass.
    ("pricing:GetProducts", rate(10.0, 10.0)),
    // Directory Service publishes no figure: held to that of WorkSpaces.
    ("ds:", rate(2.0, 5.0)),
    // Asked once a day: held to that of WorkSpaces.
    ("servicequotas:", rate(2.0, 5.0)),
    // IAM's guide, quotas: 600 per second, account and region, shared with everybody in the account. We need few.
    ("sts:", rate(10.0, 10.0)),
];

/// How much longer one request's way to AWS may be than another's, seconds. AWS's bucket is full when the first request
/// arrives, which is late if the connection had to be made: without a margin those after it come too early for ever.
const JITTER: f64 = 0.25;

/// The limit of an operation. The WorkSpaces API's is the options' own (2 per second, burst 5, in its API reference). What may go
/// at once is less by what [`JITTER`] is worth, so that a client at the limit stays below it.
pub(crate) fn of(action: &str, simulated: bool, options: &AwsOptions) -> Rate {
    if simulated {
        let per_second = options.simulated_requests_per_second;
        return Rate { per_second, burst: options.burst.max(per_second) };
    }
    let Rate { per_second, burst } = match documented(action) {
        Some(known) => Rate { per_second: known.per_second * options.rate_scale, burst: known.burst },
        None => Rate { per_second: options.requests_per_second, burst: options.burst },
    };
    let margin = if per_second.is_finite() { per_second * JITTER } else { 0.0 };
    Rate { per_second, burst: (burst - margin).max(1.0) }
}

fn documented(action: &str) -> Option<Rate> {
    let applies = |name: &str| action == name || (name.ends_with(':') && action.starts_with(name));
    DOCUMENTED.iter().find(|(name, _)| applies(name)).map(|(_, rate)| *rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;

    #[test]
    fn every_operation_but_those_of_workspaces_is_in_the_table() {
        for operation in OPERATIONS {
            let of_workspaces = operation.action.starts_with("workspaces:");
            assert_eq!(documented(operation.action).is_none(), of_workspaces, "{}", operation.action);
        }
        for (name, _) in DOCUMENTED {
            assert!(OPERATIONS.iter().any(|operation| operation.action.starts_with(name)), "{name} is not called");
        }
    }

    #[test]
    fn options_scale_what_is_documented() {
        let options = AwsOptions { requests_per_second: 7.0, burst: 9.0, rate_scale: 0.5, ..AwsOptions::default() };
        assert_eq!(of("workspaces:DescribeTags", false, &options), rate(7.0, 7.25));
        assert_eq!(of("cloudtrail:LookupEvents", false, &options), rate(1.0, 1.75));
        assert_eq!(of("ds:DescribeDirectories", false, &options), rate(1.0, 4.75));
        assert_eq!(of("cloudwatch:GetMetricData", true, &options), rate(500.0, 500.0));
        let defaults = AwsOptions::default();
        assert_eq!(of("workspaces:DescribeWorkspaces", false, &defaults), rate(2.0, 4.5));
        assert_eq!(of("cloudwatch:GetMetricData", false, &defaults), rate(50.0, 37.5));
        assert_eq!(of("ce:GetCostAndUsage", false, &defaults), rate(1.0, 1.0));
        let endless = AwsOptions { requests_per_second: f64::INFINITY, ..defaults };
        assert_eq!(of("workspaces:DescribeTags", false, &endless), rate(f64::INFINITY, 5.0));
    }
}
