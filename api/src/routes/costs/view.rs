//! Costs on the wire.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contract::costs::{
    BilledAccountView, ChargeView, ComparedLineView, ComparedMonthView, CostDayView, CostGroupView, CostSummaryView,
    CurrencyDaysView, CurrencyReconciliationView, CurrencySummaryView, DifferenceLineView, DifferenceView,
    EstimateBeforeView, EstimateFilterView, EstimateGroupView, ForecastView, LineReasonView, MoneyView,
    ReconciledAccountView, ReconciledAccountsView, ReconciledSumView, ReconciliationView, WorkspaceAdviceView,
    WorkspaceCostView,
};
use domain::cost::BillingMode;
use domain::cost::reconcile::{ComparedLine, Part, Reconciliation};
use domain::money::{Currency, Money};
use services::cost::{
    BilledAccount, Compared, CostDays, CostSum, CostSummary, CurrencySummary, EstimateBy, EstimatedGroup, Forecast,
    NotCompared, OTHERS, Reconciled, ReconciledAccount, ReconciledAccounts, ReconciledSum, WorkspaceAdvice,
    WorkspaceEstimate,
};

use crate::error::ApiError;

pub(super) fn summary(summary: CostSummary) -> CostSummaryView {
    CostSummaryView {
        month: summary.month,
        today: summary.today,
        currencies: summary.currencies.into_iter().map(currency_summary).collect(),
        accounts: summary.accounts.into_iter().map(account).collect(),
        not_forecast: summary.not_forecast,
        tag_keys: summary.tag_keys,
    }
}

fn currency_summary(of: CurrencySummary) -> CurrencySummaryView {
    CurrencySummaryView {
        currency: of.month_to_date.currency.to_string(),
        month_to_date: of.month_to_date.into(),
        estimated: of.estimated,
        last_month: of.last_month.into(),
        last_month_to_date: of.last_month_to_date.into(),
        forecast: of.forecast.map(forecast),
    }
}

fn account(account: BilledAccount) -> BilledAccountView {
    BilledAccountView {
        id: account.id,
        name: account.name,
        status: account.status.to_string(),
        fresh_at: account.fresh_at,
        known_from: account.known_from,
        missing_permission: account.missing_permission,
    }
}

/// What is reckoned is told as people write money: more digits would say more than is known.
pub(super) fn forecast(forecast: Forecast) -> ForecastView {
    let written = |money: Money| MoneyView::from(money.rounded(money.currency.minor_digits()));
    ForecastView {
        so_far: forecast.so_far.into(),
        month: written(forecast.month),
        low: written(forecast.low()),
        high: written(forecast.high()),
        final_to: forecast.final_to,
        days_seen: forecast.days_seen,
    }
}

pub(super) fn group(sum: CostSum) -> CostGroupView {
    CostGroupView { key: sum.key, amount: sum.amount.into(), estimated: sum.estimated }
}

/// The days by currency.
pub(super) fn days(found: CostDays) -> Result<Vec<CurrencyDaysView>, ApiError> {
    let mut groups = BTreeMap::<Currency, Vec<CostSum>>::new();
    for group in found.groups {
        groups.entry(group.amount.currency).or_default().push(group);
    }
    let mut rows = BTreeMap::<Currency, BTreeMap<NaiveDate, CostDayView>>::new();
    for day in found.days {
        let currency = day.amount.currency;
        let Some(of) = groups.get(&currency) else { continue };
        let own = of.iter().filter(|group| group.key != OTHERS);
        let row = rows.entry(currency).or_default().entry(day.day).or_insert_with(|| CostDayView {
            day: day.day,
            amounts: vec!["0".to_owned(); own.clone().count()],
            others: "0".to_owned(),
            estimated: false,
        });
        row.estimated |= day.estimated;
        let amount = MoneyView::from(day.amount).amount;
        match own.clone().position(|group| group.key == day.key) {
            Some(at) => row.amounts[at] = amount,
            None => row.others = amount,
        }
    }
    let mut views = Vec::new();
    for (currency, of) in groups {
        let total = Money::sum(of.iter().map(|group| &group.amount), currency).map_err(ApiError::internal)?;
        views.push(CurrencyDaysView {
            currency: currency.to_string(),
            total: total.into(),
            groups: of.into_iter().filter(|sum| sum.key != OTHERS).map(group).collect(),
            other_groups: found.others.get(&currency).copied().unwrap_or(0),
            days: rows.remove(&currency).unwrap_or_default().into_values().collect(),
        });
    }
    Ok(views)
}

/// What is recommended for one.
pub(super) fn advice(found: WorkspaceAdvice) -> WorkspaceAdviceView {
    let WorkspaceAdvice { month, compared, advice } = found;
    let (compared, not_compared) = match compared {
        Ok(month) => {
            let stops = month.mode == BillingMode::Hourly;
            let Compared { hours, unused, always_on, auto_stop, .. } = month;
            let (always_on, auto_stop) = (always_on.into(), auto_stop.into());
            (Some(ComparedMonthView { stops, hours, unused, always_on, auto_stop }), None)
        }
        Err(NotCompared::UsageUnknown) => (None, Some("usage_unknown")),
        Err(NotCompared::NoPrice) => (None, Some("no_price")),
        Err(NotCompared::OtherMode) => (None, Some("other_mode")),
    };
    WorkspaceAdviceView {
        month,
        advice: advice.map(|(advice, _)| advice.as_str().to_owned()),
        saving: advice.map(|(_, saving)| saving.into()),
        compared,
        not_compared: not_compared.map(str::to_owned),
    }
}

