//! Small costs of other services, so that a filter on the service matters: directories, monitoring, the network.

use chrono::NaiveDate;

use crate::{fleet::Fleet, pricing::tariff::place, rng::Rng};

/// A day's cost of another service.
#[derive(Debug)]
pub(crate) struct Other {
    pub(crate) service: &'static str,
    pub(crate) usage_type: String,
    pub(crate) operation: &'static str,
    pub(crate) unit: &'static str,
    /// 1e-10 USD.
    pub(crate) amount: i64,
    /// 1e-10 units.
    pub(crate) quantity: i64,
}

/// A hundredth of a cent.
const STEP: i64 = 1_000_000;
const ONE: i64 = 10_000_000_000;

/// All of a day in a region.
pub(crate) fn of_day(seed: u64, fleet: &Fleet, day: NaiveDate) -> Vec<Other> {
    let prefix = place(&fleet.region).prefix;
    let mut rng = Rng::from_parts(seed, &format!("other {} {} {day}", fleet.account, fleet.region));
    let directories = fleet.directories.len() as i64;
    if directories == 0 {
        return Vec::new();
    }
    let requests = 2_000 + rng.below(3_000) as i64;
    let gigabytes = 3 + rng.below(9) as i64;
    vec![
        Other {
            service: "AWS Directory Service",
            usage_type: format!("{prefix}ADConnector:Large-DirectoryUsage"),
            operation: "CreateDirectory",
            unit: "Hrs",
            amount: directories * 24 * 1_500 * STEP,
            quantity: directories * 24 * ONE,
        },
        Other {
            service: "AmazonCloudWatch",
            usage_type: format!("{prefix}CW:GMD-Metrics"),
            operation: "GetMetricData",
            unit: "Metrics",
            amount: requests * STEP / 10,
            quantity: requests * ONE,
        },
        Other {
            service: "EC2 - Other",
            usage_type: format!("{prefix}NatGateway-Bytes"),
            operation: "NatGateway",
            unit: "GB",
            amount: gigabytes * 450 * STEP,
            quantity: gigabytes * ONE,
        },
    ]
}
