//! The parts of the design system in a browser.
#![cfg(target_arch = "wasm32")]

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::confirm::Confirm;
use super::dialog::Dialog;
use super::field::{FieldState, TextField};
use super::filter_bar::DateFilter;
use super::rules;
use super::states::{Loaded, PartNotice};
use super::table::{CheckBox, Sort, SortHeader};
use super::text_area::TextArea;
use super::toast::ToastRegion;
use super::typed::TypedField;
use crate::api::{ApiError, workspaces};
use crate::components::ui::Tone;
use crate::stage::{Api, focused, problem, settle, stage, until};
use crate::state::clock::first_moment;
use crate::state::loader::Loader;
use crate::state::submit::Submit;
use crate::state::toasts::Toasts;

#[wasm_bindgen_test]
async fn a_field_says_what_is_wrong_once_it_was_left_and_keeps_what_was_typed() {
    let state = FieldState::new("");
    let rule = Signal::derive(move || state.value.with(|v| v.len() < 3).then(|| "At least 3 characters.".to_owned()));
    let page = stage(move || view! { <TextField id="name" label="Name".to_owned() state rule/> });
    page.write("#name", "ab").await;
    assert_eq!(page.words("#name-error"), "", "whoever is still writing is not interrupted");
    page.leave("#name").await;
    assert_eq!(page.words("#name-error"), "At least 3 characters.");
    assert_eq!(page.attribute("#name", "aria-invalid").as_deref(), Some("true"));
    assert_eq!(page.typed("#name"), "ab");
    page.write("#name", "abc").await;
    assert_eq!(page.words("#name-error"), "", "it is judged as it is typed from then on");
    assert_eq!(page.attribute("#name", "aria-invalid"), None);
    state.refused.set(Some("Somebody has that name.".to_owned()));
    settle().await;
    assert_eq!(page.words("#name-error"), "Somebody has that name.");
    page.write("#name", "abcd").await;
    assert_eq!(page.words("#name-error"), "", "what the server said was about another name");
}

#[wasm_bindgen_test]
async fn what_was_right_once_or_was_pasted_is_judged_as_it_is_typed() {
    let state = FieldState::new("");
    let rule = rules::text(state, 2..=4);
    let page = stage(move || view! { <TextArea id="note" label="Note".to_owned() state rule/> });
    for begun in ["a", "abcd"] {
        page.write("#note", begun).await;
        assert_eq!(page.words("#note-error"), "", "{begun}");
    }
    page.write("#note", "abcde").await;
    assert_eq!(page.words("#note-error"), "At most 4 characters; these are 5.");
    assert_eq!(page.attribute("#note", "aria-invalid").as_deref(), Some("true"));
    assert_eq!(page.attribute("#note", "aria-describedby").as_deref(), Some("note-error"));
    assert_eq!(page.typed("#note"), "abcde", "nothing is cut off");
    page.write("#note", "abc").await;
    assert_eq!((page.words("#note-error"), page.attribute("#note", "aria-invalid")), (String::new(), None));

    let state = FieldState::new("");
    let rule = rules::text(state, 2..=4);
    let page = stage(move || view! { <TextField id="name" label="Name".to_owned() state rule/> });
    page.paste("#name", "abcdef").await;
    assert_eq!(page.words("#name-error"), "At most 4 characters; these are 6.");

    let state = FieldState::new("");
    let rule = rules::judged(state, |typed| rules::each(typed, 2, rules::region));
    let page = stage(move || view! { <TextField id="name" label="Name".to_owned() state rule/> });
    for begun in ["eu-west-1", "eu-west-1,", "eu-west-1, u", "eu-west-1, us-east-1"] {
        page.write("#name", begun).await;
        assert_eq!(page.words("#name-error"), "", "{begun}: the next one is only begun");
    }
    page.write("#name", "eu-west-1, us-east-1x").await;
    assert!(page.words("#name-error").contains("us-east-1x"));

    // An address is whole before its last point, and for a moment it is not.
    let state = FieldState::new("");
    let rule = rules::judged(state, rules::email);
    let page = stage(move || view! { <TextField id="name" label="Name".to_owned() state rule/> });
    for begun in ["ana@example", "ana@example.", "ana@example.c", "ana@example.co-", "ana@example.co-op.org"] {
        page.write("#name", begun).await;
        assert_eq!(page.words("#name-error"), "", "{begun}");
    }

    let state = FieldState::new("abc");
    let rule = rules::text(state, 2..=4);
    let page = stage(move || view! { <TextField id="name" label="Name".to_owned() state rule/> });
    assert_eq!(page.words("#name-error"), "");
    page.write("#name", "").await;
    assert_eq!(page.words("#name-error"), "Fill this in.", "what was there before is whole");
}

