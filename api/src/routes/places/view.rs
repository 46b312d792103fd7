//! Directories and bundles as they are on the wire.

use contract::places::{BundleView, DirectoryView};
use services::workspaces::{BundleRecord, DirectoryRecord, PlaceRow};

/// A directory.
pub(super) fn directory(row: PlaceRow<DirectoryRecord>) -> DirectoryView {
    let PlaceRow { place, account_name, workspaces } = row;
    DirectoryView {
        id: place.id,
        aws_id: place.aws_id,
        account_id: place.account_id,
        account_name,
        region: place.region,
        name: place.name,
        alias: place.alias,
        kind: place.kind,
        state: place.state,
        stage: place.stage,
        registration_code: place.registration_code,
        workspaces,
    }
}

/// A bundle.
pub(super) fn bundle(row: PlaceRow<BundleRecord>) -> BundleView {
    let PlaceRow { place, account_name, workspaces } = row;
    BundleView {
        id: place.id,
        aws_id: place.aws_id,
        account_id: place.account_id,
        account_name,
        region: place.region,
        name: place.name,
        owner: place.owner,
        description: place.description,
        compute_type: place.compute_type,
        root_volume_gib: place.root_volume_gib,
        user_volume_gib: place.user_volume_gib,
        image_id: place.image_id,
        workspaces,
    }
}
