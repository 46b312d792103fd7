//! Usage by group: how much each has, beside earlier days where it is asked for, and the way to its own usage.

use contract::paths;
use contract::teams::TeamView;
use contract::usage::{GROUPS, TAG_GROUP, UsageGroupView, UsageGroupsQuery};
use contract::workspaces::FacetValue;
use domain::access::Permission;
use leptos::prelude::*;

use super::compared::{changed, compared_words};
use super::more::{More, MoreRows, Part};
use super::state::{DEFAULT_BY, UsageUrl};
use super::words::{float, hours, hours_words, tag_groups};
use crate::api::{exports, usage as api};
use crate::components::ui::export_menu::ExportMenu;
use crate::format::{aws_words, sentence, thousands};
use crate::state::follow::read_again_on;
use crate::state::session::use_session;

/// What groups are called that stand beside each other, with their keys where several have one name; `by` as in the address.
pub(super) fn names(by: &str, groups: &[UsageGroupView]) -> Vec<String> {
    let names: Vec<String> = groups.iter().map(|group| group_words(by, group)).collect();
    let told = |(name, group): (&String, &UsageGroupView)| {
        let alone = names.iter().filter(|other| *other == name).count() == 1;
        if alone || group.key.is_empty() { name.clone() } else { format!("{name} ({})", group.key) }
    };
    names.iter().zip(groups).map(told).collect()
}

/// What a group is called.
fn group_words(by: &str, group: &UsageGroupView) -> String {
    match by {
        _ if group.label.is_empty() && by == "team" => "No team".to_owned(),
        _ if group.label.is_empty() => "Without a value".to_owned(),
        "running_mode" | "compute_type" | "state" => aws_words(&group.label),
        _ => group.label.clone(),
    }
}

/// A way to tell apart in words.
pub(super) fn by_words(by: &str) -> String {
    match by.strip_prefix(TAG_GROUP) {
        Some(key) => format!("Tag {key}"),
        None => sentence(&by.replace('_', " ")),
    }
}

/// The same within a sentence.
pub(super) fn by_within(by: &str) -> String {
    match by.strip_prefix(TAG_GROUP) {
        Some(key) => format!("tag {key}"),
        None => by.replace('_', " "),
    }
}

/// The ways to tell apart by tags: by each key that there is, and by the one that is chosen or that the filter names.
pub(super) fn tags_offered(
    url: Memo<UsageUrl>,
    tag_keys: Memo<Vec<String>>,
    chosen: fn(&UsageUrl) -> Option<String>,
) -> Memo<Vec<String>> {
    Memo::new(move |_| {
        let named = url.with(|u| {
            let filtered = u.filters.query.tag.as_deref().and_then(|tag| tag.split('=').next());
            let filtered = filtered.map(|key| format!("{TAG_GROUP}{key}"));
            chosen(u).filter(|by| by.starts_with(TAG_GROUP)).or(filtered)
        });
        tag_keys.with(|keys| tag_groups(keys.iter().map(String::as_str), named))
    })
}

/// A group as it is listed.
#[derive(Clone)]
struct Listed {
    group: UsageGroupView,
    /// What the days are called that it was compared with, if it was.
    beside: Option<&'static str>,
}

/// The list of groups.
#[component]
pub fn Groups(
    /// Where the reader is; for reading.
    key: Memo<Option<UsageUrl>>,
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// The keys of tags that there are.
    tag_keys: Memo<Vec<String>>,
    /// The accounts that there are.
    accounts: Memo<Vec<FacetValue>>,
    /// The teams that there are, as far as the reader may know them.
    teams: Memo<Vec<TeamView>>,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let list: More<Listed> = More::keyed(key, |url: UsageUrl, cursor| async move {
        let page = api::groups(&UsageGroupsQuery { limit: Some(25), cursor, ..question(&url) }).await?;
        let beside = page.previous.map(|earlier| compared_words(&page.period, earlier.from));
        let items = page.items.into_iter().map(|group| Listed { group, beside }).collect();
        Ok(Part { items, next: page.next_cursor, total: page.total })
    });
    read_again_on(&["usage"], move || list.refresh());
    let show = Callback::new(move |(rows, total): (Vec<Listed>, u64)| {
        url.with(|url| {
            view! { <Table rows total url=url.clone() accounts=accounts.get() teams=teams.get()/> }.into_any()
        })
    });
    view! {
        <section class="card card-flush" aria-labelledby="groups-title">
            <header class="card-head">
                <h2 id="groups-title">{move || url.with(|u| format!("By {}", by_within(u.by())))}</h2>
                <GroupBy url tag_keys on_change/>
                <ExportMenu
                    label="Export groups"
                    href=Signal::derive(move || url.with(|u| exports::href(paths::EXPORT_USAGE_GROUPS, &question(u))))
                />
            </header>
            <MoreRows list testid="groups-more" show/>
        </section>
    }
}

/// The question, without its pages.
pub(super) fn question(url: &UsageUrl) -> UsageGroupsQuery {
    let (from, to) = (url.period.map(|p| p.from), url.period.map(|p| p.to));
    let (by, team) = (Some(url.by().to_owned()), url.team());
    let compare = url.compare.map(|compare| compare.to_string());
    UsageGroupsQuery { by, team, compare, ..UsageGroupsQuery::of(from, to, &url.filters.query) }
}

