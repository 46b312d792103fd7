//! The Price List's products of AmazonWorkSpaces, in AWS's shape.
//!
//! For each region, compute type and edition: the monthly price, the AUTO_STOP fee and hour, the zero-priced software, and
//! the rows of WorkSpaces Core and of pools that repeat the bundle's name at other prices. Per region: volumes. The
//! list is the same for every account and never changes while the simulator runs.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    E10_PER_CENT,
    tariff::{COMPUTES, Charge, Compute, Edition, PLACES, Place, rates},
};
use crate::rng::{CAPITALS, Rng};

/// The service code of WorkSpaces.
pub(crate) const SERVICE: &str = "AmazonWorkSpaces";
/// The family of WorkSpaces themselves.
pub(crate) const PERSONAL: &str = "Enterprise Applications";

const PUBLISHED: &str = "2025-10-01T16:20:11Z";
const VERSION: &str = "20251001162011";
const EFFECTIVE: &str = "2024-01-01T00:00:00Z";
const ON_DEMAND: &str = "JRTCKXETXF";
const RATE: &str = "6YS6EN2CT7";

/// A product with its one price.
#[derive(Debug)]
pub(crate) struct Product {
    family: &'static str,
    attributes: Vec<(&'static str, String)>,
    sku: String,
    unit: &'static str,
    description: String,
    cents: i64,
}

/// All products, region by region; made on first use.
pub(crate) fn all() -> &'static [Product] {
    static ALL: OnceLock<Vec<Product>> = OnceLock::new();
    ALL.get_or_init(|| PLACES.iter().flat_map(of_place).collect())
}

impl Product {
    /// A filter's field: an attribute, or what stands beside the attributes.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        match name {
            "productFamily" => Some(self.family),
            "ServiceCode" | "serviceCode" => Some(SERVICE),
            "sku" => Some(&self.sku),
            _ => self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str()),
        }
    }

    /// The names of its attributes.
    pub(crate) fn attribute_names(&self) -> impl Iterator<Item = &'static str> {
        self.attributes.iter().map(|(key, _)| *key)
    }

    /// The text that a `PriceList` holds for it.
    pub(crate) fn text(&self) -> String {
        let attributes: Map<String, Value> =
            self.attributes.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let term = format!("{}.{ON_DEMAND}", self.sku);
        let rate = format!("{term}.{RATE}");
        json!({
            "product": { "productFamily": self.family, "attributes": attributes, "sku": self.sku },
            "serviceCode": SERVICE,
            "terms": { "OnDemand": { &term: {
                "priceDimensions": { &rate: {
                    "unit": self.unit,
                    "endRange": "Inf",
                    "description": self.description,
                    "appliesTo": [],
                    "rateCode": rate,
                    "beginRange": "0",
                    "pricePerUnit": { "USD": usd(self.cents) },
                } },
                "sku": self.sku,
                "effectiveDate": EFFECTIVE,
                "offerTermCode": ON_DEMAND,
                "termAttributes": {},
            } } },
            "version": VERSION,
            "publicationDate": PUBLISHED,
        })
        .to_string()
    }
}

/// Ten decimals, as the Price List writes them.
fn usd(cents: i64) -> String {
    let e10 = cents * E10_PER_CENT;
    format!("{}.{:010}", e10 / 10_000_000_000, e10 % 10_000_000_000)
}

fn of_place(place: &'static Place) -> Vec<Product> {
    let mut products = Vec::new();
    for compute in COMPUTES {
        for edition in Edition::ALL {
            // Graphics bundles come with Windows and Ubuntu only.
            if compute.gpu && !matches!(edition, Edition::Windows | Edition::OwnWindows | Edition::Ubuntu) {
                continue;
            }
            for charge in [Charge::Monthly, Charge::Fee, Charge::Hour] {
                products.push(desktop(place, compute, edition, charge));
            }
        }
        products.push(software(place, compute));
        products.push(core(place, compute, "AlwaysOn"));
        products.push(core(place, compute, "AutoStop"));
        products.push(pool(place, compute));
    }
    products.push(volume(place, Charge::RootVolume));
    products.push(volume(place, Charge::UserVolume));
    products
}

