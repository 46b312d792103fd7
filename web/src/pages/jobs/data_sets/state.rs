//! The address of the data sets page, and what is made of a data set. Pure.

use contract::data_sets::DataSetView;
use contract::exports::OfAccountQuery;
use domain::ids::AccountId;
use domain::sync::SyncKind;

use crate::components::ui::Tone;
use crate::components::ui::badge::Glyph;
use crate::components::ui::freshness::is_late;
use crate::format::query_pairs;

/// What the page is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Only this account.
    pub account: Option<AccountId>,
    /// Only this kind of data.
    pub kind: Option<SyncKind>,
    /// Only what wants a look.
    pub wanting: bool,
}

impl Narrow {
    /// Reads an address's query string; what is unknown is left out.
    pub fn parse(search: &str) -> Self {
        let mut narrow = Self::default();
        for (key, value) in query_pairs(search) {
            match key.as_str() {
                "account" => narrow.account = value.parse().ok(),
                "kind" => narrow.kind = value.parse().ok(),
                "show" => narrow.wanting = value == "problems",
                _ => {}
            }
        }
        narrow
    }

    /// The address.
    pub fn path(&self) -> String {
        let account = self.account.map(|id| ("account", id.to_string()));
        let kind = self.kind.map(|kind| ("kind", kind.to_string()));
        let show = self.wanting.then(|| ("show", "problems".to_owned()));
        let pairs: Vec<_> = account.into_iter().chain(kind).chain(show).collect();
        let text = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if text.is_empty() { "/jobs/data-sets".to_owned() } else { format!("/jobs/data-sets?{text}") }
    }

    /// The question of the files that are taken along: every data set or run of the account.
    pub fn export(&self) -> OfAccountQuery {
        OfAccountQuery { account: self.account }
    }

    /// Whether a data set is shown.
    pub fn shows(&self, set: &DataSetView, now_ms: i64) -> bool {
        self.account.is_none_or(|id| id == set.account_id)
            && self.kind.is_none_or(|kind| kind == set.kind)
            && (!self.wanting || verdict(set, now_ms).wants_a_look())
    }
}

/// What is made of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Whole and fresh.
    Fresh,
    /// Whole, but older than three periods.
    Late,
    /// Something could not be read.
    Partial,
    /// Nothing could be read.
    Failed,
    /// Not read yet.
    Never,
}

/// What is made of a data set at that moment, milliseconds since the epoch.
pub fn verdict(set: &DataSetView, now_ms: i64) -> Verdict {
    judge(set, is_late(set, now_ms))
}

/// What is made of a data set that is late or not.
pub fn judge(set: &DataSetView, late: bool) -> Verdict {
    match set.status.as_str() {
        "failed" => Verdict::Failed,
        "partial" => Verdict::Partial,
        "never" => Verdict::Never,
        _ if late => Verdict::Late,
        _ => Verdict::Fresh,
    }
}

impl Verdict {
    /// Whether somebody should look.
    pub fn wants_a_look(self) -> bool {
        matches!(self, Self::Late | Self::Partial | Self::Failed)
    }

    /// Its colour, shape and words.
    pub fn look(self) -> (Tone, Glyph, &'static str) {
        match self {
            Self::Fresh => (Tone::Success, Glyph::Tick, "Up to date"),
            Self::Late => (Tone::Warning, Glyph::Bars, "Late"),
            Self::Partial => (Tone::Warning, Glyph::Triangle, "Partial"),
            Self::Failed => (Tone::Danger, Glyph::Cross, "Failed"),
            Self::Never => (Tone::Neutral, Glyph::Ring, "Not read yet"),
        }
    }
}

/// A service of AWS's in words.
pub fn service_words(service: &str) -> String {
    match service {
        "ce" | "cost-explorer" => "Cost Explorer".to_owned(),
        "cloudwatch" | "monitoring" => "CloudWatch".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(status: &str, fresh_at: Option<i64>) -> DataSetView {
        DataSetView {
            account_id: AccountId(uuid::Uuid::from_u128(7)),
            account: "Demo".into(),
            region: "eu-central-1".parse().unwrap(),
            kind: SyncKind::Usage,
            status: status.into(),
            fresh_at: fresh_at.and_then(|s| chrono::DateTime::from_timestamp(s, 0)),
            age_secs: None,
            period_secs: 300,
            paused: false,
            next_due_at: None,
            covered_from: None,
            covered_to: None,
            gaps: Vec::new(),
            last_run_id: None,
            error: None,
            missing_permission: None,
        }
    }

    #[test]
    fn three_periods_are_late() {
        let at = |seconds: i64| verdict(&set("ok", Some(1_000_000)), (1_000_000 + seconds) * 1000);
        assert_eq!(at(900), Verdict::Fresh);
        assert_eq!(at(901), Verdict::Late);
        assert_eq!(verdict(&set("partial", Some(0)), 0), Verdict::Partial);
        assert_eq!(verdict(&set("never", None), 0), Verdict::Never);
        assert!(!Verdict::Never.wants_a_look() && Verdict::Late.wants_a_look());
    }

    #[test]
    fn the_address_keeps_what_is_chosen() {
        let id = AccountId(uuid::Uuid::from_u128(7));
        for narrow in [
            Narrow::default(),
            Narrow { account: Some(id), ..Narrow::default() },
            Narrow { kind: Some(SyncKind::Quotas), ..Narrow::default() },
            Narrow { account: Some(id), kind: Some(SyncKind::Usage), wanting: true },
        ] {
            assert_eq!(Narrow::parse(narrow.path().trim_start_matches("/jobs/data-sets")), narrow);
        }
        let export = Narrow { account: Some(id), kind: Some(SyncKind::Usage), wanting: true }.export();
        assert_eq!(serde_urlencoded::to_string(export).unwrap(), format!("account={id}"));
        assert_eq!(Narrow::parse("?account=7&kind=shoe&show=all&x=1"), Narrow::default());
        let narrow = Narrow { account: Some(id), kind: None, wanting: true };
        assert!(narrow.shows(&set("failed", None), 0) && !narrow.shows(&set("never", None), 0));
        let shows = |narrow: Narrow| narrow.shows(&set("ok", None), 0);
        assert!(!shows(Narrow { account: Some(AccountId(uuid::Uuid::nil())), ..Narrow::default() }));
        assert!(shows(Narrow { kind: Some(SyncKind::Usage), ..Narrow::default() }));
        assert!(!shows(Narrow { kind: Some(SyncKind::Billing), ..Narrow::default() }));
    }
}
