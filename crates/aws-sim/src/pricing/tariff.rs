//! The tariff: what a desktop of a compute type, a licence and a region costs by the month and by the hour.
//!
//! us-east-1, Windows with licence, is given; the rest follows: own licence and Linux are 4 USD a month or 4 cents an hour
//! cheaper (the AUTO_STOP fee is the same), other regions by a factor, rounded to the cent.

/// Prices in US cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rates {
    /// ALWAYS_ON, a month.
    pub(crate) monthly: i64,
    /// AUTO_STOP, a month.
    pub(crate) fee: i64,
    /// AUTO_STOP, an hour.
    pub(crate) hourly: i64,
    /// WorkSpaces Core (running mode MANUAL), a month.
    pub(crate) core: i64,
    /// A gibibyte of volume beyond the included, a month.
    pub(crate) gigabyte: i64,
}

/// A compute type.
#[derive(Debug)]
pub(crate) struct Compute {
    /// As WorkSpaces says it.
    pub(crate) name: &'static str,
    /// As the Price List says it.
    pub(crate) bundle: &'static str,
    /// In its usage types, `AW-HW-<number>`.
    pub(crate) number: u32,
    pub(crate) vcpu: u32,
    pub(crate) memory: u32,
    pub(crate) gpu: bool,
    /// Included volumes, GiB.
    pub(crate) root_gib: u32,
    pub(crate) user_gib: u32,
    monthly: i64,
    fee: i64,
    hourly: i64,
}

macro_rules! compute {
    ($name:literal $bundle:literal $number:literal: $vcpu:literal $memory:literal $gpu:literal, $root:literal $user:literal, $monthly:literal $fee:literal $hourly:literal) => {
        Compute {
            name: $name,
            bundle: $bundle,
            number: $number,
            vcpu: $vcpu,
            memory: $memory,
            gpu: $gpu,
            root_gib: $root,
            user_gib: $user,
            monthly: $monthly,
            fee: $fee,
            hourly: $hourly,
        }
    };
}

/// All compute types; us-east-1, Windows with licence, US cents.
pub(crate) static COMPUTES: &[Compute] = &[
    compute!("VALUE" "Value" 1: 1 2 false, 80 10, 2_500 725 22),
    compute!("STANDARD" "Standard" 2: 2 4 false, 80 50, 3_500 975 30),
    compute!("PERFORMANCE" "Performance" 3: 2 8 false, 80 100, 5_000 1_300 47),
    compute!("POWER" "Power" 8: 4 16 false, 175 100, 7_800 1_900 68),
    compute!("POWERPRO" "PowerPro" 9: 8 32 false, 175 100, 14_000 1_900 153),
    compute!("GENERALPURPOSE_4XLARGE" "GeneralPurpose.4xlarge" 12: 16 64 false, 175 100, 25_300 2_200 298),
    compute!("GENERALPURPOSE_8XLARGE" "GeneralPurpose.8xlarge" 13: 32 128 false, 175 100, 47_500 2_200 583),
    compute!("GRAPHICS" "Graphics" 4: 8 15 true, 100 100, 35_000 2_200 175),
    compute!("GRAPHICSPRO" "GraphicsPro" 6: 16 122 true, 100 100, 99_900 6_600 1_162),
    compute!("GRAPHICS_G4DN" "Graphics.g4dn" 10: 4 16 true, 100 100, 53_700 2_200 154),
    compute!("GRAPHICSPRO_G4DN" "GraphicsPro.g4dn" 11: 16 64 true, 100 100, 95_900 6_600 1_116),
    compute!("GRAPHICS_G6_XLARGE" "Graphics.g6.xlarge" 20: 4 16 true, 100 100, 60_900 2_400 174),
    compute!("GRAPHICS_G6_2XLARGE" "Graphics.g6.2xlarge" 21: 8 32 true, 100 100, 73_900 2_400 212),
    compute!("GRAPHICS_G6_4XLARGE" "Graphics.g6.4xlarge" 22: 16 64 true, 100 100, 99_900 2_400 290),
    compute!("GRAPHICS_G6_8XLARGE" "Graphics.g6.8xlarge" 23: 32 128 true, 100 100, 152_900 2_400 448),
    compute!("GRAPHICS_G6_16XLARGE" "Graphics.g6.16xlarge" 24: 64 256 true, 100 100, 258_900 2_400 762),
    compute!("GRAPHICS_GR6_4XLARGE" "Graphics.gr6.4xlarge" 25: 16 128 true, 100 100, 112_900 2_400 328),
    compute!("GRAPHICS_GR6_8XLARGE" "Graphics.gr6.8xlarge" 26: 32 256 true, 100 100, 178_900 2_400 524),
    compute!("GRAPHICS_G6F_LARGE" "Graphics.g6f.large" 27: 2 8 true, 100 100, 29_900 2_400 82),
    compute!("GRAPHICS_G6F_XLARGE" "Graphics.g6f.xlarge" 28: 4 16 true, 100 100, 36_900 2_400 102),
    compute!("GRAPHICS_G6F_2XLARGE" "Graphics.g6f.2xlarge" 29: 8 32 true, 100 100, 49_900 2_400 140),
    compute!("GRAPHICS_G6F_4XLARGE" "Graphics.g6f.4xlarge" 30: 16 64 true, 100 100, 75_900 2_400 218),
    compute!("GRAPHICS_GR6F_4XLARGE" "Graphics.gr6f.4xlarge" 31: 16 128 true, 100 100, 89_900 2_400 260),
    compute!("GRAPHICS_G7_2XLARGE" "Graphics.g7.2xlarge" 32: 8 32 true, 100 100, 84_900 2_400 246),
    compute!("GRAPHICS_G7_4XLARGE" "Graphics.g7.4xlarge" 33: 16 64 true, 100 100, 114_900 2_400 334),
    compute!("GRAPHICS_G7_8XLARGE" "Graphics.g7.8xlarge" 34: 32 128 true, 100 100, 175_900 2_400 515),
    compute!("GRAPHICS_G7_12XLARGE" "Graphics.g7.12xlarge" 35: 48 192 true, 100 100, 236_900 2_400 696),
];

