//! Where the window is over the list, and where it goes: the rows in sight, the place in the address, the keys that lead from row
//! to row. The page itself scrolls; the table is as high as all its rows, so that the scroll bar tells the truth and one may drag it
//! anywhere.
//!
//! All rows are equally high: `styles/pages/20-fleet.css` sees to that, and here it is measured. `scroll-margin` of a row says what
//! covers the edges of the window.

use std::ops::Range;

use js_sys::{Function, Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::rows::Rows;
use super::window::{Ground, after_key, in_sight, pixels};
use crate::state::timing::Debounce;

/// The row's height before one was measured, pixels.
const STRIDE: f64 = 62.0;
/// The address follows when the window has been still for so long.
const SETTLE_MS: u64 = 250;
/// Rows of the table before the first of the list: its head.
pub const HEAD_ROWS: u64 = 1;

/// The window over the list.
#[derive(Clone, Copy)]
pub struct Scroll {
    rows: Rows,
    /// The table.
    pub table: NodeRef<html::Table>,
    /// The room of the rows before those that are drawn.
    pub before: NodeRef<html::Tbody>,
    /// The part of the table whose rows are drawn.
    pub body: NodeRef<html::Tbody>,
    stride: RwSignal<f64>,
    /// The rows that are drawn.
    drawn: RwSignal<Range<u64>>,
    /// A further frame.
    frame: RwSignal<()>,
    /// How wide the window is, pixels.
    width: StoredValue<Option<f64>>,
    /// Whether the window is on its way to a place, so that where it is meanwhile means nothing.
    held: StoredValue<bool>,
    /// The row that is to have the focus once it is drawn, and whether its box rather than its link.
    wanted: StoredValue<Option<(u64, bool)>>,
    settle: Debounce,
    on_place: Callback<u64>,
}

impl Scroll {
    /// Follows the window from now on. `on_place` is told which row comes first once the window rests.
    pub fn new(rows: Rows, on_place: Callback<u64>) -> Self {
        let scroll = Self {
            rows,
            table: NodeRef::new(),
            before: NodeRef::new(),
            body: NodeRef::new(),
            stride: RwSignal::new(STRIDE),
            drawn: RwSignal::new(0..0),
            frame: RwSignal::new(()),
            width: StoredValue::new(width()),
            held: StoredValue::new(true),
            wanted: StoredValue::new(None),
            settle: Debounce::new(),
            on_place,
        };
        let moved = window_event_listener(leptos::ev::scroll, move |_| scroll.look());
        let resized = window_event_listener(leptos::ev::resize, move |_| scroll.resized());
        // The browser's own memory of where a page was knows nothing of rows that are yet to come.
        restoration("manual");
        on_cleanup(move || {
            moved.remove();
            resized.remove();
            restoration("auto");
        });
        Effect::new(move |_| {
            if let Some(row) = rows.arrived.get() {
                scroll.go(row, true);
            }
        });
        Effect::new(move |_| {
            scroll.frame.track();
            let before = scroll.drawn.get_untracked();
            let next = rows.next_drawn(&before);
            if next == before {
                return;
            }
            let seen = rows.sight.with_untracked(|sight| next.start <= sight.start);
            scroll.drawn.set(next);
            let go_on = move || {
                scroll.frame.try_set(());
            };
            // What is in sight is there before the window is painted.
            if seen { request_animation_frame(go_on) } else { queue_microtask(go_on) }
        });
        Effect::new(move |_| {
            let places = scroll.drawn();
            rows.slots(places);
            if scroll.wanted.with_value(Option::is_some) {
                request_animation_frame(move || scroll.give_focus());
            }
        });
        scroll
    }

    /// The rows that are drawn.
    pub fn drawn(self) -> Range<u64> {
        self.drawn.get()
    }

    /// How high so many rows are, pixels.
    pub fn pixels(self, rows: u64) -> f64 {
        pixels(rows, self.stride.get())
    }

    /// Goes to a row once it is drawn. Without `leave_head` the list's beginning may lie anywhere in the window.
    pub fn go(self, row: u64, leave_head: bool) {
        self.held.set_value(true);
        // Once to see how high a row is, and once with everything at its place.
        request_animation_frame(move || {
            self.measure();
            request_animation_frame(move || {
                if self.held.try_set_value(false).is_some() {
                    return;
                }
                if let Some(ground) = self.ground().filter(|ground| row > 0 || (leave_head && ground.above > 0.0)) {
                    scroll_by(pixels(row, ground.stride) - ground.above);
                }
                self.look();
            });
        });
    }

    /// Rows of another width are of another height; the first one stays where it is.
    fn resized(self) {
        let now = width();
        if self.width.get_value() == now {
            self.look();
            return;
        }
        self.width.set_value(now);
        self.go(self.rows.sight.get_untracked().start, false);
    }

    /// Sees which rows are in sight.
    fn look(self) {
        if self.held.try_get_value().unwrap_or(true) || self.rows.turning.get_untracked() {
            return;
        }
        let Some(ground) = self.ground() else { return };
        let sight = in_sight(ground, self.rows.total.get_untracked().unwrap_or(0));
        let first = sight.start;
        self.rows.look(sight);
        self.settle.run(SETTLE_MS, move || self.on_place.run(first));
    }

    /// Leads the focus from row to row; it stays on links or on boxes.
    pub fn key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let here = row_of(&element).map(|at| (at, element.tag_name().eq_ignore_ascii_case("input")));
        let Some((at, on_box)) = here.or(self.wanted.get_value()) else { return };
        let sight = self.rows.sight.get_untracked();
        let total = self.rows.total.get_untracked().unwrap_or(0);
        let Some(to) = after_key(&event.key(), at, sight.end - sight.start, total) else { return };
        event.prevent_default();
        self.wanted.set_value(Some((to, on_box)));
        if let Some(ground) = self.ground() {
            let (top, bottom) = (pixels(to, ground.stride), pixels(to + 1, ground.stride));
            if top < ground.above {
                scroll_by(top - ground.above);
            } else if bottom > ground.above + ground.height {
                scroll_by(bottom - ground.above - ground.height);
            }
        }
        self.look();
        self.give_focus();
    }

    /// Gives the focus to the row that is to have it; to the table until that row is there, so that keys still lead on.
    fn give_focus(self) {
        let Some(Some((at, on_box))) = self.wanted.try_get_value() else { return };
        let Some(table) = self.table.get_untracked() else { return };
        // Whoever has gone elsewhere meanwhile is not called back.
        if !document().active_element().is_some_and(|active| table.contains(Some(&active))) {
            self.wanted.set_value(None);
            return;
        }
        let what = if on_box { "input" } else { "a" };
        let css = format!("tbody [aria-rowindex='{}'] {what}", at + HEAD_ROWS + 1);
        let found = table.query_selector(&css).ok().flatten();
        if found.is_some() {
            self.wanted.set_value(None);
        }
        focus(found.as_ref().unwrap_or(&table));
    }

    /// Where the window is; `None` while there is no table.
    fn ground(self) -> Option<Ground> {
        let (before, body) = (self.before.try_get_untracked()??, self.body.try_get_untracked()??);
        let stride = self.stride.get_untracked();
        let top = top_of(&before);
        let (over, under) = margins(&body);
        let height = window().inner_height().ok()?.as_f64()?;
        let above = window().scroll_y().ok()? + over - top;
        Some(Ground { above, height: (height - over - under).max(stride), stride })
    }

    /// Sees how high a row is, by two that are there and lie side by side.
    fn measure(self) {
        let Some(Some(body)) = self.body.try_get_untracked() else { return };
        let found = |css| body.query_selector(css).ok().flatten().and_then(|e| e.dyn_into::<HtmlElement>().ok());
        let top = |row: &HtmlElement| f64::from(row.offset_top());
        let stride = match found("[data-id] + [data-id]") {
            Some(second) => {
                let first = second.previous_element_sibling().and_then(|e| e.dyn_into::<HtmlElement>().ok());
                first.map(|first| top(&second) - top(&first))
            }
            None => found("[data-id]").map(|row| f64::from(row.offset_height())),
        };
        if let Some(stride) = stride.filter(|stride| *stride > 1.0 && *stride != self.stride.get_untracked()) {
            self.stride.set(stride);
        }
    }
}

