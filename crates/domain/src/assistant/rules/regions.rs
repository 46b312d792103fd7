//! AWS's regions as people call them.
//! Source: "AWS Regions" in the AWS general reference; only names that no other region shares.

/// Codes with their names in lower case.
const NAMES: &[(&str, &[&str])] = &[
    ("us-east-1", &["n virginia", "northern virginia", "north virginia", "virginia"]),
    ("us-east-2", &["ohio"]),
    ("us-west-1", &["n california", "northern california", "north california"]),
    ("us-west-2", &["oregon"]),
    ("af-south-1", &["cape town"]),
    ("ap-east-1", &["hong kong"]),
    ("ap-south-1", &["mumbai"]),
    ("ap-south-2", &["hyderabad"]),
    ("ap-southeast-1", &["singapore"]),
    ("ap-southeast-2", &["sydney"]),
    ("ap-southeast-3", &["jakarta"]),
    ("ap-southeast-4", &["melbourne"]),
    ("ap-northeast-1", &["tokyo"]),
    ("ap-northeast-2", &["seoul"]),
    ("ap-northeast-3", &["osaka"]),
    ("ca-central-1", &["canada central", "montreal"]),
    ("ca-west-1", &["calgary"]),
    ("eu-central-1", &["frankfurt"]),
    ("eu-central-2", &["zurich", "zürich"]),
    ("eu-west-1", &["ireland", "dublin"]),
    ("eu-west-2", &["london"]),
    ("eu-west-3", &["paris"]),
    ("eu-south-1", &["milan"]),
    ("eu-south-2", &["spain"]),
    ("eu-north-1", &["stockholm"]),
    ("il-central-1", &["tel aviv"]),
    ("me-south-1", &["bahrain"]),
    ("me-central-1", &["uae", "united arab emirates"]),
    ("sa-east-1", &["sao paulo", "são paulo"]),
    ("us-gov-east-1", &["govcloud east"]),
    ("us-gov-west-1", &["govcloud west"]),
];

/// Every name with its code.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.iter().flat_map(|(code, names)| names.iter().map(move |name| (*name, *code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_codes_and_no_name_is_given_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, code) in names() {
            assert!(code.parse::<crate::ids::Region>().is_ok(), "{code}");
            assert!(seen.insert(name), "{name}");
        }
    }
}
