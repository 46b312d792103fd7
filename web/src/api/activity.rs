//! What happened, in AWS and here.

use contract::activity::{ActivityQuery, ActivityView};
use contract::paths;

use super::{ApiError, client};

/// One page of the list.
pub async fn list(query: &ActivityQuery) -> Result<ActivityView, ApiError> {
    client::get_query(paths::ACTIVITY, query).await
}
