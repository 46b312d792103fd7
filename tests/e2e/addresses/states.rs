//! What is narrowed, ordered or opened in the address of each page, and a look at the pages' sources that none of it is missing here.
//! Not the pages where nobody is signed in yet (`doors`). To add a page: its line in [`STATES`] and its file in [`SOURCES`].

use std::collections::BTreeSet;
use std::path::Path;

use contract::paths;
use serde_json::Value;

/// The plain page, and its states. `{workspace}` is the id of one, `{…-N}` the day or month N days ago, and so on
/// (`super::names`).
pub const STATES: &[(&str, &[&str])] = &[
    (
        "/workspaces",
        &[
            "state=STOPPED",
            "running_mode=AUTO_STOP&sort=-user_name",
            "q=a",
            "region=eu-central-1&connection=CONNECTED,DISCONNECTED",
            "state=STOPPED&account={account}",
            "directory={directory}&bundle={bundle}&compute_type={compute_type}",
            "tag=Team=Nobody",
            "gone=true",
            "columns=state,region",
        ],
    ),
    ("/workspaces/directories", &["q=nobody", "q=nobody&account={account}&region=eu-central-1&sort=-workspaces"]),
    ("/workspaces/bundles", &["q=nobody", "q=nobody&account={account}&region=eu-central-1&sort=-workspaces"]),
    ("/workspaces/images", &["q=nobody", "q=nobody&account={account}&region=eu-central-1&sort=-workspaces"]),
    (
        "/workspaces/quotas",
        &["q=nobody", "q=nobody&account={account}&region=eu-central-1&sort=-used", "used_from=80", "used_from=95"],
    ),
    (
        "/workspaces/{workspace}",
        &[
            "tab=usage",
            "tab=cost",
            "tab=recommendations",
            "tab=activity",
            "tab=configuration",
            "tab=usage&from={day-60}&to={day-10}",
            "tab=cost&month={month-60}",
            "tab=activity&kind=state&from={day-60}T00:00:00Z&to={day-10}T00:00:00Z",
            "do=stop",
        ],
    ),
    (
        "/usage",
        &[
            "from={day-60}&to={day-10}",
            "by=region&compare=previous",
            "compare=month&measure=workspaces",
            "compare=year",
            "split=region&measure=sessions",
            "split=team",
            "split=tag:Team&measure=workspaces",
            "by=team&team={event}",
            "running_mode=ALWAYS_ON",
            "order=least&measure=sessions",
            "q=a&account={account}&region=eu-central-1&state=STOPPED",
            "directory={directory}&bundle={bundle}&compute_type={compute_type}",
            "tag=Team=Nobody",
        ],
    ),
    (
        "/costs",
        &[
            "from={day-60}&to={day-10}",
            "by=region",
            "estimate=running_mode",
            "account={account}&month={month-60}",
            "region=eu-central-1",
            "account={account}&month={month-60}&reckoned=no_price",
            "compared={account}&month={month-60}",
            "budget=new",
        ],
    ),
    (
        "/audit",
        &[
            "name=StopWorkspaces",
            "outcome=refused",
            "changes=true",
            "account={account}&region=eu-central-1&q=Stop",
            "workspace={workspace}",
            "actor=nobody",
            "name=StopWorkspaces,StartWorkspaces&outcome=done,refused",
            "from={day-60}T00:00:00Z&to={day-10}T00:00:00Z",
            "event={event}",
        ],
    ),
    (
        "/audit/log",
        &[
            "action=team.create",
            "object_kind=team&outcome=done",
            "action=team.create&actor={user}&object_id={event}",
            "action=team.create&q=nobody&from={day-60}T00:00:00Z&to={day-10}T00:00:00Z",
            "action=team.create&entry={entry}",
        ],
    ),
    (
        "/audit/all",
        &[
            "workspace={workspace}",
            "source=aws",
            "outcome=refused",
            "changes=true",
            "from={day-60}T00:00:00Z&to={day-10}T00:00:00Z",
        ],
    ),
    ("/desktop", &["status=withdrawn", "kind=rebuild", "request={request}", "request=new"]),
    ("/requests", &["status=open", "kind=other", "own=true&status=withdrawn", "request={request}"]),
    ("/reports", &["report={report}", "report=new"]),
    ("/jobs", &["state=done", "kind=sync-usage"]),
    ("/jobs/{action}", &["outcome=failed"]),
    ("/jobs/data-sets", &["account={account}&show=problems", "kind=sync-usage", "kind=sync-quotas&account={account}"]),
    ("/accounts", &["account=new"]),
    ("/admin/users", &["q=operator", "role=owner", "enabled=false", "sort=created_at"]),
    ("/admin/roles", &["role=new"]),
    ("/admin/teams", &["q=nobody", "team=new"]),
    ("/admin/invitations", &["q=nobody", "state=revoked", "invitation=new"]),
    ("/admin/keys", &["q=nobody", "user_id={event}", "working=true", "sort=-name"]),
    ("/admin/assistant", &["days=7"]),
    ("/admin/settings", &["q=server.public_url", "set=true"]),
    ("/profile/keys", &["q=nobody", "working=true", "sort=-name", "key=new"]),
];

