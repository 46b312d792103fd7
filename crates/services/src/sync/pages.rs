//! Reading pages ahead: one task asks AWS for the next page while the pages before are being written. Bounded, so that
//! memory stays flat however long the list is. Not what is done with the pages (`inventory`, `connections`).

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use domain::cloud::{CloudError, CloudPage};
use futures::future::BoxFuture;
use tokio::sync::mpsc;

/// Pages that are read and not yet written at most.
const AHEAD: usize = 40;
/// Pages of one batch at most: 20 pages of 25 are 500 rows, one transaction.
const BATCH: usize = 20;

/// The tokens that pages of one list have led to: pages that lead back to one another would never end.
#[derive(Default)]
pub(super) struct TokensSeen(HashSet<u64>);

impl TokensSeen {
    /// Takes note of where the next page begins.
    ///
    /// # Errors
    /// [`CloudError::Malformed`] when a page before led there too, or was read from there.
    pub(super) fn leads_on(&mut self, operation: &str, token: &str) -> Result<(), CloudError> {
        let mut hasher = DefaultHasher::new();
        token.hash(&mut hasher);
        if self.0.insert(hasher.finish()) {
            return Ok(());
        }
        let reason = "a page's token leads back to a page before it".to_owned();
        Err(CloudError::Malformed { operation: operation.to_owned(), reason })
    }
}

/// Pages being read by a task. Dropping it ends the task after its page.
pub(super) struct PagesAhead<T> {
    pages: mpsc::Receiver<Result<CloudPage<T>, CloudError>>,
    operation: &'static str,
    /// Whether the last page was given out, or why there is none.
    ended: bool,
}

/// What could be read without waiting: some rows, and how it goes on.
pub(super) struct Batch<T> {
    /// The rows of all its pages, in AWS's order.
    pub(super) rows: Vec<T>,
    /// Whether at least one page was read.
    pub(super) read: bool,
    /// Where the page after these begins; `None` after the last page.
    pub(super) next_token: Option<String>,
    /// Why the page after these could not be read.
    pub(super) error: Option<CloudError>,
}

/// All that could be read of a list.
pub(super) struct Listed<T> {
    /// The rows, in AWS's order.
    pub(super) rows: Vec<T>,
    /// Whether at least one page was read.
    pub(super) read: bool,
    /// Why the list broke off; `None` when these are all.
    pub(super) error: Option<CloudError>,
}

