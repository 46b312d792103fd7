use proptest::prelude::*;

use super::*;

fn key(usage_type: &str) -> UsageKey {
    UsageKey { region: "us-east-1".to_owned(), usage_type: usage_type.to_owned() }
}

fn amounts(quantity: &str, amount: &str) -> Amounts {
    Amounts { quantity: quantity.parse().unwrap(), amount: amount.parse().unwrap() }
}

fn found(lines: &[(&str, UsageLine)], unseen: bool) -> Vec<(Reason, String)> {
    let lines = lines.iter().map(|(usage_type, line)| (key(usage_type), line.clone())).collect();
    let found = reconcile(&lines, Currency::USD, unseen).unwrap();
    found.parts.iter().map(|part| (part.reason, part.amount.to_string())).collect()
}

fn hours(billed: &str, estimated: &str) -> UsageLine {
    let price: Decimal = "0.30".parse().unwrap();
    let side = |hours: &str| {
        let quantity: Decimal = hours.parse().unwrap();
        Some(Amounts { quantity, amount: quantity * price })
    };
    UsageLine { billed: side(billed), estimated: side(estimated), price: Some(price), ..UsageLine::default() }
}

#[test]
fn what_agrees_needs_no_words() {
    assert_eq!(found(&[("AW-HW-2-AutoStop-Usage", hours("100", "100"))], false), []);
    assert_eq!(found(&[], true), []);
}

#[test]
fn hours_that_are_not_known_are_told_from_those_that_nobody_can_explain() {
    let unknown = UsageLine { hours_unknown: 1, ..hours("110", "100") };
    assert_eq!(
        found(&[("AW-HW-2-AutoStop-Usage", unknown.clone())], false),
        [(Reason::HoursUnknown, "3.00 USD".into())]
    );
    let known = hours("110", "100");
    assert_eq!(found(&[("AW-HW-2-AutoStop-Usage", known)], false), [(Reason::Unexplained, "3.00 USD".into())]);
    // What is paid by the month does not depend on hours.
    assert_eq!(found(&[("AW-HW-2", unknown)], false), [(Reason::Unexplained, "3.00 USD".into())]);
}

#[test]
fn another_price_is_told_from_another_use() {
    let line = UsageLine {
        billed: Some(amounts("12", "378")),
        estimated: Some(amounts("10", "350")),
        price: Some(Decimal::from(35)),
        came_or_went: 2,
        ..UsageLine::default()
    };
    let parts = [(Reason::CameOrWent, "70.00 USD".into()), (Reason::PriceDiffers, "-42.00 USD".into())];
    assert_eq!(found(&[("AW-HW-2", line)], false), parts);
}

#[test]
fn what_was_not_reckoned_is_told_apart_by_what_it_is() {
    let billed = |amount: &str, price: Option<i64>| UsageLine {
        billed: Some(amounts("1", amount)),
        price: price.map(Decimal::from),
        ..UsageLine::default()
    };
    let lines = [
        ("AW-Core-HW-2", billed("20", None)),
        ("AW-HW-77", billed("40", None)),
        ("Tax", billed("9", None)),
        ("AW-HW-2", billed("35", Some(35))),
        ("AW-SW-2", billed("-5", None)),
        ("AW-SW-3", billed("0.001", None)),
    ];
    let named = |reason: Reason, unseen| {
        let found = found(&lines, unseen);
        found.into_iter().find(|(one, _)| *one == reason).map(|(_, amount)| amount)
    };
    assert_eq!(named(Reason::OtherCharge, false).as_deref(), Some("20.00 USD"));
    assert_eq!(named(Reason::PriceMissing, false).as_deref(), Some("40.00 USD"));
    assert_eq!(named(Reason::TaxOrCredit, false).as_deref(), Some("4.00 USD"));
    assert_eq!(named(Reason::Unexplained, false).as_deref(), Some("35.00 USD"));
    assert_eq!(named(Reason::CameOrWent, true).as_deref(), Some("35.00 USD"));
    assert_eq!(named(Reason::Rounding, false).as_deref(), Some("0.00 USD"));
}

