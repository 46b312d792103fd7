//! The list of people.

use contract::paths;
use contract::users::{UserQuery, UserView};
use leptos::prelude::*;

use crate::api::exports::href;
use crate::api::{roles, users as api};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::list::ListTable;
use crate::components::ui::time::MaybeTime;
use crate::components::ui::{Icon, Tone};
use crate::format::{initials, sentence};
use crate::pages::admin::grants::grant_words;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::url_list::{UrlList, list_query};

list_query!(UserQuery);

const SORTS: [(&str, &str); 4] = [
    ("", "By e-mail address"),
    ("display_name", "By name"),
    ("-last_sign_in_at", "Last seen first"),
    ("-created_at", "Newest first"),
];

/// The list.
#[component]
pub fn UsersPage() -> impl IntoView {
    let list = UrlList::<UserQuery>::at("/admin/users");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    read_again_on(&["user", "invitation", "team", "role"], move || page.refresh());
    let roles = Loader::once(roles::list);
    let role_options = move || {
        let chosen = list.query.with(|q| q.role.clone().unwrap_or_default());
        let known = roles.data.with(|r| {
            let all = r.iter().flat_map(|r| &r.items);
            all.map(|role| (role.id.map_or_else(|| role.name.clone(), |id| id.to_string()), sentence(&role.name)))
                .collect::<Vec<_>>()
        });
        let mut options = vec![(String::new(), "Every role".to_owned())];
        options.extend(known);
        options
            .into_iter()
            .map(|(value, words)| {
                let selected = value == chosen;
                view! { <option value=value prop:selected=selected>{words}</option> }
            })
            .collect_view()
    };
    let sorts = move || {
        let chosen = list.query.with(|q| q.sort.clone().unwrap_or_default());
        SORTS
            .iter()
            .map(|&(value, words)| view! { <option value=value prop:selected=value == chosen>{words}</option> })
            .collect_view()
    };
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    view! {
        <div class="tools">
            <SearchBox
                label="Find somebody by name or address" testid="user-search"
                value=Signal::derive(move || list.query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = some(words))
            />
            <select class="input select filter-field" aria-label="Role" data-testid="user-role"
                on:change=move |event| { let role = some(event_target_value(&event)); list.change(|q| q.role = role); }>
                {role_options}
            </select>
            <select class="input select filter-field" aria-label="Order" data-testid="user-sort"
                on:change=move |event| { let sort = some(event_target_value(&event)); list.change(|q| q.sort = sort); }>
                {sorts}
            </select>
            <ExportMenu href=Signal::derive(move || list.query.with(|q| href(paths::EXPORT_USERS, q)))/>
        </div>
        <ListTable
            page list key=|one| one.id.to_string() caption="People" columns=vec!["Person", "Roles", "Teams", "Last sign-in", "State"]
            empty=(Icon::People, "Nobody is like that", "Search for somebody else, or invite them.")
            row=Callback::new(row)
        />
    }
}

fn row(user: UserView) -> AnyView {
    let name = if user.display_name.is_empty() { user.email.clone() } else { user.display_name.clone() };
    let grants = user.grants.iter().map(grant_words).collect::<Vec<_>>();
    let grants = if grants.is_empty() { vec!["no role".to_owned()] } else { grants };
    let email = user.email.clone();
    let teams = user.teams.into_iter().map(|t| t.name).collect::<Vec<_>>().join(", ");
    view! {
        <tr class="row" data-testid="user-row" data-email=email.clone()>
            <td class="cell-main cell-person">
                <span class="avatar" aria-hidden="true">{initials(&email)}</span>
                <span>
                    <a class="cell-link" href=format!("/admin/users/{}", user.id)>{name}</a>
                    <span class="cell-sub">{email.clone()}</span>
                </span>
            </td>
            <td data-label="Roles">{grants.into_iter().map(|g| view! { <span class="cell-line">{g}</span> }).collect_view()}</td>
            <td data-label="Teams">{if teams.is_empty() { "–".to_owned() } else { teams }}</td>
            <td data-label="Last sign-in"><MaybeTime at=user.last_sign_in_at/></td>
            <td data-label="State">
                {if user.enabled {
                    view! { <Badge tone=Tone::Success glyph=Glyph::Disc text="May sign in"/> }
                } else {
                    view! { <Badge tone=Tone::Neutral glyph=Glyph::Bars text="Disabled"/> }
                }}
            </td>
        </tr>
    }
    .into_any()
}
