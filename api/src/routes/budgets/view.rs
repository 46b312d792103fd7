//! Budgets on the wire.

use contract::budgets::{BudgetView, CreateBudgetRequest, CrossingView};
use domain::money::{Currency, Money};
use services::budgets::{BudgetReach, BudgetState, NewBudget};

use crate::error::ApiError;

pub(super) fn budget(state: BudgetState) -> BudgetView {
    let percent = format!("{:.1}", state.percent());
    let budget = state.budget;
    let mut view = BudgetView {
        id: budget.id,
        name: budget.name,
        reach: "everything".to_owned(),
        account_id: None,
        account: state.account_name,
        region: None,
        tag_key: None,
        tag_value: None,
        amount: budget.amount.into(),
        thresholds: budget.thresholds,
        month: state.month,
        spent: state.spent.into(),
        estimated: state.estimated,
        percent,
        forecast: state.forecast.map(Into::into),
        crossed: state.crossed.into_iter().map(|(threshold, at)| CrossingView { threshold, at }).collect(),
        created_at: budget.created_at,
        updated_at: budget.updated_at,
        version: budget.version,
    };
    let reach = match budget.reach {
        BudgetReach::Everything => "everything",
        BudgetReach::Account(id) => {
            view.account_id = Some(id);
            "account"
        }
        BudgetReach::Region(region) => {
            view.region = Some(region);
            "region"
        }
        BudgetReach::Tag { key, value } => {
            (view.tag_key, view.tag_value) = (Some(key), Some(value));
            "tag"
        }
    };
    reach.clone_into(&mut view.reach);
    view
}

/// What a body describes.
///
/// # Errors
/// 422 `invalid_body` with the first field that is wrong.
pub(super) fn new_budget(request: CreateBudgetRequest) -> Result<NewBudget, ApiError> {
    let missing = |field: &str| ApiError::body_field(field, "missing", "goes with this `reach`");
    let given = [
        ("account_id", request.account_id.is_some(), "account"),
        ("region", request.region.is_some(), "region"),
        ("tag_key", request.tag_key.is_some(), "tag"),
        ("tag_value", request.tag_value.is_some(), "tag"),
    ];
    if let Some((field, ..)) = given.iter().find(|(_, given, reach)| *given && request.reach != *reach) {
        return Err(ApiError::body_field(field, "unexpected", "does not go with this `reach`"));
    }
    let reach = match request.reach.as_str() {
        "everything" => BudgetReach::Everything,
        "account" => BudgetReach::Account(request.account_id.ok_or_else(|| missing("account_id"))?),
        "region" => {
            let region = request.region.ok_or_else(|| missing("region"))?;
            let wrong = |_| ApiError::body_field("region", "invalid", "must be a region code such as eu-central-1");
            BudgetReach::Region(region.parse().map_err(wrong)?)
        }
        "tag" => BudgetReach::Tag {
            key: request.tag_key.ok_or_else(|| missing("tag_key"))?,
            value: request.tag_value.unwrap_or_default(),
        },
        _ => {
            let message = format!("must be one of: {}", contract::budgets::REACHES.join(", "));
            return Err(ApiError::body_field("reach", "unknown_value", message));
        }
    };
    let wrong = |_| ApiError::body_field("currency", "invalid", "must be a currency code of three capital letters");
    let currency = request.currency.parse().map_err(wrong)?;
    Ok(NewBudget {
        name: request.name,
        reach,
        amount: amount(&request.amount, currency)?,
        thresholds: request.thresholds,
    })
}

/// An amount as people write it: digits, and a point before its decimals.
///
/// # Errors
/// 422 `invalid_body`.
pub(super) fn amount(text: &str, currency: Currency) -> Result<Money, ApiError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let amount = Money::parse(text, currency).ok().filter(|_| plain);
    amount.ok_or_else(|| ApiError::body_field("amount", "invalid", "must be an amount such as 1500 or 99.50"))
}
