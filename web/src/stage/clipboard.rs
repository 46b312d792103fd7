//! The clipboard as a test wants it, in the place of the browser's while this lives: one that takes what is written, one that
//! refuses it, or none, as on a page that was not fetched over HTTPS.

use js_sys::{Reflect, eval};
use leptos::prelude::window;

/// What stands in for the clipboard.
pub struct Clipboard;

impl Clipboard {
    /// One that takes what is written.
    pub fn takes() -> Self {
        Self::put("{ writeText: text => { window.written = text; return Promise.resolve() } }")
    }

    /// One that refuses.
    pub fn refuses() -> Self {
        Self::put("{ writeText: () => Promise.reject(new Error('not allowed')) }")
    }

    /// None.
    pub fn none() -> Self {
        Self::put("undefined")
    }

    fn put(script: &str) -> Self {
        eval("delete window.written").unwrap();
        let descriptor = format!("{{ configurable: true, value: {script} }}");
        eval(&format!("Object.defineProperty(navigator, 'clipboard', {descriptor})")).unwrap();
        Self
    }

    /// What was written last.
    pub fn written(&self) -> Option<String> {
        Reflect::get(&window(), &"written".into()).unwrap().as_string()
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        // The browser's own is what every navigator has.
        eval("delete navigator.clipboard").unwrap();
    }
}