/// The compute type of that name; what nobody knows costs as much as STANDARD.
pub(crate) fn compute(name: &str) -> &'static Compute {
    COMPUTES.iter().find(|known| known.name == name).unwrap_or(&COMPUTES[1])
}

/// Operating system and licence together, as the Price List tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Edition {
    Windows,
    OwnWindows,
    AmazonLinux,
    Ubuntu,
    RedHat,
    Rocky,
}

impl Edition {
    pub(crate) const ALL: [Self; 6] =
        [Self::Windows, Self::OwnWindows, Self::AmazonLinux, Self::Ubuntu, Self::RedHat, Self::Rocky];

    /// Of an operating system as WorkSpaces names it.
    pub(crate) fn of(operating_system: &str) -> Self {
        match operating_system {
            name if name.starts_with("WINDOWS_10") || name.starts_with("WINDOWS_11") => Self::OwnWindows,
            name if name.starts_with("AMAZON") => Self::AmazonLinux,
            name if name.starts_with("UBUNTU") => Self::Ubuntu,
            name if name.starts_with("RHEL") => Self::RedHat,
            name if name.starts_with("ROCKY") => Self::Rocky,
            _ => Self::Windows,
        }
    }

    /// Attribute `license`.
    pub(crate) fn license(self) -> &'static str {
        match self {
            Self::Windows | Self::RedHat | Self::Rocky => "Included",
            Self::OwnWindows => "Bring Your Own License",
            Self::AmazonLinux | Self::Ubuntu => "None",
        }
    }

    /// Attribute `operatingSystem`.
    pub(crate) fn operating_system(self) -> &'static str {
        match self {
            Self::Windows | Self::OwnWindows => "Windows",
            Self::AmazonLinux => "Amazon Linux",
            Self::Ubuntu => "Ubuntu Linux",
            Self::RedHat => "Red Hat Enterprise Linux",
            Self::Rocky => "Rocky Linux",
        }
    }

    /// The words of a price's description.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Windows => "Windows licensed",
            Self::OwnWindows => "Windows BYOL",
            Self::AmazonLinux => "Amazon Linux",
            Self::Ubuntu => "Ubuntu Linux",
            Self::RedHat => "RHEL licensed",
            Self::Rocky => "Rocky Linux licensed",
        }
    }

    /// Between `AW-` and the number in usage types.
    fn mark(self) -> &'static str {
        match self {
            Self::Windows => "HW",
            Self::OwnWindows => "HWB",
            Self::AmazonLinux => "HWA",
            Self::Ubuntu => "HWU",
            Self::RedHat => "HWR",
            Self::Rocky => "HWK",
        }
    }

    fn cheaper(self) -> i64 {
        if self.license() == "Included" { 0 } else { 4 }
    }
}

/// What is counted and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Charge {
    /// ALWAYS_ON.
    Monthly,
    /// The monthly fee of AUTO_STOP.
    Fee,
    /// The hours of AUTO_STOP.
    Hour,
    /// WorkSpaces Core.
    Core,
    /// Gibibytes of root volume beyond the included.
    RootVolume,
    /// Gibibytes of user volume beyond the included.
    UserVolume,
}

impl Charge {
    /// As in price dimensions and in usage quantities.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Monthly | Self::Fee | Self::Core => "Month",
            Self::Hour => "Hour",
            Self::RootVolume | Self::UserVolume => "GB-Mo",
        }
    }

    /// Whose price this is among the rates, US cents.
    pub(crate) fn cents(self, rates: &Rates) -> i64 {
        match self {
            Self::Monthly => rates.monthly,
            Self::Fee => rates.fee,
            Self::Hour => rates.hourly,
            Self::Core => rates.core,
            Self::RootVolume | Self::UserVolume => rates.gigabyte,
        }
    }

    /// The usage type, with the region's prefix.
    pub(crate) fn usage_type(self, region: &str, edition: Edition, number: u32) -> String {
        let prefix = place(region).prefix;
        let mark = edition.mark();
        match self {
            Self::Monthly => format!("{prefix}AW-{mark}-{number}"),
            Self::Fee => format!("{prefix}AW-{mark}-{number}-AutoStop-User"),
            Self::Hour => format!("{prefix}AW-{mark}-{number}-AutoStop-Usage"),
            Self::Core => format!("{prefix}AW-Core-{mark}-{number}"),
            Self::RootVolume => format!("{prefix}AW-RootVolume-GB"),
            Self::UserVolume => format!("{prefix}AW-UserVolume-GB"),
        }
    }
}

