//! The fleet in numbers.

use contract::overview::OverviewView;
use contract::paths;

use super::{ApiError, client};

/// The fleet in numbers.
pub async fn overview() -> Result<OverviewView, ApiError> {
    client::get(paths::OVERVIEW).await
}
