//! Reports: what they are about, which days they cover, how often they are made. When the next one is due is
//! `services::reports`, which knows time zones.

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
