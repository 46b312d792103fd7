//! The menu: the views of a page, the one that is shown, and what can be done with each. One that goes, or that is to show what is
//! shown now, does so at once, and is as it was where the server refuses it; one that nobody could make again goes when the server says so.

use contract::views::{SavedView, UpdateViewRequest};
use domain::access::Permission;
use domain::ids::ViewId;
use domain::views::ViewPage;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::form::ViewForm;
use super::state::{address, kept, replaced, view_at, without};
use super::undo::Told;
use crate::api::views as api;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::facet_menu::FindBox;
use crate::components::ui::popover::Popover;
use crate::components::ui::states::ErrorState;
use crate::components::ui::{Button, ButtonSize, Icon, IconButton, IconView, Tone};
use crate::state::clipboard;
use crate::state::loader::Loader;
use crate::state::optimistic;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

/// More views than this get a box to find one.
const SEARCH_FROM: usize = 9;

/// What is being done with which view.
#[derive(Clone, Copy)]
struct Doing {
    /// Whether the form is open.
    form: RwSignal<bool>,
    /// Whether it is asked whether one goes.
    deleting: RwSignal<bool>,
    /// The view; `None` for a new one.
    view: RwSignal<Option<SavedView>>,
    /// Whether the server was not heard yet about one that is shown as it is to be.
    awaited: RwSignal<bool>,
}

/// The menu of a page's views.
#[component]
pub fn ViewsMenu(
    /// The page.
    page: ViewPage,
    /// The query of the page's address, as the page reads it.
    #[prop(into)]
    query: Signal<String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let doing = Doing {
        form: RwSignal::new(false),
        deleting: RwSignal::new(false),
        view: RwSignal::new(None),
        awaited: RwSignal::new(false),
    };
    let views = Loader::once(move || api::of(page));
    let told = Told::here(Callback::new(move |()| views.reload()));
    let active = Memo::new(move |_| {
        let all = views.data.read();
        query.with(|query| view_at(all.as_deref().unwrap_or_default(), query).map(|view| view.id))
    });
    // The one that was shown last: whoever narrows it further may want to keep that.
    let begun = Memo::new(move |before: Option<&Option<ViewId>>| active.get().or(before.copied().flatten()));
    let current = Memo::new(move |_| {
        let id = begun.get()?;
        views.data.with(|all| all.as_ref()?.iter().find(|view| view.id == id).cloned())
    });
    let head = move || match current.get() {
        None => "Views".to_owned(),
        Some(view) if active.get().is_some() => view.name,
        Some(view) => format!("{} (changed)", view.name),
    };
    let save = move |()| {
        open.set(false);
        doing.view.set(None);
        doing.form.set(true);
    };
    let update = move |view: SavedView| {
        let query = kept(&query.get_untracked());
        let request = UpdateViewRequest { query: Some(query.clone()), ..UpdateViewRequest::default() };
        let wanted = SavedView { query, ..view.clone() };
        open.set(false);
        doing.awaited.set(true);
        let shown = ArcRwSignal::from(views.data);
        spawn_local(async move {
            let (id, all) = (view.id, shown.clone());
            let answer = api::update(id, &request, view.version);
            let call = async move { answer.await.map(|now| replaced(all.get_untracked(), &now)) };
            match optimistic::change(shown, |all| *all = replaced(all.take(), &wanted), call).await {
                Ok(all) => {
                    if let Some(now) = all.iter().flatten().find(|one| one.id == id) {
                        told.changed(view, now);
                    }
                }
                Err(error) => toasts.failed("The view was not changed", &error),
            }
            doing.awaited.try_set(false);
            views.reload();
        });
    };
    view! {
        <Popover
            open label="Views" testid="views".to_owned() class="views" active=Signal::derive(move || active.get().is_some())
            head=move || view! { <span class="views-name" data-testid="views-current">{head}</span> }
        >
            {move || views.error.get().map(|error| view! { <ErrorState error on_retry=move |()| views.reload()/> })}
            <ViewList views active doing open/>
            <div class="views-foot">
                {move || current.get().filter(|view| view.own && active.get().is_none()).map(|view| {
                    let words = format!("Update {}", view.name);
                    view! {
                        <Button size=ButtonSize::Small testid="view-update" busy=doing.awaited on_click=move |()| update(view.clone())>
                            {words}
                        </Button>
                    }
                })}
                <Button size=ButtonSize::Small icon=Icon::Plus testid="view-new" on_click=save>"Save as view…"</Button>
            </div>
        </Popover>
        <Dialogs page query doing views/>
    }
}