/// Where it is written what a page's address can hold: files of `web/src/pages` that read it, and the operation whose query it is.
const SOURCES: &[(&str, &[&str], Option<&str>)] = &[
    ("/workspaces", &["workspaces/state.rs"], Some(paths::WORKSPACES)),
    ("/workspaces/directories", &["places/page.rs"], Some(paths::DIRECTORIES)),
    ("/workspaces/bundles", &["places/page.rs"], Some(paths::BUNDLES)),
    ("/workspaces/images", &["places/page.rs"], Some(paths::IMAGES)),
    ("/workspaces/quotas", &["places/page.rs"], Some(paths::QUOTAS)),
    ("/workspaces/{workspace}", &["workspace/state.rs"], None),
    ("/usage", &["usage/state.rs"], Some(paths::USAGE_SUMMARY)),
    ("/costs", &["costs/state.rs", "costs/budgets.rs"], None),
    ("/audit", &["audit/trail/view.rs"], Some(paths::TRAIL_EVENTS)),
    ("/audit/log", &["audit/log/view.rs"], Some(paths::AUDIT_LOG)),
    ("/audit/all", &["audit/all/view.rs"], Some(paths::ACTIVITY)),
    ("/desktop", &["desktop/requests.rs", "desktop/view.rs"], Some(paths::REQUESTS)),
    ("/requests", &["requests/view.rs", "desktop/requests.rs"], Some(paths::REQUESTS)),
    ("/reports", &["reports/view.rs"], Some(paths::REPORTS)),
    ("/jobs", &["jobs/state.rs", "jobs/view.rs"], Some(paths::JOBS)),
    ("/jobs/{action}", &["job/address.rs"], Some(paths::JOB)),
    ("/jobs/data-sets", &["jobs/data_sets/state.rs"], None),
    ("/accounts", &["accounts/view.rs"], None),
    ("/admin/users", &["admin/users/list.rs"], Some(paths::USERS)),
    ("/admin/roles", &["admin/roles.rs"], None),
    ("/admin/teams", &["admin/teams.rs"], Some(paths::TEAMS)),
    ("/admin/invitations", &["admin/invitations.rs"], Some(paths::INVITATIONS)),
    ("/admin/keys", &["keys/table.rs"], Some(paths::API_KEYS)),
    ("/admin/assistant", &["admin/assistant.rs"], None),
    ("/admin/settings", &["admin/settings.rs"], None),
    ("/profile/keys", &["keys/table.rs"], Some(paths::API_KEYS)),
];

/// Files that read addresses of which no state is here: nobody is signed in (`doors`), or no page is shown by it.
const ELSEWHERE: &[&str] = &["sign_in/", "setup/", "views/state.rs", "in_browser.rs"];

/// How much of a list is read at once, and from where on. No test can know a cursor; lists are turned in their own tests.
const PIECES: &[&str] = &["limit", "cursor", "offset"];

