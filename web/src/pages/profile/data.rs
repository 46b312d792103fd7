//! One's data: taking it along, and leaving.

use contract::paths;
use leptos::prelude::*;

use crate::api::profile as api;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::{Button, ButtonKind};
use crate::state::session::{SessionState, use_session};
use crate::state::submit::Submit;

/// The card.
#[component]
pub fn DataCard() -> impl IntoView {
    let session = use_session();
    let asking = RwSignal::new(false);
    let own = Signal::derive(move || match session.get() {
        SessionState::SignedIn(view) => Some(view.email),
        _ => None,
    });
    let submit = Submit::new();
    // Nobody is signed in afterwards: asking who it is leads to the sign-in.
    let leave = move |()| submit.run(api::remove(), move |()| session.refresh());
    view! {
        <section class="card">
            <h2 class="card-title">"Your data"</h2>
            <p>"Everything that is kept about you, as one archive. Leaving removes it; the audit log keeps what you did under a pseudonym."</p>
            <span class="row-actions">
                <a class="btn btn-secondary" href=paths::PROFILE_EXPORT rel="external" download="" data-testid="profile-export">"Download"</a>
                <Button kind=ButtonKind::Danger testid="profile-leave" on_click=move |()| asking.set(true)>"Remove my account"</Button>
            </span>
            <Confirm
                open=asking submit typed=own action="Remove" title="Remove your account?".to_owned() on_confirm=leave
                text="Your name, address, sessions, keys and roles are removed for good. Nobody can bring them back.".to_owned()
            />
        </section>
    }
}
