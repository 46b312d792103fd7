//! A list of rows with its states: a skeleton while it is read, an error, older data with a word about it, nothing there, a word
//! about what its address asks for and there is not, and the bar that turns pages. The rows are the page's own.

use contract::page::Page;
use leptos::prelude::*;

use super::icon::Icon;
use super::left_out::LeftOut;
use super::pagination::{Pagination, range_words};
use super::states::{EmptyState, ErrorState, StaleNotice};
use super::table::SkeletonRows;
use crate::state::loader::Loader;
use crate::state::rows::{Rows, merge};
use crate::state::url_list::{ListQuery, UrlList};

/// The list.
#[component]
pub fn ListTable<T, Q>(
    /// Reads a page of it.
    page: Loader<Page<T>>,
    /// Where it is in the address.
    list: UrlList<Q>,
    /// What it is a list of, for those who can't see it.
    caption: &'static str,
    /// The columns' names; an empty one has buttons.
    columns: Vec<&'static str>,
    /// What to say when it is empty.
    empty: (Icon, &'static str, &'static str),
    /// What tells its rows apart, so that reading it again redraws only those that changed.
    key: fn(&T) -> String,
    /// Shows a row.
    row: Callback<T, AnyView>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Q: ListQuery,
{
    let count = columns.len();
    let heads = columns
        .into_iter()
        .map(|name| match name {
            "" => view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> }.into_any(),
            name => view! { <th scope="col">{name}</th> }.into_any(),
        })
        .collect_view();
    let heads = StoredValue::new_local(Some(heads));
    let none = move || page.data.with(|p| p.as_ref().is_some_and(|p| p.items.is_empty()));
    let hidden = move || none() || (page.blank() && page.error.with(Option::is_some));
    let range = Signal::derive(move || {
        let first = !list.turned();
        page.data.with(|p| {
            p.as_ref().map_or_else(String::new, |p| range_words(first.then_some(0), p.items.len() as u64, p.total))
        })
    });
    let has_next = Signal::derive(move || page.data.with(|p| p.as_ref().is_some_and(|p| p.next_cursor.is_some())));
    let (icon, title, text) = empty;
    let rows: Rows<String, T> = RwSignal::new(Vec::new());
    Effect::new(move |_| page.data.with(|p| p.as_ref().map(|p| merge(rows, &p.items, key))));
    let each = move |(_, item): (String, ArcRwSignal<T>)| move || row.run(item.get());
    list.mend(page);
    view! {
        <LeftOut told=list.left_out on_close=move |()| list.tidy()/>
        {move || match (page.error.get(), page.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| page.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| page.reload()/> }.into_any()),
            (None, _) => None,
        }}
        <div class="list" hidden=hidden>
            <table class="table table-cards" aria-busy=move || page.loading.get().then_some("true")>
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{heads.try_update_value(Option::take).flatten()}</tr></thead>
                <tbody>
                    {move || page.blank().then(|| view! { <SkeletonRows columns=count/> })}
                    <For each=move || rows.get() key=|(key, _)| key.clone() children=each/>
                </tbody>
            </table>
            <Pagination
                range
                has_previous=Signal::derive(move || list.turned())
                has_next
                on_previous=move |()| list.back()
                on_next=move |()| list.forward(page.data.with_untracked(|p| p.as_ref().and_then(|p| p.next_cursor.clone())))
            />
        </div>
        <Show when=none><EmptyState icon title text/></Show>
    }
}
