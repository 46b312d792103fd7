//! The images.

use contract::paths;
use contract::places::{ImageView, QuotaQuery};
use leptos::prelude::*;

use super::list::{BY_WORKSPACES, place_cell};
use super::page::{Kind, Place, Reading, places};
use crate::api::workspaces as api;
use crate::components::ui::Tone;
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::time::MaybeTime;
use crate::format::{aws_words, thousands};

/// The page.
pub const IMAGES: Kind = Kind {
    key: "images",
    name: "Images",
    path: "/workspaces/images",
    lead: "The images that their bundles are made of",
    search: "Find an image by name or id",
    orders: BY_WORKSPACES,
    shares: &[],
    export: paths::EXPORT_IMAGES,
    columns: &["Image", "WorkSpaces", "Bundles", "State", "System", "Made", "Account"],
    none: "No images",
    read,
};

fn read(query: QuotaQuery) -> Reading {
    Box::pin(async move { api::images(&query).await.map(|page| places(page, Place::Image)) })
}

/// A row.
pub fn row(one: ImageView) -> AnyView {
    let (tone, glyph) = look(&one.state);
    let id = one.aws_id.clone();
    let place = place_cell(one.account_name, &one.region);
    let small = |text: Option<String>| text.map(|text| view! { <span class="cell-sub">{text}</span> });
    let known = |text: Option<String>| text.map_or_else(|| "–".to_owned(), |text| aws_words(&text));
    let about = small(one.description.filter(|about| *about != one.name));
    let wrong = small(one.error_message.or(one.error_code));
    let newer = small(one.update_available.filter(|&newer| newer).map(|_| "Update available".to_owned()));
    let dedicated =
        small(one.required_tenancy.filter(|tenancy| tenancy != "DEFAULT").map(|tenancy| aws_words(&tenancy)));
    let owner = small(one.owner_account_id.map(|id| format!("by account {id}")));
    view! {
        <tr class="row" data-testid="image-row" data-id=id>
            <td class="cell-main">
                <span class="cell-name">{one.name}</span>
                <span class="cell-sub">{one.aws_id}</span>
                {about}
            </td>
            <td data-label="WorkSpaces">{thousands(one.workspaces)}</td>
            <td data-label="Bundles">{thousands(one.bundles)}</td>
            <td data-label="State"><Badge tone glyph text=aws_words(&one.state)/>{wrong}{newer}</td>
            <td data-label="System">{known(one.operating_system)}{dedicated}</td>
            <td data-label="Made"><MaybeTime at=one.created_at otherwise="–"/>{owner}</td>
            {place}
        </tr>
    }
    .into_any()
}

/// The look of a state that AWS gives an image.
fn look(state: &str) -> (Tone, Glyph) {
    match state {
        "AVAILABLE" => (Tone::Success, Glyph::Disc),
        "PENDING" => (Tone::Info, Glyph::Turning),
        "ERROR" => (Tone::Danger, Glyph::Cross),
        _ => (Tone::Neutral, Glyph::Ring),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_aws_may_add_are_shown_too() {
        assert_eq!([look("AVAILABLE").0, look("ERROR").0, look("NEW").0], [Tone::Success, Tone::Danger, Tone::Neutral]);
    }
}