/// The attributes that every product has.
fn common(place: &Place, usage_type: &str) -> Vec<(&'static str, String)> {
    vec![
        ("servicecode", SERVICE.to_owned()),
        ("servicename", "Amazon WorkSpaces".to_owned()),
        ("location", place.location.to_owned()),
        ("locationType", "AWS Region".to_owned()),
        ("regionCode", place.region.to_owned()),
        ("usagetype", usage_type.to_owned()),
        ("operation", String::new()),
    ]
}

/// The attributes that describe a bundle.
fn bundle(compute: &Compute, edition: Edition, running_mode: &str) -> Vec<(&'static str, String)> {
    let Compute { root_gib, user_gib, .. } = compute;
    vec![
        ("bundle", compute.bundle.to_owned()),
        ("bundleDescription", format!("{} bundle", compute.bundle)),
        ("vcpu", compute.vcpu.to_string()),
        ("memory", format!("{} GB", compute.memory)),
        ("storage", format!("Root:{root_gib} GB,User:{user_gib} GB")),
        ("rootVolume", format!("{root_gib} GB")),
        ("userVolume", format!("{user_gib} GB")),
        ("license", edition.license().to_owned()),
        ("operatingSystem", edition.operating_system().to_owned()),
        ("runningMode", running_mode.to_owned()),
        ("resourceType", "Hardware".to_owned()),
    ]
}

