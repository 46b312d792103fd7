//! GetProducts as the Price List answers it, and as it should not.

use domain::ids::Region;
use serde_json::{Value, json};

use super::fake::{Fake, Reply, quick};

fn product(sku: &str, amount: &str) -> Value {
    json!({
        "product": {"productFamily": "Enterprise Applications", "sku": sku, "attributes": {
            "bundle": "Standard", "license": "Included", "runningMode": "AlwaysOn", "regionCode": "eu-central-1",
            "usagetype": "EUC1-AW-HW-2", "storage": "Root:80 GB,User:50 GB"}},
        "serviceCode": "AmazonWorkSpaces",
        "terms": {"OnDemand": {format!("{sku}.JRTC"): {"effectiveDate": "2026-10-01T00:00:00Z", "priceDimensions": {
            format!("{sku}.JRTC.6YS6"): {"unit": "Month", "pricePerUnit": {"USD": amount}}}}}},
        "version": "1"
    })
}

fn europe() -> Region {
    "eu-central-1".parse().unwrap()
}

#[tokio::test]
async fn products_are_read_and_unreadable_ones_counted() {
    let mut no_terms = product("NOTERMS", "1");
    no_terms["terms"] = json!({});
    let mut bad_date = product("BADDATE", "1");
    bad_date["terms"]["OnDemand"]["BADDATE.JRTC"]["effectiveDate"] = json!("soon");
    let mut no_sku = product("X", "1");
    no_sku["product"]["sku"] = json!("");
    let list: Vec<String> = [product("GOOD", "38.0000000000"), no_terms, product("BADNUMBER", "ten"), bad_date, no_sku]
        .iter()
        .map(Value::to_string)
        .chain(["{".to_owned(), "7".to_owned()])
        .collect();
    let body = json!({"FormatVersion": "aws_v1", "NextToken": "n", "PriceList": list}).to_string();
    let fake = Fake::start(move |_| Reply::new(200, body.clone())).await;
    let data = fake.data(quick()).await;
    let answer = data.price_page(&europe(), None).await.unwrap();
    assert_eq!((answer.page.items.len(), answer.malformed, answer.page.next_token.as_deref()), (1, 5, Some("n")));
    let price = &answer.page.items[0];
    assert_eq!((price.sku.as_str(), price.product_family.as_str()), ("GOOD", "Enterprise Applications"));
    assert_eq!((price.amount, price.currency.as_str()), ("38".parse().unwrap(), "USD"));
    assert_eq!((price.unit.as_str(), price.attributes["usagetype"].as_str()), ("Month", "EUC1-AW-HW-2"));
    assert_eq!(price.effective_at, Some("2026-10-01T00:00:00Z".parse().unwrap()));

    data.price_page(&europe(), Some("n".to_owned())).await.unwrap();
    let seen = fake.seen();
    assert_eq!((seen[0].service.as_str(), seen[0].region.as_str()), ("pricing", "us-east-1"), "whatever the region");
    let asked: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!((&asked["ServiceCode"], &asked["MaxResults"]), (&json!("AmazonWorkSpaces"), &json!(100)));
    assert_eq!(asked["Filters"], json!([{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-central-1"}]));
    let asked: Value = serde_json::from_str(&seen[1].body).unwrap();
    assert_eq!(asked["NextToken"], "n");
}

#[tokio::test]
async fn errors_have_their_types() {
    for (status, code, kind) in [
        (400, "AccessDeniedException", "denied"),
        (400, "ThrottlingException", "throttled"),
        (400, "ExpiredNextTokenException", "refused"),
        (400, "NotFoundException", "not_found"),
        (500, "InternalErrorException", "unavailable"),
    ] {
        let fake = Fake::start(move |_| Reply::error(status, code, "words")).await;
        let error = fake.data(quick()).await.price_page(&europe(), None).await.unwrap_err();
        assert_eq!((error.code(), error.operation()), (kind, "pricing:GetProducts"), "{code}: {error}");
    }
    let fake = Fake::start(|_| Reply::new(200, "{}")).await;
    assert_eq!(fake.data(quick()).await.price_page(&europe(), None).await.unwrap_err().code(), "malformed");
}
