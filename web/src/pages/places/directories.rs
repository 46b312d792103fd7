//! The directories.

use contract::paths;
use contract::places::{DirectoryView, QuotaQuery};
use leptos::prelude::*;

use super::list::{BY_WORKSPACES, place_cell, workspaces_cell};
use super::page::{Kind, Place, Reading, places};
use crate::api::workspaces as api;
use crate::components::ui::Tone;
use crate::components::ui::badge::{Badge, Glyph};
use crate::format::aws_words;
use crate::pages::workspaces::Facet;

/// The page.
pub const DIRECTORIES: Kind = Kind {
    key: "directories",
    name: "Directories",
    path: "/workspaces/directories",
    lead: "The directories that their users are in",
    search: "Find a directory by name or id",
    orders: BY_WORKSPACES,
    shares: &[],
    export: paths::EXPORT_DIRECTORIES,
    columns: &["Directory", "WorkSpaces", "State", "Type", "Registration code", "Account"],
    none: "No directories",
    read,
};

fn read(query: QuotaQuery) -> Reading {
    Box::pin(async move { api::directories(&query).await.map(|page| places(page, Place::Directory)) })
}

/// A row.
pub fn row(one: DirectoryView) -> AnyView {
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
