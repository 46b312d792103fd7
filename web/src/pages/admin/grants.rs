//! What somebody holds, for reading and for changing: roles, each over a part of the fleet.

use contract::teams::TeamQuery;
use contract::users::{GrantBody, GrantView};
use contract::workspaces::FacetValue;
use domain::access::Role;
use leptos::prelude::*;

use crate::api::{accounts, roles, teams, workspaces};
use crate::components::ui::{Button, ButtonSize, Icon, IconButton};
use crate::format::sentence;
use crate::state::loader::Loader;

/// The parts of the fleet that a role can be given over: value and words.
const REACHES: [(&str, &str); 6] = [
    ("everything", "everything"),
    ("account", "an account"),
    ("region", "a region"),
    ("directory", "a directory"),
    ("team", "a team's desktops"),
    ("own", "their own desktops"),
];

/// A grant in words: `Operator · account Production`.
pub fn grant_words(view: &GrantView) -> String {
    let grant = &view.grant;
    let over = match grant.reach.as_str() {
        "everything" => String::new(),
        "own" => "own desktops".to_owned(),
        "region" => format!("region {}", grant.region.clone().unwrap_or_default()),
        kind => format!("{kind} {}", view.reach_name.clone().unwrap_or_else(|| "that is gone".to_owned())),
    };
    let role = sentence(&view.role_name);
    if over.is_empty() { role } else { format!("{role} · {over}") }
}

/// A row of the editor.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Draft {
    key: usize,
    role: RwSignal<String>,
    reach: RwSignal<String>,
    target: RwSignal<String>,
}

/// What is edited.
#[derive(Debug, Clone, Copy)]
pub struct Grants {
    rows: RwSignal<Vec<Draft>>,
    next: StoredValue<usize>,
}

