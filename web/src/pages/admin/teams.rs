//! Teams and who is in them.

use contract::paths;
use contract::teams::{
    CreateTeamRequest, DESCRIPTION_MAX, NAME_MAX, SetTeamMembersRequest, TeamDetailView, TeamQuery, TeamView,
    UpdateTeamRequest,
};
use contract::users::UserQuery;
use domain::access::Permission;
use domain::ids::TeamId;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use crate::api::{ApiError, exports, teams as api, users};
use crate::components::ui::choice::Choices;
use crate::components::ui::editor::{Editable, Editing, Editor, NewObject, ObjectButtons};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::field::{FieldState, TextField};
use crate::components::ui::filter_bar::SearchBox;
use crate::components::ui::list::ListTable;
use crate::components::ui::rules;
use crate::components::ui::states::{FormFailure, Loaded};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonKind, Icon};
use crate::format::counted;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::submit::Submit;
use crate::state::url_drawer::New;
use crate::state::url_list::{UrlList, list_query};

list_query!(TeamQuery, drawer "team": New);

impl Editable for TeamView {
    const WHAT: &'static str = "team";
    const DELETED: &'static str = "Roles over this team's desktops end with it. The people stay.";
    const NEEDS: Permission = Permission::TeamWrite;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(api::delete(self.id, self.version))
    }
}

/// The teams.
#[component]
pub fn TeamsPage() -> impl IntoView {
    let list = UrlList::<TeamQuery>::at("/admin/teams");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    read_again_on(&["team", "user"], move || page.refresh());
    let editing = Editing::new();
    editing.begun_by("/admin/teams", "team");
    let row = Callback::new(move |team: TeamView| {
        view! {
            <tr class="row" data-testid="team-row" data-name=team.name.clone()>
                <td class="cell-main"><span class="cell-name">{team.name.clone()}</span><span class="cell-sub">{team.description.clone()}</span></td>
                <td data-label="Members">{counted(team.member_count, "person", "people")}</td>
                <td data-label="Changed"><RelativeTime at=team.updated_at/></td>
                <td class="cell-actions"><ObjectButtons editing object=Signal::stored(team.clone())/></td>
            </tr>
        }
        .into_any()
    });
    view! {
        <div class="tools">
            <SearchBox
                label="Find a team" testid="team-search"
                value=Signal::derive(move || list.query.with(|q| q.q.clone().unwrap_or_default()))
                on_search=move |words: String| list.change(|q| q.q = Some(words).filter(|w| !w.is_empty()))
            />
            <ExportMenu href=Signal::derive(move || list.query.with(|q| exports::href(paths::EXPORT_TEAMS, q)))/>
            <NewObject editing/>
        </div>
        <ListTable
            page list key=|one| one.id.to_string() caption="Teams" columns=vec!["Team", "Members", "Changed", ""]
            empty=(Icon::People, "No teams", "A team is people whose desktops somebody may be given a role over.") row
        />
        <Editor editing on_deleted=move |()| page.reload()>
            {match editing.object() {
                Some(team) => view! { <Known id=team.id open=editing.open on_saved=move |()| page.reload()/> }.into_any(),
                None => view! { <TeamForm team=None open=editing.open on_saved=move |()| page.reload()/> }.into_any(),
            }}
        </Editor>
    }
}

#[component]
fn Known(id: TeamId, open: RwSignal<bool>, #[prop(into)] on_saved: Callback<()>) -> impl IntoView {
    let loader = Loader::once(move || api::get(id));
    let show =
        Callback::new(move |team: TeamDetailView| view! { <TeamForm team=Some(team) open on_saved/> }.into_any());
    view! { <Loaded loader show/> }
}

#[component]
fn TeamForm(team: Option<TeamDetailView>, open: RwSignal<bool>, #[prop(into)] on_saved: Callback<()>) -> impl IntoView {
    let known = StoredValue::new(team.as_ref().map(|t| (t.team.id, t.team.version)));
    let name = FieldState::new(team.as_ref().map(|t| t.team.name.clone()).unwrap_or_default());
    let description = FieldState::new(team.as_ref().map(|t| t.team.description.clone()).unwrap_or_default());
    let members = team.map(|t| t.members).unwrap_or_default();
    let chosen = RwSignal::new(members.iter().map(|m| m.id.to_string()).collect::<Vec<_>>());
    let people = Loader::once(|| async { users::list(&UserQuery { limit: Some(200), ..UserQuery::default() }).await });
    let find = RwSignal::new(String::new());
    let options = Signal::derive(move || {
        let mut all: Vec<_> = members.iter().map(|m| (m.id.to_string(), m.email.clone())).collect();
        people.data.with(|page| {
            for user in page.iter().flat_map(|p| &p.items) {
                let id = user.id.to_string();
                if !all.iter().any(|(known, _)| *known == id) {
                    all.push((id, user.email.clone()));
                }
            }
        });
        let words = find.get().to_lowercase();
        all.retain(|(_, email)| email.to_lowercase().contains(&words));
        all
    });
    let submit = Submit::new();
    submit.shows("name", name);
    submit.shows("description", description);
    let (named, described) = (rules::text(name, 1..=NAME_MAX), rules::text(description, 0..=DESCRIPTION_MAX));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(name), Some(description)) = (rules::take(name, named), rules::take(description, described)) else {
            return;
        };
        let user_ids = chosen.get_untracked().iter().filter_map(|id| id.parse().ok()).collect();
        let before = known.get_value();
        let call = async move {
            let now = match before {
                Some((id, version)) => {
                    let request = UpdateTeamRequest { name: Some(name), description: Some(description) };
                    api::update(id, &request, version).await?.team
                }
                None => api::create(&CreateTeamRequest { name, description }).await?.team,
            };
            // Where the members are not taken, another try goes on from here.
            known.try_set_value(Some((now.id, now.version)));
            api::set_members(now.id, &SetTeamMembersRequest { user_ids }).await
        };
        submit.run(call, move |()| {
            submit.close(open);
            on_saved.try_run(());
        });
    };
    view! {
        <form class="form drawer-form" novalidate on:submit=send>
            <div class="dialog-body">
                <FormFailure submit/>
                <TextField id="team-name" label="Name" state=name rule=named testid="team-name" placeholder="Design"/>
                <TextField id="team-description" label="What it is for" state=description rule=described testid="team-description"/>
                <SearchBox label="Find people" value=find on_search=move |words: String| find.set(words)/>
                <Choices label="Members" options chosen/>
            </div>
            <footer class="dialog-foot">
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary testid="team-save" busy=submit.busy>"Save team"</Button>
            </footer>
        </form>
    }
}