pub(super) fn workspace(one: WorkspaceEstimate) -> Result<WorkspaceCostView, ApiError> {
    let total = one.total()?.map(MoneyView::from);
    let (charges, not_reckoned) = match one.charges {
        Ok(charges) => (charges, None),
        Err(why) => (Vec::new(), Some(why.as_str())),
    };
    let charge = |charge: services::cost::ChargeEstimate| ChargeView {
        charge: charge.charge.map_or("volume", domain::cost::Charge::as_str).to_owned(),
        usage_type: charge.usage_type.to_string(),
        quantity: charge.quantity.normalize().to_string(),
        amount: charge.amount.into(),
    };
    let workspace = one.workspace;
    Ok(WorkspaceCostView {
        id: workspace.id,
        aws_id: workspace.aws_id,
        user_name: workspace.user_name,
        account: workspace.account_name,
        region: workspace.region,
        running_mode: workspace.running_mode,
        compute_type: workspace.compute_type,
        hours: one.hours,
        hours_known: one.hours_known,
        uncertain: one.uncertain,
        total,
        not_reckoned: not_reckoned.map(str::to_owned),
        charges: charges.into_iter().map(charge).collect(),
    })
}

pub(super) fn estimate(by: EstimateBy, group: EstimatedGroup) -> EstimateGroupView {
    let filter = estimate_filter(by, &group);
    let views = |sums: Vec<Money>| sums.into_iter().map(MoneyView::from).collect::<Vec<_>>();
    let per_active_user = views(group.per_active_user());
    let before = EstimateBeforeView {
        through: group.before.through,
        workspaces: group.before.workspaces,
        hours_unknown: group.before.hours_unknown,
        estimates: views(group.before.estimates),
        differences: views(group.differences),
    };
    EstimateGroupView {
        key: group.key,
        label: group.label,
        workspaces: group.workspaces,
        not_reckoned: group.not_reckoned,
        hours_unknown: group.hours_unknown,
        active_users: group.active_users,
        estimates: views(group.estimates),
        per_active_user,
        filter,
        before: Some(before),
    }
}

/// The list of WorkSpaces has no filter of our teams, and finds people by searching.
fn estimate_filter(by: EstimateBy, group: &EstimatedGroup) -> Option<EstimateFilterView> {
    let (parameter, value) = match by {
        EstimateBy::Team => return None,
        EstimateBy::Person => ("q", &group.label),
        _ => (by.as_str(), &group.key),
    };
    (!value.is_empty()).then(|| EstimateFilterView { parameter: parameter.to_owned(), value: value.clone() })
}

pub(super) fn reconciled(found: Reconciled) -> ReconciliationView {
    let counts = found.counts;
    ReconciliationView {
        account_id: found.account_id,
        account: found.account_name,
        month: found.month,
        through: found.through,
        currencies: found.currencies.into_iter().map(reconciliation).collect(),
        reckoned: counts.reckoned,
        no_price: counts.no_price,
        other_mode: counts.other_mode,
        hours_unknown: counts.hours_unknown,
        uncertain: counts.uncertain,
    }
}

pub(super) fn reconciled_accounts(found: ReconciledAccounts) -> ReconciledAccountsView {
    ReconciledAccountsView {
        month: found.month,
        accounts: found.accounts.into_iter().map(reconciled_account).collect(),
        totals: found.totals.into_iter().map(reconciled_sum).collect(),
    }
}

fn reconciled_account(found: ReconciledAccount) -> ReconciledAccountView {
    ReconciledAccountView {
        account_id: found.account_id,
        account: found.account_name,
        through: found.through,
        sums: found.sums.into_iter().map(reconciled_sum).collect(),
        reckoned: found.counts.reckoned,
        not_reckoned: found.counts.not_reckoned(),
    }
}

fn reconciled_sum(of: ReconciledSum) -> ReconciledSumView {
    ReconciledSumView { billed: of.billed.into(), estimated: of.estimated.into(), difference: of.difference.into() }
}

fn reconciliation(of: Reconciliation) -> CurrencyReconciliationView {
    let line = |(key, amount): (domain::cost::reconcile::UsageKey, Money)| DifferenceLineView {
        region: key.region,
        usage_type: key.usage_type,
        amount: amount.into(),
    };
    let part = |part: Part| DifferenceView {
        reason: part.reason.to_string(),
        amount: part.amount.into(),
        lines: part.lines.into_iter().map(line).collect(),
    };
    CurrencyReconciliationView {
        billed: of.billed.into(),
        estimated: of.estimated.into(),
        difference: of.difference.into(),
        parts: of.parts.into_iter().map(part).collect(),
        lines: of.lines.into_iter().map(compared_line).collect(),
    }
}

fn compared_line(line: ComparedLine) -> ComparedLineView {
    let reason = |(reason, amount): (domain::cost::reconcile::Reason, Money)| LineReasonView {
        reason: reason.to_string(),
        amount: amount.into(),
    };
    ComparedLineView {
        unit: line.key.unit().map(str::to_owned),
        region: line.key.region,
        usage_type: line.key.usage_type,
        billed: line.billed.map(MoneyView::from),
        estimated: line.estimated.map(MoneyView::from),
        difference: line.difference.into(),
        billed_quantity: line.billed_quantity.map(|quantity| quantity.normalize().to_string()),
        estimated_quantity: line.estimated_quantity.map(|quantity| quantity.normalize().to_string()),
        billed_price: line.billed_price.map(MoneyView::from),
        list_price: line.list_price.map(MoneyView::from),
        reasons: line.reasons.into_iter().map(reason).collect(),
    }
}
