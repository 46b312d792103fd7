//! Cost Explorer: `GetCostAndUsage`, `GetDimensionValues`, `GetTags` (`GetCostForecast` is in `forecast.rs`). The sums are `crate::billing`'s.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, input, to_json};
use crate::{
    billing::{
        Clock, Month,
        explore::{Granularity, Group, Period, Question, Total},
        filter::{DIMENSIONS, Filter},
    },
    pricing::decimal,
    wire::{
        error::ApiError,
        page::{self, Pager, Position},
    },
};

/// Rows (groups, or periods without groups) of one page.
const PAGE: usize = 1_000;
/// How far back there is anything, in months.
const MONTHS_BACK: u32 = 14;

const METRICS: &[&str] = &[
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
];

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(400, "ValidationException", message)
}

pub(super) fn unavailable(message: &'static str) -> ApiError {
    ApiError::new(400, "DataUnavailableException", message)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Interval {
    start: String,
    end: String,
}

impl Interval {
    pub(super) fn days(&self) -> Result<(NaiveDate, NaiveDate), ApiError> {
        let day = |which: &str, text: &str| {
            text.parse::<NaiveDate>()
                .map_err(|_| invalid(format!("{which} date {text} is invalid. Valid format is: yyyy-MM-dd.")))
        };
        let (start, end) = (day("Start", &self.start)?, day("End", &self.end)?);
        if start >= end {
            return Err(invalid("Start date (and hour) should be before end date (and hour)"));
        }
        Ok((start, end))
    }

    /// A range that has passed or is passing.
    fn past(&self, clock: Clock) -> Result<(NaiveDate, NaiveDate), ApiError> {
        let (start, end) = self.days()?;
        let today = clock.today();
        if start < Month::of(today).back(MONTHS_BACK).first_day() {
            return Err(invalid("You haven't enabled historical data beyond 14 months"));
        }
        if start > today {
            return Err(unavailable("Data is not available. Please try to adjust the time period."));
        }
        if end > Month::of(today).next().first_day() {
            return Err(invalid("end date past the beginning of next month"));
        }
        Ok((start, end))
    }
}

pub(super) fn granularity(text: &str) -> Result<Granularity, ApiError> {
    match text {
        "DAILY" => Ok(Granularity::Daily),
        "MONTHLY" => Ok(Granularity::Monthly),
        "HOURLY" => Err(invalid("Hourly data granularity is not enabled for this account.")),
        other => Err(ApiError::constraint(
            "granularity",
            other,
            "Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]",
        )),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UsageRequest {
    time_period: Interval,
    granularity: String,
    metrics: Vec<String>,
    filter: Option<Value>,
    #[serde(default)]
    group_by: Vec<GroupBy>,
    next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupBy {
    r#type: Option<String>,
    key: Option<String>,
}

impl GroupBy {
    fn read(&self) -> Result<Group, ApiError> {
        let key = self.key.clone().unwrap_or_default();
        match self.r#type.as_deref().unwrap_or("DIMENSION") {
            "DIMENSION" if DIMENSIONS.contains(&key.as_str()) => Ok(Group::Dimension(key)),
            "DIMENSION" => Err(invalid(format!("Group Definition dimension is invalid: {key}"))),
            "TAG" if !key.is_empty() => Ok(Group::Tag(key)),
            kind => Err(invalid(format!("Group Definition type {kind} with key '{key}' is not supported."))),
        }
    }
}

/// A token must belong to this very question.
fn position(seed: u64, pager: Pager, token: Option<&str>) -> Result<Option<Position>, ApiError> {
    token
        .map(|token| {
            pager.position(token).ok_or_else(|| {
                if page::page_number(seed, Some(token)) > 1 {
                    ApiError::new(
                        400,
                        "RequestChangedException",
                        "Your request parameters changed between pages. Try again with the old parameters or without a \
                         pagination token.",
                    )
                } else {
                    ApiError::new(
                        400,
                        "InvalidNextTokenException",
                        "The pagination token is invalid. Try again without a pagination token.",
                    )
                }
            })
        })
        .transpose()
}

fn metrics(wanted: &[String], total: &Total) -> Value {
    let value = |metric: &String| match metric.as_str() {
        "UsageQuantity" => json!({ "Amount": decimal(total.quantity), "Unit": total.unit.unwrap_or("N/A") }),
        "NormalizedUsageAmount" => json!({ "Amount": "0", "Unit": "N/A" }),
        _ => json!({ "Amount": decimal(total.amount), "Unit": "USD" }),
    };
    wanted.iter().map(|metric| (metric.clone(), value(metric))).collect::<Map<_, _>>().into()
}

fn interval(period: &Period) -> Value {
    json!({ "Start": period.from.to_string(), "End": period.to.to_string() })
}

pub(super) fn get_cost_and_usage(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: UsageRequest = input::read(call.body)?;
    let clock = Clock { now: call.simulator.now().timestamp() };
    let granularity = granularity(&request.granularity)?;
    let (from, to) = request.time_period.past(clock)?;
    if request.metrics.is_empty() {
        return Err(invalid("Metrics must not be empty."));
    }
    if let Some(unknown) = request.metrics.iter().find(|metric| !METRICS.contains(&metric.as_str())) {
        return Err(invalid(format!("Metric {unknown} is invalid. Valid values are: {}.", METRICS.join(", "))));
    }
    if request.group_by.len() > 2 {
        return Err(invalid("Groups can have at most 2 definitions."));
    }
    let groups = request.group_by.iter().map(GroupBy::read).collect::<Result<Vec<_>, _>>()?;
    let filter = request.filter.as_ref().map(Filter::read).transpose()?;
    let seed = call.simulator.0.options.seed;
    let pager = call
        .pager("GetCostAndUsage", &format!("{from}|{to}|{granularity:?}|{:?}|{filter:?}|{groups:?}", request.metrics));
    let position = position(seed, pager, request.next_page_token.as_deref())?;

    let account = &call.caller.account;
    let question = Question { account, from, to, granularity, filter: filter.as_ref(), groups: &groups };
    let periods = call.simulator.0.books.answer(call.simulator, &question);
    let grouped = !groups.is_empty();
    let rows = periods.iter().flat_map(|period| {
        let groups: Vec<_> = period.groups.iter().collect();
        if groups.is_empty() {
            vec![(period, None)]
        } else {
            groups.into_iter().map(|group| (period, Some(group))).collect()
        }
    });
    let after = position.map(|position| position.after);
    let rows = (0_u32..).zip(rows).skip_while(|(at, _)| after.is_some_and(|after| *at <= after));
    let (rows, next_token) = input::take_page(rows, pager, position, PAGE);

    let mut results: Vec<Value> = Vec::new();
    let mut last: Option<NaiveDate> = None;
    for (period, row) in rows {
        if last != Some(period.from) {
            last = Some(period.from);
            results.push(json!({
                "TimePeriod": interval(period),
                "Total": {},
                "Groups": [],
                "Estimated": period.estimated,
            }));
        }
        let Some(result) = results.last_mut() else { continue };
        match row {
            Some((keys, total)) if grouped => {
                if let Some(list) = result["Groups"].as_array_mut() {
                    list.push(json!({ "Keys": keys, "Metrics": metrics(&request.metrics, total) }));
                }
            }
            Some((_, total)) => result["Total"] = metrics(&request.metrics, total),
            None if grouped => {}
            None => result["Total"] = metrics(&request.metrics, &Total::default()),
        }
    }
    if call.garbage {
        for amount in results.iter_mut().step_by(7).filter_map(|result| result.pointer_mut("/Groups/0/Metrics")) {
            amount["UnblendedCost"] = json!({ "Amount": "n/a", "Unit": "USD" });
        }
    }
    let mut body = json!({ "ResultsByTime": results, "DimensionValueAttributes": [] });
    if grouped {
        body["GroupDefinitions"] = request
            .group_by
            .iter()
            .map(|group| json!({ "Type": group.r#type.as_deref().unwrap_or("DIMENSION"), "Key": group.key }))
            .collect();
    }
    if let Some(token) = next_token {
        body["NextPageToken"] = json!(token);
    }
    to_json(&body)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValuesRequest {
    time_period: Interval,
    dimension: Option<String>,
    tag_key: Option<String>,
    search_string: Option<String>,
    filter: Option<Value>,
    max_results: Option<i64>,
    next_page_token: Option<String>,
}

impl ValuesRequest {
    /// The values of one grouping, and the page of them that is asked for.
    fn values(
        &self,
        call: &Call<'_>,
        operation: &str,
        values: &BTreeSet<String>,
    ) -> Result<(Vec<String>, usize, Option<String>), ApiError> {
        let size = match self.max_results {
            None => PAGE,
            Some(size) => usize::try_from(size).ok().filter(|size| *size >= 1).ok_or_else(|| {
                ApiError::constraint(
                    "maxResults",
                    &size.to_string(),
                    "Member must have value greater than or equal to 1",
                )
            })?,
        };
        let filters =
            format!("{:?}|{:?}|{:?}|{:?}", self.time_period, self.dimension, self.tag_key, self.search_string);
        let pager = call.pager(operation, &filters);
        let position = position(call.simulator.0.options.seed, pager, self.next_page_token.as_deref())?;
        let wanted = self.search_string.as_deref().unwrap_or_default().to_lowercase();
        let found: Vec<&String> = values.iter().filter(|value| value.to_lowercase().contains(&wanted)).collect();
        let total = found.len();
        let after = position.map(|position| position.after);
        let rows = (0_u32..)
            .zip(found)
            .filter(|(at, _)| after.is_none_or(|after| *at > after))
            .map(|(at, value)| (at, value.clone()));
        let (page, next) = input::take_page(rows, pager, position, size);
        Ok((page, total, next))
    }

    fn grouped(&self, call: &Call<'_>, group: Group) -> Result<BTreeSet<String>, ApiError> {
        let clock = Clock { now: call.simulator.now().timestamp() };
        let (from, to) = self.time_period.past(clock)?;
        let filter = self.filter.as_ref().map(Filter::read).transpose()?;
        let groups = [group];
        let question = Question {
            account: &call.caller.account,
            from,
            to,
            granularity: Granularity::Monthly,
            filter: filter.as_ref(),
            groups: &groups,
        };
        let periods = call.simulator.0.books.answer(call.simulator, &question);
        Ok(periods.iter().flat_map(|period| period.groups.keys().flatten().cloned()).collect())
    }
}

pub(super) fn get_dimension_values(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ValuesRequest = input::read(call.body)?;
    let dimension = request
        .dimension
        .clone()
        .filter(|dimension| DIMENSIONS.contains(&dimension.as_str()))
        .ok_or_else(|| invalid("The dimension is missing or not supported."))?;
    let found = request.grouped(call, Group::Dimension(dimension))?;
    let (page, total, next) = request.values(call, "GetDimensionValues", &found)?;
    let values: Vec<Value> = page.iter().map(|value| json!({ "Value": value, "Attributes": {} })).collect();
    let mut body = json!({ "ReturnSize": values.len(), "TotalSize": total, "DimensionValues": values });
    if let Some(token) = next {
        body["NextPageToken"] = json!(token);
    }
    to_json(&body)
}

pub(super) fn get_tags(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ValuesRequest = input::read(call.body)?;
    let found = match &request.tag_key {
        Some(key) => {
            let prefix = format!("{key}$");
            let values = request.grouped(call, Group::Tag(key.clone()))?;
            values.into_iter().map(|value| value.strip_prefix(&prefix).map(str::to_owned).unwrap_or(value)).collect()
        }
        None => {
            request.time_period.past(Clock { now: call.simulator.now().timestamp() })?;
            let mut keys = BTreeSet::new();
            for region in &call.simulator.0.options.regions {
                let fleet = call.simulator.fleet(&call.caller.account, region);
                for desktop in fleet.everyone() {
                    keys.extend(fleet.tags_of_desktop(desktop).into_keys());
                }
            }
            keys
        }
    };
    let (tags, total, next) = request.values(call, "GetTags", &found)?;
    let mut body = json!({ "ReturnSize": tags.len(), "TotalSize": total, "Tags": tags });
    if let Some(token) = next {
        body["NextPageToken"] = json!(token);
    }
    to_json(&body)
}
