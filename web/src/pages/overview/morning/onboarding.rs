//! What stands in the overview while there is nothing to count: the way to connect an account for who may, for others whom to ask.

use domain::access::Permission;
use leptos::prelude::*;

use crate::components::ui::Icon;
use crate::components::ui::states::EmptyState;
use crate::state::session::use_session;

/// The card.
pub fn onboarding() -> AnyView {
    let session = use_session();
    let state = move || {
        if !session.may(Permission::AccountWrite) {
            return view! {
                <EmptyState
                    icon=Icon::Cloud
                    title="No WorkSpaces yet"
                    text="No AWS account is connected, or your roles reach none of the WorkSpaces in it. Ask an owner or an administrator of Wheelhouse: they connect accounts and give roles."
                />
            }
            .into_any();
        }
        view! {
            <EmptyState
                icon=Icon::Cloud
                title="Connect your first AWS account"
                text="Name it, choose its regions and say where its credentials come from. Wheelhouse tests each permission and tells which one is missing, then brings in the fleet."
            >
                <a class="btn btn-primary" href="/accounts?account=new" data-testid="onboarding-connect">"Connect an account"</a>
            </EmptyState>
        }
        .into_any()
    };
    view! { <section class="card">{state}</section> }.into_any()
}