/// A region as billing knows it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) region: &'static str,
    /// Attribute `location`.
    pub(crate) location: &'static str,
    /// Of its usage types; us-east-1 has none.
    pub(crate) prefix: &'static str,
    /// Price against us-east-1, per mille.
    factor: i64,
}

const fn at(region: &'static str, location: &'static str, prefix: &'static str, factor: i64) -> Place {
    Place { region, location, prefix, factor }
}

/// Where WorkSpaces are sold.
pub(crate) static PLACES: &[Place] = &[
    at("us-east-1", "US East (N. Virginia)", "", 1_000),
    at("us-east-2", "US East (Ohio)", "USE2-", 1_000),
    at("us-west-2", "US West (Oregon)", "USW2-", 1_000),
    at("ca-central-1", "Canada (Central)", "CAN1-", 1_080),
    at("sa-east-1", "South America (Sao Paulo)", "SAE1-", 1_480),
    at("eu-west-1", "EU (Ireland)", "EU-", 1_060),
    at("eu-west-2", "EU (London)", "EUW2-", 1_110),
    at("eu-west-3", "EU (Paris)", "EUW3-", 1_120),
    at("eu-central-1", "EU (Frankfurt)", "EUC1-", 1_140),
    at("af-south-1", "Africa (Cape Town)", "AFS1-", 1_300),
    at("il-central-1", "Israel (Tel Aviv)", "ILC1-", 1_250),
    at("ap-south-1", "Asia Pacific (Mumbai)", "APS3-", 1_050),
    at("ap-southeast-1", "Asia Pacific (Singapore)", "APS1-", 1_340),
    at("ap-southeast-2", "Asia Pacific (Sydney)", "APS2-", 1_310),
    at("ap-northeast-1", "Asia Pacific (Tokyo)", "APN1-", 1_360),
    at("ap-northeast-2", "Asia Pacific (Seoul)", "APN2-", 1_230),
];

static ELSEWHERE: Place = at("", "Elsewhere", "XXX1-", 1_200);

/// The region's entry; one for all that are not sold in.
pub(crate) fn place(region: &str) -> &'static Place {
    PLACES.iter().find(|place| place.region == region).unwrap_or(&ELSEWHERE)
}

/// Prices of a compute type in a region.
pub(crate) fn rates(region: &str, compute: &Compute, edition: Edition) -> Rates {
    let factor = place(region).factor;
    // Half a cent goes up.
    let here = |cents: i64| (cents * factor + 500) / 1_000;
    let less = edition.cheaper();
    Rates {
        monthly: here(compute.monthly - less * 100),
        fee: here(compute.fee),
        hourly: here(compute.hourly - less),
        core: here((compute.monthly - 400) * 8 / 10),
        gigabyte: here(10),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_known_prices_stand() {
        let of = |name| {
            let rates = rates("us-east-1", compute(name), Edition::Windows);
            (rates.monthly, rates.fee, rates.hourly)
        };
        assert_eq!(of("VALUE"), (2_500, 725, 22));
        assert_eq!(of("STANDARD"), (3_500, 975, 30));
        assert_eq!(of("PERFORMANCE"), (5_000, 1_300, 47));
        assert_eq!(of("POWER"), (7_800, 1_900, 68));
        assert_eq!(of("POWERPRO"), (14_000, 1_900, 153));
        assert_eq!(of("GRAPHICSPRO"), (99_900, 6_600, 1_162));
    }

    #[test]
    fn own_licences_are_cheaper_and_other_regions_dearer() {
        let here = rates("us-east-1", compute("STANDARD"), Edition::OwnWindows);
        assert_eq!((here.monthly, here.fee, here.hourly), (3_100, 975, 26));
        let there = rates("eu-central-1", compute("STANDARD"), Edition::Windows);
        assert_eq!((there.monthly, there.fee, there.hourly), (3_990, 1_112, 34));
    }

    #[test]
    fn every_compute_type_has_names_of_its_own() {
        for taken in [
            COMPUTES.iter().map(|c| c.number.to_string()).collect::<HashSet<_>>(),
            COMPUTES.iter().map(|c| c.name.to_owned()).collect(),
            COMPUTES.iter().map(|c| c.bundle.to_owned()).collect(),
        ] {
            assert_eq!(taken.len(), COMPUTES.len());
        }
    }

    #[test]
    fn whatever_can_be_made_has_a_price_of_its_own() {
        for kind in crate::fleet::bundles::KINDS {
            let known = compute(kind.compute);
            assert_eq!(known.name, kind.compute);
            assert!(kind.root_gib >= known.root_gib && kind.user_gib >= known.user_gib, "{}", kind.key);
        }
    }
}
