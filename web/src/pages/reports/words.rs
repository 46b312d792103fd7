//! Reports in words. Pure.

use contract::reports::ReportView;
use domain::cost::CostGrouping;
use domain::reports::{DeliveryState, ReportFormat, ReportFrequency, ReportRunState, ReportSpan, ReportTemplate};

use crate::components::charts::scale::number;
use crate::components::ui::Tone;
use crate::components::ui::badge::Glyph;

/// What a report is about.
pub fn template_words(template: ReportTemplate) -> &'static str {
    match template {
        ReportTemplate::Inventory => "Inventory",
        ReportTemplate::Usage => "Usage",
        ReportTemplate::Cost => "Costs",
        ReportTemplate::Savings => "Savings",
        ReportTemplate::Audit => "Audit log",
    }
}

/// Which days it covers.
pub fn span_words(span: ReportSpan) -> &'static str {
    match span {
        ReportSpan::Yesterday => "Yesterday",
        ReportSpan::Last7Days => "The last 7 days",
        ReportSpan::Last30Days => "The last 30 days",
        ReportSpan::MonthToDate => "This month so far",
        ReportSpan::LastMonth => "Last month",
    }
}

/// Which month it covers, in the middle of a sentence, where it is of a whole one: that of the first of its days.
fn month_words(span: ReportSpan) -> &'static str {
    match span {
        ReportSpan::Yesterday => "the month of yesterday",
        ReportSpan::Last7Days => "the month of the first of the last 7 days",
        ReportSpan::Last30Days => "the month of the first of the last 30 days",
        ReportSpan::MonthToDate => "this month",
        ReportSpan::LastMonth => "last month",
    }
}

/// How often it is made.
pub fn frequency_words(frequency: ReportFrequency) -> &'static str {
    match frequency {
        ReportFrequency::Never => "Only by hand",
        ReportFrequency::Daily => "Each day",
        ReportFrequency::Weekly => "Each week",
        ReportFrequency::Monthly => "Each month",
    }
}

/// The days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What costs are told apart by.
pub fn grouping_words(by: &CostGrouping) -> String {
    let what = if by.is_estimate() { "Estimate" } else { "Billed" };
    format!("{what} by {}", by.words())
}

/// What it is about and in which format; an inventory is of the day on which it is made, an estimate and savings of a whole month.
pub fn about(report: &ReportView) -> String {
    let monthly = match report.template {
        ReportTemplate::Savings => true,
        ReportTemplate::Cost => report.filter.by.as_ref().is_some_and(CostGrouping::is_estimate),
        ReportTemplate::Inventory | ReportTemplate::Usage | ReportTemplate::Audit => false,
    };
    let span = if monthly { month_words(report.span).to_owned() } else { span_words(report.span).to_lowercase() };
    let format = report.format.label();
    match (report.template, &report.filter.by) {
        (ReportTemplate::Inventory, _) => format!("{}, {format}", template_words(report.template)),
        (ReportTemplate::Cost, Some(by)) => {
            format!("{}: {}, {span}, {format}", template_words(report.template), grouping_words(by))
        }
        (template, _) => format!("{}: {span}, {format}", template_words(template)),
    }
}

/// When it is made, such as "Each Monday at 7:00, Europe/Berlin".
pub fn schedule(report: &ReportView) -> String {
    let day = usize::try_from(report.day).unwrap_or(1);
    let when = match report.frequency {
        ReportFrequency::Never => return frequency_words(ReportFrequency::Never).to_owned(),
        ReportFrequency::Daily => "Each day".to_owned(),
        ReportFrequency::Weekly => {
            format!("Each {}", WEEKDAYS.get(day.saturating_sub(1)).copied().unwrap_or("week"))
        }
        ReportFrequency::Monthly => format!("Each month on day {day}"),
    };
    let paused = if report.enabled { "" } else { " (paused)" };
    format!("{when} at {}:00, {}{paused}", report.hour, report.zone)
}

