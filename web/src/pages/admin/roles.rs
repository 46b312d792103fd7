//! Roles: the matrix of what each lets somebody do, and the roles of one's own.

use contract::roles::{CreateRoleRequest, PermissionsView, RoleView, UpdateRoleRequest};
use domain::access::Permission;
use leptos::prelude::*;

use crate::api::roles as api;
use crate::components::ui::choice::Choices;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::states::{FormFailure, Loaded};
use crate::components::ui::{Button, ButtonKind, ButtonSize, Icon, IconView};
use crate::format::{counted, sentence};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::toasts::use_toasts;

type Both = (PermissionsView, Vec<RoleView>);

/// The roles.
#[component]
pub fn RolesPage() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let both = Loader::once(|| async {
        let (permissions, roles) = futures::future::try_join(api::permissions(), api::list()).await?;
        Ok((permissions, roles.items))
    });
    let (editing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let wanted = RwSignal::new(None::<RoleView>);
    let submit = Submit::new();
    let refused = Signal::derive(move || {
        (!session.may(Permission::RoleWrite)).then(|| "Your role may not make roles".to_owned())
    });
    let edit = Callback::new(move |role: Option<RoleView>| {
        wanted.set(role);
        editing.set(true);
    });
    let delete = Callback::new(move |role: RoleView| {
        wanted.set(Some(role));
        deleting.set(true);
    });
    let confirmed = move |()| {
        let Some(role) = wanted.get_untracked() else { return };
        let Some(id) = role.id else { return };
        submit.run(api::delete(id, role.version), move |()| {
            deleting.set(false);
            toasts.done(format!("{} is deleted", role.name));
            both.reload();
        });
    };
    let show = Callback::new(move |(permissions, roles): Both| {
        let may = untrack(|| session.may(Permission::RoleWrite));
        view! { <Matrix permissions roles=roles.clone()/> <Custom roles may edit delete/> }.into_any()
    });
    let options = Signal::derive(move || {
        both.data.with(|b| {
            let all = b.iter().flat_map(|(p, _)| &p.items);
            all.map(|p| (p.name.clone(), sentence(p.words.trim_end_matches('.')))).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="tools">
            <Button kind=ButtonKind::Primary icon=Icon::Plus testid="role-add" reason=refused on_click=move |()| edit.run(None)>
                "New role"
            </Button>
        </div>
        <Loaded loader=both lines=12 show/>
        <Dialog
            open=editing placement=Placement::Right testid="role-dialog"
            title=Signal::derive(move || wanted.with(|w| w.as_ref().map_or_else(|| "New role".to_owned(), |r| format!("Change {}", r.name))))
        >
            <RoleForm role=wanted.get_untracked() options open=editing on_saved=move |()| both.reload()/>
        </Dialog>
        <Confirm
            open=deleting submit action="Delete" on_confirm=confirmed
            title=Signal::derive(move || format!("Delete {}?", wanted.with(|w| w.as_ref().map(|r| r.name.clone()).unwrap_or_default())))
            text=Signal::stored("Nobody may hold it any more. A role that somebody holds can't be deleted.".to_owned())
        />
    }
}

#[component]
fn Matrix(permissions: PermissionsView, roles: Vec<RoleView>) -> impl IntoView {
    let heads = roles
        .iter()
        .map(|role| view! { <th scope="col" class="matrix-role"><span>{sentence(&role.name)}</span></th> })
        .collect_view();
    let mut object = String::new();
    let rows = permissions
        .items
        .into_iter()
        .map(|permission| {
            let this = permission.name.split(':').next().unwrap_or_default().to_owned();
            let class = if this == object { "matrix-row" } else { "matrix-row matrix-group" };
            object = this;
            let cells = roles
                .iter()
                .map(|role| {
                    let has = role.permissions.contains(&permission.name);
                    let label = format!("{}: {}", sentence(&role.name), if has { "yes" } else { "no" });
                    view! {
                        <td class=if has { "matrix-yes" } else { "matrix-no" } aria-label=label>
                            {has.then(|| view! { <IconView icon=Icon::Check/> })}
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr class=class>
                    <th scope="row"><span>{sentence(permission.words.trim_end_matches('.'))}</span><code class="cell-sub">{permission.name}</code></th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="matrix-frame card card-flush" tabindex="0" role="region" aria-label="What each role may do">
            <table class="matrix" data-testid="role-matrix">
                <caption class="visually-hidden">"What each role may do"</caption>
                <thead><tr><th scope="col">"May"</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Custom(
    roles: Vec<RoleView>,
    may: bool,
    edit: Callback<Option<RoleView>>,
    delete: Callback<RoleView>,
) -> impl IntoView {
    let lines = roles
        .into_iter()
        .map(|role| {
            let holders = counted(role.holders, "person", "people");
            let what = if role.built_in { "built in".to_owned() } else { role.description.clone() };
            let (to_edit, to_delete) = (role.clone(), role.clone());
            let buttons = (may && !role.built_in).then(|| {
                view! {
                    <span class="row-actions">
                        <Button size=ButtonSize::Small testid="role-edit" on_click=move |()| edit.run(Some(to_edit.clone()))>"Change"</Button>
                        <Button size=ButtonSize::Small testid="role-delete" on_click=move |()| delete.run(to_delete.clone())>"Delete"</Button>
                    </span>
                }
            });
            view! {
                <li class="line" data-testid="role-line">
                    <div class="line-words">
                        <span class="line-name">{sentence(&role.name)}</span>
                        <span class="cell-sub">{holders} " · " {what}</span>
                    </div>
                    {buttons}
                </li>
            }
        })
        .collect_view();
    view! { <section class="card"><h2 class="card-title">"Who holds them"</h2><ul class="lines">{lines}</ul></section> }
}

#[component]
fn RoleForm(
    role: Option<RoleView>,
    options: Signal<Vec<(String, String)>>,
    open: RwSignal<bool>,
    #[prop(into)] on_saved: Callback<()>,
) -> impl IntoView {
    let known = role.as_ref().and_then(|r| r.id.zip(r.version));
    let name = FieldState::new(role.as_ref().map(|r| r.name.clone()).unwrap_or_default());
    let description = FieldState::new(role.as_ref().map(|r| r.description.clone()).unwrap_or_default());
    let chosen = RwSignal::new(role.map(|r| r.permissions).unwrap_or_default());
    let submit = Submit::new();
    submit.shows("name", name);
    submit.shows("description", description);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(name) = name.take() else { return };
        let (description, permissions) = (untrack(|| description.trimmed()), chosen.get_untracked());
        let call = async move {
            match known {
                Some((id, version)) => {
                    let request = UpdateRoleRequest {
                        name: Some(name),
                        description: Some(description),
                        permissions: Some(permissions),
                    };
                    api::update(id, &request, version).await
                }
                None => api::create(&CreateRoleRequest { name, description, permissions }).await,
            }
        };
        submit.run(call, move |_| {
            open.set(false);
            on_saved.run(());
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="role-name" label="Name" state=name rule=name.required() testid="role-name" placeholder="Help desk"/>
                <TextField id="role-description" label="What it is for" state=description rule=Signal::stored(None::<String>) testid="role-description"/>
                <Choices label="What it lets somebody do" options chosen/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="role-save" busy=submit.busy>"Save role"</Button>
            </footer>
        </form>
    }
}