fn product(
    family: &'static str,
    attributes: Vec<(&'static str, String)>,
    unit: &'static str,
    description: String,
    cents: i64,
) -> Product {
    let key = attributes.iter().fold(family.to_owned(), |key, (_, value)| key + "|" + value);
    Product { family, sku: Rng::from_parts(0, &key).text(CAPITALS, 16), attributes, unit, description, cents }
}

fn desktop(place: &Place, compute: &Compute, edition: Edition, charge: Charge) -> Product {
    let cents = charge.cents(&rates(place.region, compute, edition));
    let (running_mode, group) =
        if charge == Charge::Monthly { ("AlwaysOn", "Monthly Plus") } else { ("AutoStop", "Hourly Plus") };
    let mut attributes = common(place, &charge.usage_type(place.region, edition, compute.number));
    attributes.extend(bundle(compute, edition, running_mode));
    attributes.push(("group", format!("{}-{running_mode}", compute.bundle)));
    attributes.push(("groupDescription", group.to_owned()));
    let storage = match charge {
        Charge::Hour => String::new(),
        _ => format!(",{}GB Root,{}GB User", compute.root_gib, compute.user_gib),
    };
    let per = if charge == Charge::Hour { "hour" } else { "month" };
    let description = format!(
        "${}/{per}-{group}-{}-{}-{}vCPU,{}GB Memory{storage}",
        plain(cents),
        edition.words(),
        compute.bundle,
        compute.vcpu,
        compute.memory
    );
    product(PERSONAL, attributes, charge.unit(), description, cents)
}

/// Dollars and cents without superfluous zeros.
fn plain(cents: i64) -> String {
    super::decimal(i128::from(cents * E10_PER_CENT))
}

/// Licensed software, which costs nothing beside the bundle.
fn software(place: &Place, compute: &Compute) -> Product {
    let mut attributes = common(place, &format!("{}AW-SW-{}", place.prefix, compute.number));
    attributes.extend(bundle(compute, Edition::Windows, "AlwaysOn"));
    for (key, value) in &mut attributes {
        if *key == "resourceType" {
            "Software".clone_into(value);
        }
    }
    attributes.push(("groupDescription", "Software".to_owned()));
    product(PERSONAL, attributes, "Month", format!("$0.00/month-Software-{}", compute.bundle), 0)
}

/// WorkSpaces Core: the same bundle names, another family, other prices.
fn core(place: &Place, compute: &Compute, running_mode: &str) -> Product {
    let rates = rates(place.region, compute, Edition::OwnWindows);
    let monthly = running_mode == "AlwaysOn";
    let usage_type = Charge::Core.usage_type(place.region, Edition::Windows, compute.number);
    let mut attributes = common(place, &if monthly { usage_type } else { usage_type + "-Hourly" });
    attributes.extend(bundle(compute, Edition::OwnWindows, running_mode));
    attributes.push(("groupDescription", "WorkSpaces Core".to_owned()));
    let (unit, cents) = if monthly { ("Month", rates.core) } else { ("Hour", (rates.hourly * 8 + 5) / 10) };
    let description = format!("${}/{}-Core-{}", plain(cents), unit.to_lowercase(), compute.bundle);
    product("WorkSpaces Core", attributes, unit, description, cents)
}

/// WorkSpaces Pools: the same bundle names again.
fn pool(place: &Place, compute: &Compute) -> Product {
    let cents = rates(place.region, compute, Edition::Windows).hourly * 9 / 10;
    let mut attributes = common(place, &format!("{}AW-Pools-{}", place.prefix, compute.number));
    attributes.extend(bundle(compute, Edition::Windows, "Pool"));
    attributes.push(("groupDescription", "WorkSpaces Pools".to_owned()));
    product(PERSONAL, attributes, "Hour", format!("${}/hour-Pools-{}", plain(cents), compute.bundle), cents)
}

fn volume(place: &Place, charge: Charge) -> Product {
    let cents = charge.cents(&rates(place.region, &COMPUTES[0], Edition::Windows));
    let mut attributes = common(place, &charge.usage_type(place.region, Edition::Windows, 0));
    let kind = if charge == Charge::RootVolume { "Root" } else { "User" };
    attributes.push(("resourceType", "Storage".to_owned()));
    attributes.push(("group", format!("{kind} volume")));
    attributes.push(("groupDescription", format!("Additional storage of the {} volume", kind.to_lowercase())));
    let description = format!("${} per GB-month of additional {} volume", plain(cents), kind.to_lowercase());
    product(PERSONAL, attributes, charge.unit(), description, cents)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn find(wanted: &[(&str, &str)]) -> Vec<&'static Product> {
        all()
            .iter()
            .filter(|product| wanted.iter().all(|(field, value)| product.field(field) == Some(*value)))
            .collect()
    }

    #[test]
    fn skus_are_distinct() {
        let skus: HashSet<&str> = all().iter().filter_map(|product| product.field("sku")).collect();
        assert_eq!(skus.len(), all().len());
        assert!(skus.iter().all(|sku| sku.len() == 16));
    }

    #[test]
    fn a_bundle_has_three_prices_among_its_own_and_others_of_the_same_name_elsewhere() {
        let standard = [("regionCode", "us-east-1"), ("bundle", "Standard")];
        let own = [("productFamily", PERSONAL), ("license", "Included"), ("operatingSystem", "Windows")];
        let found = find(&[&standard[..], &own[..]].concat());
        let mut prices: Vec<_> = found
            .iter()
            .map(|product| {
                let text: Value = serde_json::from_str(&product.text()).unwrap();
                let term = text["terms"]["OnDemand"].as_object().unwrap().values().next().unwrap().clone();
                let price = term["priceDimensions"].as_object().unwrap().values().next().unwrap().clone();
                (
                    product.field("usagetype").unwrap().to_owned(),
                    price["unit"].as_str().unwrap().to_owned(),
                    price["pricePerUnit"]["USD"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        prices.sort();
        let wanted = [
            ("AW-HW-2", "Month", "35.0000000000"),
            ("AW-HW-2-AutoStop-Usage", "Hour", "0.3000000000"),
            ("AW-HW-2-AutoStop-User", "Month", "9.7500000000"),
            ("AW-Pools-2", "Hour", "0.2700000000"),
            ("AW-SW-2", "Month", "0.0000000000"),
        ];
        assert_eq!(prices, wanted.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
        assert!(find(&standard).iter().any(|product| product.field("productFamily") == Some("WorkSpaces Core")));
        assert_eq!(found[0].field("storage"), Some("Root:80 GB,User:50 GB"));
    }

    #[test]
    fn descriptions_read_as_awss() {
        let found = find(&[("usagetype", "EU-AW-HW-2")]);
        assert_eq!(
            found[0].description,
            "$37.1/month-Monthly Plus-Windows licensed-Standard-2vCPU,4GB Memory,80GB Root,50GB User"
        );
    }
}
