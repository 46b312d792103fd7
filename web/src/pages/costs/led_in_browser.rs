//! Where an address leads on the page of costs, in a browser: titles that are there, a part that is drawn later.
#![cfg(target_arch = "wasm32")]

use leptos::prelude::*;
use leptos_router::components::Router;
use wasm_bindgen_test::wasm_bindgen_test;

use super::led;
use crate::stage::{Stage, focused, set_address, settle, stage, travel, until};

#[component]
fn Title() -> impl IntoView {
    view! { <h2 id="comparison-title" tabindex="-1" node_ref=led::title("#comparison-title")>"Estimate and bill"</h2> }
}

/// A part that is drawn at every second time.
#[component]
fn Part(drawn: RwSignal<u32>) -> impl IntoView {
    let part = led::late("#costs-course");
    move || {
        let times = drawn.get();
        (times % 2 == 1).then(|| view! { <div id="costs-course" tabindex="-1" node_ref=part>{times}</div> })
    }
}

/// A page with one of it that is not drawn yet, and with a field.
fn before_it_is_drawn(address: &str) -> Stage {
    set_address(address);
    stage(|| {
        let drawn = RwSignal::new(0);
        view! {
            <Router><Part drawn/></Router>
            <input id="field"/>
            <button id="draw" on:click=move |_| drawn.update(|times| *times += 1)>"Draw"</button>
        }
    })
}

#[wasm_bindgen_test]
async fn a_title_has_the_focus_when_the_address_names_it() {
    set_address("/costs");
    let page = stage(|| view! { <Router><Title/></Router> });
    settle().await;
    assert_ne!(focused().id(), "comparison-title");
    travel("/costs?compared=all#budgets-title").await;
    assert_ne!(focused().id(), "comparison-title", "another part is named");
    travel("/costs#comparison-title").await;
    until("the focus is there", || focused().id() == "comparison-title").await;
    drop(page);
    set_address("/");
}

#[wasm_bindgen_test]
async fn who_is_led_to_a_title_again_has_the_focus_there_again() {
    set_address("/costs");
    let page = stage(|| view! { <Router><Title/></Router> <input id="field"/> });
    travel("/costs?compared=1#comparison-title").await;
    until("the focus is there", || focused().id() == "comparison-title").await;
    page.focus("#field").await;
    travel("/costs?compared=2#comparison-title").await;
    until("the focus is there again", || focused().id() == "comparison-title").await;
    page.focus("#field").await;
    travel("/costs?compared=3").await;
    assert_eq!(focused().id(), "field", "nothing is named");
    drop(page);
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_part_that_is_drawn_late_has_the_focus_once() {
    let page = before_it_is_drawn("/costs#costs-course");
    page.click("#draw").await;
    until("the focus is there", || focused().id() == "costs-course").await;
    page.focus("#field").await;
    page.click("#draw").await;
    until("it is gone", || page.find("#costs-course").is_none()).await;
    page.click("#draw").await;
    until("it is drawn again", || page.find("#costs-course").is_some()).await;
    settle().await;
    assert_eq!(focused().id(), "field", "nobody is led there twice");
    drop(page);
    set_address("/");
}

#[wasm_bindgen_test]
async fn a_part_that_is_drawn_late_takes_nobody_from_what_they_began() {
    let page = before_it_is_drawn("/costs#costs-course");
    page.focus("#field").await;
    page.click("#draw").await;
    until("it is drawn", || page.find("#costs-course").is_some()).await;
    settle().await;
    assert_eq!(focused().id(), "field");
    // Who asks for it when it is there is led to it.
    travel("/costs").await;
    travel("/costs#costs-course").await;
    until("the focus is there", || focused().id() == "costs-course").await;
    drop(page);
    set_address("/");
}