/// What has no state of its own: rows of a list in which all are in sight (`virtual_rows` has those), and whose things they are
/// where they are always one's own; a new key where keys are others'; and whether all is counted, which a page always asks for.
const NONE: &[(&str, &str)] = &[
    ("/workspaces", "page"),
    ("/workspaces", "row"),
    ("/audit/all", "count"),
    ("/desktop", "own"),
    ("/admin/keys", "key"),
    ("/profile/keys", "user_id"),
];

/// How it is written that an address opens the form of a new one.
const BEGINS: &[&str] = &[".begun_by(\"", "::begins(\""];

/// What is written between quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1).step_by(2)
}

/// What a file of a page reads out of its address: the arms over a key, and names that are looked for.
fn read_by(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut names = BTreeSet::new();
    for arms in code.split("key.as_str()").skip(1) {
        let lines: Vec<&str> = arms.lines().skip(1).collect();
        let depth = |line: &str| line.len() - line.trim_start().len();
        let first = lines.first().map_or(0, |line| depth(line));
        let arms = lines.iter().take_while(|line| line.is_empty() || depth(line) >= first);
        let heads = arms.filter(|line| depth(line) == first).filter_map(|line| line.split_once(" =>"));
        names.extend(heads.flat_map(|(head, _)| quoted(head).map(str::to_owned)));
    }
    for before in ["key == \"", "drawer \"", ".get(\""] {
        names.extend(code.split(before).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    // The page's path comes first.
    for before in BEGINS {
        names.extend(code.split(before).skip(1).filter_map(|rest| rest.split('"').nth(2)).map(str::to_owned));
    }
    names
}

/// The parameters of an operation, as the API's document has them.
fn asked_with(document: &Value, path: &str) -> BTreeSet<String> {
    let parameters = document["paths"][path]["get"]["parameters"].as_array().into_iter().flatten();
    let query = parameters.filter(|one| one["in"] == "query");
    query.filter_map(|one| one["name"].as_str()).map(str::to_owned).collect()
}

/// Every file of the pages with its path among them.
fn files(folder: &Path, under: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("the pages").map(|entry| entry.expect("a file").path()) {
        let name = format!("{under}{}", entry.file_name().expect("a name").to_string_lossy());
        if entry.is_dir() {
            files(&entry, &format!("{name}/"), found);
        } else if name.ends_with(".rs") {
            found.push((name, std::fs::read_to_string(&entry).expect("a source")));
        }
    }
}

#[test]
fn every_parameter_of_every_page_has_a_state() {
    let mut sources = Vec::new();
    files(&testkit::outside::root().join("web/src/pages"), "", &mut sources);
    let ways = [&["query_pairs(", "UrlList::<", "use_query_map()"][..], BEGINS].concat();
    let reads = |code: &str| ways.iter().any(|one| code.contains(one));
    let readers: Vec<_> = sources.iter().filter(|(_, code)| reads(code)).map(|(name, _)| name.as_str()).collect();
    assert!(readers.len() > 15, "{readers:?}");
    for name in readers {
        let known = SOURCES.iter().any(|(_, files, _)| files.contains(&name));
        assert!(known || ELSEWHERE.iter().any(|one| name.contains(one)), "{name} reads addresses and has no line");
    }
    let document: Value = serde_json::from_str(&api::openapi_json()).expect("a document");
    let mut missing = Vec::new();
    for (page, files, operation) in SOURCES {
        let mut names = operation.map(|path| asked_with(&document, path)).unwrap_or_default();
        for file in *files {
            let source = sources.iter().find(|(name, _)| name == file);
            names.extend(read_by(&source.unwrap_or_else(|| panic!("{file} is gone")).1));
        }
        assert!(!names.is_empty(), "nothing is found in the address of {page}");
        let states = STATES.iter().filter(|(of, _)| of == page).flat_map(|(_, states)| *states);
        let covered: BTreeSet<&str> =
            states.flat_map(|state| state.split('&')).filter_map(|pair| pair.split('=').next()).collect();
        let left = names.iter().filter(|name| !covered.contains(name.as_str()) && !PIECES.contains(&name.as_str()));
        missing
            .extend(left.filter(|name| !NONE.contains(&(*page, name.as_str()))).map(|name| format!("{page}?{name}=")));
    }
    assert!(missing.is_empty(), "no state has {missing:?}");
}