#[component]
fn ViewList(
    views: Loader<Vec<SavedView>>,
    active: Memo<Option<ViewId>>,
    doing: Doing,
    open: RwSignal<bool>,
) -> impl IntoView {
    let find = RwSignal::new(String::new());
    let part = move |own: bool, title: &'static str| {
        let needle = find.get().to_lowercase();
        let fits = |view: &&SavedView| view.own == own && view.name.to_lowercase().contains(&needle);
        let found: Vec<SavedView> = views.data.with(|all| all.iter().flatten().filter(fits).cloned().collect());
        (!found.is_empty()).then(|| {
            let rows = found.into_iter().map(|view| view! { <ViewRow view active doing open/> }).collect_view();
            view! { <p class="views-title">{title}</p><ul class="facet-list" aria-label=title>{rows}</ul> }
        })
    };
    let many = move || views.data.with(|all| all.as_ref().is_some_and(|all| all.len() >= SEARCH_FROM));
    let none = move || views.data.with(|all| all.as_ref().is_some_and(Vec::is_empty));
    view! {
        {move || many().then(|| view! { <FindBox find/> })}
        {move || part(true, "Yours")}
        {move || part(false, "Shared by others")}
        {move || none().then(|| view! {
            <p class="facet-none">"No views yet. Filter and sort this page as you need it, then save it under a name."</p>
        })}
    }
}

#[component]
fn ViewRow(view: SavedView, active: Memo<Option<ViewId>>, doing: Doing, open: RwSignal<bool>) -> impl IntoView {
    let (session, toasts) = (use_session(), use_toasts());
    let SavedView { id, page, name, query, shared, own, .. } = view.clone();
    let href = address(page, &query);
    let may_delete = own || untrack(|| session.may(Permission::ViewManage));
    let is_active = move || active.get() == Some(id);
    let link = href.clone();
    let copy = move |()| {
        let whole = format!("{}{link}", window().location().origin().unwrap_or_default());
        // What the browser does not copy is shown, to be copied by hand.
        clipboard::copy(&whole.clone(), move |done| match done {
            true => toasts.done("The link is copied"),
            false => toasts.show(Tone::Neutral, whole, None),
        });
        open.set(false);
    };
    let act = move |form: bool| {
        open.set(false);
        doing.view.set(Some(view.clone()));
        if form { doing.form } else { doing.deleting }.set(true);
    };
    let delete = act.clone();
    view! {
        <li class="view-row" data-testid="view-row">
            <a class="view-link" href=href data-testid="view-link" aria-current=move || is_active().then_some("true") on:click=move |_| open.set(false)>
                <span class="view-mark">{move || is_active().then(|| view! { <IconView icon=Icon::Check/> })}</span>
                <span class="view-name">{name.clone()}</span>
                {(own && shared).then(|| view! { <span class="view-shared">"shared"</span> })}
            </a>
            <IconButton icon=Icon::Copy label=format!("Copy the link of {name}") testid="view-copy" on_click=copy/>
            {own.then(|| view! {
                <IconButton icon=Icon::Pencil label=format!("Change {name}") testid="view-change" on_click=move |()| act(true)/>
            })}
            {may_delete.then(|| view! {
                <IconButton icon=Icon::Bin label=format!("Delete {name}") testid="view-delete" busy=doing.awaited on_click=move |()| delete(false)/>
            })}
        </li>
    }
}

/// The form, and the question before one goes.
#[component]
fn Dialogs(page: ViewPage, query: Signal<String>, doing: Doing, views: Loader<Vec<SavedView>>) -> impl IntoView {
    let on_changed = Callback::new(move |()| views.reload());
    let (told, toasts, submit) = (Told::here(on_changed), use_toasts(), Submit::new());
    let named = move || doing.view.with(|view| view.as_ref().map(|view| view.name.clone()));
    let title = Signal::derive(move || match named() {
        Some(name) => format!("Change {name}"),
        None => "Save as view".to_owned(),
    });
    let text = Signal::derive(move || {
        let shared = doing.view.with(|view| view.as_ref().is_some_and(|view| view.shared));
        let others = if shared { " Others see it too, and lose it." } else { "" };
        format!("What it shows stays; only its name goes.{others}")
    });
    let delete = move |()| {
        let Some(view) = doing.view.get_untracked() else { return };
        if !told.can_be_again(&view) {
            let call = async move {
                doing.awaited.try_set(true);
                let answer = api::delete(view.id, view.version).await;
                doing.awaited.try_set(false);
                answer.map(|()| view)
            };
            submit.run(call, move |view| {
                // What is asked about another meanwhile stays.
                let asked = doing.view.try_with_untracked(|now| now.as_ref().map(|now| now.id));
                if asked == Some(Some(view.id)) {
                    doing.deleting.set(false);
                }
                told.removed(view);
                views.reload();
            });
            return;
        }
        doing.deleting.set(false);
        doing.awaited.set(true);
        let shown = ArcRwSignal::from(views.data);
        spawn_local(async move {
            let (id, all) = (view.id, shown.clone());
            let answer = api::delete(id, view.version);
            let call = async move { answer.await.map(|()| without(all.get_untracked(), id)) };
            match optimistic::change(shown, |all| *all = without(all.take(), id), call).await {
                Ok(_) => told.removed(view),
                Err(error) => toasts.failed(&format!("The view {} could not be deleted", view.name), &error),
            }
            doing.awaited.try_set(false);
            views.reload();
        });
    };
    view! {
        <Dialog open=doing.form title testid="view-dialog">
            <ViewForm page view=doing.view.get_untracked() shown=kept(&query.get_untracked()) open=doing.form on_kept=on_changed/>
        </Dialog>
        <Confirm
            open=doing.deleting submit action="Delete" on_confirm=delete text
            title=Signal::derive(move || format!("Delete {}?", named().unwrap_or_default()))
        />
    }
}
