//! The bar that filters everything that happened, with the files that can be taken along.

use contract::activity::ActivityQuery;
use contract::paths;
use domain::access::Permission;
use domain::views::ViewPage;
use leptos::prelude::*;

use super::words::chips;
use crate::api::exports;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::filter_bar::{Chip, Chips, DateFilter};
use crate::pages::views::ViewsMenu;
use crate::state::session::use_session;
use crate::state::url_list::{UrlList, query_path};

/// The bar.
#[component]
pub fn Filters(list: UrlList<ActivityQuery>) -> impl IntoView {
    let (query, session) = (list.query, use_session());
    let href = Signal::derive(move || query.with(|q| exports::href(paths::EXPORT_ACTIVITY, q)));
    let clear = move |()| list.change(|q| *q = ActivityQuery { limit: q.limit, ..ActivityQuery::default() });
    // A file holds our own log only for those who may take it along.
    let whole = Memo::new(move |_| session.may(Permission::AuditExport));
    let export = move || {
        let label = if whole.get() { "Export" } else { "Export AWS events" };
        view! { <ExportMenu href label/> }
    };
    view! {
        <div class="tools">
            <DateFilter
                label="From" testid="all-from" value=Signal::derive(move || query.with(|q| q.from))
                on_change=move |at| list.change(|q| q.from = at)
            />
            <DateFilter
                label="before" testid="all-to" value=Signal::derive(move || query.with(|q| q.to))
                on_change=move |at| list.change(|q| q.to = at)
            />
            <ViewsMenu page=ViewPage::Activity query=Signal::derive(move || query.with(|q| query_path("", q)))/>
            {export}
        </div>
        <Chips
            chips=Signal::derive(move || query.with(chips))
            on_remove=move |_: Chip| list.change(|q| q.workspace = None)
            on_clear=clear
        />
    }
}
