//! Every page of the portal (`web/src/app.rs`): its address, and what one needs to see it. To add one: a line here; a route
//! that has none fails `every_route_has_a_line`.

use domain::access::{Permission, Role};

use super::filled::Ids;

/// A page of those who are signed in.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Its name in pictures.
    pub name: &'static str,
    /// Its route in `app.rs`: pages of the same one are changed between without leaving it.
    pub route: &'static str,
    /// Its address; `{…}` stands for an id of [`Ids`].
    address: &'static str,
    /// Without this one may not see it.
    needs: Option<Permission>,
    /// Whether it shows what the API says, and has nothing without that.
    pub reads: bool,
}

impl Page {
    /// Where it is; `None` while there is nothing that it is about.
    pub fn address(&self, ids: &Ids) -> Option<String> {
        let Some((before, rest)) = self.address.split_once('{') else { return Some(self.address.to_owned()) };
        let (name, after) = rest.split_once('}')?;
        let id = match name {
            "workspace" => &ids.workspace,
            "job" => &ids.job,
            "user" => &ids.user,
            _ => &ids.conversation,
        };
        (!id.is_empty()).then(|| format!("{before}{id}{after}"))
    }

    /// Whether somebody of that role may see it.
    pub fn open_to(&self, role: Role) -> bool {
        self.needs.is_none_or(|permission| role.permissions().contains(&permission))
    }

    /// Whether the address leads somebody of that role elsewhere.
    pub fn leads_on(&self, role: Role) -> bool {
        self.address == "/" && role == Role::Member
    }
}

const fn page(name: &'static str, route: &'static str, address: &'static str, needs: Option<Permission>) -> Page {
    Page { name, route, address, needs, reads: true }
}

/// A page that says the same whatever the API answers.
const fn still(name: &'static str, route: &'static str, address: &'static str) -> Page {
    Page { name, route, address, needs: None, reads: false }
}

use Permission as P;

/// The pages.
pub const PAGES: &[Page] = &[
    page("overview", "/", "/", Some(P::WorkspaceRead)),
    page("workspaces", "/workspaces", "/workspaces", Some(P::WorkspaceRead)),
    page("workspaces-none", "/workspaces", "/workspaces?q=nobody-of-this-name", Some(P::WorkspaceRead)),
    page("directories", "/workspaces/:id", "/workspaces/directories", Some(P::WorkspaceRead)),
    page("bundles", "/workspaces/:id", "/workspaces/bundles", Some(P::WorkspaceRead)),
    page("images", "/workspaces/:id", "/workspaces/images", Some(P::WorkspaceRead)),
    page("quotas", "/workspaces/:id", "/workspaces/quotas", Some(P::WorkspaceRead)),
    page("workspace", "/workspaces/:id", "/workspaces/{workspace}", Some(P::WorkspaceRead)),
    page("workspace-usage", "/workspaces/:id", "/workspaces/{workspace}?tab=usage", Some(P::UsageRead)),
    page("workspace-cost", "/workspaces/:id", "/workspaces/{workspace}?tab=cost", Some(P::CostRead)),
    page(
        "workspace-recommendations",
        "/workspaces/:id",
        "/workspaces/{workspace}?tab=recommendations",
        Some(P::CostRead),
    ),
    page("workspace-activity", "/workspaces/:id", "/workspaces/{workspace}?tab=activity", Some(P::WorkspaceRead)),
    page(
        "workspace-configuration",
        "/workspaces/:id",
        "/workspaces/{workspace}?tab=configuration",
        Some(P::WorkspaceRead),
    ),
    // A form of a new one comes before its page: where one may not make it, the address leads there by itself.
    page("budget-new", "/costs", "/costs?budget=new", Some(P::CostRead)),
    page("costs", "/costs", "/costs", Some(P::CostRead)),
    page("usage", "/usage", "/usage", Some(P::UsageRead)),
    page("request-new", "/desktop", "/desktop?request=new", Some(P::WorkspaceRead)),
    page("desktop", "/desktop", "/desktop", Some(P::WorkspaceRead)),
    page("audit", "/audit/:part?", "/audit", Some(P::AuditRead)),
    page("audit-log", "/audit/:part?", "/audit/log", Some(P::AuditRead)),
    page("audit-all", "/audit/:part?", "/audit/all", Some(P::AuditRead)),
    page("assistant", "/assistant/:id?", "/assistant", Some(P::AssistantUse)),
    page("assistant-talk", "/assistant/:id?", "/assistant/{talk}", Some(P::AssistantUse)),
    page("jobs", "/jobs/:part?", "/jobs", Some(P::JobRead)),
    page("job", "/jobs/:part?", "/jobs/{job}", Some(P::JobRead)),
    page("schedules", "/jobs/:part?", "/jobs/schedules", Some(P::JobRead)),
    page("data-sets", "/jobs/:part?", "/jobs/data-sets", Some(P::JobRead)),
    page("profile-account", "/profile/:part?", "/profile/account", None),
    page("profile-sessions", "/profile/:part?", "/profile/sessions", None),
    page("key-new", "/profile/:part?", "/profile/keys?key=new", None),
    page("profile-keys", "/profile/:part?", "/profile/keys", None),
    still("profile-appearance", "/profile/:part?", "/profile/appearance"),
    page("admin-users", "/admin/:part?/:id?", "/admin/users", Some(P::UserRead)),
    page("admin-user", "/admin/:part?/:id?", "/admin/users/{user}", Some(P::UserRead)),
    page("role-new", "/admin/:part?/:id?", "/admin/roles?role=new", Some(P::UserRead)),
    page("admin-roles", "/admin/:part?/:id?", "/admin/roles", Some(P::UserRead)),
    page("team-new", "/admin/:part?/:id?", "/admin/teams?team=new", Some(P::UserRead)),
    page("admin-teams", "/admin/:part?/:id?", "/admin/teams", Some(P::UserRead)),
    page("invitation-new", "/admin/:part?/:id?", "/admin/invitations?invitation=new", Some(P::UserRead)),
    page("admin-invitations", "/admin/:part?/:id?", "/admin/invitations", Some(P::UserRead)),
    page("admin-keys", "/admin/:part?/:id?", "/admin/keys", Some(P::KeyManage)),
    page("admin-assistant", "/admin/:part?/:id?", "/admin/assistant", Some(P::SystemRead)),
    page("admin-settings", "/admin/:part?/:id?", "/admin/settings", Some(P::SystemRead)),
    page("requests", "/requests", "/requests", Some(P::RequestRead)),
    page("report-new", "/reports", "/reports?report=new", Some(P::ReportRead)),
    page("reports", "/reports", "/reports", Some(P::ReportRead)),
    page("account-new", "/accounts", "/accounts?account=new", Some(P::AccountRead)),
    page("accounts", "/accounts", "/accounts", Some(P::AccountRead)),
    still("nowhere", "", "/nowhere"),
];

