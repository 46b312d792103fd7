//! One request in full, with how it came to stand as it does.

use contract::requests::{RequestDesktopView, RequestDetailView, RequestStepView};
use domain::ids::RequestId;
use leptos::prelude::*;

use crate::api::requests as api;
use crate::components::ui::badge::Badge;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::states::Loaded;
use crate::pages::desktop::status_look;
use crate::state::clock::full;
use crate::state::loader::Loader;

/// The drawer.
#[component]
pub fn RequestDrawer(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Which request, and what for.
    chosen: RwSignal<Option<(RequestId, &'static str)>>,
) -> impl IntoView {
    let title = Signal::derive(move || chosen.get().map(|(_, words)| words.to_owned()).unwrap_or_default());
    view! {
        <Dialog open title placement=Placement::Right testid="request-drawer">
            {chosen.get_untracked().map(|(id, _)| view! { <Whole id/> })}
        </Dialog>
    }
}

#[component]
fn Whole(id: RequestId) -> impl IntoView {
    let loader = Loader::once(move || api::get(id));
    let show = Callback::new(whole);
    view! { <div class="dialog-body"><Loaded loader show/></div> }
}

fn whole(RequestDetailView { request, steps }: RequestDetailView) -> AnyView {
    let (tone, glyph, words) = status_look(request.status);
    let note = (!request.note.is_empty()).then(|| view! { <p class="request-note">{request.note}</p> });
    let steps = steps.into_iter().map(step).collect_view();
    view! {
        <p class="entry-head"><Badge tone glyph text=words/></p>
        <dl class="facts">
            <div class="fact"><dt>"Who asks"</dt><dd>{request.email}</dd></div>
            <div class="fact"><dt>"Asked"</dt><dd>{full(request.created_at)}</dd></div>
            <div class="fact"><dt>"About"</dt><dd>{about(request.desktop)}</dd></div>
            <div class="fact"><dt>"Bundle"</dt><dd>{request.bundle.unwrap_or_else(|| "–".to_owned())}</dd></div>
        </dl>
        {note.map(|note| view! { <h3 class="drawer-title">"What they say"</h3>{note} })}
        <h3 class="drawer-title">"What became of it"</h3>
        <ol class="trail-about">{steps}</ol>
        <p class="muted">"Requests are seen here and not answered yet: approval is to come."</p>
    }
    .into_any()
}

fn about(desktop: Option<RequestDesktopView>) -> AnyView {
    match desktop {
        Some(desktop) => {
            let known = desktop.aws_id.is_some();
            let name = desktop.computer_name.or(desktop.aws_id).unwrap_or_else(|| "no longer known".to_owned());
            if known {
                view! { <a href=format!("/workspaces/{}", desktop.id)>{name}</a> }.into_any()
            } else {
                name.into_any()
            }
        }
        None => "no desktop there is".into_any(),
    }
}

fn step(step: RequestStepView) -> AnyView {
    let (tone, glyph, words) = status_look(step.status);
    view! { <li class="request-step"><Badge tone glyph text=words/>{full(step.at)}<span class="muted">{step.email}</span></li> }
        .into_any()
}
