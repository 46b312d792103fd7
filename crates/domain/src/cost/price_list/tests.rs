//! The Price List's texts, known and unknown.

use proptest::prelude::*;

use super::*;

fn observed(sku: &str, usage_type: &str, mode: &str, unit: &str, amount: &str) -> ObservedPrice {
    let attributes = [
        ("bundle", "Standard"),
        ("license", "Included"),
        ("operatingSystem", "Windows"),
        ("storage", "Root:80 GB,User:50 GB"),
        ("runningMode", mode),
        ("usagetype", usage_type),
    ];
    ObservedPrice {
        sku: sku.to_owned(),
        product_family: PRODUCT_FAMILY.to_owned(),
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        unit: unit.to_owned(),
        amount: amount.parse().unwrap(),
        currency: "USD".to_owned(),
        effective_at: None,
    }
}

fn standard() -> Vec<PriceProduct> {
    [
        observed("A", "EUC1-AW-HW-2", "AlwaysOn", "Month", "35.0000000000"),
        observed("B", "EUC1-AW-HW-2-AutoStop-User", "AutoStop", "Month", "9.7500000000"),
        observed("C", "EUC1-AW-HW-2-AutoStop-Usage", "AutoStop", "hour", "0.3000000000"),
    ]
    .iter()
    .map(|observed| PriceProduct::from_observed(observed).unwrap())
    .collect()
}

#[test]
fn three_products_are_a_plan() {
    let made = assemble(&standard());
    assert_eq!(made.problems, []);
    let (key, parts) = made.plans.first_key_value().unwrap();
    assert_eq!((key.compute_type.as_str(), key.root_gb, key.user_gb), ("STANDARD", Some(80), Some(50)));
    assert_eq!(parts.complete().unwrap().break_even_hours().unwrap().round_dp(1).to_string(), "84.2");
    let two = assemble(&standard()[..2]);
    assert_eq!(two.plans[key].complete(), Err(PlanError::Missing(Charge::AutoStopHour)));
}

#[test]
fn licence_and_volumes_keep_plans_apart() {
    let mut products = standard();
    let mut own = products[0].clone();
    own.license = License::BringYourOwn;
    let mut larger = products[0].clone();
    larger.user_gb = Some(100);
    products.extend([own, larger]);
    assert_eq!(assemble(&products).plans.len(), 3);
}

#[test]
fn what_does_not_fit_is_named_and_left_out() {
    let mut products = standard();
    let mut add = |sku: &str, usage_type: &str, mode: &str, unit: &str, amount: &str| {
        products.push(PriceProduct::from_observed(&observed(sku, usage_type, mode, unit, amount)).unwrap());
    };
    add("D", "EUC1-AW-SW-2", "AlwaysOn", "Month", "0");
    add("E", "EUC1-AW-HW-2", "AutoStop", "Month", "1");
    add("F", "EUC1-AW-HW-2", "AlwaysOn", "Hour", "1");
    add("G", "EUC1-AW-HW-2", "AlwaysOn", "Month", "36");
    add("H", "EUC1-AW-HW-2", "AlwaysOn", "Month", "35");
    add("I", "EUC1-AW-HW-2", "Sometimes", "Month", "35");
    let made = assemble(&products);
    let problems: Vec<_> = made.problems.iter().map(|problem| (problem.sku.as_str(), &problem.reason)).collect();
    let (given, taken) = (Decimal::from(36), Decimal::from(35));
    assert_eq!(
        problems,
        [
            ("D", &PriceReason::UsageType("EUC1-AW-SW-2".into())),
            ("E", &PriceReason::RunningMode("AutoStop".into())),
            ("F", &PriceReason::Unit("Hour".into())),
            ("G", &PriceReason::Conflict { given, taken }),
            ("I", &PriceReason::RunningMode("Sometimes".into())),
        ]
    );
    assert_eq!(made.plans.len(), 1);
}

