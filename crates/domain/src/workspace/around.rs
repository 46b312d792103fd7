//! What stands around the WorkSpaces of an account and region: its images, and AWS's quotas with how near they are. Not what AWS
//! counts by itself: only what the inventory can count truthfully is held against a quota.
//! To count against another quota: its code in [`ObservedQuota::counts`], its statement in `store::repo::workspaces::places`.

use chrono::{DateTime, Utc};

use super::ComputeType;

/// A quota of which so much is used is nearly used up, percent.
pub const QUOTA_NEARLY_PERCENT: u64 = 80;

/// What [`ObservedQuota::counts`] says of the quota on all WorkSpaces.
pub const COUNTS_WORKSPACES: &str = "workspaces";
/// What [`ObservedQuota::counts`] says of the quota on directories.
pub const COUNTS_DIRECTORIES: &str = "directories";

/// An image, from DescribeWorkspaceImages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedImage {
    /// `wsi-…`.
    pub aws_id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// WINDOWS or LINUX.
    pub operating_system: Option<String>,
    /// AVAILABLE, PENDING, ERROR, …
    pub state: String,
    /// DEFAULT, or DEDICATED for licences of one's own.
    pub required_tenancy: Option<String>,
    /// The AWS account that made it.
    pub owner_account_id: Option<String>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// Whether AWS has newer drivers and components for it; `None` where AWS does not say.
    pub update_available: Option<bool>,
    /// AWS's code of what went wrong with it.
    pub error_code: Option<String>,
    /// What went wrong with it.
    pub error_message: Option<String>,
}

/// A quota of the service `workspaces`, from Service Quotas' ListServiceQuotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedQuota {
    /// `L-…`.
    pub code: String,
    /// Its name, such as `Graphics.g4dn WorkSpaces`.
    pub name: String,
    /// The value that holds for the account, a whole number; `None` where AWS does not say.
    pub value: Option<i64>,
    /// Whether AWS raises it when asked to.
    pub adjustable: bool,
    /// Whether it is of the account as a whole, not of a region.
    pub global: bool,
}

impl ObservedQuota {
    /// What the inventory counts against it: [`COUNTS_WORKSPACES`], [`COUNTS_DIRECTORIES`], or the compute type that a quota such
    /// as `Graphics.g4dn WorkSpaces` is about. `None` for what can't be counted from here.
    #[must_use]
    pub fn counts(&self) -> Option<String> {
        match (self.global, self.code.as_str()) {
            (true, _) => None,
            (_, "L-34278094") => Some(COUNTS_WORKSPACES.to_owned()),
            (_, "L-EEB759DE") => Some(COUNTS_DIRECTORIES.to_owned()),
            _ => {
                let compute = self.name.strip_suffix(" WorkSpaces")?.to_ascii_uppercase().replace('.', "_");
                ComputeType::from(compute.as_str()).is_known().then_some(compute)
            }
        }
    }
}

/// How much of a quota is used, in whole percent. One that allows nothing is used up by the first.
#[must_use]
pub const fn quota_percent(used: u64, limit: u64) -> u64 {
    match (used, limit) {
        (0, 0) => 0,
        (_, 0) => 100,
        _ => used.saturating_mul(100) / limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(code: &str, name: &str) -> Option<String> {
        let (code, name) = (code.to_owned(), name.to_owned());
        ObservedQuota { code, name, value: Some(1), adjustable: true, global: false }.counts()
    }

    #[test]
    fn only_what_the_inventory_can_count_is_counted() {
        assert_eq!(counts("L-34278094", "WorkSpaces").as_deref(), Some(COUNTS_WORKSPACES));
        assert_eq!(counts("L-EEB759DE", "Directories").as_deref(), Some(COUNTS_DIRECTORIES));
        assert_eq!(counts("L-1", "Graphics.g4dn WorkSpaces").as_deref(), Some("GRAPHICS_G4DN"));
        assert_eq!(counts("L-2", "GraphicsPro WorkSpaces").as_deref(), Some("GRAPHICSPRO"));
        assert_eq!(counts("L-3", "GeneralPurpose.4xlarge WorkSpaces").as_deref(), Some("GENERALPURPOSE_4XLARGE"));
        for name in ["Standby WorkSpaces", "Images", "IP access control groups", "WorkSpaces Pools"] {
            assert_eq!(counts("L-4", name), None, "{name}");
        }
        let global = ObservedQuota {
            code: "L-34278094".to_owned(),
            name: "WorkSpaces".to_owned(),
            value: None,
            adjustable: false,
            global: true,
        };
        assert_eq!(global.counts(), None, "a region's WorkSpaces are not the account's");
    }

    #[test]
    fn percent_never_divides_by_nothing() {
        assert_eq!(
            [(0, 0), (1, 0), (0, 5), (4, 5), (7, 5)].map(|(used, of)| quota_percent(used, of)),
            [0, 100, 0, 80, 140]
        );
        assert_eq!(quota_percent(u64::MAX, u64::MAX), 1, "what no quota is does not overflow");
    }
}
