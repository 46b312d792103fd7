//! The address of a job: which of its items are shown. Pure.

use contract::jobs::{JobItemQuery, MAX_ITEM_OFFSET};
use domain::ids::JobId;
use domain::jobs::ItemOutcome;

use crate::format::query_pairs;

/// Items of a page.
pub const ROWS: u32 = 50;

/// The key of the choice of all items.
pub const ALL: &str = "all";

/// Which items are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ItemsUrl {
    /// What became of them; `None` for all.
    pub outcome: Option<ItemOutcome>,
    /// How many come before the page.
    pub offset: u32,
}

impl ItemsUrl {
    /// Reads an address's query string; what is unknown is left out, and told as the second.
    pub fn parse(search: &str) -> (Self, Vec<String>) {
        let (mut url, mut left_out) = (Self::default(), Vec::new());
        for (key, value) in query_pairs(search).into_iter().filter(|(_, value)| !value.is_empty()) {
            let known = match key.as_str() {
                "outcome" => {
                    url.outcome = value.parse().ok();
                    url.outcome.is_some()
                }
                "offset" => {
                    let offset = value.parse::<u32>().ok().filter(|rows| *rows <= MAX_ITEM_OFFSET);
                    url.offset = offset.unwrap_or(0);
                    offset.is_some()
                }
                _ => false,
            };
            if !known {
                left_out.push(format!("{key}={value}"));
            }
        }
        (url, left_out)
    }

    /// What the API is asked.
    pub fn query(self) -> JobItemQuery {
        let outcome = self.outcome.map(|outcome| outcome.as_str().to_owned());
        JobItemQuery { outcome, limit: Some(ROWS), offset: (self.offset > 0).then_some(self.offset) }
    }

    /// Its address, at a job.
    pub fn path(self, job: JobId) -> String {
        let query = JobItemQuery { limit: None, ..self.query() };
        let text = serde_urlencoded::to_string(&query).unwrap_or_default();
        if text.is_empty() { format!("/jobs/{job}") } else { format!("/jobs/{job}?{text}") }
    }

    /// The key of the choice it stands for.
    pub fn key(self) -> &'static str {
        self.outcome.map_or(ALL, ItemOutcome::as_str)
    }
}

/// Where the page before begins; the last page, for who is past it.
pub fn before(offset: u32, total: u64) -> u32 {
    let last = total.saturating_sub(1) / u64::from(ROWS) * u64::from(ROWS);
    offset.saturating_sub(ROWS).min(u32::try_from(last).unwrap_or(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> JobId {
        "00000000-0000-0000-0000-000000000007".parse().unwrap()
    }

    #[test]
    fn the_choice_survives_the_address() {
        for outcome in ItemOutcome::ALL.iter().copied().map(Some).chain([None]) {
            for offset in [0, 50] {
                let url = ItemsUrl { outcome, offset };
                let path = url.path(job());
                let search = path.split_once('?').map_or("", |(_, search)| search);
                assert_eq!(ItemsUrl::parse(search), (url, Vec::new()), "{path}");
            }
        }
        assert_eq!(ItemsUrl::default().path(job()), format!("/jobs/{}", job()));
        assert_eq!(ItemsUrl::default().query().limit, Some(ROWS));
    }

    #[test]
    fn what_there_is_not_is_left_out_and_told() {
        let (url, told) = ItemsUrl::parse("?outcome=perhaps&offset=-1&shoe=1");
        assert_eq!((url, told.join(" ").as_str()), (ItemsUrl::default(), "outcome=perhaps offset=-1 shoe=1"));
        let far = format!("?outcome=failed&offset={}", MAX_ITEM_OFFSET + 1);
        assert_eq!(ItemsUrl::parse(&far).0, ItemsUrl { outcome: Some(ItemOutcome::Failed), offset: 0 });
    }

    #[test]
    fn back_leads_to_the_page_before_and_from_nowhere_to_the_last() {
        for (offset, total, to) in [(100, 130, 50), (50, 130, 0), (30, 130, 0), (500, 130, 100), (500, 0, 0)] {
            assert_eq!(before(offset, total), to, "{offset} of {total}");
        }
    }
}