#[test]
fn the_later_price_is_taken() {
    let mut products = standard();
    let mut newer = products[0].clone();
    newer.sku = "Z".to_owned();
    newer.price = Money::parse("40", newer.price.currency).unwrap();
    newer.effective_at = DateTime::from_timestamp(1_700_000_000, 0);
    products.push(newer);
    let made = assemble(&products);
    assert_eq!(made.plans.values().next().unwrap().monthly.unwrap().amount, Decimal::from(40));
    assert_eq!(made.problems[0].sku, "A");
}

#[test]
fn a_product_that_is_not_a_workspaces_is_a_typed_error() {
    let good = observed("A", "AW-HW-2", "AlwaysOn", "Month", "35");
    let without = |name: &str| {
        let mut other = good.clone();
        other.attributes.remove(name);
        PriceProduct::from_observed(&other)
    };
    assert_eq!(without("bundle"), Err(PriceTextError::Missing("bundle")));
    assert_eq!(without("usagetype"), Err(PriceTextError::Missing("usagetype")));
    assert_eq!(without("storage").unwrap().root_gb, None);
    assert_eq!(without("runningMode").unwrap().running_mode, None);
    let core = ObservedPrice { product_family: "WorkSpaces Core".into(), ..good.clone() };
    assert_eq!(PriceProduct::from_observed(&core), Err(PriceTextError::OtherFamily("WorkSpaces Core".into())));
    let money = ObservedPrice { currency: "dollars".into(), ..good.clone() };
    assert!(matches!(PriceProduct::from_observed(&money), Err(PriceTextError::Money(_))));
    let mut odd = good;
    odd.attributes.insert("storage".into(), "Root:lots".into());
    assert_eq!(PriceProduct::from_observed(&odd), Err(PriceTextError::Storage("Root:lots".into())));
}

#[test]
fn volumes_are_read_in_awss_spellings_and_nothing_else() {
    let both = Storage { root_gb: Some(175), user_gb: Some(100) };
    for text in
        ["Root:175 GB,User:100 GB", "User:100 GB, Root:175 GB", "root:175GB,user: 100 gb", "Root:175 GiB,User:100 GB"]
    {
        assert_eq!(parse_storage(text), Ok(both), "{text}");
    }
    assert_eq!(parse_storage("Root:80 GB"), Ok(Storage { root_gb: Some(80), user_gb: None }));
    for text in [
        "",
        "NA",
        "Root:80",
        "Root:80 TB",
        "Root:-8 GB",
        "Root:+8 GB",
        "Root: GB",
        "Root:80 GB,Root:80 GB",
        "Swap:8 GB",
        "Root:99999999999 GB",
        ",",
    ] {
        assert_eq!(parse_storage(text), Err(PriceTextError::Storage(text.to_owned())), "{text}");
    }
}

#[test]
fn usage_types_are_read_with_and_without_region() {
    let part = |text: &str| {
        UsageType::parse(text).part().map(|part| (part.prefix.map(str::to_owned), part.number, part.charge))
    };
    assert_eq!(part("AW-HW-2"), Some((None, 2, Charge::Monthly)));
    assert_eq!(part("USE1-AW-HW-8-AutoStop-User"), Some((Some("USE1".into()), 8, Charge::AutoStopFee)));
    assert_eq!(part("EUC1-AW-HW-13-AutoStop-Usage"), Some((Some("EUC1".into()), 13, Charge::AutoStopHour)));
    assert_eq!(
        UsageType::parse("AW-HWU-3-AutoStop-User").part().map(|part| part.family.to_owned()),
        Some("HWU".into())
    );
    for other in [
        "",
        "AW-HW",
        "AW-HW-",
        "AW-HW-x",
        "AW-HW-+2",
        "-AW-HW-2",
        "SW",
        "AW-SW-2",
        "AW-HW-2-AutoStop",
        "AW-HW-2-AutoStop-",
        "AW-HW-99999999999",
        "DataTransfer-Out-Bytes",
    ] {
        assert_eq!(part(other), None, "{other}");
        assert_eq!(UsageType::parse(other).as_str(), other, "kept as it came");
    }
}