#[test]
fn a_line_has_both_sides_both_prices_and_its_reasons() {
    let line = UsageLine {
        billed: Some(amounts("12", "378")),
        estimated: Some(amounts("10", "350")),
        price: Some(Decimal::from(35)),
        came_or_went: 2,
        ..UsageLine::default()
    };
    let unused = UsageLine { billed: Some(amounts("0", "3")), ..UsageLine::default() };
    let same = UsageLine { estimated: line.billed, came_or_went: 0, ..line.clone() };
    let lines = BTreeMap::from([(key("AW-HW-1"), same), (key("AW-HW-2"), line), (key("Tax"), unused)]);
    let found = reconcile(&lines, Currency::USD, false).unwrap();
    let names: Vec<_> = found.lines.iter().map(|line| line.key.usage_type.as_str()).collect();
    assert_eq!(names, ["AW-HW-2", "Tax", "AW-HW-1"], "those that differ most first");
    let text = |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
    let [first, tax, same] = found.lines.as_slice() else { panic!("{:?}", found.lines) };
    assert_eq!((text(first.billed), text(first.estimated)), ("378.00 USD".into(), "350.00 USD".into()));
    assert_eq!((first.billed_quantity, first.estimated_quantity), (Some(12.into()), Some(10.into())));
    assert_eq!((text(first.billed_price), text(first.list_price)), ("31.50 USD".into(), "35.00 USD".into()));
    let reasons: Vec<_> = first.reasons.iter().map(|(reason, amount)| (*reason, amount.to_string())).collect();
    assert_eq!(reasons, [(Reason::CameOrWent, "70.00 USD".into()), (Reason::PriceDiffers, "-42.00 USD".into())]);
    assert_eq!((tax.billed_price, tax.list_price, tax.estimated), (None, None, None), "nothing was used of it");
    assert_eq!((same.difference.is_zero(), same.reasons.len()), (true, 0));
}

#[test]
fn quantities_have_a_unit_where_it_is_known() {
    let units = ["EUC1-AW-HW-2-AutoStop-Usage", "AW-HW-2-AutoStop-User", "AW-HW-2", "EU-AW-UserVolume-GB", "Tax"];
    assert_eq!(
        units.map(|text| key(text).unit()),
        [Some("hour"), Some("month"), Some("month"), Some("gb_month"), None]
    );
}

fn side() -> impl Strategy<Value = Option<Amounts>> {
    // Down to the last decimal that is kept, and some beyond it.
    let decimal = |scale| (-9_000_000_000_000i64..9_000_000_000_000).prop_map(move |n| Decimal::new(n, scale));
    proptest::option::of((decimal(10), decimal(12)).prop_map(|(quantity, amount)| Amounts { quantity, amount }))
}

fn line() -> impl Strategy<Value = UsageLine> {
    let price = proptest::option::of((0i64..90_000_000_000).prop_map(|n| Decimal::new(n, 8)));
    (side(), side(), price, 0u64..2, 0u64..2).prop_map(|(billed, estimated, price, hours_unknown, came_or_went)| {
        UsageLine { billed, estimated, price, hours_unknown, came_or_went }
    })
}

fn usage_type() -> impl Strategy<Value = String> {
    let known = ["AW-HW-2", "AW-HW-2-AutoStop-User", "EU-AW-HW-2-AutoStop-Usage", "AW-RootVolume-GB", "Tax", ""];
    prop_oneof![proptest::sample::select(known.to_vec()).prop_map(str::to_owned), "[A-Z]{2}-AW-[A-Z]{2}-[0-9]"]
}

proptest! {
    #[test]
    fn the_parts_are_the_difference_exactly(
        lines in proptest::collection::btree_map(usage_type(), line(), 0..12),
        unseen in any::<bool>(),
    ) {
        let lines: BTreeMap<_, _> = lines.into_iter().map(|(usage_type, line)| (key(&usage_type), line)).collect();
        let found = reconcile(&lines, Currency::USD, unseen).unwrap();
        prop_assert_eq!(found.billed.checked_sub(&found.estimated).unwrap(), found.difference);
        let parts: Vec<_> = found.parts.iter().map(|part| part.amount).collect();
        prop_assert_eq!(Money::sum(&parts, Currency::USD).unwrap().amount, found.difference.amount);
        for part in &found.parts {
            let lines: Vec<_> = part.lines.iter().map(|(_, amount)| *amount).collect();
            prop_assert_eq!(Money::sum(&lines, Currency::USD).unwrap().amount, part.amount.amount);
            prop_assert!(!part.lines.is_empty());
        }
        prop_assert_eq!(found.lines.len(), lines.len());
        let sum = |of: &dyn Fn(&ComparedLine) -> Money| {
            let all: Vec<_> = found.lines.iter().map(of).collect();
            Money::sum(&all, Currency::USD).unwrap().amount
        };
        let zero = Money::zero(Currency::USD);
        prop_assert_eq!(sum(&|line| line.billed.unwrap_or(zero)), found.billed.amount);
        prop_assert_eq!(sum(&|line| line.estimated.unwrap_or(zero)), found.estimated.amount);
        prop_assert_eq!(sum(&|line| line.difference), found.difference.amount);
        for line in &found.lines {
            let reasons: Vec<_> = line.reasons.iter().map(|(_, amount)| *amount).collect();
            prop_assert_eq!(Money::sum(&reasons, Currency::USD).unwrap().amount, line.difference.amount);
        }
        prop_assert!(found.parts.windows(2).all(|two| two[0].reason < two[1].reason));
    }

    #[test]
    fn what_is_known_to_be_the_same_has_no_unexplained_rest(
        line in line(),
        usage_type in usage_type(),
    ) {
        let line = UsageLine { estimated: line.billed, ..line };
        let found = reconcile(&BTreeMap::from([(key(&usage_type), line)]), Currency::USD, false).unwrap();
        prop_assert_eq!(found.parts, []);
    }
}