/// The row of the list that an element lies in.
fn row_of(element: &Element) -> Option<u64> {
    let row = element.closest("tbody [aria-rowindex]").ok()??;
    row.get_attribute("aria-rowindex")?.parse::<u64>().ok()?.checked_sub(HEAD_ROWS + 1)
}

/// From the upper edge of the page, pixels.
fn top_of(element: &HtmlElement) -> f64 {
    let mut top = 0;
    let mut at = Some(element.clone());
    while let Some(element) = at {
        top += element.offset_top() + element.client_top();
        at = element.offset_parent().and_then(|parent| parent.dyn_into().ok());
    }
    f64::from(top)
}

/// What of the window is covered above and below, pixels.
fn margins(body: &HtmlElement) -> (f64, f64) {
    let style = body.first_element_child().and_then(|row| window().get_computed_style(&row).ok().flatten());
    let side = |name| {
        let text = style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
        text.trim_end_matches("px").parse().unwrap_or(0.0)
    };
    (side("scroll-margin-top"), side("scroll-margin-bottom"))
}

fn width() -> Option<f64> {
    window().inner_width().ok()?.as_f64()
}

fn scroll_by(pixels: f64) {
    let at = window().scroll_y().unwrap_or(0.0);
    window().scroll_to_with_x_and_y(0.0, at + pixels);
}

fn restoration(how: &str) {
    if let Ok(history) = window().history() {
        let _ = Reflect::set(&history, &"scrollRestoration".into(), &how.into());
    }
}

/// Gives the focus to an element without scrolling to it.
fn focus(element: &Element) {
    let options = Object::new();
    let _ = Reflect::set(&options, &"preventScroll".into(), &JsValue::TRUE);
    let focus = Reflect::get(element, &"focus".into()).ok().and_then(|focus| focus.dyn_into::<Function>().ok());
    if let Some(focus) = focus {
        let _ = focus.call1(element, &options);
    }
}
