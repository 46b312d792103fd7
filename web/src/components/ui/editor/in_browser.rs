//! The drawer of objects that are made and changed, in a browser.
#![cfg(target_arch = "wasm32")]

use domain::access::Permission;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Editable, Editing, Editor};
use crate::api::ApiError;
use crate::stage::{stage, until};
use crate::state::toasts::Toasts;

#[derive(Clone)]
struct Thing;

impl Editable for Thing {
    const WHAT: &'static str = "thing";
    const DELETED: &'static str = "It is gone.";
    const NEEDS: Permission = Permission::TeamWrite;

    fn name(&self) -> String {
        "Blue".to_owned()
    }

    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(async { Ok(()) })
    }
}

#[wasm_bindgen_test]
async fn a_new_one_takes_the_place_of_the_one_that_is_changed() {
    let editing = Editing::<Thing>::new();
    let page = stage(move || {
        provide_context(Toasts::new());
        view! {
            <Editor editing on_deleted=move |()| {}>
                <p id="form">{editing.object().map_or("none".to_owned(), |thing| thing.name())}</p>
            </Editor>
        }
    });
    let shows = |whose: &str| page.find("#form").is_some() && page.words("#form") == whose;
    editing.edit(Some(Thing));
    until("the form of the one", || shows("Blue")).await;
    editing.edit(None);
    until("what is saved now is a new one", || shows("none")).await;
    assert!(editing.open.get_untracked());
}
