//! Reports: tables that are made again and again and kept as files. A report is made as its owner, with what they may see on that
//! day; the tables are those of `crate::exports`.
//!
//! [`start_due`] is what makes schedules tick: each worker looks, one of them takes a due report on. [`run_report`] is the job.
//! Files are in one place that every process sees, a folder or a bucket (`platform::artefacts`), named by their run; `files` knows no
//! more than that.
//! [`deliver_report`] is the job that sends a file that was made, one for each receiver: `sending` says who they are, `letter` what
//! they are told.
//! To add a template: a variant of `domain::reports::ReportTemplate`, its arm in `tables`, what a PDF shows of it in `pdf::columns` and
//! `pdf::figures`. A report of costs may be told apart: its rows are then groups (`tables::Shape`), those of the costs page.

mod deliver;
pub mod error;
mod files;
mod jobs;
mod letter;
mod make;
pub mod pdf;
mod runs;
mod schedule;
mod sending;
pub mod service;
mod tables;
mod unchanged;

#[cfg(test)]
mod delivery_tests;
#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod tests;

pub use deliver::{DeliveryReport, SENT_LINK_HOURS, deliver_report};
pub use error::ReportError;
pub use files::sweep;
pub use jobs::{DeliverReportJob, RunReportJob};
pub use make::{RunReport, run_report};
pub use runs::{
    Download, LINK_HOURS, Link, delete_run, deliver_again, download_by_link, download_run, link_run, list_runs,
    run_now, start_due, unlink_run,
};
pub use sending::{MOST_RECIPIENTS, shown_url};
pub use service::{
    Draft, NewReport, Preview, ReportChange, SavedReport, create_report_once, delete_report, fetch_report,
    list_reports, preview_draft, preview_report, update_report,
};
pub use store::repo::reports::{DeliveryRecord, ReportRecord, RunFile, RunRecord};
pub use tables::ReportFilter;
