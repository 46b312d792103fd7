//! Which page an address under that of the WorkSpaces is: one route for all of them, since each route costs the portal a few
//! kilobytes. Ids of WorkSpaces are UUIDs, so that no name here is one.

use leptos::prelude::*;

use super::bundles::BUNDLES;
use super::directories::DIRECTORIES;
use super::images::IMAGES;
use super::page::{Kind, PlacePage};
use super::quotas::QUOTAS;
use crate::pages::workspace::WorkspaceDetailPage;
use crate::state::own_param::use_own_param;

const KINDS: [Kind; 4] = [DIRECTORIES, BUNDLES, IMAGES, QUOTAS];

/// The place of its page among [`KINDS`]; `None` for what is a WorkSpace.
fn part(name: Option<&str>) -> Option<usize> {
    KINDS.iter().position(|kind| name == Some(kind.key))
}

/// One of the lists, or one WorkSpace.
#[component]
pub fn WorkspacePages() -> impl IntoView {
    let id = use_own_param("/workspaces", "id");
    let shown = Memo::new(move |_| part(id.get().as_deref()));
    move || match shown.get() {
        Some(at) => {
            let kind = KINDS[at];
            view! { <PlacePage kind/> }.into_any()
        }
        None => view! { <WorkspaceDetailPage/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_is_a_workspace() {
        assert_eq!([Some("directories"), Some("quotas"), Some("0190"), None].map(part), [Some(0), Some(3), None, None]);
        for kind in KINDS {
            assert_eq!(kind.path, format!("/workspaces/{}", kind.key));
        }
    }
}
