//! The live stream: one EventSource for the whole portal. The browser resumes by itself after a cut (`Last-Event-ID`); when
//! it gives up, we ask who is signed in and open a new one with `?last_event_id=`. Pages subscribe with [`Live::listen`].
//!
//! A page that nobody sees lets its stream go and resumes it when it is seen again: over HTTP/1.1 a browser keeps at most
//! six connections to one address, and streams of tabs in the background, or of pages just left, would take them all.

use std::rc::Rc;
use std::time::Duration;

use contract::events::{Event, RESET};
use contract::paths;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::api::{client, session};
use crate::format;
use crate::state::live_event;

/// The SSE names we listen for: each kind of [`Event`], and the one that says to read everything again.
pub(super) const NAMES: &[&str] =
    &["workspace_state", "fleet_changed", "job", "account", "schedule", "budget_crossed", "changed", RESET];
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveStatus {
    /// Not opened yet.
    Connecting,
    /// What is on screen follows the fleet.
    Live,
    /// Cut; being opened again.
    Reconnecting,
}

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// Something happened.
    Happened(Event),
    /// Something was missed for good: read again.
    ReadAgain,
}

type Listener = Rc<dyn Fn(&LiveEvent)>;

#[derive(Default)]
struct Inner {
    listeners: Vec<(u64, Listener)>,
    next: u64,
    source: Option<EventSource>,
    /// Whether the portal wants the stream: from [`Live::open`] to [`Live::close`].
    wanted: bool,
    last_id: Option<String>,
    wait: Duration,
    /// Whether it was open before in this session.
    was_live: bool,
    /// Counts openings, so that what belongs to an older stream is ignored.
    opening: u64,
}

impl Inner {
    /// Ends the stream there is; whatever is still to come of it belongs to an older opening.
    fn let_go(&mut self) {
        self.opening += 1;
        if let Some(source) = self.source.take() {
            source.close();
        }
    }
}

/// The live stream.
#[derive(Clone, Copy)]
pub struct Live {
    status: RwSignal<LiveStatus>,
    inner: StoredValue<Inner, LocalStorage>,
}

impl Live {
    /// A stream that is not open, and rests while the page is hidden or left. Called once.
    pub fn start() -> Self {
        let live = Self {
            status: RwSignal::new(LiveStatus::Connecting),
            inner: StoredValue::new_local(Inner { wait: FIRST_WAIT, ..Inner::default() }),
        };
        let see = move || if document().hidden() { live.rest() } else { live.resume() };
        // These stay for as long as the page does.
        let _ = window_event_listener_untyped("visibilitychange", move |_| see());
        let _ = window_event_listener_untyped("pageshow", move |_| see());
        let _ = window_event_listener_untyped("pagehide", move |_| live.rest());
        live
    }

    /// How it is.
    pub fn status(self) -> LiveStatus {
        self.status.get()
    }

    /// Calls `listener` with every event until the calling component ends.
    pub fn listen(self, listener: impl Fn(&LiveEvent) + 'static) {
        let mut id = 0;
        self.inner.update_value(|inner| {
            id = inner.next;
            inner.next += 1;
            inner.listeners.push((id, Rc::new(listener)));
        });
        on_cleanup(move || {
            self.inner.try_update_value(|inner| inner.listeners.retain(|(other, _)| *other != id));
        });
    }

    /// Opens the stream, closing an older one; of a page that is hidden, when it is seen.
    pub fn open(self) {
        self.inner.update_value(|inner| inner.wanted = true);
        if !document().hidden() {
            self.connect();
        }
    }

    fn rest(self) {
        self.inner.update_value(Inner::let_go);
        self.status.set(LiveStatus::Connecting);
    }

    fn resume(self) {
        if self.inner.with_value(|inner| inner.wanted && inner.source.is_none()) {
            self.connect();
        }
    }

    fn connect(self) {
        let mut opening = 0;
        let mut gap = false;
        let mut url = paths::EVENTS.to_owned();
        self.inner.update_value(|inner| {
            inner.let_go();
            opening = inner.opening;
            if let Some(id) = &inner.last_id {
                url = format!("{url}?last_event_id={}", format::query_value(id));
            }
            // A stream opened anew that can't say where it was may have missed something.
            gap = inner.was_live && inner.last_id.is_none();
        });
        let Ok(source) = EventSource::new(&url) else {
            self.open_later(opening);
            return;
        };
        let on_open = Closure::<dyn Fn()>::new(move || {
            self.status.set(LiveStatus::Live);
            self.inner.update_value(|inner| {
                inner.wait = FIRST_WAIT;
                inner.was_live = true;
            });
            if gap {
                self.tell(&LiveEvent::ReadAgain);
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        on_open.forget();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| self.receive(&message));
        for name in NAMES {
            // Adding a listener to a fresh EventSource does not fail.
            let _ = source.add_event_listener_with_callback(name, on_message.as_ref().unchecked_ref());
        }
        on_message.forget();
        let watched = source.clone();
        let on_error = Closure::<dyn Fn()>::new(move || {
            self.status.set(LiveStatus::Reconnecting);
            if watched.ready_state() == EventSource::CLOSED {
                self.open_later(opening);
            }
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        self.inner.update_value(|inner| inner.source = Some(source));
    }

    /// Closes the stream for good, as on sign-out.
    pub fn close(self) {
        self.inner.update_value(|inner| {
            inner.let_go();
            inner.wanted = false;
            inner.last_id = None;
            inner.was_live = false;
        });
        self.status.set(LiveStatus::Connecting);
    }

    fn open_later(self, opening: u64) {
        let mut wait = FIRST_WAIT;
        self.inner.update_value(|inner| {
            wait = inner.wait;
            inner.wait = (inner.wait * 2).min(LONGEST_WAIT);
        });
        let still_wanted = move || self.inner.with_value(|inner| inner.opening == opening);
        set_timeout(
            move || {
                if !still_wanted() {
                    return;
                }
                spawn_local(async move {
                    // A session that ended makes the portal ask for a sign-in; anything else is worth another try.
                    let answer = session::current().await;
                    let ended = answer.is_err_and(|error| error.status() == Some(401));
                    if !ended && still_wanted() {
                        self.connect();
                    }
                });
            },
            wait,
        );
    }

    fn receive(self, message: &MessageEvent) {
        let id = message.last_event_id();
        let event = if message.type_() == RESET {
            LiveEvent::ReadAgain
        } else {
            let text = message.data().as_string().unwrap_or_default();
            // A newer server may send what this page does not know; reading again is always right.
            let event = client::parse(&text).ok().as_ref().and_then(live_event::read);
            event.map_or(LiveEvent::ReadAgain, LiveEvent::Happened)
        };
        if !id.is_empty() {
            self.inner.update_value(|inner| inner.last_id = Some(id));
        }
        self.tell(&event);
    }

    /// Tells every listener. They are called outside of the store, so that one may listen or stop listening meanwhile.
    pub(crate) fn tell(self, event: &LiveEvent) {
        let listeners: Vec<Listener> =
            self.inner.with_value(|inner| inner.listeners.iter().map(|(_, listener)| Rc::clone(listener)).collect());
        for listener in listeners {
            listener(event);
        }
    }
}

/// The live stream from the context.
pub fn use_live() -> Live {
    expect_context()
}
