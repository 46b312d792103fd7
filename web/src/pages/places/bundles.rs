//! The bundles.

use contract::paths;
use contract::places::{BundleView, QuotaQuery};
use leptos::prelude::*;

use super::list::{BY_WORKSPACES, place_cell, workspaces_cell};
use super::page::{Kind, Place, Reading, places};
use crate::api::workspaces as api;
use crate::format::aws_words;
use crate::pages::workspaces::Facet;

/// The page.
pub const BUNDLES: Kind = Kind {
    key: "bundles",
    name: "Bundles",
    path: "/workspaces/bundles",
    lead: "The bundles that they are made from",
    search: "Find a bundle by name or id",
    orders: BY_WORKSPACES,
    shares: &[],
    export: paths::EXPORT_BUNDLES,
    columns: &["Bundle", "WorkSpaces", "Compute", "Volumes", "Image", "Owner", "Account"],
    none: "No bundles",
    read,
};

fn read(query: QuotaQuery) -> Reading {
    Box::pin(async move { api::bundles(&query).await.map(|page| places(page, Place::Bundle)) })
}

/// A row.
pub fn row(one: BundleView) -> AnyView {
    let workspaces = workspaces_cell(Facet::Bundle, &one.aws_id, one.account_id, &one.region, one.workspaces);
    let id = one.aws_id.clone();
    let place = place_cell(one.account_name, &one.region);
    let amazons = one.owner == "AMAZON";
    let known = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    // Amazon's own images are not listed.
    let image = match one.image_id {
        Some(id) if !amazons => {
            let href = format!("/workspaces/images?q={id}");
            view! { <a href=href>{id}</a> }.into_any()
        }
        id => known(id).into_any(),
    };
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
            <td data-label="Image">{image}</td>
            <td data-label="Owner">{if amazons { "Amazon".to_owned() } else { one.owner }}</td>
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