#[component]
fn GroupBy(url: Memo<UsageUrl>, tag_keys: Memo<Vec<String>>, on_change: Callback<UsageUrl>) -> impl IntoView {
    let session = use_session();
    let people = untrack(|| session.may(Permission::UserRead));
    let choose = move |event| {
        let by = event_target_value(&event);
        on_change.run(UsageUrl { by: Some(by).filter(|by| by != DEFAULT_BY), ..url.get_untracked() });
    };
    let options = GROUPS
        .iter()
        .filter(|by| people || **by != "team")
        .map(|&by| view! { <option value=by prop:selected=move || url.with(|u| u.by() == by)>{by_words(by)}</option> })
        .collect_view();
    let tags = tags_offered(url, tag_keys, |url| url.by.clone());
    let tags = move || {
        let option = |by: String| {
            let (value, words) = (by.clone(), by_words(&by));
            view! { <option value=value prop:selected=move || url.with(|u| u.by() == by)>{words}</option> }
        };
        tags.get().into_iter().map(option).collect_view()
    };
    view! {
        <select class="input select kind" aria-label="Group by" data-testid="usage-by" on:change=choose>{options}{tags}</select>
    }
}

/// What a group came to on the earlier days, and what changed.
fn earlier(row: &UsageGroupView, beside: &str) -> AnyView {
    let (before, change) = match row.previous.map(|before| before.connected_minutes) {
        Some(before) => (hours_words(before), changed(hours(row.totals.connected_minutes), hours(before))),
        None => ("not known".to_owned(), "–".to_owned()),
    };
    view! {
        <td data-label=sentence(beside) class="cell-number">{before}</td>
        <td data-label="Change" class="cell-number">{change}</td>
    }
    .into_any()
}

#[component]
fn Table(
    rows: Vec<Listed>,
    total: u64,
    url: UsageUrl,
    accounts: Vec<FacetValue>,
    teams: Vec<TeamView>,
) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="card-none">"Nobody was connected on these days."</p> }.into_any();
    }
    let beside = rows.first().and_then(|row| row.beside);
    let rows: Vec<UsageGroupView> = rows.into_iter().map(|row| row.group).collect();
    let most = rows.iter().map(|row| row.totals.connected_minutes).max().unwrap_or(0);
    let by = url.by().to_owned();
    let rows = names(&by, &rows)
        .into_iter()
        .zip(rows)
        .map(|(name, row)| {
            let width = if most == 0 { 0.0 } else { 1000.0 * float(row.totals.connected_minutes) / float(most) };
            let name = match url.narrowed(&by, &row.key, &accounts, &teams) {
                Some(to) => view! { <a href=to.path()>{name}</a> }.into_any(),
                None => name.into_any(),
            };
            view! {
                <tr>
                    <td class="cell-main">{name}</td>
                    <td data-label="Connected" class="cell-number">{hours_words(row.totals.connected_minutes)}</td>
                    {beside.map(|beside| earlier(&row, beside))}
                    <td class="cell-bar" aria-hidden="true">
                        <svg class="bar-track" viewBox="0 0 1000 6" preserveAspectRatio="none">
                            <rect class="slice slice-accent" width=format!("{width:.0}") height="6"></rect>
                        </svg>
                    </td>
                    <td data-label="WorkSpaces" class="cell-number">{thousands(row.totals.workspaces)}</td>
                    <td data-label="Sessions" class="cell-number">{thousands(row.totals.sessions)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table table-plain table-cards" data-testid="usage-groups">
            <caption class="visually-hidden">{format!("Usage by group, {} in all", thousands(total))}</caption>
            <thead>
                <tr>
                    <th scope="col">{by_words(&by)}</th>
                    <th scope="col" class="cell-number">"Connected"</th>
                    {beside.map(|beside| view! {
                        <th scope="col" class="cell-number">{sentence(beside)}</th>
                        <th scope="col" class="cell-number">"Change"</th>
                    })}
                    <td class="cell-bar"></td>
                    <th scope="col" class="cell-number">"WorkSpaces"</th>
                    <th scope="col" class="cell-number">"Sessions"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use contract::usage::UsageTotalsView;

    use super::*;

    fn group(key: &str, label: &str) -> UsageGroupView {
        let totals = UsageTotalsView::default();
        UsageGroupView { key: key.to_owned(), label: label.to_owned(), totals, previous: None }
    }

    #[test]
    fn groups_have_names() {
        let group = |label: &str| group(label, label);
        assert_eq!(group_words("running_mode", &group("AUTO_STOP")), "AutoStop");
        assert_eq!(group_words("team", &group("")), "No team");
        assert_eq!(group_words("tag:Team", &group("")), "Without a value");
        assert_eq!(group_words("region", &group("eu-west-1")), "eu-west-1");
        assert_eq!((by_words("tag:Team").as_str(), by_words("running_mode").as_str()), ("Tag Team", "Running mode"));
        assert_eq!((by_within("tag:Team").as_str(), by_within("running_mode").as_str()), ("tag Team", "running mode"));
    }

    #[test]
    fn groups_are_compared_with_what_the_numbers_are() {
        let asked = |search: &str| question(&UsageUrl::parse(search).0).compare;
        assert_eq!((asked("?by=region"), asked("?compare=year").as_deref()), (None, Some("year")));
    }

    #[test]
    fn groups_of_one_name_are_told_apart_by_their_keys() {
        let bundles = [group("wsb-1", "Standard"), group("wsb-2", "Power"), group("wsb-3", "Standard"), group("", "")];
        assert_eq!(names("bundle", &bundles), ["Standard (wsb-1)", "Power", "Standard (wsb-3)", "Without a value"]);
        let tags = [group("Without a value", "Without a value"), group("", "")];
        assert_eq!(names("tag:Team", &tags), ["Without a value (Without a value)", "Without a value"]);
        assert!(names("bundle", &[]).is_empty());
    }
}