/// How a run looks.
pub fn run_look(state: ReportRunState) -> (Tone, Glyph, &'static str) {
    match state {
        ReportRunState::Queued => (Tone::Neutral, Glyph::Ring, "Waiting"),
        ReportRunState::Running => (Tone::Info, Glyph::Turning, "Being made"),
        ReportRunState::Done => (Tone::Success, Glyph::Disc, "Done"),
        ReportRunState::Failed => (Tone::Danger, Glyph::Cross, "Failed"),
        ReportRunState::Cancelled => (Tone::Neutral, Glyph::Bars, "Cancelled"),
    }
}

/// How the sending of a file looks.
pub fn delivery_look(state: DeliveryState) -> (Tone, Glyph, &'static str) {
    match state {
        DeliveryState::Waiting => (Tone::Neutral, Glyph::Ring, "Waiting"),
        DeliveryState::Sending => (Tone::Info, Glyph::Turning, "Being sent"),
        DeliveryState::Delivered => (Tone::Success, Glyph::Disc, "Sent"),
        DeliveryState::Failed => (Tone::Danger, Glyph::Cross, "Not sent"),
        DeliveryState::Cancelled => (Tone::Neutral, Glyph::Bars, "Cancelled"),
    }
}

/// Bytes, as people read them.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", number(bytes as f64 / 1e3, 1)),
        _ => format!("{} MB", number(bytes as f64 / 1e6, 1)),
    }
}

/// Value and words of each, for a field.
pub fn options<T: Copy + ToString>(all: &[T], words: impl Fn(T) -> &'static str) -> Vec<(String, String)> {
    all.iter().map(|&one| (one.to_string(), words(one).to_owned())).collect()
}

/// The formats.
pub fn formats() -> Vec<(String, String)> {
    options(ReportFormat::ALL, ReportFormat::label)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use contract::reports::ReportFilterBody;
    use domain::ids::{ReportId, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_was_billed_and_what_is_reckoned_are_told_apart() {
        let words = |text: &str| grouping_words(&text.parse().unwrap());
        assert_eq!(
            ["usage_type", "tag:Stage", "estimate:running_mode"].map(words),
            ["Billed by usage type", "Billed by tag Stage", "Estimate by running mode"]
        );
    }

    #[test]
    fn an_estimate_and_savings_are_of_the_month_of_their_first_day() {
        let told = |template, by: &str, span| {
            about(&ReportView {
                id: ReportId(Uuid::from_u128(4)),
                owner_id: UserId(Uuid::from_u128(7)),
                owner: "ana@example.com".to_owned(),
                name: "Costs".to_owned(),
                template,
                filter: ReportFilterBody { by: by.parse().ok(), ..ReportFilterBody::default() },
                span,
                format: ReportFormat::Csv,
                frequency: ReportFrequency::Never,
                zone: "UTC".to_owned(),
                hour: 7,
                day: 1,
                keep_runs: 12,
                enabled: true,
                recipients: Vec::new(),
                webhook_url: None,
                webhook_secret: None,
                next_run_at: None,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
                version: 1,
            })
        };
        let (costs, week) = (ReportTemplate::Cost, ReportSpan::Last7Days);
        let month = "the month of the first of the last 7 days, CSV";
        assert_eq!(told(costs, "estimate:bundle", week), format!("Costs: Estimate by bundle, {month}"));
        assert_eq!(told(ReportTemplate::Savings, "", week), format!("Savings: {month}"));
        assert_eq!(told(costs, "usage_type", week), "Costs: Billed by usage type, the last 7 days, CSV");
        assert_eq!(told(costs, "", ReportSpan::LastMonth), "Costs: last month, CSV");
        assert_eq!(told(ReportTemplate::Inventory, "", week), "Inventory, CSV");
    }

    #[test]
    fn sizes_have_their_unit() {
        assert_eq!([size(0), size(999), size(1_000), size(2_540_000)], ["0 B", "999 B", "1.0 kB", "2.5 MB"]);
    }
}
