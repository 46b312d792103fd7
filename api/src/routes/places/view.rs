//! Directories, bundles, images and quotas as they are on the wire.

use contract::places::{BundleView, DirectoryView, ImageView, QuotaView};
use services::workspaces::{BundleRecord, DirectoryRecord, HeadRoom, ImageRecord, PlaceRow, QuotaRecord};

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

/// An image.
pub(super) fn image(row: PlaceRow<ImageRecord>) -> ImageView {
    let PlaceRow { place, account_name, workspaces } = row;
    let image = place.image;
    ImageView {
        id: place.id,
        aws_id: image.aws_id,
        account_id: place.account_id,
        account_name,
        region: place.region,
        name: image.name,
        description: image.description,
        operating_system: image.operating_system,
        state: image.state,
        required_tenancy: image.required_tenancy,
        owner_account_id: image.owner_account_id,
        created_at: image.created_at,
        update_available: image.update_available,
        error_code: image.error_code,
        error_message: image.error_message,
        bundles: place.bundles,
        workspaces,
    }
}

/// A quota.
pub(super) fn quota(row: PlaceRow<QuotaRecord>) -> QuotaView {
    let HeadRoom { limit, used, left, percent } = HeadRoom::of(&row);
    let PlaceRow { place, account_name, .. } = row;
    QuotaView {
        id: place.id,
        code: place.quota.code,
        account_id: place.account_id,
        account_name,
        region: place.region,
        name: place.quota.name,
        limit,
        used,
        left,
        used_percent: percent,
        adjustable: place.quota.adjustable,
        global: place.quota.global,
    }
}
