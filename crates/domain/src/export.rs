//! The formats in which tables and reports are taken along. What is in them is `services::exports`.

closed_enum! {
    /// The format of a file.
    pub enum ExportFormat {
        /// Comma-separated values for spreadsheets: UTF-8, RFC 4180; what a spreadsheet would run begins with an apostrophe.
        Csv = "csv",
        /// A workbook of Excel.
        Xlsx = "xlsx",
        /// One JSON array of objects.
        Json = "json",
        /// One JSON object per line.
        JsonLines = "jsonl",
    }
}

impl ExportFormat {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "Excel",
            Self::Json => "JSON",
            Self::JsonLines => "JSON lines",
        }
    }
}
