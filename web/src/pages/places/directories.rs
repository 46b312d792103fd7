//! The directories.

use contract::paths;
use contract::places::{DirectoryView, PlaceQuery};
use leptos::prelude::*;

use super::head::FleetTabs;
use super::list::{PlaceTools, place_cell, workspaces_cell};
use crate::api::workspaces as api;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::list::ListTable;
use crate::components::ui::{Icon, Tone};
use crate::format::aws_words;
use crate::pages::workspaces::Facet;
use crate::state::follow::read_again_on_syncs;
use crate::state::loader::Loader;
use crate::state::url_list::UrlList;
use crate::state::use_title;

/// The list.
#[component]
pub fn DirectoriesPage() -> impl IntoView {
    use_title(|| Some("Directories".to_owned()));
    let list = UrlList::<PlaceQuery>::at("/workspaces/directories");
    let page = Loader::keyed(list.here, |query| async move { api::directories(&query).await });
    read_again_on_syncs(move || page.refresh());
    view! {
        <PageHead title="WorkSpaces".to_owned() lead=view! { <p>"The directories that their users are in"</p> }.into_any()/>
        <FleetTabs current="directories"/>
        <PlaceTools list label="Find a directory by name or id" export=paths::EXPORT_DIRECTORIES/>
        <ListTable
            page list key=|one| one.id.to_string() caption="Directories"
            columns=vec!["Directory", "WorkSpaces", "State", "Type", "Registration code", "Account"]
            empty=(Icon::Search, "No directories", "None is there, or none that you see is like that. A sync brings them in.")
            row=Callback::new(row)
        />
    }
}

fn row(one: DirectoryView) -> AnyView {
    let (tone, glyph) = look(&one.state);
    let workspaces = workspaces_cell(Facet::Directory, &one.aws_id, one.account_id, &one.region, one.workspaces);
    let id = one.aws_id.clone();
    let place = place_cell(one.account_name, &one.region);
    let alias = one.alias.map(|alias| view! { <span class="cell-sub">{alias}</span> });
    let stage = one.stage.map(|stage| view! { <span class="cell-sub">{stage}</span> });
    view! {
        <tr class="row" data-testid="directory-row" data-id=id>
            <td class="cell-main">
                <span class="cell-name">{one.name}</span>
                <span class="cell-sub">{one.aws_id}</span>
                {alias}
            </td>
            {workspaces}
            <td data-label="State"><Badge tone glyph text=aws_words(&one.state)/>{stage}</td>
            <td data-label="Type">{kind_words(&one.kind)}</td>
            <td data-label="Registration code">{one.registration_code.unwrap_or_else(|| "–".to_owned())}</td>
            {place}
        </tr>
    }
    .into_any()
}

/// The look of a state that AWS gives a directory's registration.
fn look(state: &str) -> (Tone, Glyph) {
    match state {
        "REGISTERED" => (Tone::Success, Glyph::Disc),
        "REGISTERING" | "DEREGISTERING" => (Tone::Info, Glyph::Turning),
        "ERROR" => (Tone::Danger, Glyph::Cross),
        _ => (Tone::Neutral, Glyph::Ring),
    }
}

/// AWS's type as AWS's own pages write it.
fn kind_words(kind: &str) -> String {
    match kind {
        "SIMPLE_AD" => "Simple AD".to_owned(),
        "AD_CONNECTOR" => "AD Connector".to_owned(),
        "MICROSOFT_AD" => "Microsoft AD".to_owned(),
        "AWS_IAM_IDENTITY_CENTER" => "IAM Identity Center".to_owned(),
        other => aws_words(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_types_that_aws_may_add_are_shown_too() {
        assert_eq!(look("REGISTERED").0, Tone::Success);
        assert_eq!(look("SOMETHING_NEW").0, Tone::Neutral);
        assert_eq!(kind_words("AD_CONNECTOR"), "AD Connector");
        assert_eq!(kind_words("SOMETHING_NEW"), "Something new");
    }
}