#[wasm_bindgen_test]
async fn what_cannot_be_taken_back_waits_for_the_word() {
    let (open, done) = (RwSignal::new(true), RwSignal::new(0));
    let typed = Signal::stored(Some("1200".to_owned()));
    let page = stage(move || {
        view! {
            <Confirm
                open title="Terminate?".to_owned() text="They are gone for good.".to_owned() action="Terminate" typed
                submit=Submit::new() on_confirm=move |()| done.update(|n| *n += 1)
            />
        }
    });
    let button = "[data-testid=confirm-do]";
    settle().await;
    assert_eq!(page.attribute(button, "title").as_deref(), Some("Type 1200 first"));
    page.click(button).await;
    page.write("#typed-word", "120").await;
    page.leave("#typed-word").await;
    page.click(button).await;
    assert_eq!((done.get_untracked(), page.words("#typed-word-error")), (0, "That is not it.".to_owned()));
    page.write("#typed-word", "1,200").await;
    page.click(button).await;
    assert_eq!((done.get_untracked(), page.attribute(button, "aria-disabled")), (1, None));
    open.set(false);
    settle().await;
    open.set(true);
    settle().await;
    assert_eq!(page.typed("#typed-word"), "", "the next one is asked anew");
    page.click(button).await;
    assert_eq!(done.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn another_word_makes_another_field() {
    let word = RwSignal::new(None);
    let page = stage(move || view! { <TypedField word=word typed=FieldState::new("")/> });
    assert!(page.find("#typed-word").is_none());
    word.set(Some("ana".to_owned()));
    settle().await;
    assert_eq!(page.words("label"), "To go on, type ana");
}

#[wasm_bindgen_test]
async fn a_dialog_has_its_content_while_it_is_open() {
    let open = RwSignal::new(false);
    let made = StoredValue::new(0);
    let page = stage(move || {
        view! {
            <Dialog open title="Edit".to_owned()>
                {move || made.update_value(|n| *n += 1)}
                <input id="inside"/>
            </Dialog>
        }
    });
    settle().await;
    assert_eq!((made.get_value(), page.find("#inside").is_some()), (0, false));
    for times in 1..=2 {
        open.set(true);
        until("the dialog is open and modal", || page.find("dialog:modal #inside").is_some()).await;
        page.click("[aria-label=Close]").await;
        until("the dialog is closed", || page.find("dialog[open]").is_none()).await;
        assert_eq!((made.get_value(), page.find("#inside").is_some()), (times, false));
    }
    open.set(true);
    until("the dialog is open again", || page.find("dialog:modal").is_some()).await;
    page.get("dialog").click();
    until("a click beside it closes it", || !open.get_untracked()).await;
}

#[wasm_bindgen_test]
async fn messages_pass_by_and_errors_stay() {
    let clock = HeldTimers::new();
    let toasts = Toasts::new();
    let page = stage(move || {
        provide_context(toasts);
        view! { <ToastRegion/> }
    });
    toasts.failed("It could not be stopped", &ApiError::Unreachable);
    for text in ["one", "two"] {
        toasts.done(text);
    }
    let words = || page.each_words(".toast-text");
    until("three messages", || words().len() == 3).await;
    assert_eq!(words()[0], "It could not be stopped: Check the network connection, then try again.");
    page.focus(".toast button").await;
    clock.ring();
    settle().await;
    assert_eq!(words().len(), 3, "none goes while one of them has the focus");
    page.get(".toast button").blur().unwrap();
    clock.ring();
    until("what went well is gone", || words().len() == 1).await;
    assert!(words()[0].starts_with("It could not be stopped"));
    toasts.close(0);
    for text in ["three", "four"] {
        toasts.show(Tone::Danger, text, None);
    }
    toasts.done("five");
    toasts.done("six");
    until("what goes by itself makes room", || words() == ["three", "four", "six"]).await;
    for text in ["seven", "eight", "nine", "ten"] {
        toasts.show(Tone::Danger, text, None);
    }
    until("errors stay up to the limit", || words() == ["four", "seven", "eight", "nine", "ten"]).await;
    page.click(".toast:nth-child(2) button").await;
    assert_eq!(words(), ["four", "eight", "nine", "ten"]);
    page.focus(".toast button").await;
    for text in ["eleven", "twelve"] {
        toasts.show(Tone::Danger, text, None);
    }
    until("none goes from under the focus", || words() == ["four", "nine", "ten", "eleven", "twelve"]).await;
    page.click(".toast:nth-child(2) button").await;
    toasts.done("thirteen");
    until("one that goes by itself", || words() == ["four", "ten", "eleven", "twelve", "thirteen"]).await;
    page.focus(".toast:last-child button").await;
    toasts.done("fourteen");
    until("nor does that", || words() == ["ten", "eleven", "twelve", "thirteen", "fourteen"]).await;
}

#[wasm_bindgen_test]
async fn a_message_that_goes_gives_the_focus_back() {
    let toasts = Toasts::new();
    let there = RwSignal::new(true);
    let page = stage(move || {
        provide_context(toasts);
        view! {
            <main id="main" tabindex="-1">{move || there.get().then(|| view! { <button id="before">"Before"</button> })}</main>
            <ToastRegion/>
        }
    });
    let undone = RwSignal::new(0);
    for text in ["one", "two", "three"] {
        toasts.undoable(text, "It is back", move || {
            undone.update(|times| *times += 1);
            async { Err(ApiError::Unreachable) }
        });
    }
    until("the messages", || page.all(".toast").len() == 3).await;
    page.focus("#before").await;
    // Through the buttons of another message.
    page.focus(".toast:nth-child(2) button").await;
    page.focus("[data-testid=toast-undo]").await;
    page.get("[data-testid=toast-undo]").click();
    assert_eq!((focused().id(), undone.get_untracked()), ("before".into(), 1), "to what had it");
    page.focus(".toast [aria-label='Close message']").await;
    there.set(false);
    settle().await;
    page.get(".toast [aria-label='Close message']").click();
    assert_eq!(focused().id(), "main", "to the page where that is gone");
}

#[wasm_bindgen_test]
async fn what_a_message_tells_is_taken_back_once() {
    let toasts = Toasts::new();
    let page = stage(move || {
        provide_context(toasts);
        view! { <ToastRegion/> }
    });
    let (asked, refused) = (RwSignal::new(0), RwSignal::new(false));
    let offer = move |text: &str| {
        toasts.undoable(text, "It is back", move || {
            asked.update(|times| *times += 1);
            let answer = if refused.get_untracked() { Err(ApiError::Unreachable) } else { Ok(()) };
            async move { answer }
        });
    };
    let words = || page.each_words(".toast-text");
    assert!(!toasts.undo(None), "there is nothing to take back");
    offer("first");
    offer("second");
    toasts.done("third");
    until("the messages", || words() == ["first", "second", "third"]).await;
    assert_eq!(page.each_words("[data-testid=toast-undo]"), ["Undo", "Undo"], "not of what can't be");
    page.click("[data-testid=toast-undo]").await;
    until("that one is taken back", || words() == ["second", "third", "It is back"]).await;
    refused.set(true);
    assert!(toasts.undo(None), "the newest one that can be");
    let why = "It could not be undone: Check the network connection, then try again.";
    until("it is said why not", || words() == ["third", "It is back", why]).await;
    assert_eq!((asked.get_untracked(), toasts.undo(None)), (2, false), "each once");
    offer("fourth");
    toasts.forget();
    assert!(!toasts.undo(None), "not by who signs in next");
    until("what can't be taken back stays", || words() == ["It is back", why]).await;
}

/// Timers of the page that go off when the test says so.
struct HeldTimers {
    set_timeout: wasm_bindgen::JsValue,
}

impl HeldTimers {
    fn new() -> Self {
        let own = js_sys::Reflect::get(&window(), &"setTimeout".into()).unwrap();
        // Short ones are the test's own.
        let hold = js_sys::Function::new_with_args(
            "what, after",
            "if (after < 1000) return window.ownTimeout(what, after); (window.held ??= []).push(what); return 0;",
        );
        js_sys::Reflect::set(&window(), &"ownTimeout".into(), &own).unwrap();
        js_sys::Reflect::set(&window(), &"setTimeout".into(), &hold).unwrap();
        Self { set_timeout: own }
    }

    fn ring(&self) {
        js_sys::Function::new_no_args("window.held.splice(0).forEach((what) => what())").call0(&window()).unwrap();
    }
}

impl Drop for HeldTimers {
    fn drop(&mut self) {
        js_sys::Reflect::set(&window(), &"setTimeout".into(), &self.set_timeout).unwrap();
    }
}

#[wasm_bindgen_test]
async fn what_is_read_is_awaited_missed_shown_and_old() {
    let api = Api::new();
    let reader = StoredValue::new(None);
    let page = stage(move || {
        let loader = Loader::once(workspaces::facets);
        reader.set_value(Some(loader));
        let show = Callback::new(|_| view! { <p class="shown">"read"</p> }.into_any());
        view! { <Loaded loader lines=4 show/> }
    });
    let path = contract::paths::WORKSPACE_FACETS;
    let call = api.asked("GET", path).await;
    assert_eq!(page.all(".skeleton-line").len(), 4);
    call.answer(500, &problem(500, "internal", "Something broke."));
    until("the error", || page.find("[role=alert]").is_some()).await;
    assert_eq!(
        (page.words(".state-text"), page.words(".state-id code")),
        ("Something broke.".into(), "request-7".into())
    );
    assert!(page.find(".skeleton").is_none());

    page.click(".state-actions button").await;
    let empty = contract::workspaces::WorkspaceFacetsView::default();
    api.asked("GET", path).await.answer(200, &empty);
    until("what was read", || page.find(".shown").is_some()).await;
    assert!(page.find("[role=alert]").is_none());

    reader.get_value().unwrap().reload();
    api.asked("GET", path).await.answer(503, &problem(503, "unavailable", "Back soon."));
    until("the notice", || page.find(".notice").is_some()).await;
    assert!(page.words(".notice").contains("what you see is older. Back soon.") && page.find(".shown").is_some());
}

#[wasm_bindgen_test]
async fn what_one_may_not_see_is_not_tried_again() {
    let api = Api::new();
    let page = stage(|| {
        let show = Callback::new(|_| ().into_any());
        view! { <Loaded loader=Loader::once(workspaces::facets) show/> }
    });
    let call = api.asked("GET", contract::paths::WORKSPACE_FACETS).await;
    call.answer(403, &problem(403, "forbidden", "Your role lacks workspace:read."));
    until("the refusal", || page.find("[role=alert]").is_some()).await;
    assert_eq!(page.words(".state-title"), "You may not see this");
    assert!(page.find("button").is_none());
}

#[wasm_bindgen_test]
async fn a_part_that_could_not_be_read_says_so_until_it_is_read() {
    let api = Api::new();
    let reader = StoredValue::new(None);
    let page = stage(move || {
        let loader = Loader::once(workspaces::facets);
        reader.set_value(Some(loader));
        view! { <PartNotice loader what="What the menus offer"/> }
    });
    let path = contract::paths::WORKSPACE_FACETS;
    let call = api.asked("GET", path).await;
    assert!(page.find(".notice").is_none(), "it is being read");
    call.answer(503, &problem(503, "unavailable", "Back soon."));
    until("the line", || page.find(".notice").is_some()).await;
    assert_eq!(page.words(".notice p"), "What the menus offer could not be read. Back soon.");

    page.click(".notice button").await;
    api.asked("GET", path).await.answer(200, &contract::workspaces::WorkspaceFacetsView::default());
    until("all is well", || page.find(".notice").is_none()).await;

    reader.get_value().unwrap().reload();
    api.asked("GET", path).await.answer(403, &problem(403, "forbidden", "Your role lacks workspace:read."));
    until("the refusal", || page.find(".notice").is_some()).await;
    assert!(page.words(".notice p").starts_with("What the menus offer could not be refreshed."));
    assert!(page.find(".notice button").is_none());
}

#[wasm_bindgen_test]
async fn headers_sort_and_boxes_know_some() {
    let sort = RwSignal::new(Sort::parse("state"));
    let (checked, some, shift) = (RwSignal::new(false), RwSignal::new(true), RwSignal::new(None));
    let page = stage(move || {
        view! {
            <table><thead><tr>
                <th><CheckBox label="All".to_owned() checked some on_toggle=move |held: bool| shift.set(Some(held))/></th>
                <SortHeader column="state" label="State" sort on_sort=move |to: Sort| sort.set(to)/>
                <SortHeader column="since" label="Since" sort descending_first=true on_sort=move |to: Sort| sort.set(to)/>
            </tr></thead></table>
        }
    });
    let directions =
        || page.all("th[aria-sort]").iter().filter_map(|th| th.get_attribute("aria-sort")).collect::<Vec<_>>();
    assert_eq!(directions(), ["ascending", "none"]);
    page.click("[data-testid=sort-state]").await;
    assert_eq!(directions(), ["descending", "none"]);
    page.click("[data-testid=sort-since]").await;
    assert_eq!(directions(), ["none", "descending"]);
    assert!(page.find("input:indeterminate").is_some());
    page.click("input").await;
    assert_eq!(shift.get_untracked(), Some(false));
    checked.set(true);
    settle().await;
    assert!(page.find("input:indeterminate").is_none() && page.find("input:checked").is_some());
}

#[wasm_bindgen_test]
async fn a_list_is_bound_by_days_of_the_readers_clock() {
    let bound = RwSignal::new(None::<DateTime<Utc>>);
    let page = stage(move || {
        let change = move |at: Option<DateTime<Utc>>| bound.set(at);
        view! { <DateFilter label="From" testid="from" value=bound on_change=change/> }
    });
    let field = "[data-testid=from]";
    settle().await;
    assert_eq!(page.typed(field), "");
    page.write(field, "2026-11-21").await;
    page.leave(field).await;
    assert_eq!(bound.get_untracked(), first_moment("2026-11-21".parse().unwrap()));
    assert!(bound.get_untracked().is_some());
    assert_eq!(page.typed(field), "2026-11-21");
    bound.set(first_moment("2026-03-01".parse().unwrap()));
    settle().await;
    assert_eq!(page.typed(field), "2026-03-01", "as the address says it");
    page.write(field, "").await;
    page.leave(field).await;
    assert_eq!(bound.get_untracked(), None);
}
