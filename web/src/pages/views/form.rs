//! The form of a view: a new one of what is shown, or one that is there.

use contract::views::{CreateViewRequest, NAME_MAX, SavedView, UpdateViewRequest};
use domain::access::Permission;
use domain::views::ViewPage;
use leptos::prelude::*;

use super::state::same;
use super::undo::Told;
use crate::api::views as api;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::FormFailure;
use crate::components::ui::{Button, ButtonKind};
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The form.
#[component]
pub fn ViewForm(
    /// The page.
    page: ViewPage,
    /// The view; `None` for a new one.
    view: Option<SavedView>,
    /// What is shown now, as a view keeps it.
    shown: String,
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// Told when it is kept.
    #[prop(into)]
    on_kept: Callback<()>,
) -> impl IntoView {
    let (session, toasts, submit) = (use_session(), use_toasts(), Submit::new());
    let told = Told::here(on_kept);
    let name = FieldState::new(view.as_ref().map(|view| view.name.clone()).unwrap_or_default());
    let was_shared = view.as_ref().is_some_and(|view| view.shared);
    let shared = RwSignal::new(was_shared);
    let replace = RwSignal::new(false);
    let differs = view.as_ref().is_some_and(|view| !same(&view.query, &shown));
    // Who may not share can still take back what they shared.
    let may_share = untrack(|| session.may(Permission::ViewShare)) || was_shared;
    submit.shows("name", name);
    let rule = rules::text(name, 1..=NAME_MAX);
    let (of, shown) = (StoredValue::new(view.clone()), StoredValue::new(shown));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(called) = rules::take(name, rule) else { return };
        let (query, share) = (shown.get_value(), shared.get_untracked());
        let replace = replace.get_untracked();
        let before = of.get_value();
        let call = async move {
            match of.get_value() {
                Some(view) => {
                    let query = replace.then_some(query);
                    let request = UpdateViewRequest { name: Some(called), query, shared: Some(share) };
                    api::update(view.id, &request, view.version).await
                }
                None => {
                    let page = page.to_string();
                    api::create(&CreateViewRequest { page, name: called, query, shared: Some(share) }).await
                }
            }
        };
        submit.run(call, move |kept| {
            match before {
                Some(before) => told.changed(before, &kept),
                None => toasts.done(format!("The view {} is saved", kept.name)),
            }
            submit.close(open);
            on_kept.try_run(());
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="view-name" label="Name".to_owned() state=name rule testid="view-name" placeholder="Stopped in Ireland"/>
                {may_share.then(|| view! {
                    <label class="option">
                        <input type="checkbox" data-testid="view-shared" prop:checked=move || shared.get() on:change=move |_| shared.update(|on| *on = !*on)/>
                        <span>"Share it with everybody who may see this page"</span>
                    </label>
                })}
                {differs.then(|| view! {
                    <label class="option">
                        <input type="checkbox" data-testid="view-replace" prop:checked=move || replace.get() on:change=move |_| replace.update(|on| *on = !*on)/>
                        <span>"Replace what it shows by what is shown now"</span>
                    </label>
                })}
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="view-save" busy=submit.busy>"Save"</Button>
            </footer>
        </form>
    }
}