#[test]
fn bundles_systems_and_units_are_known_in_both_spellings() {
    for (bundle, known) in [
        ("Value", ComputeType::Value),
        ("PowerPro", ComputeType::PowerPro),
        ("Power Pro", ComputeType::PowerPro),
        ("Graphics.g4dn", ComputeType::GraphicsG4dn),
        ("GraphicsPro.g4dn", ComputeType::GraphicsProG4dn),
        ("General Purpose 4xlarge", ComputeType::GeneralPurpose4xlarge),
    ] {
        assert_eq!(compute_type_of_bundle(bundle), known);
        assert_eq!(compute_type_of_bundle(known.as_str()), known);
    }
    assert_eq!(compute_type_of_bundle("Quantum"), ComputeType::Other("Quantum".into()));
    for (text, family) in [
        ("Windows", OsFamily::Windows),
        ("WINDOWS_SERVER_2022", OsFamily::Windows),
        ("AMAZON_LINUX_2", OsFamily::AmazonLinux),
        ("UBUNTU_22_04", OsFamily::Ubuntu),
        ("RHEL_8", OsFamily::RedHat),
        ("ROCKY_8", OsFamily::Rocky),
        ("Any", OsFamily::Any),
        ("Plan 9", OsFamily::Other("Plan 9".into())),
    ] {
        assert_eq!(OsFamily::read(text), family);
        assert_eq!(OsFamily::read(family.as_str()), family);
    }
    assert_eq!(PriceUnit::read("User-Month"), PriceUnit::Month);
    assert_eq!(PriceUnit::read("Hours"), PriceUnit::Hour);
    assert_eq!(PriceUnit::read("GB-Mo"), PriceUnit::Other("GB-Mo".into()));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,30}") {
        let _ = (parse_storage(&text), parse_gb(&text), PriceUnit::read(&text), compute_type_of_bundle(&text));
        let usage = UsageType::parse(&text);
        prop_assert_eq!(usage.as_str(), &text);
        let _ = usage.part();
        let system = OsFamily::read(&text);
        prop_assert!(system.is_known() || system.as_str() == text);
    }

    #[test]
    fn what_is_written_is_read(root in 0u32..100_000, user in 0u32..100_000, number in 0u32..1_000, prefix in "[A-Z]{2,4}[0-9]?") {
        let storage = parse_storage(&format!("Root:{root} GB,User:{user} GB")).unwrap();
        prop_assert_eq!(storage, Storage { root_gb: Some(root), user_gb: Some(user) });
        // No region is called like what follows it.
        prop_assume!(prefix != "AW");
        let usage = UsageType::parse(&format!("{prefix}-AW-HW-{number}-AutoStop-Usage"));
        let part = usage.part().unwrap();
        prop_assert_eq!((part.prefix, part.number, part.charge), (Some(prefix.as_str()), number, Charge::AutoStopHour));
    }

    #[test]
    fn the_order_of_products_does_not_matter(amounts in proptest::collection::vec((0i64..4, 0usize..3, 0i64..3), 0..12).prop_shuffle()) {
        let products: Vec<_> = amounts.iter().enumerate().map(|(index, (amount, which, since))| {
            let mut product = standard()[*which].clone();
            product.sku = format!("{amount}-{which}-{since}-{index}");
            product.price.amount = Decimal::from(*amount);
            product.effective_at = DateTime::from_timestamp(*since, 0);
            product
        }).collect();
        let mut sorted = products.clone();
        sorted.sort_by(|a, b| a.sku.cmp(&b.sku));
        prop_assert_eq!(assemble(&products), assemble(&sorted));
    }
}
