//! What one has asked for, with how each stands; what is open can be taken back, which is shown at once.

use contract::paths;
use contract::requests::{RequestDetailView, RequestQuery, RequestView};
use domain::ids::RequestId;
use domain::requests::RequestStatus;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::state::status_look;
use crate::api::{exports, requests as api};
use crate::components::ui::badge::Badge;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::focus;
use crate::components::ui::list::ListTable;
use crate::components::ui::states::Loaded;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonSize, Icon};
use crate::state::clock::full;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::optimistic;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;
use crate::state::url_drawer::{OneOrNew, UrlDrawer};
use crate::state::url_list::{UrlList, list_query};

list_query!(RequestQuery, drawer "request": OneOrNew<RequestId>);

/// The same of one's own requests, page by page.
fn mine(query: RequestQuery) -> RequestQuery {
    RequestQuery { own: Some(true), limit: Some(20), ..query }
}

/// Gives the focus to what opens a request, for what began to take it back goes; to the page where that is gone, too.
fn give_focus(opens: NodeRef<html::Button>) {
    // Until the question is closed nothing outside it can have the focus.
    request_animation_frame(move || match opens.try_get_untracked().flatten() {
        Some(button) => focus::to(Some(button.into())),
        None => focus::to_main(),
    });
}

/// A request as it is shown, and what opens it.
type Chosen = (ArcRwSignal<RequestView>, NodeRef<html::Button>);

/// One's own requests; `sent` is told from outside that there is another.
#[component]
pub fn Requests(sent: RwSignal<u32>) -> impl IntoView {
    let list = UrlList::<RequestQuery>::at("/desktop");
    let page = Loader::keyed(list.here, |query| async move { api::list(&mine(query)).await });
    let file = Signal::derive(move || exports::href(paths::EXPORT_REQUESTS, &mine(list.query.get())));
    Effect::new(move |before: Option<()>| {
        sent.track();
        if before.is_some() {
            page.reload();
        }
    });
    read_again_on(&["request"], move || page.refresh());
    let toasts = use_toasts();
    let (asking, chosen) = (RwSignal::new(false), RwSignal::new(None::<Chosen>));
    let drawer = UrlDrawer::at::<RequestQuery>("/desktop");
    let row = Callback::new(move |request: RequestView| {
        let shown = ArcRwSignal::new(request.clone());
        let item = RwSignal::from(shown.clone());
        let opens = NodeRef::<html::Button>::new();
        let take_back = Callback::new(move |()| {
            chosen.set(Some((shown.clone(), opens)));
            asking.set(true);
        });
        let id = request.id;
        let look = move |_| drawer.show(id);
        let status = Memo::new(move |_| item.with(|request| request.status));
        let about = request.desktop.and_then(|desktop| desktop.computer_name.or(desktop.aws_id));
        let said = [request.bundle, Some(request.note)].into_iter().flatten().filter(|text| !text.is_empty());
        let said = said.collect::<Vec<_>>().join(" · ");
        view! {
            <tr class="row" data-testid="request-row" data-status=move || status.get().as_str()>
                <td class="cell-main">
                    <button class="cell-link link-btn" type="button" node_ref=opens data-testid="request-open" on:click=look>
                        {request.kind.words()}
                    </button>
                    <span class="cell-sub">{about}</span>
                </td>
                <td data-label="What you said">{said}</td>
                <td data-label="Status">
                    {move || {
                        let (tone, glyph, words) = status_look(status.get());
                        view! { <Badge tone glyph text=words/> }
                    }}
                    <span class="cell-sub"><RelativeTime at=request.updated_at/></span>
                </td>
                <td data-label="Asked"><RelativeTime at=request.created_at/></td>
                <td class="cell-actions">
                    {move || (status.get() == RequestStatus::Open).then(|| view! {
                        <Button size=ButtonSize::Small testid="request-withdraw" on_click=take_back>"Withdraw"</Button>
                    })}
                </td>
            </tr>
        }
        .into_any()
    });
    let withdraw = move |()| {
        let Some((shown, opens)) = chosen.get_untracked() else { return };
        asking.set(false);
        give_focus(opens);
        spawn_local(async move {
            let wanted = |request: &mut RequestView| request.status = RequestStatus::Withdrawn;
            let mut withdrawn = shown.get_untracked();
            wanted(&mut withdrawn);
            let call = async { api::withdraw(withdrawn.id).await.map(|()| withdrawn.clone()) };
            match optimistic::change(shown, wanted, call).await {
                Ok(_) => {
                    toasts.done("Your request was withdrawn");
                    page.reload();
                }
                Err(error) => toasts.failed("Your request could not be withdrawn", &error),
            }
        });
    };
    let title = Signal::derive(move || {
        let chosen = chosen.get();
        let words = chosen.map(|(one, _)| one.with(|one| one.kind.words().to_lowercase()));
        format!("Withdraw the request for {}?", words.unwrap_or_default())
    });
    view! {
        <div class="export-row"><ExportMenu href=file label="Export requests"/></div>
        <ListTable
            page list key=|one| one.id.to_string() caption="Your requests, the newest first" columns=vec!["Request", "What you said", "Status", "Asked", ""]
            empty=(Icon::Send, "No requests yet", "A new desktop, another bundle, a rebuild: ask for it, and those who run the fleet see it.") row
        />
        <Confirm
            open=asking title text="It stays in this list as withdrawn.".to_owned() action="Withdraw" submit=Submit::new()
            on_confirm=withdraw
        />
        <Dialog open=drawer.open title="Your request".to_owned() placement=Placement::Right testid="request-drawer">
            {drawer.id.get_untracked().map(|id| view! { <Whole id/> })}
        </Dialog>
    }
}

/// A request with how it came to stand as it does.
#[component]
fn Whole(id: RequestId) -> impl IntoView {
    let loader = Loader::once(move || api::get(id));
    let show = Callback::new(|RequestDetailView { request, steps }: RequestDetailView| {
        let steps = steps
            .into_iter()
            .map(|step| {
                let (tone, glyph, words) = status_look(step.status);
                view! { <li class="request-step"><Badge tone glyph text=words/>{full(step.at)}<span class="muted">{step.email}</span></li> }
            })
            .collect_view();
        view! {
            <p class="entry-head"><b>{request.kind.words()}</b></p>
            {request.bundle.map(|bundle| view! { <p>"Bundle: " {bundle}</p> })}
            {(!request.note.is_empty()).then(|| view! { <p class="request-note">{request.note}</p> })}
            <h3 class="drawer-title">"What became of it"</h3>
            <ol class="trail-about">{steps}</ol>
        }
        .into_any()
    });
    view! { <div class="dialog-body"><Loaded loader show/></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_of_one_s_own_requests_without_pages() {
        let (status, cursor) = (Some("open".to_owned()), Some("x".to_owned()));
        let query = RequestQuery { status, cursor, ..RequestQuery::default() };
        let href = exports::href(paths::EXPORT_REQUESTS, &mine(query));
        assert_eq!(href, "/api/v1/exports/requests?status=open&own=true&format=");
    }
}
