//! The drawer of a report's runs. Which report is in the address.

use domain::ids::ReportId;
use leptos::prelude::*;

use super::runs::Runs;
use crate::api::reports as api;
use crate::components::ui::dialog::{Dialog, Placement};
use crate::state::loader::Loader;
use crate::state::url_drawer::UrlDrawer;

/// What the drawer is called until it is known whose files they are.
const NAMELESS: &str = "Files";

/// The drawer.
#[component]
pub fn RunsDrawer(
    /// Of which report, and whether it is open.
    drawer: UrlDrawer<ReportId>,
) -> impl IntoView {
    let title = RwSignal::new(NAMELESS.to_owned());
    view! {
        <Dialog open=drawer.open title placement=Placement::Right testid="report-runs-dialog">
            {move || drawer.id.get().map(|id| view! { <Whole id title/> })}
        </Dialog>
    }
}

#[component]
fn Whole(id: ReportId, title: RwSignal<String>) -> impl IntoView {
    // Only for its name: where it can't be read, the runs can't, and say why.
    let report = Loader::once(move || api::get(id));
    Effect::new(move |_| {
        let name = report.data.with(|report| report.as_ref().map(|report| report.name.clone()));
        title.set(name.unwrap_or_else(|| NAMELESS.to_owned()));
    });
    view! { <Runs id/> }
}
