//! What the portal tells of itself in traces: each request of [`super::client`] is a span of the page that is open, and says so to the API
//! (`traceparent`), whose own spans go on with it. Only where traces are sent, which the session's answer says; elsewhere nothing is
//! kept and nothing sent.
//!
//! Not of what [`super::client`] does not send: the live stream, files that the browser fetches. What is in a span is said in
//! `contract::portal_spans`. [`Book`] decides and is pure; the functions give it time, randomness and the page.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;
use std::time::Duration;

use contract::paths;
use contract::portal_spans::{
    DURATION_MAX, ENDED_AGO_MAX, PortalRequestBody, PortalSpanBody, RecordPortalSpansRequest, template,
};
use js_sys::Date;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{aside, once};

/// So many spans wait for no more.
const MANY: usize = 30;
/// So long a span waits for others.
const SOON: Duration = Duration::from_secs(10);
/// A page that stays open goes on in a new trace after this time, milliseconds.
const LONGEST: f64 = 300_000.0;

thread_local! {
    static BOOK: RefCell<Book> = const { RefCell::new(Book::closed()) };
    static PATH: Cell<Option<Memo<String>>> = const { Cell::new(None) };
}

/// Sets where the path of the page that is open is read.
pub fn follow(path: Memo<String>) {
    if PATH.replace(Some(path)).is_none() {
        // It stays for as long as the portal does.
        let _ = window_event_listener_untyped("pagehide", |_| {
            BOOK.with_borrow_mut(|book| book.leave(Date::now()));
            send();
        });
    }
}

/// Sets whether spans are wanted. Where they are not, those that wait are dropped.
pub fn want(wanted: bool) {
    BOOK.with_borrow_mut(|book| if wanted { book.wanted = true } else { *book = Book::closed() });
}

/// Begins the span of a request; `None` where none is wanted.
pub fn begin() -> Option<Begun> {
    BOOK.with_borrow_mut(|book| {
        let path = PATH.get().filter(|_| book.wanted)?.try_get_untracked()?;
        book.begin(path, Date::now(), once::random)
    })
}

/// Ends it: the request's method and address, and the status of its answer if one came.
pub fn end(begun: Begun, method: &str, url: &str, status: Option<u16>) {
    let (before, now) = BOOK.with_borrow_mut(|book| {
        let before = book.ended.len();
        book.end(begun, method, url, status, Date::now());
        (before, book.ended.len())
    });
    if now >= MANY {
        send();
    } else if before == 0 && now > 0 {
        set_timeout(send, SOON);
    }
}

fn send() {
    let spans = BOOK.with_borrow_mut(|book| book.take(Date::now()));
    if spans.is_empty() {
        return;
    }
    let json = serde_json::to_string(&RecordPortalSpansRequest { spans }).unwrap_or_default();
    if let Some(answer) = aside::post(paths::PORTAL_SPANS, &json) {
        spawn_local(async move {
            // Spans that are lost are missed by nobody.
            let _ = answer.await;
        });
    }
}

/// A page that is open, or was while one of its requests is under way.
struct Page {
    path: String,
    trace_id: String,
    span_id: String,
    began: f64,
    under_way: Cell<u32>,
    /// Whether its own span ended: when for the first time none of its requests was under way, or when it was left.
    told: Cell<bool>,
}

impl Page {
    /// A span that began then, with when it ended: now.
    fn span(&self, id: &str, path: &str, began: f64, now: f64, request: Option<PortalRequestBody>) -> Ended {
        let span = PortalSpanBody {
            trace_id: self.trace_id.clone(),
            span_id: id.to_owned(),
            path: template(path),
            ended_ms_ago: 0,
            duration_ms: whole(now - began),
            request,
        };
        (now, span)
    }

    /// Ends its own span, once.
    fn end(&self, now: f64, ended: &mut Vec<Ended>) {
        if !self.told.replace(true) {
            ended.push(self.span(&self.span_id, &self.path, self.began, now, None));
        }
    }
}

/// A span, and when it ended.
type Ended = (f64, PortalSpanBody);

/// A request under way.
pub struct Begun {
    page: Rc<Page>,
    span_id: String,
    began: f64,
}

impl Begun {
    /// The header `traceparent`. Whether the trace is sent is for the server to decide, by its id.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.page.trace_id, self.span_id)
    }
}

/// The page that is open, and spans that wait to be sent. Times are milliseconds.
struct Book {
    wanted: bool,
    page: Option<Rc<Page>>,
    ended: Vec<Ended>,
}

impl Book {
    const fn closed() -> Self {
        Self { wanted: false, page: None, ended: Vec::new() }
    }

    /// `random` gives 32 hexadecimal digits.
    fn begin(&mut self, path: String, now: f64, random: impl Fn() -> Option<String>) -> Option<Begun> {
        let id = || {
            let mut digits = random()?;
            digits.truncate(16);
            Some(digits)
        };
        let span_id = id()?;
        let goes_on = |page: &Rc<Page>| page.path == path && now - page.began < LONGEST;
        let page = match self.page.take().filter(goes_on) {
            Some(page) => page,
            None => Rc::new(Page {
                path,
                trace_id: random()?,
                span_id: id()?,
                began: now,
                under_way: Cell::new(0),
                told: Cell::new(false),
            }),
        };
        page.under_way.set(page.under_way.get() + 1);
        self.page = Some(Rc::clone(&page));
        Some(Begun { page, span_id, began: now })
    }

