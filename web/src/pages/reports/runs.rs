//! The runs of a report, in a drawer: how each stands, its file, the links to it, to whom it was sent.

use chrono::{DateTime, Utc};
use contract::events::Event;
use contract::paths;
use contract::reports::{ReportDeliveryView, ReportLinkView, ReportQuery, ReportRunView};
use domain::access::Permission;
use domain::ids::{JobId, ReportId, ReportRunId};
use domain::reports::{DeliveryState, ReportRunState};
use leptos::html;
use leptos::prelude::*;

use super::progress::RunProgress;
use super::words::{delivery_look, run_look, size};
use crate::api::{exports, jobs, reports as api};
use crate::components::ui::badge::Badge;
use crate::components::ui::confirm::Confirm;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::focus;
use crate::components::ui::once::ShownOnce;
use crate::components::ui::states::FormFailure;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonKind, ButtonSize};
use crate::format::counted;
use crate::pages::usage::{More, MoreRows, Part};
use crate::state::clock::{full, use_now};
use crate::state::live::{LiveEvent, use_live};
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::timing::Debounce;
use crate::state::toasts::use_toasts;

const SETTLE_MS: u64 = 400;
/// What taking links back does.
const UNLINKS: &str = "No link to this file opens it any more, the one that was made here and those that were sent. What is still to be \
     sent will not be sent. The file stays.";

/// What can be done with a run.
#[derive(Clone, Copy)]
struct Acts {
    /// Whether one may manage reports.
    manage: bool,
    /// Whether one may stop jobs.
    stop: bool,
    /// Makes a link to its file.
    link: Callback<ReportRunId>,
    /// Asks whether to take the links to it back.
    unlink: Callback<ReportRunId>,
    /// Removes it.
    delete: Callback<ReportRunId>,
    /// Sends its file again where that failed.
    send: Callback<ReportRunId>,
    /// Asks the job that makes it to stop.
    cancel: Callback<JobId>,
}

/// The runs, however many pages there are of them.
#[component]
pub fn Runs(
    /// Of which report.
    id: ReportId,
) -> impl IntoView {
    let once = Memo::new(|_| Some(()));
    let list: More<ReportRunView> = More::keyed(once, move |(), cursor| async move {
        let page = api::runs(id, &ReportQuery { cursor, ..ReportQuery::default() }).await?;
        Ok(Part { items: page.items, next: page.next_cursor, total: page.total })
    });
    let (submit, toasts) = (Submit::new(), use_toasts());
    let link = RwSignal::new(None::<(ReportRunId, ReportLinkView)>);
    let (unlinking, asking, unlinks) = (Submit::new(), RwSignal::new(false), RwSignal::new(None::<ReportRunId>));
    // A link that opens nothing any more is not shown.
    let forget = move |run: ReportRunId| {
        let shown = link.try_with_untracked(|link| link.as_ref().is_some_and(|(of, _)| *of == run));
        if shown == Some(true) {
            link.set(None);
        }
    };
    // What is done with a run takes buttons away, and the focus with them: it goes to the runs then.
    let (body, acted) = (NodeRef::<html::Div>::new(), StoredValue::new(false));
    let again = move || {
        acted.try_set_value(true);
        list.reload();
    };
    let settle = Debounce::new();
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::Job { kind, .. }) if kind == "run-report" || kind == "deliver-report" => {
            settle.soon(SETTLE_MS, move || list.refresh());
        }
        LiveEvent::ReadAgain => list.refresh(),
        LiveEvent::Happened(_) => {}
    });
    let make = move |()| submit.run(async move { api::run(id).await }, move |_| list.reload());
    let session = use_session();
    let may = |permission| untrack(|| session.may(permission));
    let acts = Acts {
        manage: may(Permission::ReportManage),
        stop: may(Permission::JobWrite),
        link: Callback::new(move |run: ReportRunId| {
            submit.run(async move { api::link(run).await }, move |made| {
                link.set(Some((run, made)));
                again();
            });
        }),
        unlink: Callback::new(move |run: ReportRunId| {
            unlinks.set(Some(run));
            asking.set(true);
        }),
        delete: Callback::new(move |run: ReportRunId| {
            submit.run(async move { api::delete_run(run).await }, move |()| {
                forget(run);
                again();
            });
        }),
        send: Callback::new(move |run: ReportRunId| {
            submit.run(async move { api::deliver(run).await }, move |_| {
                toasts.done("The file is sent again where that failed");
                again();
            });
        }),
        cancel: Callback::new(move |job: JobId| {
            submit.run(async move { jobs::cancel(job).await }, move |()| {
                toasts.done("The run was asked to stop");
                again();
            });
        }),
    };
    let unlink = move |()| {
        let Some(run) = unlinks.get_untracked() else { return };
        unlinking.run(async move { api::unlink(run).await }, move |()| {
            asking.set(false);
            forget(run);
            toasts.done("The links to it open nothing any more");
            again();
        });
    };
    let show = Callback::new(move |(runs, _): (Vec<ReportRunView>, u64)| {
        // This comes when they are drawn.
        Effect::new(move |_| {
            if acted.get_value() && focus_lost() {
                focus::to(body.get_untracked().map(Into::into));
            }
            acted.set_value(false);
        });
        if runs.is_empty() {
            return view! { <p class="muted">"It was not made yet."</p> }.into_any();
        }
        let rows = runs.into_iter().map(|run| row(run, acts)).collect_view();
        let href = Signal::stored(exports::href(&paths::with_id(paths::EXPORT_REPORT_RUNS, id), &()));
        view! {
            <div class="export-row"><ExportMenu href label="Export runs"/></div>
            <ul class="report-runs" data-testid="report-runs">{rows}</ul>
        }
        .into_any()
    });
    view! {
        <div class="dialog-body" role="group" aria-label="Runs" tabindex="-1" node_ref=body>
            <FormFailure submit/>
            {move || link.get().map(|(_, made)| {
                let until = full(made.expires_at);
                let words = format!("Whoever has this link fetches the file without signing in, until {until}.");
                view! { <ShownOnce words text=made.url testid="report-link-text"/> }
            })}
            <MoreRows list testid="report-runs-more" show/>
        </div>
        {acts.manage.then(|| view! {
            <footer class="dialog-foot">
                <Button kind=ButtonKind::Primary testid="report-run" busy=submit.busy on_click=make>"Make it now"</Button>
            </footer>
        })}
        <Confirm
            open=asking submit=unlinking action="Take back" on_confirm=unlink title="Take the links back?".to_owned()
            text=UNLINKS.to_owned()
        />
    }
}

