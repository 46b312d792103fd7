//! Where an address leads on the page: the part that its `#` names takes the focus. The parts are drawn after the router has looked for
//! them, so that each does it by itself.

use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The title of a part that is led to; `name` is its id behind a `#`.
pub fn title(name: &'static str) -> NodeRef<html::H2> {
    let (title, place) = (NodeRef::<html::H2>::new(), use_location());
    Effect::new(move |_| {
        // What leads there a second time differs in its query alone.
        place.search.track();
        if let Some(title) = title.get().filter(|_| place.hash.get() == name) {
            title.focus().unwrap_or_default();
        }
    });
    title
}

/// A part that is drawn when its data are there, and drawn again as they change: that leads nobody there a second time, nor away from
/// what they began meanwhile.
pub fn late(name: &'static str) -> NodeRef<html::Div> {
    let (part, hash) = (NodeRef::<html::Div>::new(), use_location().hash);
    Effect::new(move |before: Option<(bool, bool)>| {
        let (waited, led) = before.unwrap_or_default();
        let (wanted, found) = (hash.get() == name, part.get());
        if let Some(found) = found.as_ref().filter(|_| wanted && !led && (!waited || at_rest())) {
            found.focus().unwrap_or_default();
        }
        (wanted, wanted && (led || found.is_some()))
    });
    part
}

/// Whether the focus is nowhere in particular.
fn at_rest() -> bool {
    document().active_element().is_none_or(|focus| focus.tag_name() == "BODY" || focus.id() == "main")
}