impl Grants {
    /// These grants.
    pub fn new(grants: &[GrantBody]) -> Self {
        let edited = Self { rows: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        for grant in grants {
            edited.add(grant);
        }
        edited
    }

    /// One more.
    fn add(self, grant: &GrantBody) {
        let key = self.next.get_value();
        self.next.set_value(key + 1);
        let role = grant.role.clone().or(grant.role_id.map(|id| id.to_string())).unwrap_or_default();
        let id = |id: Option<String>| id.unwrap_or_default();
        let target = match grant.reach.as_str() {
            "account" => id(grant.account_id.map(|id| id.to_string())),
            "region" => id(grant.region.clone()),
            "directory" => id(grant.directory_id.map(|id| id.to_string())),
            "team" => id(grant.team_id.map(|id| id.to_string())),
            _ => String::new(),
        };
        let (role, reach, target) = (RwSignal::new(role), RwSignal::new(grant.reach.clone()), RwSignal::new(target));
        self.rows.update(|rows| rows.push(Draft { key, role, reach, target }));
    }

    /// As the API takes them, or what is missing.
    pub fn bodies(self) -> Result<Vec<GrantBody>, String> {
        let rows = self.rows.get();
        rows.iter().map(|row| body(&row.role.get(), &row.reach.get(), &row.target.get())).collect()
    }
}

fn body(role: &str, reach: &str, target: &str) -> Result<GrantBody, String> {
    let mut body = GrantBody { reach: reach.to_owned(), ..GrantBody::default() };
    if role.parse::<Role>().is_ok() {
        body.role = Some(role.to_owned());
    } else {
        body.role_id = role.parse().ok();
    }
    match reach {
        "account" => body.account_id = target.parse().ok(),
        "region" => body.region = Some(target.trim().to_owned()).filter(|r| !r.is_empty()),
        "directory" => body.directory_id = target.parse().ok(),
        "team" => body.team_id = target.parse().ok(),
        _ => {}
    }
    match body.grant() {
        Ok(_) => Ok(body),
        Err(wrong) if wrong.code == "missing" => Err("Choose what each role reaches.".to_owned()),
        Err(wrong) => Err(sentence(&wrong.message)),
    }
}

/// A directory as it can be chosen: by its own id, as AWS's is not what a role is given over.
fn directory_choice(facet: &FacetValue) -> Option<(String, String)> {
    let words =
        if facet.label == facet.value { facet.value.clone() } else { format!("{} · {}", facet.label, facet.value) };
    Some((facet.directory_id?.to_string(), words))
}

/// What can be chosen: value and words.
type Choosable = Vec<(String, String)>;

/// The editor.
#[component]
pub fn GrantsEditor(grants: Grants) -> impl IntoView {
    let roles = Loader::once(roles::list);
    let accounts = Loader::once(accounts::list);
    let facets = Loader::once(workspaces::facets);
    let teams = Loader::once(|| async { teams::list(&TeamQuery { limit: Some(200), ..TeamQuery::default() }).await });
    let role_options = Signal::derive(move || -> Choosable {
        roles.data.with(|r| {
            let all = r.iter().flat_map(|r| &r.items);
            all.map(|role| {
                let value = role.id.map_or_else(|| role.name.clone(), |id| id.to_string());
                (value, sentence(&role.name))
            })
            .collect()
        })
    });
    let targets = move |reach: &str| -> Choosable {
        match reach {
            "account" => accounts
                .data
                .with(|page| page.iter().flat_map(|p| &p.items).map(|a| (a.id.to_string(), a.name.clone())).collect()),
            "team" => teams
                .data
                .with(|page| page.iter().flat_map(|p| &p.items).map(|t| (t.id.to_string(), t.name.clone())).collect()),
            "directory" => {
                facets.data.with(|f| f.iter().flat_map(|f| &f.directory).filter_map(directory_choice).collect())
            }
            "region" => facets
                .data
                .with(|f| f.iter().flat_map(|f| &f.region).map(|r| (r.value.clone(), r.label.clone())).collect()),
            _ => Choosable::new(),
        }
    };
    let row = move |draft: Draft| {
        // What was chosen of one kind is nothing of another.
        Effect::new(move |before: Option<String>| {
            let reach = draft.reach.get();
            if before.is_some_and(|before| before != reach) {
                draft.target.set(String::new());
            }
            reach
        });
        let target = move || {
            let reach = draft.reach.get();
            (!matches!(reach.as_str(), "everything" | "own")).then(|| {
                let mut options = vec![(String::new(), "Choose…".to_owned())];
                options.extend(targets(&reach));
                view! { <Select label="Which" options=Signal::stored(options) value=draft.target/> }
            })
        };
        let reaches = REACHES.iter().map(|(v, w)| ((*v).to_owned(), (*w).to_owned())).collect::<Choosable>();
        view! {
            <li class="grant" data-testid="grant-row">
                <Select label="Role" options=role_options value=draft.role/>
                <span class="grant-over">"over"</span>
                <Select label="Over what" options=Signal::stored(reaches) value=draft.reach/>
                {target}
                <IconButton icon=Icon::Close label="Take this role away" on_click=move |()| {
                    grants.rows.update(|rows| rows.retain(|r| r.key != draft.key));
                }/>
            </li>
        }
    };
    let add = move |()| {
        grants.add(&GrantBody {
            role: Some("viewer".to_owned()),
            reach: "everything".to_owned(),
            ..GrantBody::default()
        });
    };
    view! {
        <ul class="grants"><For each=move || grants.rows.get() key=|draft| draft.key children=row/></ul>
        <Button size=ButtonSize::Small icon=Icon::Plus testid="grant-add" on_click=add>"Add a role"</Button>
    }
}

#[component]
fn Select(label: &'static str, #[prop(into)] options: Signal<Choosable>, value: RwSignal<String>) -> impl IntoView {
    view! {
        <select
            class="input select" aria-label=label data-testid=format!("grant-{}", label.to_lowercase().replace(' ', "-"))
            on:change=move |event| value.set(event_target_value(&event))
        >
            {move || {
                let chosen = value.get();
                let mut options = options.get();
                if !options.iter().any(|(value, _)| *value == chosen) {
                    // What can't be looked up stays what it is.
                    options.push((chosen.clone(), chosen.clone()));
                }
                options
                    .into_iter()
                    .map(|(value, words)| {
                        let selected = value == chosen;
                        view! { <option value=value prop:selected=selected>{words}</option> }
                    })
                    .collect_view()
            }}
        </select>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_grant_or_says_what_is_missing() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        assert_eq!(body("viewer", "everything", "").unwrap().role.as_deref(), Some("viewer"));
        assert_eq!(body(id, "account", id).unwrap().account_id.map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(body("operator", "region", "eu-central-1").unwrap().region.as_deref(), Some("eu-central-1"));
        assert_eq!(body("operator", "team", "").unwrap_err(), "Choose what each role reaches.");
    }

    #[test]
    fn a_directory_is_given_by_its_own_id() {
        let id = "0190b6a0-0000-7000-8000-000000000000";
        let facet = |id: Option<&str>| FacetValue {
            value: "d-90670a3b1c".into(),
            label: "corp.example.com".into(),
            count: 3,
            directory_id: id.map(|id| id.parse().unwrap()),
        };
        let (value, words) = directory_choice(&facet(Some(id))).unwrap();
        assert_eq!(
            body("viewer", "directory", &value).unwrap().directory_id.map(|id| id.to_string()).as_deref(),
            Some(id)
        );
        assert_eq!(words, "corp.example.com · d-90670a3b1c");
        assert_eq!(directory_choice(&facet(None)), None);
    }

    #[test]
    fn grants_read_as_words() {
        let view = |reach: &str, name: Option<&str>| GrantView {
            grant: GrantBody { role: Some("operator".into()), reach: reach.into(), ..GrantBody::default() },
            role_name: "operator".into(),
            reach_name: name.map(Into::into),
        };
        assert_eq!(grant_words(&view("everything", None)), "Operator");
        assert_eq!(grant_words(&view("own", None)), "Operator · own desktops");
        assert_eq!(grant_words(&view("account", Some("Demo"))), "Operator · account Demo");
    }
}
