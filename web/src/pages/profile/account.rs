//! Who one is: the name to show, the password.

use contract::profile::{ChangePasswordRequest, DISPLAY_NAME_MAX, ProfileView, UpdateProfileRequest};
use contract::session::PASSWORD_MAX;
use leptos::prelude::*;

use super::data::DataCard;
use super::factor::SecondFactor;
use super::sso::SingleSignOnCard;
use crate::api::{ApiError, profile as api};
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::new_password::{NewPassword, NewPasswordFields};
use crate::components::ui::rules;
use crate::components::ui::states::{FormFailure, Loaded};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonKind};
use crate::state::loader::Loader;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// The account.
#[component]
pub fn AccountPart() -> impl IntoView {
    let profile = Loader::once(api::get);
    let show = Callback::new(move |view: ProfileView| {
        let changed = Callback::new(move |()| profile.reload());
        view! {
            <div class="grid">
                <NameCard view=view.clone()/>
                <SecondFactor view=view.clone() changed/>
                {view.has_password.then(|| view! { <PasswordCard/> })}
                <SingleSignOnCard view changed/>
                <DataCard/>
            </div>
        }
        .into_any()
    });
    view! { <Loaded loader=profile lines=6 show/> }
}

#[component]
fn NameCard(view: ProfileView) -> impl IntoView {
    let toasts = use_toasts();
    let kept = StoredValue::new(view.display_name.clone());
    let name = FieldState::new(view.display_name);
    let submit = Submit::new();
    submit.shows("display_name", name);
    let rule = rules::text(name, 1..=DISPLAY_NAME_MAX);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(display_name) = rules::take(name, rule) {
            let request = UpdateProfileRequest { display_name };
            let before = kept.get_value();
            submit.run(async move { api::update(&request).await }, move |now| {
                kept.try_set_value(now.display_name);
                // Who had none can't have none again.
                if before.is_empty() {
                    return toasts.done("Your name is changed");
                }
                toasts.undoable("Your name is changed", format!("Your name is {before} again"), move || {
                    let request = UpdateProfileRequest { display_name: before.clone() };
                    async move {
                        let now = api::update(&request).await?.display_name;
                        kept.try_set_value(now.clone());
                        name.value.try_set(now);
                        Ok::<_, ApiError>(())
                    }
                });
            });
        }
    };
    view! {
        <section class="card">
            <h2 class="card-title">"You"</h2>
            <dl class="facts">
                <div class="fact"><dt>"E-mail"</dt><dd>{view.email}</dd></div>
                <div class="fact"><dt>"Here since"</dt><dd><RelativeTime at=view.created_at/></dd></div>
                <div class="fact"><dt>"Last sign-in"</dt><dd><MaybeTime at=view.last_sign_in_at/></dd></div>
            </dl>
            <form class="form card-form" novalidate on:submit=send>
                <FormFailure submit/>
                <TextField id="name" label="Name" state=name rule autocomplete="name" testid="profile-name"/>
                <span class="row-actions"><Button testid="profile-save" busy=submit.busy>"Save name"</Button></span>
            </form>
        </section>
    }
}

#[component]
fn PasswordCard() -> impl IntoView {
    let toasts = use_toasts();
    let current = FieldState::new("");
    let state = NewPassword::new();
    let submit = Submit::new();
    submit.shows("current_password", current);
    let rule = rules::text(current, 1..=PASSWORD_MAX);
    submit.shows("new_password", state.password);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = (rules::take(current, rule), state.take());
        if let (Some(_), Some(new_password)) = given {
            let request = ChangePasswordRequest { current_password: current.value.get_untracked(), new_password };
            submit.run(async move { api::change_password(&request).await }, move |()| {
                for field in [current, state.password, state.again] {
                    field.value.set(String::new());
                    field.touched.set(false);
                }
                toasts.done("The new password is set");
            });
        }
    };
    view! {
        <section class="card">
            <h2 class="card-title">"Password"</h2>
            <form class="form card-form" novalidate on:submit=send>
                <FormFailure submit/>
                <TextField
                    id="current" label="Password until now" state=current rule kind="password"
                    autocomplete="current-password" testid="password-current"
                />
                <NewPasswordFields state/>
                <span class="row-actions">
                    <Button kind=ButtonKind::Primary testid="password-save" busy=submit.busy>"Change password"</Button>
                </span>
            </form>
        </section>
    }
}
