//! One account: its regions with their freshness, and what is wrong.

use contract::accounts::{AccountRegionView, AccountView};
use domain::access::Permission;
use domain::account::CredentialKind;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::accounts as api;
use crate::components::ui::badge::{Badge, Glyph, SyncBadge};
use crate::components::ui::time::{MaybeTime, RelativeTime};
use crate::components::ui::{Button, ButtonSize, Icon, Tone};
use crate::format::{counted, sentence, thousands};
use crate::pages::workspaces::link_to;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

fn credentials_words(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Chain => "the server's credentials",
        CredentialKind::Role => "an assumed role",
        CredentialKind::Simulated => "the simulated AWS",
    }
}

/// The card.
#[component]
pub fn AccountCard(
    /// The account.
    account: AccountView,
    /// Told when its sync was begun.
    #[prop(into)]
    on_changed: Callback<()>,
    /// Asks for a test of its connection.
    #[prop(into)]
    on_test: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let id = account.id;
    let busy = RwSignal::new(false);
    let refused = move |permission| {
        Signal::derive(move || (!session.may(permission)).then(|| "Your role may not do this".to_owned()))
    };
    let name = StoredValue::new(account.name.clone());
    let sync = move |()| {
        busy.set(true);
        // The card may be gone, or drawn anew, by the time of the answer.
        let called = name.get_value();
        spawn_local(async move {
            match api::sync(id).await {
                Ok(jobs) => {
                    let href = match jobs.job_ids.as_slice() {
                        [one] => format!("/jobs/{one}"),
                        _ => "/jobs?state=queued,running".to_owned(),
                    };
                    let syncs = counted(jobs.job_ids.len() as u64, "sync", "syncs");
                    let text = format!("{syncs} of {called} under way");
                    toasts.show(Tone::Success, text, Some(("Follow".to_owned(), href)));
                }
                Err(error) => toasts.failed("The sync could not be begun", &error),
            }
            busy.try_set(false);
            on_changed.try_run(());
        });
    };
    let rows = account.regions.into_iter().map(|region| view! { <RegionRow region/> }).collect_view();
    view! {
        <section class="card card-flush account" data-testid="account-card" data-id=id.to_string() aria-label=name.get_value()>
            <header class="card-head account-head">
                <div>
                    <h2>{account.name}</h2>
                    <p class="muted">
                        {account.aws_account_id.map(|aws| view! { <code>{aws}</code> " · " })}
                        "by "{credentials_words(account.credentials)}
                        {account.endpoint_url.map(|url| view! { " at " <code class="wrap">{url}</code> })}
                    </p>
                </div>
                <a class="account-count" href=link_to("account", &id.to_string())>
                    <b>{thousands(account.workspaces)}</b>
                    {if account.workspaces == 1 { " WorkSpace" } else { " WorkSpaces" }}
                </a>
                <div class="page-actions">
                    <Button
                        size=ButtonSize::Small icon=Icon::Plug testid="account-test"
                        reason=refused(Permission::AccountWrite)
                        on_click=on_test
                    >
                        "Test connection"
                    </Button>
                    <Button
                        size=ButtonSize::Small icon=Icon::Sync testid="account-sync"
                        reason=refused(Permission::SyncRun) busy=busy on_click=sync
                    >
                        "Sync now"
                    </Button>
                </div>
            </header>
            <table class="table table-plain table-cards">
                <caption class="visually-hidden">"Regions"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Region"</th>
                        <th scope="col">"Newest sync"</th>
                        <th scope="col">"Last whole"</th>
                        <th scope="col">"Problems"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

#[component]
fn RegionRow(region: AccountRegionView) -> impl IntoView {
    let problems = region.last_run.as_ref().map(|run| run.report.problems.clone()).unwrap_or_default();
    let newest = match region.last_run {
        Some(run) => {
            let when = view! { <RelativeTime at=run.started_at/> };
            let when = match run.job_id {
                Some(job) => view! { <a href=format!("/jobs/{job}")>{when}</a> }.into_any(),
                None => when.into_any(),
            };
            view! {
                <SyncBadge outcome=run.outcome/>
                <span class="cell-sub">{when}{format!(" · {} seen", thousands(run.report.seen))}</span>
            }
            .into_any()
        }
        None => view! { <Badge tone=Tone::Neutral glyph=Glyph::Ring text="Never synced"/> }.into_any(),
    };
    let problems = if problems.is_empty() {
        view! { <span class="muted">"none"</span> }.into_any()
    } else {
        let items = problems
            .into_iter()
            .map(|p| {
                let grant = p.missing_permission.map(|g| view! { " Grant " <code class="permission">{g}</code> });
                view! { <li>{sentence(p.message.trim_end_matches('.'))}"."{grant}</li> }
            })
            .collect_view();
        view! { <ul class="problem-list">{items}</ul> }.into_any()
    };
    view! {
        <tr>
            <td class="cell-main">{region.region.to_string()}</td>
            <td data-label="Newest sync">{newest}</td>
            <td data-label="Last whole"><MaybeTime at=region.last_whole_at/></td>
            <td data-label="Problems">{problems}</td>
        </tr>
    }
}
