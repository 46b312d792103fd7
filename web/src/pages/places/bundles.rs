//! The bundles.

use contract::paths;
use contract::places::{BundleView, PlaceQuery};
use leptos::prelude::*;

use super::head::FleetTabs;
use super::list::{PlaceTools, place_cell, workspaces_cell};
use crate::api::workspaces as api;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Icon;
use crate::components::ui::list::ListTable;
use crate::format::aws_words;
use crate::pages::workspaces::Facet;
use crate::state::follow::read_again_on_syncs;
use crate::state::loader::Loader;
use crate::state::url_list::UrlList;
use crate::state::use_title;

/// The list.
#[component]
pub fn BundlesPage() -> impl IntoView {
    use_title(|| Some("Bundles".to_owned()));
    let list = UrlList::<PlaceQuery>::at("/workspaces/bundles");
    let page = Loader::keyed(list.here, |query| async move { api::bundles(&query).await });
    read_again_on_syncs(move || page.refresh());
    view! {
        <PageHead title="WorkSpaces".to_owned() lead=view! { <p>"The bundles that they are made from"</p> }.into_any()/>
        <FleetTabs current="bundles"/>
        <PlaceTools list label="Find a bundle by name or id" export=paths::EXPORT_BUNDLES/>
        <ListTable
            page list key=|one| one.id.to_string() caption="Bundles"
            columns=vec!["Bundle", "WorkSpaces", "Compute", "Volumes", "Image", "Owner", "Account"]
            empty=(Icon::Search, "No bundles", "None is there, or none that you see is like that. A sync brings them in.")
            row=Callback::new(row)
        />
    }
}

fn row(one: BundleView) -> AnyView {
    let workspaces = workspaces_cell(Facet::Bundle, &one.aws_id, one.account_id, &one.region, one.workspaces);
    let id = one.aws_id.clone();
    let place = place_cell(one.account_name, &one.region);
    let known = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let about = one.description.filter(|about| *about != one.name && !about.is_empty());
    view! {
        <tr class="row" data-testid="bundle-row" data-id=id>
            <td class="cell-main">
                <span class="cell-name">{one.name}</span>
                <span class="cell-sub">{one.aws_id}</span>
                {about.map(|about| view! { <span class="cell-sub">{about}</span> })}
            </td>
            {workspaces}
            <td data-label="Compute">{known(one.compute_type.map(|compute| aws_words(compute.as_str())))}</td>
            <td data-label="Volumes">{volumes(one.root_volume_gib, one.user_volume_gib)}</td>
            <td data-label="Image">{known(one.image_id)}</td>
            <td data-label="Owner">{if one.owner == "AMAZON" { "Amazon".to_owned() } else { one.owner }}</td>
            {place}
        </tr>
    }
    .into_any()
}

/// Both volumes, as far as they are known.
fn volumes(root: Option<i32>, user: Option<i32>) -> String {
    let words = |gib: Option<i32>, of: &str| gib.map(|gib| format!("{gib} GiB {of}"));
    let known: Vec<String> = [words(root, "root"), words(user, "user")].into_iter().flatten().collect();
    if known.is_empty() { "–".to_owned() } else { known.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::volumes;

    #[test]
    fn a_volume_that_is_not_known_is_left_out() {
        assert_eq!(volumes(Some(80), Some(50)), "80 GiB root, 50 GiB user");
        assert_eq!(volumes(Some(80), None), "80 GiB root");
        assert_eq!(volumes(None, None), "–");
    }
}
