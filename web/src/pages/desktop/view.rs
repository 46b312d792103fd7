//! The page: reads one's own desktops, follows the live stream, and shows them with what one has asked for.

use contract::desktop::MyDesktopsView;
use contract::events::Event;
use contract::workspaces::WorkspaceView;
use domain::access::Permission;
use domain::ids::JobId;
use leptos::prelude::*;

use super::ask::AskForm;
use super::begun::{Begun, BegunNotice};
use super::card::DesktopCard;
use super::requests::Requests;
use super::state::known;
use crate::api::requests as api;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::{Button, ButtonKind, Icon};
use crate::pages::workspaces::action_dialog::{ActionDialog, Wanted};
use crate::state::clock::full;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::timing::Debounce;
use crate::state::url_drawer::UrlDrawer;
use crate::state::use_title;

const SETTLE_MS: u64 = 400;

/// My desktop.
#[component]
pub fn DesktopPage() -> impl IntoView {
    use_title(|| Some("My desktop".to_owned()));
    let session = use_session();
    let mine = Loader::once(api::desktops);
    let settle = Debounce::new();
    let read_again = move || settle.soon(SETTLE_MS, move || mine.refresh());
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::WorkspaceState { id, .. }) => mine
                .data
                .with_untracked(|data| data.iter().flat_map(|mine| &mine.desktops).any(|one| one.workspace.id == *id)),
            LiveEvent::Happened(Event::FleetChanged { .. }) | LiveEvent::ReadAgain => true,
            LiveEvent::Happened(_) => false,
        };
        if matters {
            read_again();
        }
    });
    let wanted = RwSignal::new(None::<Wanted>);
    let (asking, sent) = (RwSignal::new(false), RwSignal::new(0_u32));
    UrlDrawer::begins("/desktop", "request", Permission::RequestCreate, asking, move || asking.set(true));
    // A link may open the form before it is known what it can be about.
    let ready = Memo::new(move |_| !mine.blank() || mine.error.with(Option::is_some));
    // The id and name of each.
    let names = Signal::derive(move || {
        mine.data.with(|data| {
            let all = data.iter().flat_map(|mine| &mine.desktops).map(|one| &one.workspace);
            let name = |one: &WorkspaceView| one.computer_name.clone().unwrap_or(one.aws_id.clone());
            all.map(|one| (one.id.to_string(), name(one))).collect::<Vec<_>>()
        })
    });
    let begun = RwSignal::new(Vec::<Begun>::new());
    let started = move |job: Option<JobId>| {
        let of = wanted.with_untracked(|wanted| wanted.as_ref().and_then(|w| Some((w.action, *w.ids.first()?))));
        if let Some((job, (action, id))) = job.zip(of) {
            let all = names.get_untracked();
            let name = all.into_iter().find(|(known, _)| *known == id.to_string()).map(|(_, name)| name);
            let name = name.unwrap_or_else(|| "your desktop".to_owned());
            begun.update(|begun| {
                // What became of another try is of no use beside this one.
                begun.retain(|one| one.desktop != id);
                begun.push(Begun { job, action, desktop: id, name, taken: false });
            });
        }
        read_again();
    };
    let taken = move |job: JobId| {
        begun.update(|begun| begun.iter_mut().filter(|one| one.job == job).for_each(|one| one.taken = true));
        mine.refresh();
    };
    // What AWS has taken is told until the desktop was read again, which tells it from then on.
    Effect::new(move |_| {
        mine.data.track();
        if begun.with_untracked(|begun| begun.iter().any(|one| one.taken)) {
            begun.update(|begun| begun.retain(|one| !one.taken));
        }
    });
    let closed = move |job: JobId| begun.update(|begun| begun.retain(|one| one.job != job));
    let may_ask = move || session.may(Permission::RequestCreate);
    let show = Callback::new(move |mine: MyDesktopsView| desktops(mine, wanted));
    let lead = view! { <p>"What you work on: how it stands, what you can do, and what you have asked for"</p> };
    view! {
        <PageHead title="My desktop".to_owned() lead=lead.into_any()>
            <Show when=may_ask>
                <Button kind=ButtonKind::Primary icon=Icon::Plus testid="ask" on_click=move |()| asking.set(true)>"Ask for something"</Button>
            </Show>
        </PageHead>
        <div class="my-begun" role="status">
            <For
                each=move || begun.get()
                key=|begun| begun.job
                children=move |begun: Begun| view! {
                    <BegunNotice
                        begun on_taken=taken on_close=closed may_ask=Signal::derive(may_ask)
                        on_ask=move |()| asking.set(true)
                    />
                }
            />
        </div>
        <Loaded loader=mine show/>
        <Show when=move || session.may(Permission::RequestRead)>
            <section class="my-requests" aria-labelledby="my-requests">
                <h2 class="section-title" id="my-requests">"Your requests"</h2>
                <Requests sent/>
            </section>
        </Show>
        <ActionDialog wanted on_started=started/>
        <Dialog open=asking title="Ask for something".to_owned() placement=Placement::Right testid="ask-drawer">
            {move || ready.get().then(|| view! {
                <AskForm open=asking desktops=names on_sent=move |()| sent.update(|sent| *sent += 1)/>
            })}
        </Dialog>
    }
}

fn desktops(mine: MyDesktopsView, wanted: RwSignal<Option<Wanted>>) -> AnyView {
    if mine.desktops.is_empty() {
        let text = format!("No WorkSpace carries your name ({}). If you need one, ask for it.", mine.user_name);
        return view! { <EmptyState icon=Icon::Desktop title="You have no desktop" text/> }.into_any();
    }
    let known = known(mine.month, mine.usage_known_to, full);
    let cards = mine
        .desktops
        .into_iter()
        .map(|desktop| view! { <DesktopCard desktop known=known.clone() wanted/> })
        .collect_view();
    view! { <div class="my-desktops">{cards}</div> }.into_any()
}
