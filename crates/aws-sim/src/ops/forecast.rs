//! Cost Explorer's `GetCostForecast`: the last four whole weeks go on, weekday by weekday.

use chrono::{Datelike as _, Days, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Call,
    cost::{Interval, granularity, invalid, unavailable},
    input, to_json,
};
use crate::{
    billing::{
        Clock, Month,
        explore::{Granularity, Question},
        filter::Filter,
    },
    pricing::decimal,
    wire::error::ApiError,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForecastRequest {
    time_period: Interval,
    metric: String,
    granularity: String,
    filter: Option<Value>,
    prediction_interval_level: Option<i64>,
}

/// Days of the past that a forecast is made of.
const SEEN: u64 = 28;

pub(super) fn get_cost_forecast(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ForecastRequest = input::read(call.body)?;
    let clock = Clock { now: call.simulator.now().timestamp() };
    let granularity = granularity(&request.granularity)?;
    let (from, to) = request.time_period.days()?;
    if from < clock.today() {
        return Err(invalid("Start date must be on or after the current date."));
    }
    let most = if granularity == Granularity::Daily { 93 } else { 18 * 31 };
    if (to - from).num_days() > most {
        return Err(invalid("The end date is too far in the future for this granularity."));
    }
    let level = request.prediction_interval_level.unwrap_or(80);
    if !(51..=99).contains(&level) {
        return Err(ApiError::constraint(
            "predictionIntervalLevel",
            &level.to_string(),
            "Member must be between 51 and 99",
        ));
    }
    let quantity = match request.metric.as_str() {
        "USAGE_QUANTITY" => true,
        "BLENDED_COST" | "UNBLENDED_COST" | "AMORTIZED_COST" | "NET_UNBLENDED_COST" | "NET_AMORTIZED_COST" => false,
        other => return Err(invalid(format!("Metric {other} is not supported for forecasts."))),
    };
    let filter = request.filter.as_ref().map(Filter::read).transpose()?;

    // The last whole four weeks, weekday by weekday.
    let seen_to = clock.today() - Days::new(2);
    let question = Question {
        account: &call.caller.account,
        from: seen_to - Days::new(SEEN),
        to: seen_to,
        granularity: Granularity::Daily,
        filter: filter.as_ref(),
        groups: &[],
    };
    let mut weekdays = [0_i128; 7];
    let mut any = false;
    for period in call.simulator.0.books.answer(call.simulator, &question).iter() {
        for total in period.groups.values() {
            any = true;
            let value = if quantity { total.quantity } else { total.amount };
            weekdays[period.from.weekday().num_days_from_monday() as usize] += value;
        }
    }
    if !any {
        return Err(unavailable("Insufficient amount of historical data to generate forecast."));
    }
    let mean_of = |day: NaiveDate| weekdays[day.weekday().num_days_from_monday() as usize] / i128::from(SEEN / 7);

    let mut results = Vec::new();
    let mut total = 0;
    let mut start = from;
    while start < to {
        let end = match granularity {
            Granularity::Daily => start + Days::new(1),
            Granularity::Monthly => Month::of(start).next().first_day(),
        }
        .min(to);
        let mean: i128 = start.iter_days().take_while(|day| *day < end).map(mean_of).sum();
        total += mean;
        // Wider the surer it shall be.
        let margin = mean * i128::from(level) / 1_000;
        results.push(json!({
            "TimePeriod": { "Start": start.to_string(), "End": end.to_string() },
            "MeanValue": decimal(mean),
            "PredictionIntervalLowerBound": decimal(mean - margin),
            "PredictionIntervalUpperBound": decimal(mean + margin),
        }));
        start = end;
    }
    let unit = if quantity { "N/A" } else { "USD" };
    to_json(&json!({ "Total": { "Amount": decimal(total), "Unit": unit }, "ForecastResultsByTime": results }))
}
