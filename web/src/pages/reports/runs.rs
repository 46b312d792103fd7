//! The runs of a report, in a drawer: how each stands, its file, a link to it.

use contract::events::Event;
use contract::page::Page;
use contract::paths;
use contract::reports::{ReportDeliveryView, ReportRunView, ReportView};
use domain::access::Permission;
use domain::ids::ReportRunId;
use domain::reports::ReportRunState;
use leptos::prelude::*;

use super::progress::RunProgress;
use super::words::{delivery_look, run_look, size};
use crate::api::{exports, reports as api};
use crate::components::ui::badge::Badge;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::once::ShownOnce;
use crate::components::ui::states::{FormFailure, Loaded};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Button, ButtonKind, ButtonSize};
use crate::format::counted;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::submit::Submit;
use crate::state::timing::Debounce;

const SETTLE_MS: u64 = 400;

/// The runs.
#[component]
pub fn Runs(
    /// Of which report.
    report: ReportView,
) -> impl IntoView {
    let id = report.id;
    let loader = Loader::once(move || api::runs(id));
    let submit = Submit::new();
    let link = RwSignal::new(None::<String>);
    let settle = Debounce::new();
    use_live().listen(move |event| match event {
        LiveEvent::Happened(Event::Job { kind, .. }) if kind == "run-report" || kind == "deliver-report" => {
            settle.soon(SETTLE_MS, move || loader.refresh());
        }
        LiveEvent::ReadAgain => loader.refresh(),
        LiveEvent::Happened(_) => {}
    });
    let make = move |()| submit.run(async move { api::run(id).await }, move |_| loader.reload());
    let on_link = Callback::new(move |run: ReportRunId| {
        submit.run(async move { api::link(run).await }, move |made| link.set(Some(made.url)));
    });
    let on_delete = Callback::new(move |run: ReportRunId| {
        submit.run(async move { api::delete_run(run).await }, move |()| loader.reload());
    });
    let session = use_session();
    let may = untrack(|| session.may(Permission::ReportManage));
    let show = Callback::new(move |page: Page<ReportRunView>| {
        if page.items.is_empty() {
            return view! { <p class="muted">"It was not made yet."</p> }.into_any();
        }
        let rows = page.items.into_iter().map(|run| row(run, may, on_link, on_delete)).collect_view();
        let href = Signal::stored(exports::href(&paths::with_id(paths::EXPORT_REPORT_RUNS, id), &()));
        view! {
            <div class="export-row"><ExportMenu href label="Export runs"/></div>
            <ul class="report-runs" data-testid="report-runs">{rows}</ul>
        }
        .into_any()
    });
    view! {
        <div class="dialog-body">
            <FormFailure submit/>
            {move || link.get().map(|text| view! {
                <ShownOnce words="Whoever has this link fetches the file without signing in, for 24 hours." text testid="report-link-text"/>
            })}
            <Loaded loader show/>
        </div>
        {may.then(|| view! {
            <footer class="dialog-foot">
                <Button kind=ButtonKind::Primary testid="report-run" busy=submit.busy on_click=make>"Make it now"</Button>
            </footer>
        })}
    }
}

fn row(run: ReportRunView, may: bool, on_link: Callback<ReportRunId>, on_delete: Callback<ReportRunId>) -> AnyView {
    let (tone, glyph, words) = run_look(run.state);
    let (id, done, making) = (run.id, run.state == ReportRunState::Done, run.state == ReportRunState::Running);
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
            <span class="row-actions">
                {done.then(|| view! {
                    <a class="btn btn-secondary btn-small" href=api::file_href(id) rel="external" download="" data-testid="report-download">"Download"</a>
                })}
                {(done && may).then(|| view! {
                    <Button size=ButtonSize::Small testid="report-link" on_click=move |()| on_link.run(id)>"Link"</Button>
                })}
                {may.then(|| view! {
                    <Button size=ButtonSize::Small testid="report-run-delete" on_click=move |()| on_delete.run(id)>"Delete"</Button>
                })}
            </span>
        </li>
    }
    .into_any()
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
