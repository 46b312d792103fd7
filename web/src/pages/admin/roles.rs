//! Roles: the matrix of what each lets somebody do, and the roles of one's own.

use contract::paths;
use contract::roles::{CreateRoleRequest, DESCRIPTION_MAX, NAME_MAX, PermissionsView, RoleView, UpdateRoleRequest};
use domain::access::Permission;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use crate::api::{ApiError, exports, roles as api};
use crate::components::ui::choice::Choices;
use crate::components::ui::editor::{Editable, Editing, Editor, NewObject, ObjectButtons};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::rules;
use crate::components::ui::states::{Followed, FormFailure};
use crate::components::ui::{Button, ButtonKind, Icon, IconView};
use crate::format::{counted, sentence};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::submit::Submit;

type Both = (PermissionsView, Vec<RoleView>);

impl Editable for RoleView {
    const WHAT: &'static str = "role";
    const DELETED: &'static str = "Nobody may hold it any more. A role that somebody holds can't be deleted.";
    const NEEDS: Permission = Permission::RoleWrite;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        let (id, version) = (self.id, self.version);
        Box::pin(async move {
            match id {
                Some(id) => api::delete(id, version).await,
                // A built-in one has no button.
                None => Ok(()),
            }
        })
    }
}

/// The roles.
#[component]
pub fn RolesPage() -> impl IntoView {
    let both = Loader::once(|| async {
        let (permissions, roles) = futures::future::try_join(api::permissions(), api::list()).await?;
        Ok((permissions, roles.items))
    });
    read_again_on(&["role"], move || both.refresh());
    let editing = Editing::new();
    editing.begun_by("/admin/roles", "role");
    let show = Callback::new(move |(permissions, roles): Both| {
        view! { <Matrix permissions roles=roles.clone()/> <Custom roles editing/> }.into_any()
    });
    let options = Signal::derive(move || {
        both.data.with(|b| {
            let all = b.iter().flat_map(|(p, _)| &p.items);
            all.map(|p| (p.name.clone(), sentence(p.words.trim_end_matches('.')))).collect::<Vec<_>>()
        })
    });
    view! {
        <div class="tools">
            <NewObject editing/>
            <ExportMenu href=Signal::stored(exports::href(paths::EXPORT_ROLES, &()))/>
        </div>
        <Followed loader=both lines=12 show/>
        <Editor editing on_deleted=move |()| both.reload()>
            <RoleForm role=editing.object() options open=editing.open on_saved=move |()| both.reload()/>
        </Editor>
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
fn Custom(roles: Vec<RoleView>, editing: Editing<RoleView>) -> impl IntoView {
    let lines = roles
        .into_iter()
        .map(|role| {
            let holders = counted(role.holders, "person", "people");
            let what = if role.built_in { "built in".to_owned() } else { role.description.clone() };
            let object = Signal::stored(role.clone());
            let buttons = (!role.built_in).then(|| view! { <ObjectButtons editing object/> });
            view! {
                <li class="line" data-testid="role-line" data-name=role.name.clone()>
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
    let (named, described) = (rules::text(name, 1..=NAME_MAX), rules::text(description, 0..=DESCRIPTION_MAX));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(description)) = (rules::take(name, named), rules::take(description, described)) else {
            return;
        };
        let permissions = chosen.get_untracked();
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
            submit.close(open);
            on_saved.try_run(());
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="role-name" label="Name" state=name rule=named testid="role-name" placeholder="Help desk"/>
                <TextField id="role-description" label="What it is for" state=description rule=described testid="role-description"/>
                <Choices label="What it lets somebody do" options chosen/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="role-save" busy=submit.busy>"Save role"</Button>
            </footer>
        </form>
    }
}
