//! What is said to those whom the file of a report is sent to: a letter, or the body of a webhook. Both hold a link to the file
//! and never the file: a link ends, is noted each time it is used, and goes with the run.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};
use store::repo::reports::{ReportRecord, RunFile, RunRecord};

use super::tables;

/// A file that is sent.
pub(super) struct Sent<'a> {
    pub(super) report: &'a ReportRecord,
    pub(super) run: &'a RunRecord,
    pub(super) file: &'a RunFile,
    /// Where whoever reads it fetches the file.
    pub(super) link: &'a str,
    /// Until when.
    pub(super) until: DateTime<Utc>,
}

impl Sent<'_> {
    /// The first day and the last one.
    fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        tables::period(self.report, self.run.created_at)
    }

    /// The subject of the letter.
    pub(super) fn subject(&self) -> String {
        format!("Report: {}", self.report.name)
    }

    /// The text of the letter. `base_url` is the portal's address.
    pub(super) fn text(&self, base_url: &str) -> String {
        let Self { report, file, link, .. } = self;
        let zone = tables::zone(&report.zone).unwrap_or(chrono_tz::Tz::UTC);
        let clock =
            |at: DateTime<Utc>| format!("{} ({})", at.with_timezone(&zone).format("%-d %B %Y, %H:%M"), report.zone);
        let days = self.days().map(|days| {
            let label = if days.0 == days.1 { "Day" } else { "Days" };
            format!("{label}: {}\n", tables::days_words(days))
        });
        format!(
            "{name}\n\n\
             About: {template}\n\
             {days}\
             Made: {made}\n\
             Rows: {rows}\n\
             File: {format}, {bytes} bytes\n\n\
             Fetch it until {until}:\n{link}\n\n\
             Whoever has this link can fetch the file; do not pass it on. Afterwards the file is among the reports, for those \
             who may see it there: {base_url}/reports\n\n\
             {owner} has this report sent to you.\n",
            name = report.name,
            template = report.template,
            days = days.unwrap_or_default(),
            made = clock(self.run.created_at),
            rows = file.rows,
            format = self.run.format.label(),
            bytes = file.bytes,
            until = clock(self.until),
            owner = report.owner,
        )
    }

    /// The body of the webhook.
    pub(super) fn body(&self) -> Value {
        let Self { report, run, file, link, until } = self;
        let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let days = self.days();
        json!({
            "type": "report.made",
            "timestamp": at(run.finished_at.unwrap_or(run.created_at)),
            "data": {
                "report_id": report.id,
                "report_name": report.name,
                "run_id": run.id,
                "template": report.template,
                "first_day": days.map(|(first, _)| first),
                "last_day": days.map(|(_, last)| last),
                "zone": report.zone,
                "format": run.format,
                "media_type": run.format.media_type(),
                "rows": file.rows,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "url": link,
                "expires_at": at(*until),
            },
        })
    }
}
