//! Which page an address under that of the WorkSpaces is: one route for all of them, since each route costs the portal a few
//! kilobytes. Ids of WorkSpaces are UUIDs, so that no name here is one.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::bundles::BundlesPage;
use super::directories::DirectoriesPage;
use crate::pages::workspace::WorkspaceDetailPage;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Directories,
    Bundles,
    Workspace,
}

fn part(name: Option<&str>) -> Part {
    match name {
        Some("directories") => Part::Directories,
        Some("bundles") => Part::Bundles,
        _ => Part::Workspace,
    }
}

/// The directories, the bundles, or one WorkSpace.
#[component]
pub fn WorkspacePages() -> impl IntoView {
    let params = use_params_map();
    let shown = Memo::new(move |_| part(params.with(|params| params.get("id")).as_deref()));
    move || match shown.get() {
        Part::Directories => view! { <DirectoriesPage/> }.into_any(),
        Part::Bundles => view! { <BundlesPage/> }.into_any(),
        Part::Workspace => view! { <WorkspaceDetailPage/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_is_a_workspace() {
        assert_eq!(
            [Some("directories"), Some("bundles"), Some("0190"), None].map(part),
            [Part::Directories, Part::Bundles, Part::Workspace, Part::Workspace]
        );
    }
}
