//! The texts of AWS's Price List, read. Public by way of [`super::price_list`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Charge;
use crate::{money::MoneyError, workspace::ComputeType};

/// A text of the Price List that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceTextError {
    /// The product is of another family, such as WorkSpaces Core.
    #[error("the product family is `{0}`")]
    OtherFamily(String),
    /// An attribute is not there.
    #[error("the attribute `{0}` is missing")]
    Missing(&'static str),
    /// Not a pair of volumes such as `Root:80 GB,User:50 GB`.
    #[error("`{0}` does not say the volumes")]
    Storage(String),
    /// Not a size such as `80 GB`.
    #[error("`{0}` is not a size in GB")]
    Size(String),
    /// Not an amount or currency that can be kept.
    #[error(transparent)]
    Money(MoneyError),
}

open_enum! {
    /// Whose licence the operating system runs under.
    pub enum License {
        /// AWS's, in the price.
        Included = "Included",
        /// The customer's own.
        BringYourOwn = "Bring Your Own License",
        /// None is needed, as for Linux.
        None = "None",
    }
}

open_enum! {
    /// The running mode as the Price List writes it.
    pub enum PriceMode {
        /// ALWAYS_ON.
        AlwaysOn = "AlwaysOn",
        /// AUTO_STOP.
        AutoStop = "AutoStop",
    }
}

open_enum! {
    /// What a price is for.
    pub enum PriceUnit {
        /// A month.
        Month = "Month",
        /// An hour.
        Hour = "Hour",
    }
}

impl PriceUnit {
    /// Reads a unit in any case, singular or plural, with or without who it is for (`User-Month`).
    #[must_use]
    pub fn read(text: &str) -> Self {
        let last = text.trim().rsplit('-').next().unwrap_or_default().to_ascii_lowercase();
        match last.as_str() {
            "month" | "months" | "mo" if !text.contains("GB") => Self::Month,
            "hour" | "hours" | "hrs" if !text.contains("GB") => Self::Hour,
            _ => Self::Other(text.to_owned()),
        }
    }
}

open_enum! {
    /// The family of an operating system: what a price depends on.
    pub enum OsFamily {
        /// Any Windows.
        Windows = "Windows",
        /// Any Amazon Linux.
        AmazonLinux = "Amazon Linux",
        /// Any Ubuntu.
        Ubuntu = "Ubuntu",
        /// Any Red Hat Enterprise Linux.
        RedHat = "Red Hat Enterprise Linux",
        /// Any Rocky Linux.
        Rocky = "Rocky Linux",
        /// Whatever the customer brings.
        Any = "Any",
    }
}

impl OsFamily {
    /// Reads an operating system as the Price List writes it (`Amazon Linux`) or as DescribeWorkspaces does
    /// (`AMAZON_LINUX_2`).
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain = text.trim().to_ascii_lowercase().replace('_', " ");
        let has = |part: &str| plain.contains(part);
        if has("windows") {
            Self::Windows
        } else if has("amazon linux") {
            Self::AmazonLinux
        } else if has("ubuntu") {
            Self::Ubuntu
        } else if has("red hat") || has("rhel") {
            Self::RedHat
        } else if has("rocky") {
            Self::Rocky
        } else if plain == "any" {
            Self::Any
        } else {
            Self::Other(text.to_owned())
        }
    }
}

/// The compute type of a bundle as the Price List names it: `PowerPro`, `Graphics.g4dn`, `General Purpose 4xlarge`. An
/// unknown one is kept as it came.
#[must_use]
pub fn compute_type_of_bundle(bundle: &str) -> ComputeType {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
    };
    let wanted = plain(bundle);
    ComputeType::KNOWN
        .iter()
        .find(|known| plain(known.as_str()) == wanted)
        .cloned()
        .unwrap_or_else(|| ComputeType::Other(bundle.to_owned()))
}

/// The volumes of a product.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Storage {
    /// The root volume, GB.
    pub root_gb: Option<u32>,
    /// The user volume, GB.
    pub user_gb: Option<u32>,
}

/// Reads `Root:80 GB,User:50 GB`, in any order, case and spacing; one of the two may be missing.
///
/// # Errors
/// [`PriceTextError::Storage`] for anything else.
pub fn parse_storage(text: &str) -> Result<Storage, PriceTextError> {
    let wrong = || PriceTextError::Storage(text.to_owned());
    let mut storage = Storage::default();
    for part in text.split(',') {
        let (name, size) = part.split_once(':').ok_or_else(wrong)?;
        let volume = match name.trim().to_ascii_lowercase().as_str() {
            "root" => &mut storage.root_gb,
            "user" => &mut storage.user_gb,
            _ => return Err(wrong()),
        };
        if volume.replace(parse_gb(size).map_err(|_| wrong())?).is_some() {
            return Err(wrong());
        }
    }
    Ok(storage)
}

/// Reads a size such as `80 GB` or `80GB`.
///
/// # Errors
/// [`PriceTextError::Size`] for anything else.
pub fn parse_gb(text: &str) -> Result<u32, PriceTextError> {
    let wrong = || PriceTextError::Size(text.to_owned());
    let upper = text.trim().to_ascii_uppercase();
    let number = upper.strip_suffix("GB").or_else(|| upper.strip_suffix("GIB")).ok_or_else(wrong)?.trim();
    // `parse` alone would take `+80`.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    number.parse().map_err(|_| wrong())
}

/// A usage type, such as `USE1-AW-HW-2-AutoStop-Usage`, kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UsageType(String);

/// What the usage type of a WorkSpace says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsagePart<'a> {
    /// The region's prefix, such as `EUC1`; `None` in us-east-1.
    pub prefix: Option<&'a str>,
    /// `HW`, or a variant of it.
    pub family: &'a str,
    /// The number of the hardware.
    pub number: u32,
    /// What it charges for.
    pub charge: Charge,
}

impl UsageType {
    /// Keeps a usage type.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says; `None` for the usage type of something else than a WorkSpace's hardware.
    #[must_use]
    pub fn part(&self) -> Option<UsagePart<'_>> {
        let (prefix, rest) = match self.0.strip_prefix("AW-") {
            Some(rest) => (None, rest),
            None => self.0.split_once("-AW-").map(|(prefix, rest)| (Some(prefix), rest))?,
        };
        let (family, rest) = rest.split_once('-')?;
        let (number, tail) = rest.split_once('-').map_or((rest, None), |(number, tail)| (number, Some(tail)));
        let charge = match tail {
            None => Charge::Monthly,
            Some("AutoStop-User") => Charge::AutoStopFee,
            Some("AutoStop-Usage") => Charge::AutoStopHour,
            Some(_) => return None,
        };
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits)?;
        let named = prefix.is_none_or(|prefix| !prefix.is_empty());
        (named && family.starts_with("HW")).then_some(UsagePart { prefix, family, number, charge })
    }
}

impl fmt::Display for UsageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
