//! What takes back a change of a report: its definition as it was. Not its files: those that were made in between stay.

use contract::reports::{CreateReportRequest, ReportView};
use leptos::prelude::*;

use crate::api::reports as api;
use crate::state::toasts::Toasts;

/// Tells that a report was changed, and offers to take that back; not where its webhook has another address, whose secret is gone.
pub fn changed(toasts: Toasts, before: ReportView, now: &ReportView, on_saved: Callback<()>) {
    let text = format!("{} is saved", now.name);
    if before.webhook_url != now.webhook_url {
        return toasts.done(text);
    }
    let undone = format!("{} is as it was", before.name);
    undoable(toasts, before, now, (text, undone), on_saved);
}

/// Tells that a report is paused or goes on, and offers to take that back.
pub fn switched(toasts: Toasts, before: ReportView, now: &ReportView, on_saved: Callback<()>) {
    let (words, undone) = if now.enabled { ("goes on", "is paused again") } else { ("is paused", "goes on again") };
    let (text, undone) = (format!("{} {words}", now.name), format!("{} {undone}", now.name));
    undoable(toasts, before, now, (text, undone), on_saved);
}

/// Says the first, and the second once it was taken back.
fn undoable(
    toasts: Toasts,
    before: ReportView,
    now: &ReportView,
    (text, undone): (String, String),
    on_saved: Callback<()>,
) {
    let (id, version) = (now.id, now.version);
    toasts.undoable(text, undone, move || {
        let request = definition(before.clone());
        async move {
            let undone = api::update(id, &request, version).await;
            on_saved.try_run(());
            undone.map(|_| ())
        }
    });
}

/// What makes a report what it is.
pub fn definition(report: ReportView) -> CreateReportRequest {
    CreateReportRequest {
        name: report.name,
        template: report.template,
        filter: report.filter,
        span: report.span,
        format: report.format,
        frequency: report.frequency,
        zone: report.zone,
        hour: report.hour,
        day: report.day,
        keep_runs: report.keep_runs,
        enabled: report.enabled,
        recipients: report.recipients,
        webhook_url: report.webhook_url,
    }
}