/// Whether what had the focus is gone.
fn focus_lost() -> bool {
    document().active_element().is_none_or(|focus| focus.tag_name() == "BODY")
}

fn row(run: ReportRunView, acts: Acts) -> AnyView {
    let (tone, glyph, words) = run_look(run.state);
    let (id, done, making) = (run.id, run.state == ReportRunState::Done, run.state == ReportRunState::Running);
    let open = making || run.state == ReportRunState::Queued;
    let job = run.job_id.filter(|_| open && acts.stop);
    let unsent = run.deliveries.iter().any(|one| one.state == DeliveryState::Failed);
    let rows = counted(run.rows, "row", "rows");
    let told = run.bytes.map_or_else(|| rows.clone(), |bytes| format!("{rows}, {}", size(bytes)));
    view! {
        <li class="report-run" data-testid="report-run-row" data-state=run.state.as_str()>
            <span><Badge tone glyph text=words/> {(!making).then(|| view! { <span class="muted">{told}</span> })}</span>
            {making.then(|| view! { <RunProgress job=run.job_id rows=run.rows total=run.total/> })}
            <span class="cell-sub"><RelativeTime at=run.created_at/>{if run.by_hand { ", by hand" } else { "" }}</span>
            {run.error.map(|error| view! { <p class="field-error">{error}</p> })}
            {(!run.deliveries.is_empty()).then(|| view! {
                <ul class="report-deliveries" aria-label="Sent to">{run.deliveries.into_iter().map(delivery).collect_view()}</ul>
            })}
            {run.link_expires_at.filter(|_| done).map(|until| view! { <LinkEnd until/> })}
            <span class="row-actions">
                {done.then(|| view! {
                    <a class="btn btn-secondary btn-small" href=api::file_href(id) rel="external" download="" data-testid="report-download">"Download"</a>
                })}
                {job.map(|job| view! {
                    <Button size=ButtonSize::Small testid="report-run-cancel" on_click=move |()| acts.cancel.run(job)>"Cancel"</Button>
                })}
                {(unsent && acts.manage).then(|| view! {
                    <Button size=ButtonSize::Small testid="report-send-again" on_click=move |()| acts.send.run(id)>"Send again"</Button>
                })}
                {(done && acts.manage).then(|| view! {
                    <Button size=ButtonSize::Small testid="report-link" on_click=move |()| acts.link.run(id)>"Link"</Button>
                })}
                {run.links_until.filter(|_| acts.manage).map(|until| view! { <TakeBack id until ask=acts.unlink/> })}
                {acts.manage.then(|| view! {
                    <Button size=ButtonSize::Small testid="report-run-delete" on_click=move |()| acts.delete.run(id)>"Delete"</Button>
                })}
            </span>
        </li>
    }
    .into_any()
}

/// Whether that is still to come.
fn holds(until: DateTime<Utc>) -> Memo<bool> {
    let now = use_now();
    Memo::new(move |_| now.ms() < until.timestamp_millis())
}

/// Takes the links to a file back; nothing once the last of them has ended.
#[component]
fn TakeBack(id: ReportRunId, until: DateTime<Utc>, ask: Callback<ReportRunId>) -> impl IntoView {
    let holds = holds(until);
    move || {
        holds.get().then(|| {
            view! {
                <Button size=ButtonSize::Small testid="report-unlink" on_click=move |()| ask.run(id)>"Take links back"</Button>
            }
        })
    }
}

/// Until when the link to a file holds; nothing once it has ended.
#[component]
fn LinkEnd(until: DateTime<Utc>) -> impl IntoView {
    let holds = holds(until);
    move || {
        holds.get().then(|| {
            view! {
                <span class="cell-sub" data-testid="report-link-until">
                    "The link to it holds until " <time datetime=until.to_rfc3339()>{full(until)}</time>
                </span>
            }
        })
    }
}

fn delivery(one: ReportDeliveryView) -> impl IntoView {
    let (tone, glyph, words) = delivery_look(one.state);
    let tries = (one.tries > 1).then(|| format!(", {} tries", one.tries));
    view! {
        <li data-testid="report-delivery" data-state=one.state.as_str()>
            <span class="report-delivery"><Badge tone glyph text=words/> <span>{one.to}</span></span>
            <span class="cell-sub">{one.delivered_at.map(|at| view! { <RelativeTime at/> })}{tries}</span>
            {one.error.map(|error| view! { <p class="field-error">{error}</p> })}
        </li>
    }
}
