//! Data sets: how fresh and complete what was read from AWS is.

use contract::data_sets::{DataSetQuery, DataSetsView};
use contract::paths;

use super::{ApiError, client};

/// The data sets.
pub async fn list(query: &DataSetQuery) -> Result<DataSetsView, ApiError> {
    client::get_query(paths::DATA_SETS, query).await
}
