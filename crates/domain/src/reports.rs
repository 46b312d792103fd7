//! Reports: what they are about, which days they cover, how often they are made. When the next one is due is
//! `services::reports`, which knows time zones.

use crate::export::ExportFormat;

closed_enum! {
    /// What a report is about.
    pub enum ReportTemplate {
        /// The WorkSpaces.
        Inventory = "inventory",
        /// Connected time by WorkSpace.
        Usage = "usage",
        /// What was billed.
        Cost = "cost",
        /// What could be saved.
        Savings = "savings",
        /// Our own audit log.
        Audit = "audit",
    }
}

impl ReportTemplate {
    /// Whether it can be narrowed to accounts and regions.
    #[must_use]
    pub const fn by_place(self) -> bool {
        !matches!(self, Self::Audit)
    }

    /// Whether it can be narrowed to directories, running modes, a tag and teams.
    #[must_use]
    pub const fn by_desktop(self) -> bool {
        matches!(self, Self::Inventory | Self::Usage | Self::Savings)
    }
}

closed_enum! {
    /// Which days a report covers, seen from the day on which it is made, in the report's time zone.
    pub enum ReportSpan {
        /// The day before.
        Yesterday = "yesterday",
        /// The seven days before.
        Last7Days = "last-7-days",
        /// The thirty days before.
        Last30Days = "last-30-days",
        /// From the first of the month on.
        MonthToDate = "month-to-date",
        /// The whole month before.
        LastMonth = "last-month",
    }
}

closed_enum! {
    /// How often a report is made by itself.
    pub enum ReportFrequency {
        /// Only by hand.
        Never = "never",
        /// Each day.
        Daily = "daily",
        /// Each week.
        Weekly = "weekly",
        /// Each month.
        Monthly = "monthly",
    }
}

closed_enum! {
    /// The format of a report's file.
    pub enum ReportFormat {
        /// Comma-separated values, as [`ExportFormat::Csv`].
        Csv = "csv",
        /// A workbook of Excel.
        Xlsx = "xlsx",
        /// Pages to read: a head, a chart where there is one, the columns that people read.
        Pdf = "pdf",
        /// One JSON array of objects.
        Json = "json",
        /// One JSON object per line.
        JsonLines = "jsonl",
    }
}

impl ReportFormat {
    /// The format of tables that it is; none for one that only reports have.
    #[must_use]
    pub const fn table(self) -> Option<ExportFormat> {
        match self {
            Self::Csv => Some(ExportFormat::Csv),
            Self::Xlsx => Some(ExportFormat::Xlsx),
            Self::Json => Some(ExportFormat::Json),
            Self::JsonLines => Some(ExportFormat::JsonLines),
            Self::Pdf => None,
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self.table() {
            Some(format) => format.media_type(),
            None => "application/pdf",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self.table() {
            Some(format) => format.label(),
            None => "PDF",
        }
    }
}

closed_enum! {
    /// How a run of a report stands.
    pub enum ReportRunState {
        /// It waits.
        Queued = "queued",
        /// It is being made.
        Running = "running",
        /// The file is there.
        Done = "done",
        /// It could not be made.
        Failed = "failed",
        /// Somebody cancelled it.
        Cancelled = "cancelled",
    }
}

closed_enum! {
    /// The way a file is sent.
    pub enum DeliveryWay {
        /// A letter with a link to it.
        Mail = "mail",
        /// A signed request with a link to it.
        Webhook = "webhook",
    }
}

closed_enum! {
    /// How the sending of a file stands.
    pub enum DeliveryState {
        /// It waits, perhaps for the next try.
        Waiting = "waiting",
        /// It is being sent.
        Sending = "sending",
        /// It was taken.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
        /// Somebody cancelled it.
        Cancelled = "cancelled",
    }
}
