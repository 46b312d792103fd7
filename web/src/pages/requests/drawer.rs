//! One request in full, with how it came to stand as it does.

use contract::requests::{RequestDesktopView, RequestDetailView, RequestStepView};
use domain::ids::RequestId;
use domain::requests::RequestKind;
use leptos::prelude::*;

use crate::api::requests as api;
use crate::components::ui::badge::Badge;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::states::Loaded;
use crate::pages::desktop::status_look;
use crate::state::clock::full;
use crate::state::loader::Loader;
use crate::state::url_drawer::UrlDrawer;

/// The drawer.
#[component]
pub fn RequestDrawer(
    /// Which request, and whether it is open.
    drawer: UrlDrawer<RequestId>,
) -> impl IntoView {
    let title = RwSignal::new("Request".to_owned());
    view! {
        <Dialog open=drawer.open title placement=Placement::Right testid="request-drawer">
            {drawer.id.get_untracked().map(|id| view! { <Whole id title/> })}
        </Dialog>
    }
}

#[component]
fn Whole(id: RequestId, title: RwSignal<String>) -> impl IntoView {
    let loader = Loader::once(move || api::get(id));
    Effect::new(move |_| {
        let kind = loader.data.with(|detail| detail.as_ref().map(|detail| detail.request.kind));
        title.set(kind.map_or("Request", RequestKind::words).to_owned());
    });
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
