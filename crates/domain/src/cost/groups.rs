//! What costs are told apart by, as it is named on the wire and in a report that is kept: what was billed ([`CostBy`]), what
//! WorkSpaces are reckoned to cost in a month ([`EstimateBy`]), or either of them ([`CostGrouping`]).
//!
//! To add one: its variant here, with its name; what its groups are made of is in `services::cost::{groups, estimated}`.

use std::fmt;
use std::str::FromStr;

/// What a name begins with for the values of a tag.
pub const TAG_GROUP: &str = "tag:";
/// What a name begins with for the month's estimate, where both can be named.
pub const ESTIMATE_GROUP: &str = "estimate:";
/// The tag that names a team.
pub const TEAM_TAG: &str = "Team";
/// Most characters of a tag's key.
pub const TAG_KEY_MAX: usize = 128;

/// A name that costs can't be told apart by; its `Display` names the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not one of: {choices}")]
pub struct UnknownGroup {
    /// What was given.
    pub given: String,
    /// The choices, separated by commas.
    pub choices: String,
}

/// What costs that were billed are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostBy {
    /// The account.
    Account,
    /// The region.
    Region,
    /// The usage type.
    UsageType,
    /// How it is billed: ALWAYS_ON, AUTO_STOP; empty for what is no desktop's hardware.
    RunningMode,
    /// The compute type, as the Price List has it; empty for what is no desktop's hardware.
    ComputeType,
    /// The UTC month.
    Month,
    /// The value of the tag with this key.
    Tag(String),
}

impl CostBy {
    /// The names of all of them but the tags; a team is a tag that has a name.
    pub const NAMES: &'static [&'static str] =
        &["account", "region", "usage_type", "running_mode", "compute_type", "team", "month"];
}

impl FromStr for CostBy {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "account" => Self::Account,
            "region" => Self::Region,
            "usage_type" => Self::UsageType,
            "running_mode" => Self::RunningMode,
            "compute_type" => Self::ComputeType,
            "month" => Self::Month,
            "team" => Self::Tag(TEAM_TAG.to_owned()),
            other => match other.strip_prefix(TAG_GROUP) {
                Some(key) if (1..=TAG_KEY_MAX).contains(&key.chars().count()) => Self::Tag(key.to_owned()),
                _ => {
                    let choices = format!("{}, {TAG_GROUP}KEY", Self::NAMES.join(", "));
                    return Err(UnknownGroup { given: other.to_owned(), choices });
                }
            },
        })
    }
}

impl fmt::Display for CostBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Region => f.write_str("region"),
            Self::UsageType => f.write_str("usage_type"),
            Self::RunningMode => f.write_str("running_mode"),
            Self::ComputeType => f.write_str("compute_type"),
            Self::Month => f.write_str("month"),
            Self::Tag(key) if key == TEAM_TAG => f.write_str("team"),
            Self::Tag(key) => write!(f, "{TAG_GROUP}{key}"),
        }
    }
}

closed_enum! {
    /// What estimates are told apart by.
    #[derive(Default)]
    pub enum EstimateBy {
        /// The bundle, by `wsb-…`.
        #[default]
        Bundle = "bundle",
        /// The person, by user name without regard to case.
        Person = "person",
        /// Our own teams, by name.
        Team = "team",
        /// The directory, by `d-…`.
        Directory = "directory",
        /// The running mode as it is now.
        RunningMode = "running_mode",
        /// The region.
        Region = "region",
        /// The account, by our id.
        Account = "account",
    }
}

/// What a report of costs is told apart by. Written as the name of a [`CostBy`], or `estimate:` and that of an [`EstimateBy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostGrouping {
    /// What was billed over its days.
    Billed(CostBy),
    /// What WorkSpaces are reckoned to cost in the month of its first day.
    Estimated(EstimateBy),
}

impl CostGrouping {
    /// In words within a sentence, such as "usage type". A team that is billed is a tag's value, the other is one of ours.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Billed(CostBy::Tag(key)) if key != TEAM_TAG => format!("tag {key}"),
            Self::Billed(by) => by.to_string().replace('_', " "),
            Self::Estimated(EstimateBy::Team) => "team in Wheelhouse".to_owned(),
            Self::Estimated(by) => by.as_str().replace('_', " "),
        }
    }

    /// Whether it is what AWS bills by tag, which knows no regions.
    #[must_use]
    pub const fn by_tag(&self) -> bool {
        matches!(self, Self::Billed(CostBy::Tag(_)))
    }

    /// Whether it is the month's estimate.
    #[must_use]
    pub const fn is_estimate(&self) -> bool {
        matches!(self, Self::Estimated(_))
    }
}

impl FromStr for CostGrouping {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = match text.strip_prefix(ESTIMATE_GROUP) {
            Some(name) => name.parse().ok().map(Self::Estimated),
            None => text.parse().ok().map(Self::Billed),
        };
        found.ok_or_else(|| {
            let estimates: Vec<_> = EstimateBy::ALL.iter().map(|by| format!("{ESTIMATE_GROUP}{by}")).collect();
            let choices = format!("{}, {TAG_GROUP}KEY, {}", CostBy::NAMES.join(", "), estimates.join(", "));
            UnknownGroup { given: text.to_owned(), choices }
        })
    }
}

impl fmt::Display for CostGrouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Billed(by) => write!(f, "{by}"),
            Self::Estimated(by) => write!(f, "{ESTIMATE_GROUP}{by}"),
        }
    }
}

impl serde::Serialize for CostGrouping {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for CostGrouping {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let billed = CostBy::NAMES.iter().map(|name| (*name).to_owned()).chain(["tag:Cost Center".to_owned()]);
        let estimates = EstimateBy::ALL.iter().map(|by| format!("{ESTIMATE_GROUP}{by}"));
        for name in billed.chain(estimates) {
            let grouping: CostGrouping = name.parse().unwrap();
            assert_eq!(grouping.to_string(), name);
            let json = serde_json::to_string(&grouping).unwrap();
            assert_eq!(json, format!("{name:?}"));
            assert_eq!(serde_json::from_str::<CostGrouping>(&json).unwrap(), grouping);
        }
        // Addresses and kept reports hold these names.
        let kept = ["bundle", "person", "team", "directory", "running_mode", "region", "account"];
        assert_eq!(EstimateBy::NAMES, kept);
        // The team has one name.
        assert_eq!("tag:Team".parse::<CostBy>().unwrap().to_string(), "team");
    }

    #[test]
    fn what_is_none_names_the_choices() {
        for wrong in ["", "day", "tag:", "Tag:x", "bundle", "estimate:", "estimate:usage_type", "estimate:tag:x"] {
            let refused = wrong.parse::<CostGrouping>().unwrap_err().to_string();
            assert!(refused.contains("usage_type") && refused.contains("estimate:bundle"), "{refused}");
        }
        let long = |length: usize| format!("{TAG_GROUP}{}", "x".repeat(length)).parse::<CostGrouping>();
        assert!(long(TAG_KEY_MAX).is_ok() && long(TAG_KEY_MAX + 1).is_err());
    }

    #[test]
    fn words_tell_the_two_teams_apart() {
        let words = |text: &str| text.parse::<CostGrouping>().unwrap().words();
        assert_eq!(
            ["usage_type", "team", "tag:Stage", "estimate:running_mode", "estimate:team"].map(words),
            ["usage type", "team", "tag Stage", "running mode", "team in Wheelhouse"]
        );
    }
}
