//! The page of each list: one component for all, as each with rows of its own would cost the portal kilobytes. What a page says, what
//! it reads and how its rows look is its [`Kind`], in a file of its own.

use std::pin::Pin;

use contract::page::Page;
use contract::places::{BundleView, DirectoryView, ImageView, QuotaQuery, QuotaView};
use leptos::prelude::*;

use super::head::FleetTabs;
use super::list::PlaceTools;
use super::{bundles, directories, images, quotas};
use crate::api::ApiError;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::list::ListTable;
use crate::state::follow::read_again_on_syncs;
use crate::state::loader::Loader;
use crate::state::url_list::UrlList;
use crate::state::use_title;

/// A page of rows on its way.
pub type Reading = Pin<Box<dyn Future<Output = Result<Page<Place>, ApiError>>>>;

/// What tells the pages apart.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The key of its tab.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub path: &'static str,
    /// What it shows, under the heading.
    pub lead: &'static str,
    /// What the search finds.
    pub search: &'static str,
    /// The orders to choose from, the first when nothing is said.
    pub orders: &'static [(&'static str, &'static str)],
    /// The shares to choose from of which at least so much is used, percent; empty where nothing is used up.
    pub shares: &'static [u64],
    /// The path of its export.
    pub export: &'static str,
    /// The columns.
    pub columns: &'static [&'static str],
    /// The heading where there is nothing.
    pub none: &'static str,
    /// Reads a page.
    pub read: fn(QuotaQuery) -> Reading,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Of the directories.
    Directory(DirectoryView),
    /// Of the bundles.
    Bundle(BundleView),
    /// Of the images.
    Image(ImageView),
    /// Of the quotas.
    Quota(QuotaView),
}

impl Place {
    fn key(&self) -> String {
        match self {
            Self::Directory(one) => one.id.to_string(),
            Self::Bundle(one) => one.id.to_string(),
            Self::Image(one) => one.id.to_string(),
            Self::Quota(one) => one.id.to_string(),
        }
    }

    fn row(self) -> AnyView {
        match self {
            Self::Directory(one) => directories::row(one),
            Self::Bundle(one) => bundles::row(one),
            Self::Image(one) => images::row(one),
            Self::Quota(one) => quotas::row(one),
        }
    }
}

/// The rows of a page as places.
pub fn places<T>(page: Page<T>, of: fn(T) -> Place) -> Page<Place> {
    Page { items: page.items.into_iter().map(of).collect(), next_cursor: page.next_cursor, total: page.total }
}

/// The page.
#[component]
pub fn PlacePage(
    /// Which.
    kind: Kind,
) -> impl IntoView {
    use_title(move || Some(kind.name.to_owned()));
    let list = UrlList::<QuotaQuery>::at(kind.path);
    let page = Loader::keyed(list.here, kind.read);
    read_again_on_syncs(move || page.refresh());
    view! {
        <PageHead title="WorkSpaces".to_owned() lead=view! { <p>{kind.lead}</p> }.into_any()/>
        <FleetTabs current=kind.key/>
        <PlaceTools list label=kind.search orders=kind.orders shares=kind.shares export=kind.export/>
        <ListTable
            page list key=Place::key caption=kind.name
            columns=kind.columns.to_vec()
            empty=(Icon::Search, kind.none, "None is there, or none that you see is like that. A sync brings them in.")
            row=Callback::new(Place::row)
        />
    }
}
