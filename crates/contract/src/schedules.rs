//! Schedules: what runs by itself, how often, and what people changed about it.

use chrono::{DateTime, Utc};
use domain::ids::JobId;
use domain::jobs::JobState;
use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};

use crate::data_sets::DataSetCountsView;

/// Every schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulesView {
    /// Whether schedules run at all in this installation (`sync.enabled`).
    pub enabled: bool,
    /// The schedules, in the order of their names' table.
    pub items: Vec<ScheduleView>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleView {
    /// Its name, which is the name of the jobs that it starts, such as `sync-usage`.
    pub name: String,
    /// The period that the configuration asks for, seconds.
    pub configured_period_secs: u64,
    /// The period that holds, seconds: the one that somebody set, otherwise the configured one.
    pub period_secs: u64,
    /// Whether somebody set it.
    pub period_changed: bool,
    /// The least period that can be set, seconds.
    pub min_period_secs: u64,
    /// The longest period that can be set, seconds.
    pub max_period_secs: u64,
    /// Whether it is paused.
    pub paused: bool,
    /// When somebody last changed it; absent while nobody did.
    pub changed_at: Option<DateTime<Utc>>,
    /// Who did.
    pub changed_by: Option<String>,
    /// How many jobs one tick starts: one for each account and region that it is about.
    pub places: u64,
    /// Its newest tick.
    pub last_tick_at: Option<DateTime<Utc>>,
    /// Its next tick; absent while it is paused, or schedules are off.
    pub next_tick_at: Option<DateTime<Utc>>,
    /// Its newest job, scheduled or by hand.
    pub last_job: Option<ScheduleJobView>,
    /// How its places stand; absent where it brings in no data.
    pub data_sets: Option<DataSetCountsView>,
}

/// The newest job of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleJobView {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: JobId,
    /// What it is about, in words.
    pub subject: String,
    /// Where it stands.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub state: JobState,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why its newest attempt failed, in words.
    pub error: Option<String>,
}

/// Changes a schedule. What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateScheduleRequest {
    /// The period, seconds, within the schedule's bounds; `null`: the configured one again.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>, minimum = 5, maximum = 2_678_400))]
    pub period_secs: Option<Option<u64>>,
    /// Whether it is paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub paused: Option<bool>,
}

/// Tells `null` from what is left out.
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_told_from_nothing() {
        let read = |text: &str| serde_json::from_str::<UpdateScheduleRequest>(text).unwrap();
        assert_eq!(read("{}"), UpdateScheduleRequest::default());
        assert_eq!(read(r#"{"period_secs":null}"#).period_secs, Some(None));
        assert_eq!(read(r#"{"period_secs":90,"paused":true}"#).period_secs, Some(Some(90)));
        for request in [
            UpdateScheduleRequest::default(),
            UpdateScheduleRequest { period_secs: Some(None), paused: None },
            UpdateScheduleRequest { period_secs: Some(Some(60)), paused: Some(false) },
        ] {
            assert_eq!(read(&serde_json::to_string(&request).unwrap()), request);
        }
        assert!(serde_json::from_str::<UpdateScheduleRequest>(r#"{"period":1}"#).is_err());
    }
}