    fn end(&mut self, begun: Begun, method: &str, url: &str, status: Option<u16>, now: f64) {
        let Begun { page, span_id, began } = begun;
        page.under_way.set(page.under_way.get() - 1);
        if !self.wanted {
            return;
        }
        let request = PortalRequestBody { page_id: page.span_id.clone(), method: method.to_owned(), status };
        self.ended.push(page.span(&span_id, url, began, now, Some(request)));
        if page.under_way.get() == 0 {
            page.end(now, &mut self.ended);
        }
    }

    /// The page is left, whatever is under way.
    fn leave(&mut self, now: f64) {
        if let Some(page) = self.page.take() {
            page.end(now, &mut self.ended);
        }
    }

    /// All that wait, but what the server would not take: a computer slept meanwhile.
    fn take(&mut self, now: f64) -> Vec<PortalSpanBody> {
        let mut spans = Vec::new();
        for (at, mut span) in mem::take(&mut self.ended) {
            span.ended_ms_ago = whole(now - at);
            if span.ended_ms_ago <= ENDED_AGO_MAX && span.duration_ms <= DURATION_MAX {
                spans.push(span);
            }
        }
        spans
    }
}

/// The whole number below; 0 for what is negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float stays within the type")]
fn whole(milliseconds: f64) -> u32 {
    milliseconds as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOBS: &str = "/api/v1/jobs?limit=50";

    fn open() -> Book {
        Book { wanted: true, ..Book::closed() }
    }

    /// Another each time.
    fn random() -> impl Fn() -> Option<String> {
        let made = Cell::new(0);
        move || {
            made.set(made.get() + 1);
            Some(format!("{:016x}{:016x}", made.get(), 7))
        }
    }

    #[test]
    fn a_page_is_the_parent_of_its_requests_and_ends_with_the_last_that_is_under_way() {
        let (mut book, random) = (open(), random());
        let first = book.begin("/jobs".into(), 1000.0, &random).unwrap();
        let second = book.begin("/jobs".into(), 1010.0, &random).unwrap();
        assert_eq!(second.traceparent(), format!("00-{}-{}-01", first.page.trace_id, second.span_id));
        let (page_id, first_id) = (first.page.span_id.clone(), first.span_id.clone());
        assert!(first_id != second.span_id && first_id.len() == 16 && page_id.len() == 16);
        book.end(first, "GET", JOBS, Some(200), 1040.0);
        book.end(second, "POST", "/api/v1/jobs/7/retry", None, 1100.0);
        let third = book.begin("/jobs".into(), 2000.0, &random).unwrap();
        book.end(third, "GET", JOBS, Some(200), 2001.0);
        let spans = book.take(2100.0);
        let told: Vec<_> = spans.iter().map(|it| (it.path.as_str(), it.duration_ms, it.ended_ms_ago)).collect();
        let expected = [
            ("/api/v1/jobs", 40, 1060),
            ("/api/v1/jobs/{id}/retry", 90, 1000),
            ("/jobs", 100, 1000),
            ("/api/v1/jobs", 1, 99),
        ];
        assert_eq!(told, expected);
        let requests: Vec<_> = spans.iter().map(|span| span.request.as_ref()).collect();
        let expected = PortalRequestBody { page_id: page_id.clone(), method: "POST".into(), status: None };
        assert_eq!((requests[1], requests[2]), (Some(&expected), None));
        assert_eq!((&spans[0].span_id, &spans[2].span_id), (&first_id, &page_id));
        assert!(spans.iter().all(|span| span.trace_id == spans[0].trace_id));
        assert!(book.take(2100.0).is_empty());
    }

    #[test]
    fn a_page_that_is_left_ends_there_and_only_once() {
        let mut book = open();
        let begun = book.begin("/jobs".into(), 0.0, random()).unwrap();
        book.leave(70.0);
        book.leave(80.0);
        book.end(begun, "GET", JOBS, None, 90.0);
        let told: Vec<_> = book.take(90.0).into_iter().map(|span| (span.path, span.duration_ms)).collect();
        assert_eq!(told, [("/jobs".to_owned(), 70), ("/api/v1/jobs".to_owned(), 90)]);
    }

    #[test]
    fn another_page_and_one_that_stays_long_are_other_traces() {
        let (mut book, random) = (open(), random());
        let mut trace = |path: &str, now: f64| {
            let begun = book.begin(path.into(), now, &random).unwrap();
            let trace = begun.page.trace_id.clone();
            book.end(begun, "GET", JOBS, Some(200), now);
            trace
        };
        let jobs = trace("/jobs", 0.0);
        assert_eq!(trace("/jobs", LONGEST - 1.0), jobs);
        let later = trace("/jobs", LONGEST);
        let others = [trace("/workspaces/1", LONGEST), trace("/workspaces/2", LONGEST), trace("/jobs", LONGEST)];
        assert!(later != jobs && !others.contains(&later) && !others.contains(&jobs));
        assert!(others[0] != others[1] && others[1] != others[2]);
    }

    #[test]
    fn without_randomness_or_interest_nothing_is_kept_nor_what_is_too_old() {
        let mut book = open();
        assert!(book.begin("/jobs".into(), 0.0, || None).is_none());
        let begun = book.begin("/jobs".into(), 0.0, random()).unwrap();
        book.end(begun, "GET", JOBS, Some(200), 5.0);
        assert!(book.take(f64::from(ENDED_AGO_MAX) + 6.0).is_empty());
        let begun = book.begin("/jobs".into(), 0.0, random()).unwrap();
        book = Book::closed();
        book.end(begun, "GET", JOBS, Some(200), 5.0);
        assert!(book.take(5.0).is_empty());
    }
}
