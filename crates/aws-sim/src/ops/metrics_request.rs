//! Requests to CloudWatch: their members, read from any of its three protocols, and what of them is refused.

use chrono::DateTime;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::Call;
use crate::wire::error::ApiError;

/// Most queries of a request.
const MOST_QUERIES: usize = 500;
/// Most points of an answer.
pub(super) const MOST_POINTS: usize = 100_800;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DataRequest {
    #[serde(default)]
    pub(super) metric_data_queries: Vec<Query>,
    #[serde(default, deserialize_with = "time")]
    pub(super) start_time: Option<i64>,
    #[serde(default, deserialize_with = "time")]
    pub(super) end_time: Option<i64>,
    pub(super) next_token: Option<String>,
    pub(super) scan_by: Option<String>,
    #[serde(default, deserialize_with = "number")]
    max_datapoints: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Query {
    #[serde(default)]
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) metric_stat: Option<MetricStat>,
    expression: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    return_data: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricStat {
    pub(super) metric: MetricName,
    #[serde(default, deserialize_with = "number")]
    pub(super) period: Option<i64>,
    #[serde(default)]
    pub(super) stat: String,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricName {
    pub(super) namespace: Option<String>,
    pub(super) metric_name: Option<String>,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StatisticsRequest {
    #[serde(flatten)]
    pub(super) metric: MetricName,
    #[serde(default, deserialize_with = "time")]
    pub(super) start_time: Option<i64>,
    #[serde(default, deserialize_with = "time")]
    pub(super) end_time: Option<i64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) period: Option<i64>,
    #[serde(default)]
    pub(super) statistics: Vec<String>,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRequest {
    #[serde(flatten)]
    pub(super) metric: MetricName,
    pub(super) next_token: Option<String>,
}

/// Reads the body in the request's protocol.
pub(super) fn read<T: serde::de::DeserializeOwned>(call: &Call<'_>) -> Result<T, ApiError> {
    call.protocol
        .value(call.body)
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or_else(|| ApiError::new(400, "SerializationException", "The request body could not be read."))
}

pub(super) fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}

impl DataRequest {
    /// The range asked for and the most points of the answer.
    ///
    /// # Errors
    /// What AWS refuses: too many queries, ids that are none or not distinct, periods, statistics, times out of order.
    pub(super) fn check(&self) -> Result<(i64, i64, usize), ApiError> {
        let queries = &self.metric_data_queries;
        if queries.is_empty() {
            return Err(invalid("The parameter MetricDataQueries is required."));
        }
        if queries.len() > MOST_QUERIES {
            return Err(invalid("The collection MetricDataQueries must not have a size greater than 500."));
        }
        let (Some(start), Some(end)) = (self.start_time, self.end_time) else {
            return Err(invalid("The parameters StartTime and EndTime are required."));
        };
        if start >= end {
            return Err(invalid("The parameter EndTime must be greater than StartTime."));
        }
        if !matches!(self.scan_by.as_deref(), None | Some("TimestampAscending" | "TimestampDescending")) {
            return Err(invalid(
                "The value for parameter ScanBy is not one of TimestampAscending, TimestampDescending.",
            ));
        }
        let most = match self.max_datapoints {
            None => MOST_POINTS,
            Some(most) => usize::try_from(most)
                .ok()
                .filter(|most| (1..=MOST_POINTS).contains(most))
                .ok_or_else(|| invalid("The parameter MaxDatapoints must be between 1 and 100800."))?,
        };
        let mut ids: Vec<&str> = queries.iter().map(|query| query.id.as_str()).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(invalid(format!(
                "The values for parameter id in MetricDataQueries are not unique: {}.",
                pair[0]
            )));
        }
        for (place, query) in queries.iter().enumerate() {
            query
                .check()
                .map_err(|message| invalid(format!("Error in MetricDataQueries.member.{}: {message}", place + 1)))?;
        }
        Ok((start, end, most))
    }
}

impl Query {
    fn check(&self) -> Result<(), &'static str> {
        let mut letters = self.id.bytes();
        if !letters.next().is_some_and(|first| first.is_ascii_lowercase())
            || !letters.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return Err("The value for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.");
        }
        if self.expression.is_some() {
            return Err("Expressions are not supported here.");
        }
        let stat = self.metric_stat.as_ref().ok_or("The parameter MetricStat is required.")?;
        check_period(stat.period)?;
        if Statistic::parse(&stat.stat).is_none() {
            return Err("The value for parameter MetricStat.Stat is not supported.");
        }
        Ok(())
    }

    /// Whether its points are wanted.
    pub(super) fn returns(&self) -> bool {
        self.return_data != Some(false)
    }
}

pub(super) fn check_period(period: Option<i64>) -> Result<i64, &'static str> {
    match period {
        Some(period @ (1 | 5 | 10 | 30)) => Ok(period),
        Some(period) if period > 0 && period % 60 == 0 && period <= 86_400 * 455 => Ok(period),
        _ => Err("The value for parameter Period is not one of 1, 5, 10, 30 and multiples of 60."),
    }
}

/// What is made of the points of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    Average,
    Maximum,
    Minimum,
    Sum,
    SampleCount,
    /// `p95` is 0.95.
    Percentile(f64),
}

impl Statistic {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "Average" => Some(Self::Average),
            "Maximum" => Some(Self::Maximum),
            "Minimum" => Some(Self::Minimum),
            "Sum" => Some(Self::Sum),
            "SampleCount" => Some(Self::SampleCount),
            _ => {
                let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0).contains(&percent).then_some(Self::Percentile(percent / 100.0))
            }
        }
    }

    /// Of values, at least one.
    pub(super) fn of(self, values: &mut [f64]) -> f64 {
        let sum = || values.iter().sum::<f64>();
        match self {
            Self::Average => sum() / values.len() as f64,
            Self::Maximum => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Minimum => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Sum => sum(),
            Self::SampleCount => values.len() as f64,
            Self::Percentile(share) => {
                values.sort_unstable_by(f64::total_cmp);
                values[((values.len() - 1) as f64 * share).round() as usize]
            }
        }
    }
}

/// Seconds as a number, or ISO 8601.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Number(seconds) => Ok(seconds.as_f64().map(|seconds| seconds.floor() as i64)),
        Value::String(text) => {
            let zoned = if text.ends_with('Z') || text.contains('+') { text } else { text + "Z" };
            DateTime::parse_from_rfc3339(&zoned).map(|at| Some(at.timestamp())).map_err(D::Error::custom)
        }
        _ => Err(D::Error::custom("not a time")),
    }
}

/// A number, or text of one.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_i64().map(Some).ok_or_else(|| D::Error::custom("not a whole number")),
        Value::String(text) => text.parse().map(Some).map_err(D::Error::custom),
        _ => Err(D::Error::custom("not a number")),
    }
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) => text.parse().map(Some).map_err(D::Error::custom),
        _ => Err(D::Error::custom("neither true nor false")),
    }
}
