//! One report in the list, with what can be done with it. Not the form, the files and the preview: those are the page's.

use contract::reports::{CreateReportRequest, ReportView};
use domain::access::Permission;
use domain::ids::ReportId;
use domain::reports::ReportFrequency;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::undo::{definition, switched};
use super::words::{about, schedule};
use crate::api::reports as api;
use crate::components::ui::editor::{Editing, ObjectButtons};
use crate::components::ui::time::MaybeTime;
use crate::components::ui::{Button, ButtonSize};
use crate::state::optimistic;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;

/// The row.
#[component]
pub fn ReportRow(
    /// The report.
    report: ReportView,
    /// Which one is being changed or deleted.
    editing: Editing<ReportView>,
    /// Shows its first rows.
    #[prop(into)]
    on_preview: Callback<ReportView>,
    /// Shows its files.
    #[prop(into)]
    on_files: Callback<ReportId>,
    /// Told when it was changed.
    on_saved: Callback<()>,
) -> impl IntoView {
    let (id, name, owner) = (report.id, report.name.clone(), report.owner.clone());
    let what = about(&report);
    let shown = ArcRwSignal::new(report);
    let item = RwSignal::from(shown.clone());
    view! {
        <tr class="row" data-testid="report-row" data-name=name.clone()>
            <td class="cell-main"><span class="cell-name">{name.clone()}</span><span class="cell-sub">{what}</span></td>
            <td data-label="Made">{move || item.with(schedule)}</td>
            <td data-label="Next">{move || item.with(|report| view! { <MaybeTime at=report.next_run_at otherwise="–"/> })}</td>
            <td data-label="Owner">{owner}</td>
            <td class="cell-actions">
                <span class="row-actions">
                    <Button size=ButtonSize::Small testid="report-preview-open" on_click=move |()| on_preview.run(item.get_untracked())>
                        "Preview"
                    </Button>
                    <Button size=ButtonSize::Small testid="report-runs-open" on_click=move |()| on_files.run(id)>"Files"</Button>
                    <PauseSwitch shown item on_saved/>
                    <ObjectButtons editing object=item.into()/>
                </span>
            </td>
        </tr>
    }
}

/// Pauses what is made by itself, or lets it go on; nothing for those who may not. It is shown at once, and taken back where the server
/// refuses it.
#[component]
fn PauseSwitch(shown: ArcRwSignal<ReportView>, item: RwSignal<ReportView>, on_saved: Callback<()>) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let switching = RwSignal::new(false);
    let paused = Memo::new(move |_| item.with(|report| !report.enabled));
    let switch = move |()| {
        let (shown, before) = (shown.clone(), item.get_untracked());
        switching.set(true);
        spawn_local(async move {
            let pause = before.enabled;
            let request = CreateReportRequest { enabled: !pause, ..definition(before.clone()) };
            let wanted = |report: &mut ReportView| {
                report.enabled = !pause;
                // When it is made next the server knows.
                report.next_run_at = None;
            };
            match optimistic::change(shown, wanted, api::update(before.id, &request, before.version)).await {
                Ok(now) => {
                    switched(toasts, before, &now, on_saved);
                    on_saved.try_run(());
                }
                Err(error) => {
                    let words = if pause { "could not be paused" } else { "could not be resumed" };
                    toasts.failed(&format!("{} {words}", before.name), &error);
                }
            }
            switching.try_set(false);
        });
    };
    let by_itself = item.with_untracked(|report| report.frequency != ReportFrequency::Never);
    let may = by_itself && untrack(|| session.may(Permission::ReportManage));
    may.then(|| {
        view! {
            <Button size=ButtonSize::Small testid="report-pause" busy=switching on_click=switch>
                {move || if paused.get() { "Resume" } else { "Pause" }}
            </Button>
        }
    })
}
