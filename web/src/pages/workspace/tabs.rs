//! The content of the detail's tabs.

use contract::workspaces::{StateChangeView, WorkspaceDetailView};
use domain::workspace::ConnectionState;
use leptos::prelude::*;

use crate::components::ui::badge::{Badge, connection_look};
use crate::components::ui::states::EmptyState;
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Icon, IconView, StateBadge};
use crate::format::{aws_words, counted};
use crate::state::clock::full;

/// A list of facts.
#[component]
fn Facts(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <h2 class="card-title">{title}</h2>
            <dl class="facts">{children()}</dl>
        </section>
    }
}

/// One fact.
#[component]
fn Fact(label: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="fact"><dt>{label}</dt><dd>{children()}</dd></div>
    }
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

fn named(name: Option<String>, id: String) -> AnyView {
    match name {
        Some(name) => view! { {name}<code class="fact-id">{id}</code> }.into_any(),
        None => view! { <code>{id}</code> }.into_any(),
    }
}

/// What matters first.
#[component]
pub fn OverviewTab(detail: WorkspaceDetailView) -> impl IntoView {
    let w = detail.workspace;
    let connection = w.connection.unwrap_or(ConnectionState::Unknown);
    let (tone, glyph) = connection_look(&connection);
    let trouble = detail.error_message.or(detail.error_code.clone()).map(|words| {
        view! {
            <div class="notice notice-danger">
                <IconView icon=Icon::Alert/>
                <p><b>"AWS reports: "</b>{words} {detail.error_code.map(|code| view! { " " <code>{code}</code> })}</p>
            </div>
        }
    });
    let mode = w.running_mode.as_ref().map_or_else(|| "–".to_owned(), |m| aws_words(m.as_str()));
    let timeout =
        detail.auto_stop_timeout_minutes.map(|minutes| format!(", stops after {} idle", minutes_words(minutes)));
    let recent: Vec<_> = detail.history.iter().take(4).cloned().collect();
    view! {
        {trouble}
        <div class="grid">
            <Facts title="Now">
                <Fact label="State"><StateBadge state=w.state/></Fact>
                <Fact label="Since"><RelativeTime at=w.state_since/></Fact>
                <Fact label="Connection"><Badge tone glyph text=aws_words(connection.as_str())/></Fact>
                <Fact label="Last connected"><MaybeTime at=w.last_connected_at/></Fact>
                <Fact label="Running mode">{mode}{timeout}</Fact>
            </Facts>
            <Facts title="Where">
                <Fact label="Account">{w.account_name}</Fact>
                <Fact label="Region">{w.region.to_string()}</Fact>
                <Fact label="Directory">{named(w.directory_name, w.directory_id)}</Fact>
                <Fact label="Computer">{or_dash(w.computer_name)}</Fact>
                <Fact label="Address">{or_dash(w.ip_address)}</Fact>
            </Facts>
            <section class="card">
                <h2 class="card-title">"Recently"</h2>
                {if recent.is_empty() {
                    view! { <p class="muted">"No change of state was seen yet."</p> }.into_any()
                } else {
                    view! { <Timeline changes=recent/> }.into_any()
                }}
            </section>
        </div>
    }
}

fn minutes_words(minutes: i32) -> String {
    let minutes = u64::try_from(minutes).unwrap_or(0);
    if minutes > 0 && minutes.is_multiple_of(60) {
        counted(minutes / 60, "hour", "hours")
    } else {
        counted(minutes, "minute", "minutes")
    }
}

fn volume(size: Option<i32>, encrypted: bool) -> String {
    let size = size.map_or_else(|| "size not known".to_owned(), |gib| format!("{gib} GiB"));
    format!("{size}, {}", if encrypted { "encrypted" } else { "not encrypted" })
}

/// How it is set up.
#[component]
pub fn ConfigurationTab(detail: WorkspaceDetailView) -> impl IntoView {
    let w = detail.workspace;
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
                <Fact label="Tags read"><MaybeTime at=detail.tags_read_at otherwise="not yet"/></Fact>
            </Facts>
        </div>
    }
}

/// Its tags.
#[component]
pub fn TagsTab(detail: WorkspaceDetailView) -> impl IntoView {
    if detail.tags.is_empty() {
        let text = match detail.tags_read_at {
            Some(_) => "This WorkSpace has no tags in AWS.",
            None => "Its tags were not read yet; they come with one of the next syncs.",
        };
        return view! { <section class="card"><EmptyState icon=Icon::Info title="No tags" text/></section> }.into_any();
    }
    let rows = detail
        .tags
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
    view! {
        <section class="card card-flush">
            <table class="table table-plain">
                <caption class="visually-hidden">"Tags"</caption>
                <thead><tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col"><span class="visually-hidden">"Others"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// What happened to it.
#[component]
pub fn HistoryTab(detail: WorkspaceDetailView) -> impl IntoView {
    if detail.history.is_empty() {
        return view! {
            <section class="card">
                <EmptyState icon=Icon::Info title="No history yet" text="Changes of state appear here as syncs and actions see them."/>
            </section>
        }
        .into_any();
    }
    view! { <section class="card"><h2 class="card-title">"States, newest first"</h2><Timeline changes=detail.history/></section> }.into_any()
}

#[component]
fn Timeline(changes: Vec<StateChangeView>) -> impl IntoView {
    let items = changes
        .into_iter()
        .map(|change| {
            view! {
                <li class="timeline-item">
                    <StateBadge state=change.after/>
                    {change.before.map(|before| view! { <span class="muted">"was " {aws_words(before.as_str())}</span> })}
                    <span class="timeline-time"><RelativeTime at=change.at/><span class="timeline-full">{full(change.at)}</span></span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{items}</ol> }
}
