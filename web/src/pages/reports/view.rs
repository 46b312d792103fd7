//! The list of reports.

use contract::paths;
use contract::reports::{ReportQuery, ReportView};
use domain::access::Permission;
use domain::ids::ReportId;
use futures::future::LocalBoxFuture;
use leptos::prelude::*;

use super::drawer::RunsDrawer;
use super::form::ReportForm;
use super::preview::Preview;
use super::row::ReportRow;
use crate::api::{ApiError, exports, reports as api};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::dialog::Dialog;
use crate::components::ui::editor::{Editable, Editing, Editor, NewObject};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::list::ListTable;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::url_drawer::{OneOrNew, UrlDrawer};
use crate::state::url_list::{UrlList, list_query};
use crate::state::use_title;

list_query!(ReportQuery, drawer "report": OneOrNew<ReportId>);

impl Editable for ReportView {
    const WHAT: &'static str = "report";
    const DELETED: &'static str = "Its files and the links to them go with it.";
    const NEEDS: Permission = Permission::ReportManage;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn delete(&self) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(api::delete(self.id, self.version))
    }
}

/// The list.
#[component]
pub fn ReportsPage() -> impl IntoView {
    use_title(|| Some("Reports".to_owned()));
    let list = UrlList::<ReportQuery>::at("/reports");
    let page = Loader::keyed(list.here, |query| async move { api::list(&query).await });
    read_again_on(&["report"], move || page.refresh());
    let editing = Editing::new();
    editing.begun_by("/reports", "report");
    // The page's own: a change can be taken back after the drawer is closed.
    let saved = Callback::new(move |()| page.reload());
    let drawer = UrlDrawer::<ReportId>::at::<ReportQuery>("/reports");
    let (previewing, shown) = (RwSignal::new(false), RwSignal::new(None::<ReportView>));
    let named = Signal::derive(move || shown.with(|r| r.as_ref().map(|r| r.name.clone()).unwrap_or_default()));
    let preview = Callback::new(move |report: ReportView| {
        shown.set(Some(report));
        previewing.set(true);
    });
    let files = Callback::new(move |id: ReportId| drawer.show(id));
    let row = Callback::new(move |report: ReportView| {
        view! { <ReportRow report editing on_preview=preview on_files=files on_saved=saved/> }.into_any()
    });
    view! {
        <PageHead title="Reports".to_owned() lead=view! { <p>"Tables made again and again, with what their owner may see"</p> }.into_any()>
            <ExportMenu href=Signal::stored(exports::href(paths::EXPORT_REPORTS, &()))/>
            <NewObject editing/>
        </PageHead>
        <ListTable
            page list key=|one| one.id.to_string() caption="Reports" columns=vec!["Report", "Made", "Next", "Owner", ""]
            empty=(Icon::Chart, "No reports", "A report is a table that is made on a schedule and kept as a file.") row
        />
        <Editor editing on_deleted=saved>
            <ReportForm report=editing.object() open=editing.open on_saved=saved/>
        </Editor>
        <RunsDrawer drawer/>
        <Dialog open=previewing testid="report-preview-dialog" title=named>
            {move || shown.get().map(|report| view! { <Preview id=report.id/> })}
        </Dialog>
    }
}
