//! The page of everything that happened.

use contract::activity::{ActivityItemView, ActivityLeftOutView, ActivityQuery, ActivityView};
use contract::page::Page;
use domain::activity::ActivitySource;
use leptos::prelude::*;

use super::filters::Filters;
use super::words::{address, doer_words, left_out_words, source_words, what_words};
use crate::api::{activity as api, audit, trail};
use crate::components::ui::badge::Badge;
use crate::components::ui::list::ListTable;
use crate::components::ui::states::PartNotice;
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Icon, IconView};
use crate::format::{counted, sentence};
use crate::pages::audit::log::standing::Standing;
use crate::pages::audit::log::words::{kind_words, outcome_look, page_of};
use crate::pages::audit::trail::coverage::Coverage;
use crate::state::follow::{read_again_on, read_again_on_any};
use crate::state::loader::Loader;
use crate::state::session::{Session, use_session};
use crate::state::url_list::{ListQuery, UrlList, read_query};

impl ListQuery for ActivityQuery {
    fn cursor(&mut self) -> &mut Option<String> {
        &mut self.cursor
    }

    /// The page tells how many there are, whatever an address says of that.
    fn read(search: &str) -> (Self, Vec<String>) {
        let (mut query, mut left_out) = read_query::<Self>(search);
        left_out.extend(query.count.take().map(|count| format!("count={count}")));
        (query, left_out)
    }
}

/// Everything that happened.
#[component]
pub fn AllPage() -> impl IntoView {
    let list = UrlList::<ActivityQuery>::at("/audit/all");
    // Both belong to the answer that is shown: they are looked at only when one is.
    let left_out = StoredValue::new(Vec::<ActivityLeftOutView>::new());
    let with_log = StoredValue::new(false);
    let page = Loader::keyed(list.here, move |query| async move {
        let ActivityView { items, next_cursor, total, left_out: out } = api::list(&query).await?;
        let total = total.unwrap_or_default();
        let asked = query.source.as_deref() != Some(ActivitySource::Aws.as_str());
        with_log.try_set_value(asked && out.is_empty());
        left_out.try_set_value(out);
        Ok(Page { items, next_cursor, total })
    });
    // How our own log stands is read where that is among what is shown.
    let log = Memo::new(move |_| {
        page.data.track();
        with_log.get_value().then_some(())
    });
    let state = Loader::keyed(log, |()| async { audit::state().await });
    read_again_on_any(move || {
        page.refresh();
        if log.get_untracked().is_some() {
            state.refresh();
        }
    });
    let coverage = Loader::once(trail::coverage);
    read_again_on(&["trail"], move || coverage.refresh());
    let session = use_session();
    let missing = Memo::new(move |_| {
        page.data.track();
        left_out.with_value(|out| left_out_words(out))
    });
    view! {
        <PartNotice loader=coverage what="How far events in AWS are known"/>
        {move || coverage.data.get().map(|known| view! { <Coverage known/> })}
        <Show when=move || log.get().is_some()><PartNotice loader=state what="How Wheelhouse's log stands"/></Show>
        {move || log.get().and_then(|()| state.data.get()).map(|state| view! {
            <Standing state entries="Entries of Wheelhouse's log"/>
        })}
        <Filters list/>
        {move || missing.get().map(|words| view! {
            <div class="notice notice-info" data-testid="all-left-out"><IconView icon=Icon::Info/><p>{words}</p></div>
        })}
        <ListTable
            page list key=|one| one.id.clone() caption="Everything that happened, the newest first"
            columns=vec!["What", "Who", "About", "Where", "Outcome", "When"]
            empty=(Icon::Log, "Nothing like that happened", "Nothing that is known matches these filters. The bar above says how far back events in AWS are known.")
            row=Callback::new(move |item: ActivityItemView| row(item, session))
        />
    }
}

fn row(item: ActivityItemView, session: Session) -> AnyView {
    let (tone, glyph) = outcome_look(&item.outcome);
    let (href, what, who) = (address(&item), what_words(&item), doer_words(&item));
    let below = match (item.others, &item.object_kind) {
        (0, kind) => kind.as_deref().map(kind_words),
        (others, _) => Some(format!("and {}", counted(others, "other", "others"))),
    };
    let page = item.object_kind.as_deref().zip(item.object_id.as_deref()).and_then(|(kind, id)| page_of(kind, id));
    let page = page.filter(|(_, needs)| session.may(*needs)).map(|(href, _)| href);
    let about = item.object_name.or(item.object_id).map(|name| match page {
        Some(href) => view! { <a href=href data-testid="all-about">{name}</a> }.into_any(),
        None => view! { <span>{name}</span> }.into_any(),
    });
    view! {
        <tr class="row" data-testid="all-row" data-source=item.source.as_str() data-what=item.what>
            <td class="cell-main"><a class="cell-link" href=href data-testid="all-open">{what}</a></td>
            <td data-label="Who">{who}</td>
            <td data-label="About">{about}{below.map(|words| view! { <span class="cell-sub">{words}</span> })}</td>
            <td data-label="Where">{source_words(item.source)}</td>
            <td data-label="Outcome"><Badge tone glyph text=sentence(&item.outcome)/></td>
            <td data-label="When"><RelativeTime at=item.at/></td>
        </tr>
    }
    .into_any()
}
