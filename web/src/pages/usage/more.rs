//! A list within a page: its first page is read with the page, each further one when somebody wants it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
use crate::components::ui::states::Loaded;
use crate::components::ui::{Button, ButtonSize};
use crate::format::thousands;
use crate::state::loader::Loader;
use crate::state::toasts::use_toasts;

/// A page of such a list.
#[derive(Clone)]
pub struct Part<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Rows in all.
    pub total: u64,
}

type Read<K, T> = Rc<dyn Fn(K, Option<String>) -> Pin<Box<dyn Future<Output = Result<Part<T>, ApiError>>>>>;

/// The list.
pub struct More<T: Clone + Send + Sync + 'static> {
    first: Loader<Part<T>>,
    further: RwSignal<Vec<T>>,
    next: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    read_on: StoredValue<Box<dyn Fn(String)>, LocalStorage>,
}

impl<T: Clone + Send + Sync + 'static> Clone for More<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + Send + Sync + 'static> Copy for More<T> {}

impl<T: Clone + Send + Sync + 'static> More<T> {
    /// The list that belongs to a key; each page is read by `read` with its cursor.
    pub fn keyed<K, F>(key: Memo<Option<K>>, read: impl Fn(K, Option<String>) -> F + 'static) -> Self
    where
        K: Clone + PartialEq + Send + Sync + 'static,
        F: Future<Output = Result<Part<T>, ApiError>> + 'static,
    {
        let read: Read<K, T> = Rc::new(move |key, cursor| Box::pin(read(key, cursor)));
        let (further, next, busy) = (RwSignal::new(Vec::new()), RwSignal::new(None), RwSignal::new(false));
        let of_first = read.clone();
        // Which list is on screen, and how many rows of it: read again it is as long, so that nothing goes from under the reader.
        let shown = StoredValue::new((None::<K>, 0_usize));
        let first = Loader::keyed(key, move |key| {
            let wanted = shown.with_value(|(of, rows)| if of.as_ref() == Some(&key) { *rows } else { 0 });
            pages(of_first.clone(), key, wanted)
        });
        Effect::new(move |_| {
            first.data.with(|part| {
                further.set(Vec::new());
                next.set(part.as_ref().and_then(|part| part.next.clone()));
            });
        });
        Effect::new(move |_| {
            let rows =
                first.data.with(|part| part.as_ref().map_or(0, |part| part.items.len())) + further.with(Vec::len);
            shown.set_value((key.get_untracked(), rows));
        });
        let toasts = use_toasts();
        let read_on: Box<dyn Fn(String)> = Box::new(move |cursor: String| {
            let Some(asked) = key.get_untracked() else { return };
            let answer = read(asked.clone(), Some(cursor.clone()));
            busy.set(true);
            spawn_local(async move {
                let answer = answer.await;
                busy.try_set(false);
                // The list may be another one meanwhile.
                if key.try_get_untracked().flatten().as_ref() != Some(&asked)
                    || next.try_get_untracked().flatten() != Some(cursor)
                {
                    return;
                }
                match answer {
                    Ok(part) => {
                        further.update(|rows| rows.extend(part.items));
                        next.set(part.next);
                    }
                    Err(error) => toasts.failed("More rows could not be read", &error),
                }
            });
        });
        Self { first, further, next, busy, read_on: StoredValue::new_local(read_on) }
    }

    /// Reads again what is on screen, as the reader did something to it.
    pub fn reload(self) {
        self.first.reload();
    }

    /// The same for what the reader did not ask for.
    pub fn refresh(self) {
        self.first.refresh();
    }
}

/// The first pages, until there are so many rows.
async fn pages<K: Clone, T>(read: Read<K, T>, key: K, wanted: usize) -> Result<Part<T>, ApiError> {
    let mut part = read(key.clone(), None).await?;
    while part.items.len() < wanted {
        let Some(cursor) = part.next.take() else { break };
        let more = read(key.clone(), Some(cursor)).await?;
        part.items.extend(more.items);
        part.next = more.next;
    }
    Ok(part)
}

/// Shows the rows, and a button for more of them.
#[component]
pub fn MoreRows<T: Clone + Send + Sync + 'static>(
    /// The list.
    list: More<T>,
    /// For browser tests.
    testid: &'static str,
    /// Shows rows and how many there are in all.
    show: Callback<(Vec<T>, u64), AnyView>,
) -> impl IntoView {
    let shown = Callback::new(move |part: Part<T>| {
        let mut rows = part.items;
        rows.extend(list.further.get());
        let (count, total) = (rows.len() as u64, part.total);
        view! {
            {show.run((rows, total))}
            {move || list.next.get().map(|cursor| view! {
                <div class="more">
                    <span class="muted">{format!("{} of {}", thousands(count), thousands(total))}</span>
                    <Button
                        size=ButtonSize::Small testid=testid busy=list.busy
                        on_click=move |()| list.read_on.with_value(|read_on| read_on(cursor.clone()))
                    >
                        "Show more"
                    </Button>
                </div>
            })}
        }
        .into_any()
    });
    view! { <Loaded loader=list.first show=shown/> }
}