/// The pages before somebody is signed in: name, route, address.
pub const GATES: &[(&str, &str, &str)] = &[
    ("setup", "/setup", "/setup?token=x"),
    ("sign-in", "/sign-in", "/sign-in"),
    ("sign-in-declined", "/sign-in", "/sign-in?error=sso_declined"),
    ("forgot-password", "/forgot-password", "/forgot-password"),
    ("reset-password", "/reset-password", "/reset-password#token=x"),
    ("invitation", "/invitation", "/invitation#token=x"),
];

/// The form of one of these pages.
pub struct Form {
    /// The page's name.
    pub page: &'static str,
    /// The test ids of its fields, with what is typed there.
    pub fields: &'static [(&'static str, &'static str)],
    /// The test id of what sends it.
    pub button: &'static str,
}

const MAIL: &str = "ana@example.com";
const PASSWORD: &str = "moth in relay 70";

/// The forms.
pub const FORMS: &[Form] = &[
    Form {
        page: "setup",
        fields: &[("setup-email", MAIL), ("setup-password", PASSWORD), ("setup-password2", PASSWORD)],
        button: "setup-submit",
    },
    Form { page: "sign-in", fields: &[("signin-email", MAIL), ("signin-password", PASSWORD)], button: "signin-submit" },
    Form { page: "forgot-password", fields: &[("forgot-email", MAIL)], button: "forgot-submit" },
    Form {
        page: "reset-password",
        fields: &[("new-password", PASSWORD), ("new-password2", PASSWORD)],
        button: "reset-submit",
    },
    Form {
        page: "invitation",
        fields: &[("accept-name", "Ana"), ("new-password", PASSWORD), ("new-password2", PASSWORD)],
        button: "accept-submit",
    },
];

#[test]
fn every_route_has_a_line() {
    let app = std::fs::read_to_string(testkit::outside::root().join("web/src/app.rs")).expect("the routes");
    let routes: Vec<&str> =
        app.split("<Route path=path!(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let lines: Vec<&str> =
        PAGES.iter().map(|page| page.route).chain(GATES.iter().map(|(_, route, _)| *route)).collect();
    assert!(routes.len() > 15, "{routes:?}");
    for route in routes {
        assert!(lines.contains(&route), "{route} is not in the table");
    }
}