impl<T: Send + 'static> PagesAhead<T> {
    /// Begins to read at `token`, or at the first page. `operation` names the call in errors.
    pub(super) fn start<A, F>(api: Arc<A>, operation: &'static str, mut token: Option<String>, fetch: F) -> Self
    where
        A: Send + Sync + ?Sized + 'static,
        F: for<'a> Fn(&'a A, Option<String>) -> BoxFuture<'a, Result<CloudPage<T>, CloudError>> + Send + Sync + 'static,
    {
        let (sender, pages) = mpsc::channel(AHEAD);
        platform::traces::spawn(async move {
            let mut seen = TokensSeen::default();
            if let Some(token) = &token {
                // The first one leads back to nothing.
                let _ = seen.leads_on(operation, token);
            }
            loop {
                let page = fetch(&api, token.clone()).await;
                let page = page.and_then(|page| {
                    page.next_token.as_deref().map_or(Ok(()), |next| seen.leads_on(operation, next))?;
                    Ok(page)
                });
                let next = page.as_ref().ok().and_then(|page| page.next_token.clone());
                if sender.send(page).await.is_err() || next.is_none() {
                    return;
                }
                token = next;
            }
        });
        Self { pages, operation, ended: false }
    }

    /// All of them, where there are tens.
    pub(super) async fn all(mut self) -> Listed<T> {
        let mut listed = Listed { rows: Vec::new(), read: false, error: None };
        while let Some(batch) = self.next().await {
            listed.rows.extend(batch.rows);
            listed.read |= batch.read;
            listed.error = batch.error;
        }
        listed
    }

    /// What has been read meanwhile, waiting for at least one page. `None` when everything was given out.
    pub(super) async fn next(&mut self) -> Option<Batch<T>> {
        let mut pages = Vec::with_capacity(BATCH);
        if self.pages.recv_many(&mut pages, BATCH).await == 0 {
            if self.ended {
                return None;
            }
            // The reader panicked. Without a word of it the pages so far would pass for the whole list.
            let reason = "the reading of its pages broke off".to_owned();
            pages.push(Err(CloudError::Malformed { operation: self.operation.to_owned(), reason }));
        }
        self.ended = pages.last().is_none_or(|page| page.as_ref().map_or(true, |page| page.next_token.is_none()));
        let mut batch = Batch { rows: Vec::new(), read: false, next_token: None, error: None };
        for page in pages {
            match page {
                Ok(page) => {
                    batch.rows.extend(page.items);
                    batch.read = true;
                    batch.next_token = page.next_token;
                }
                // The reader stops at an error: nothing comes after it.
                Err(error) => batch.error = Some(error),
            }
        }
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use domain::cloud::FleetApi;
    use domain::workspace::WorkspaceState;

    use super::*;
    use crate::testing::FakeFleet;

    fn pages(fleet: &FakeFleet) -> PagesAhead<domain::workspace::ObservedWorkspace> {
        PagesAhead::start(Arc::new(fleet.clone()), "workspaces:DescribeWorkspaces", None, |api, token| {
            api.workspace_page(token)
        })
    }

    #[tokio::test]
    async fn every_row_comes_once_and_no_batch_is_larger_than_500() {
        let fleet = FakeFleet::with(1_260, &WorkspaceState::Available);
        let (mut pages, mut rows) = (pages(&fleet), Vec::new());
        while let Some(batch) = pages.next().await {
            assert!(batch.error.is_none() && batch.rows.len() <= 500);
            rows.extend(batch.rows.into_iter().map(|row| row.aws_id));
        }
        let expected: Vec<_> = (0..1_260).map(|number| format!("ws-{number:09}")).collect();
        assert_eq!(rows, expected);
    }

    fn numbered(at: usize, next: Option<&str>) -> CloudPage<usize> {
        CloudPage { items: vec![at], next_token: next.map(str::to_owned) }
    }

    #[tokio::test]
    async fn a_reader_that_panics_is_no_end_of_the_list() {
        let mut pages = PagesAhead::start(Arc::new(()), "x:List", None, |(), token| {
            Box::pin(async move {
                assert!(token.is_none(), "the second page can't be read");
                Ok(numbered(1, Some("two")))
            })
        });
        let (mut rows, mut met) = (Vec::new(), None);
        while let Some(batch) = pages.next().await {
            rows.extend(batch.rows);
            met = met.or(batch.error);
        }
        assert_eq!(rows, [1]);
        assert!(met.is_some_and(|error| error.is_transient()), "it is read again");
    }

    #[tokio::test]
    async fn pages_that_lead_back_to_one_another_end() {
        for first in [None, Some("a".to_owned())] {
            let mut pages = PagesAhead::start(Arc::new(()), "x:List", first, |(), token| {
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    Ok(numbered(1, Some(if token.as_deref() == Some("a") { "b" } else { "a" })))
                })
            });
            let (mut rows, mut met) = (0, None);
            while let Some(batch) = pages.next().await {
                rows += batch.rows.len();
                met = met.or(batch.error);
                assert!(rows < 10);
            }
            assert!(matches!(met, Some(CloudError::Malformed { .. })));
        }
    }

    #[tokio::test]
    async fn an_error_comes_after_the_pages_before_it() {
        let fleet = FakeFleet::with(100, &WorkspaceState::Available);
        let error = CloudError::Throttled { operation: "workspaces:DescribeWorkspaces".into() };
        fleet.change(|s| s.page_faults.insert(50, error.clone()));
        let (mut pages, mut rows, mut met) = (pages(&fleet), 0, None);
        while let Some(batch) = pages.next().await {
            rows += batch.rows.len();
            met = met.or(batch.error);
        }
        assert_eq!((rows, met), (50, Some(error)));
        assert_eq!(fleet.change(|s| s.pages_read.clone()), [0, 25, 50]);
    }
}
