//! Budgets.

use contract::budgets::{BudgetView, CreateBudgetRequest, UpdateBudgetRequest};
use contract::page::{Page, PageQuery};
use contract::paths;
use domain::ids::BudgetId;

use super::{ApiError, client};

/// Rows of a page.
const ROWS: u32 = 50;

/// One page of the list.
pub async fn list(cursor: Option<String>) -> Result<Page<BudgetView>, ApiError> {
    client::get_query(paths::BUDGETS, &PageQuery { limit: Some(ROWS), cursor }).await
}

/// Makes one.
pub async fn create(request: &CreateBudgetRequest) -> Result<BudgetView, ApiError> {
    client::post(paths::BUDGETS, request).await
}

/// Changes the version that was read.
pub async fn update(id: BudgetId, request: &UpdateBudgetRequest, version: i64) -> Result<BudgetView, ApiError> {
    client::patch_version(&paths::with_id(paths::BUDGET, id), request, version).await
}

/// Deletes the version that was read.
pub async fn delete(id: BudgetId, version: i64) -> Result<(), ApiError> {
    client::delete_version(&paths::with_id(paths::BUDGET, id), Some(version)).await
}
