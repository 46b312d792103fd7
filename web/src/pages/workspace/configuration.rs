//! How it is set up, its tags, and how both came to be so.

use chrono::{DateTime, Utc};
use contract::paths;
use contract::timeline::{TimelineQuery, TimelineView};
use contract::workspaces::WorkspaceDetailView;
use domain::ids::WorkspaceId;
use domain::timeline::TimelineKind;
use domain::workspace::Tags;
use leptos::prelude::*;

use super::events::Events;
use super::parts::{Fact, Facts, named, or_dash};
use super::state::ActivityUrl;
use crate::api::{exports, timeline as api};
use crate::components::ui::Icon;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::format::aws_words;
use crate::state::loader::Loader;

/// Changes that are shown; the activity has all.
const CHANGES: u32 = 20;

fn volume(size: Option<i32>, encrypted: bool) -> String {
    let size = size.map_or_else(|| "size not known".to_owned(), |gib| format!("{gib} GiB"));
    format!("{size}, {}", if encrypted { "encrypted" } else { "not encrypted" })
}

/// The tab.
#[component]
pub fn ConfigurationTab(
    /// What is known of it.
    detail: Loader<WorkspaceDetailView>,
    /// Rises when something happened.
    happened: RwSignal<u32>,
) -> impl IntoView {
    let id = detail.data.with_untracked(|d| d.as_ref().map(|d| d.workspace.id));
    view! {
        {move || detail.data.get().map(|detail| view! { <Present detail/> })}
        {id.map(|id| view! { <Changes id happened/> })}
    }
}

/// How it is set up.
#[component]
fn Present(detail: WorkspaceDetailView) -> impl IntoView {
    let (tags, read_at) = (detail.tags, detail.tags_read_at);
    let w = detail.workspace;
    let id = w.id;
    let compute = w.compute_type.as_ref().map_or_else(|| "–".to_owned(), |c| aws_words(c.as_str()));
    let protocol = detail.protocol.as_ref().map_or_else(|| "–".to_owned(), |p| aws_words(p.as_str()));
    let system = detail.operating_system.as_deref().map_or_else(|| "–".to_owned(), aws_words);
    view! {
        <div class="grid">
            <Facts title="Desktop">
                <Fact label="Bundle">{named(w.bundle_name, w.bundle_id)}</Fact>
                <Fact label="Compute">{compute}</Fact>
                <Fact label="Operating system">{system}</Fact>
                <Fact label="Protocol">{protocol}</Fact>
            </Facts>
            <Facts title="Storage">
                <Fact label="Root volume">{volume(detail.root_volume_gib, detail.root_volume_encrypted)}</Fact>
                <Fact label="User volume">{volume(detail.user_volume_gib, detail.user_volume_encrypted)}</Fact>
            </Facts>
            <Facts title="Network">
                <Fact label="Subnet"><code>{or_dash(detail.subnet_id)}</code></Fact>
                <Fact label="Registration code"><code>{or_dash(detail.registration_code)}</code></Fact>
                <Fact label="WorkSpace"><code>{w.aws_id}</code></Fact>
            </Facts>
            <Facts title="Record">
                <Fact label="First seen"><RelativeTime at=detail.first_seen_at/></Fact>
                <Fact label="Last change"><RelativeTime at=detail.changed_at/></Fact>
                <Fact label="Tags read"><MaybeTime at=read_at otherwise="not yet"/></Fact>
            </Facts>
        </div>
        <TagList id tags read_at/>
    }
}

/// Its tags.
#[component]
pub fn TagList(
    /// The WorkSpace.
    id: WorkspaceId,
    /// Key and value.
    tags: Tags,
    /// When they were read.
    read_at: Option<DateTime<Utc>>,
) -> impl IntoView {
    if tags.is_empty() {
        let text = match read_at {
            Some(_) => "This WorkSpace has no tags in AWS.",
            None => "Its tags were not read yet; they come with one of the next syncs.",
        };
        return view! { <section class="card"><EmptyState icon=Icon::Info title="No tags" text/></section> }.into_any();
    }
    let rows = tags
        .into_iter()
        .map(|(key, value)| {
            let href = format!("/workspaces?tag={}", crate::format::query_value(&format!("{key}={value}")));
            view! {
                <tr>
                    <th scope="row">{key}</th>
                    <td>{value}</td>
                    <td class="cell-number"><a href=href>"All with this tag"</a></td>
                </tr>
            }
        })
        .collect_view();
    let file = exports::href(&paths::with_id(paths::EXPORT_WORKSPACE_TAGS, id), &());
    view! {
        <section class="card card-flush" data-testid="workspace-tags">
            <header class="card-head">
                <h2>"Tags"</h2>
                <ExportMenu label="Export tags" href=Signal::stored(file)/>
            </header>
            <table class="table table-plain">
                <caption class="visually-hidden">"Tags"</caption>
                <thead><tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col"><span class="visually-hidden">"Others"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// How its configuration changed. The file has all changes, the list the newest.
#[component]
pub fn Changes(
    /// The WorkSpace.
    id: WorkspaceId,
    /// Rises when something happened.
    happened: RwSignal<u32>,
) -> impl IntoView {
    let kind = TimelineKind::Configuration;
    let query = TimelineQuery { kind: Some(kind.to_string()), limit: Some(CHANGES), ..TimelineQuery::default() };
    let file = exports::href(&paths::with_id(paths::EXPORT_WORKSPACE_TIMELINE, id), &query);
    let query = StoredValue::new(query);
    let key = Memo::new(move |_| Some(happened.get()));
    let loader = Loader::keyed(key, move |_| async move { api::timeline(id, &query.get_value()).await });
    let all = ActivityUrl::default().toggled(kind).path(&format!("/workspaces/{id}"));
    let show = Callback::new(move |view: TimelineView| {
        let more = view.next_cursor.is_some().then(|| view! { <a href=all.clone()>"All of them"</a> });
        let none = view.items.is_empty();
        let export = (!none).then(|| view! { <ExportMenu label="Export changes" href=Signal::stored(file.clone())/> });
        let content = if none {
            let text = "No change was seen yet. Changes are kept from the first sync on that sees one.";
            view! { <p class="card-none">{text}</p> }.into_any()
        } else {
            view! { <div class="card-body"><Events items=view.items/></div> }.into_any()
        };
        view! {
            <section class="card card-flush" data-testid="configuration-changes" aria-labelledby="changes-title">
                <header class="card-head"><h2 id="changes-title">"Changes"</h2>{more}{export}</header>
                {content}
            </section>
        }
        .into_any()
    });
    view! { <Loaded loader lines=4 show/> }
}
