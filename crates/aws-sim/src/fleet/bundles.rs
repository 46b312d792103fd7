//! Bundles: a selection of Amazon's own and a few of the account's, made from images.
//!
//! Ids depend on the region and, for the account's own, on the account. To offer another bundle, add a line to
//! [`KINDS`]; nothing else names bundles but the teams in `names.rs`, by key.

use serde::Serialize;

use crate::rng::{BASE36, Rng};

/// What a bundle is made of.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) key: &'static str,
    name: &'static str,
    description: &'static str,
    pub(crate) compute: &'static str,
    pub(crate) root_gib: u32,
    pub(crate) user_gib: u32,
    pub(crate) operating_system: &'static str,
    /// Made by the account, from an image of its own.
    own: bool,
    /// Unix seconds.
    created: i64,
}

macro_rules! kind {
    ($key:literal, $name:literal, $description:literal, $compute:literal, $root:literal, $user:literal, $os:literal, $own:literal, $created:literal) => {
        Kind {
            key: $key,
            name: $name,
            description: $description,
            compute: $compute,
            root_gib: $root,
            user_gib: $user,
            operating_system: $os,
            own: $own,
            created: $created,
        }
    };
}

/// All bundles. A desktop stores the index: append, don't insert.
pub(crate) const KINDS: &[Kind] = &[
    kind!(
        "value-w",
        "Value with Windows 10 (Server 2022 based)",
        "1 vCPU, 2 GiB memory",
        "VALUE",
        80,
        10,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_000
    ),
    kind!(
        "standard-w",
        "Standard with Windows 10 (Server 2022 based)",
        "2 vCPU, 4 GiB memory",
        "STANDARD",
        80,
        50,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_100
    ),
    kind!(
        "performance-w",
        "Performance with Windows 10 (Server 2022 based)",
        "2 vCPU, 8 GiB memory",
        "PERFORMANCE",
        80,
        100,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_200
    ),
    kind!(
        "power-w",
        "Power with Windows 10 (Server 2022 based)",
        "4 vCPU, 16 GiB memory",
        "POWER",
        175,
        100,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_300
    ),
    kind!(
        "powerpro-w",
        "PowerPro with Windows 10 (Server 2022 based)",
        "8 vCPU, 32 GiB memory",
        "POWERPRO",
        175,
        100,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_400
    ),
    kind!(
        "g4dn-w",
        "Graphics.g4dn with Windows 10 (Server 2022 based)",
        "4 vCPU, 16 GiB memory, 1 GPU",
        "GRAPHICS_G4DN",
        100,
        100,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_500
    ),
    kind!(
        "g4dnpro-w",
        "GraphicsPro.g4dn with Windows 10 (Server 2022 based)",
        "16 vCPU, 64 GiB memory, 1 GPU",
        "GRAPHICSPRO_G4DN",
        100,
        100,
        "WINDOWS_SERVER_2022",
        false,
        1_690_000_600
    ),
    kind!(
        "standard-linux",
        "Standard with Amazon Linux 2",
        "2 vCPU, 4 GiB memory",
        "STANDARD",
        80,
        50,
        "AMAZON_LINUX_2",
        false,
        1_660_000_000
    ),
    kind!(
        "power-ubuntu",
        "Power with Ubuntu 22.04",
        "4 vCPU, 16 GiB memory",
        "POWER",
        175,
        100,
        "UBUNTU_22_04",
        false,
        1_680_000_000
    ),
    kind!(
        "dev-image",
        "Northwind developer workstation",
        "Windows with compilers, containers and an IDE",
        "POWER",
        175,
        100,
        "WINDOWS_SERVER_2022",
        true,
        1_718_000_000
    ),
    kind!(
        "finance-image",
        "Northwind finance desktop",
        "Windows with ledger and reporting tools",
        "PERFORMANCE",
        80,
        100,
        "WINDOWS_SERVER_2022",
        true,
        1_724_000_000
    ),
    kind!(
        "desk-image",
        "Northwind service desk",
        "Windows with telephony and ticketing",
        "STANDARD",
        80,
        50,
        "WINDOWS_SERVER_2022",
        true,
        1_731_000_000
    ),
];

/// A bundle in one region.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) id: String,
    pub(crate) kind: &'static Kind,
    image_id: String,
    account: String,
}

/// All bundles an account sees in a region, in the order of [`KINDS`].
pub(crate) fn all(account: &str, region: &str) -> Vec<Bundle> {
    KINDS
        .iter()
        .map(|kind| {
            let owner = if kind.own { account } else { "amazon" };
            let mut rng = Rng::from_parts(0, &format!("bundle {owner} {region} {}", kind.key));
            Bundle {
                id: format!("wsb-{}", rng.text(BASE36, 9)),
                kind,
                image_id: format!("wsi-{}", rng.text(BASE36, 9)),
                account: account.to_owned(),
            }
        })
        .collect()
}

impl Bundle {
    pub(crate) fn is_amazons(&self) -> bool {
        !self.kind.own
    }

    pub(crate) fn image_id(&self) -> &str {
        &self.image_id
    }

    /// `WorkspaceImage` on the wire.
    pub(crate) fn image_row(&self) -> serde_json::Value {
        let system = if self.kind.operating_system.starts_with("WINDOWS") { "WINDOWS" } else { "LINUX" };
        serde_json::json!({
            "ImageId": self.image_id,
            "Name": format!("{} image", self.kind.name),
            "Description": self.kind.description,
            "OperatingSystem": { "Type": system },
            "State": "AVAILABLE",
            "RequiredTenancy": "DEFAULT",
            "Created": self.kind.created,
            "Updates": { "UpdateAvailable": system == "WINDOWS" },
            "OwnerAccountId": self.account,
        })
    }

    pub(crate) fn row(&self) -> BundleRow<'_> {
        BundleRow {
            bundle_id: &self.id,
            name: self.kind.name,
            owner: if self.kind.own { &self.account } else { "AMAZON" },
            description: self.kind.description,
            image_id: &self.image_id,
            root_storage: Capacity { capacity: self.kind.root_gib.to_string() },
            user_storage: Capacity { capacity: self.kind.user_gib.to_string() },
            compute_type: Compute { name: self.kind.compute },
            last_updated_time: self.kind.created + 86_400 * 30,
            creation_time: self.kind.created,
            state: "AVAILABLE",
            bundle_type: "REGULAR",
        }
    }
}

/// `WorkspaceBundle` on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BundleRow<'a> {
    bundle_id: &'a str,
    name: &'a str,
    owner: &'a str,
    description: &'a str,
    image_id: &'a str,
    root_storage: Capacity,
    user_storage: Capacity,
    compute_type: Compute<'a>,
    last_updated_time: i64,
    creation_time: i64,
    state: &'a str,
    bundle_type: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Capacity {
    capacity: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compute<'a> {
    name: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::names::TEAMS;

    #[test]
    fn teams_name_bundles_that_exist() {
        for (key, _) in TEAMS.iter().flat_map(|team| team.bundles) {
            assert!(KINDS.iter().any(|kind| kind.key == *key), "{key}");
        }
    }

    #[test]
    fn amazons_bundles_are_the_same_for_every_account() {
        let ids =
            |account| all(account, "us-east-1").into_iter().map(|b| (b.id.clone(), b.is_amazons())).collect::<Vec<_>>();
        for ((one, amazons), (other, _)) in ids("111111111111").into_iter().zip(ids("222222222222")) {
            assert_eq!(one == other, amazons);
        }
    }
}
