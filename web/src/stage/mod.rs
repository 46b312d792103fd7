//! What component tests stand on: a part of the page where a component is mounted, acted upon and looked at as a
//! person would, an API that the test answers for (`api.rs`), the address (`address.rs`), and a clipboard that takes or
//! refuses (`clipboard.rs`).
//! The tests are in files `in_browser.rs` beside what they test; they are compiled to wasm alone and run by `cargo
//! xtask test --only components`. Not for what needs no browser: that is tested natively.
//!
//! To test a component: `mod in_browser;` beside it, [`stage`] with its view, acts on the [`Stage`], and [`until`] for what comes
//! of them.
#![cfg(target_arch = "wasm32")]

mod address;
mod api;
mod clipboard;
mod samples;

use futures::channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent,
    KeyboardEventInit, MouseEvent, MouseEventInit, PointerEvent, PointerEventInit, Response,
};

pub use address::{search, set_address, travel};
pub use api::{Answer, Api, Call, answer, problem};
pub use clipboard::Clipboard;
pub use samples::{SignedIn, action_job, session, sign_in, workspace};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// How often is looked for what is waited for, and how long is waited between two looks, milliseconds.
const LOOKS: u32 = 500;
const PAUSE_MS: u32 = 10;

/// Waits until something is so.
pub async fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if so() {
            return;
        }
        TimeoutFuture::new(PAUSE_MS).await;
    }
    panic!("it did not come to pass: {what}; the page: {}", page());
}

/// Lets everything happen that is under way, answers that were given included.
pub async fn settle() {
    for _ in 0..3 {
        let answer = Response::new_with_opt_str(Some("{}")).unwrap();
        JsFuture::from(answer.text().unwrap()).await.unwrap();
        TimeoutFuture::new(0).await;
    }
}

/// Waits until the window was painted a few times: what waits for the next frame, and for the one after, has happened.
pub async fn painted() {
    for _ in 0..4 {
        let (told, heard) = oneshot::channel();
        request_animation_frame(move || told.send(()).unwrap_or_default());
        heard.await.unwrap();
    }
}

/// The newest stage: before it the runner writes what it tells.
fn page() -> String {
    let stage = document().body().and_then(|body| body.last_element_child());
    stage.map(|stage| stage.inner_html().chars().take(4_000).collect()).unwrap_or_default()
}

/// A mounted component. It goes, and its part of the page with it, when this is dropped.
pub struct Stage {
    root: HtmlElement,
    _mounted: UnmountHandle<AnyViewState>,
}

/// Mounts a view at the end of the page.
pub fn stage<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Stage {
    let root = document().create_element("div").unwrap().unchecked_into::<HtmlElement>();
    document().body().unwrap().append_child(&root).unwrap();
    let _mounted = mount_to(root.clone(), || view().into_any());
    Stage { root, _mounted }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.root.remove();
    }
}

impl Stage {
    /// Every element that fits a selector, in order.
    pub fn all(&self, css: &str) -> Vec<HtmlElement> {
        let found = self.root.query_selector_all(css).unwrap();
        (0..found.length()).filter_map(|at| found.item(at)).map(JsCast::unchecked_into).collect()
    }

    /// The first of them, if there is one.
    pub fn find(&self, css: &str) -> Option<HtmlElement> {
        self.all(css).into_iter().next()
    }

    /// The first of them, which must be there.
    pub fn get(&self, css: &str) -> HtmlElement {
        self.find(css).unwrap_or_else(|| panic!("no {css} in {}", self.root.inner_html()))
    }

    /// The words in an element.
    pub fn words(&self, css: &str) -> String {
        self.get(css).text_content().unwrap_or_default()
    }

    /// The words in each element.
    pub fn each_words(&self, css: &str) -> Vec<String> {
        self.all(css).iter().map(|element| element.text_content().unwrap_or_default()).collect()
    }

    /// An attribute of an element.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.get(css).get_attribute(name)
    }

    /// What is typed into a field.
    pub fn typed(&self, css: &str) -> String {
        let field = self.get(css);
        match field.dyn_ref::<HtmlTextAreaElement>() {
            Some(area) => area.value(),
            None => field.unchecked_into::<HtmlInputElement>().value(),
        }
    }

    /// Clicks an element.
    pub async fn click(&self, css: &str) {
        self.get(css).click();
        settle().await;
    }

    /// Writes into a field, in place of what is there.
    pub async fn write(&self, css: &str, text: &str) {
        let field = self.get(css);
        match field.dyn_ref::<HtmlTextAreaElement>() {
            Some(area) => area.set_value(text),
            None => field.unchecked_ref::<HtmlInputElement>().set_value(text),
        }
        happen(&field, "input");
        settle().await;
    }

    /// Puts a text into a field at once, from elsewhere.
    pub async fn paste(&self, css: &str, text: &str) {
        happen(&self.get(css), "paste");
        self.write(css, text).await;
    }

    /// Chooses a value of a list.
    pub async fn choose(&self, css: &str, value: &str) {
        let list = self.get(css);
        list.unchecked_ref::<HtmlSelectElement>().set_value(value);
        happen(&list, "change");
        settle().await;
    }

    /// Leaves a field that was written into.
    pub async fn leave(&self, css: &str) {
        for name in ["change", "blur"] {
            happen(&self.get(css), name);
        }
        settle().await;
    }

    /// Clicks an element with Shift held.
    pub async fn shift_click(&self, css: &str) {
        let init = MouseEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_shift_key(true);
        send(&self.get(css), &MouseEvent::new_with_mouse_event_init_dict("click", &init).unwrap());
        settle().await;
    }

    /// Lets a finger do something so many pixels from the left edge of an element: `pointerdown`, `pointermove`, `pointerup`,
    /// `pointercancel`.
    pub async fn touch(&self, css: &str, name: &str, pixels: f64) {
        let element = self.get(css);
        let init = PointerEventInit::new();
        init.set_bubbles(true);
        init.set_cancelable(true);
        init.set_pointer_type("touch");
        init.set_client_x((element.get_bounding_client_rect().left() + pixels) as i32);
        send(&element, &PointerEvent::new_with_event_init_dict(name, &init).unwrap());
        settle().await;
    }

    /// Gives an element the focus.
    pub async fn focus(&self, css: &str) {
        self.get(css).focus().unwrap();
        settle().await;
    }
}

/// Presses a key where the focus is.
pub async fn key(name: &str) {
    press(name, false).await;
}

/// The same with Shift held.
pub async fn shift_key(name: &str) {
    press(name, true).await;
}

async fn press(name: &str, shift: bool) {
    let init = KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_key(name);
    init.set_shift_key(shift);
    send(&focused(), &KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap());
    settle().await;
}

/// The element that has the focus; the page itself where nothing else has.
pub fn focused() -> Element {
    document().active_element().unwrap()
}

fn happen(element: &HtmlElement, name: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    send(element, &Event::new_with_event_init_dict(name, &init).unwrap());
}

fn send(element: &Element, event: &Event) {
    element.dispatch_event(event).unwrap();
}
