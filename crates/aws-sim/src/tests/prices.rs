//! The Price List as a client reads it.

use serde_json::{Value, json};

use super::{Client, still};
use crate::Simulator;

async fn ask(client: &Client, operation: &str, body: Value) -> super::Answer {
    client.target(&format!("AWSPriceListService.{operation}"), body.to_string()).await
}

fn filters(wanted: &[(&str, &str)]) -> Value {
    wanted.iter().map(|(field, value)| json!({ "Type": "TERM_MATCH", "Field": field, "Value": value })).collect()
}

async fn all(client: &Client, wanted: &[(&str, &str)], size: usize) -> Vec<Value> {
    let (mut products, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut body = json!({ "ServiceCode": "AmazonWorkSpaces", "Filters": filters(wanted), "FormatVersion": "aws_v1",
            "MaxResults": size });
        if !token.is_null() {
            body["NextToken"] = token;
        }
        let answer = ask(client, "GetProducts", body).await.good();
        let page = answer["PriceList"].as_array().unwrap();
        assert!(page.len() <= size);
        products.extend(page.iter().map(|text| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap()));
        token = answer["NextToken"].clone();
        if token.is_null() {
            return products;
        }
    }
}

#[tokio::test]
async fn products_come_in_pages_and_by_any_attribute() {
    let client = Client::new(&Simulator::new(still(30)));
    let here = all(&client, &[("regionCode", "eu-central-1")], 100).await;
    assert!(here.len() > 300, "{}", here.len());
    assert_eq!(here, all(&client, &[("location", "EU (Frankfurt)")], 37).await);
    let auto_stop =
        all(&client, &[("regionCode", "us-east-1"), ("runningMode", "AutoStop"), ("license", "None")], 100).await;
    assert!(!auto_stop.is_empty());
    for product in &auto_stop {
        assert_eq!(product["product"]["attributes"]["license"], "None");
        assert!(product["product"]["attributes"]["usagetype"].as_str().unwrap().contains("-AutoStop-"));
    }
    assert_eq!(all(&client, &[("regionCode", "mars-1")], 100).await, Vec::<Value>::new());
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let client = Client::new(&Simulator::new(still(30)));
    let good = json!({ "ServiceCode": "AmazonWorkSpaces", "MaxResults": 1 });
    let token = ask(&client, "GetProducts", good.clone()).await.good()["NextToken"].clone();
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    let mut elsewhere = with("NextToken", token);
    elsewhere["Filters"] = filters(&[("regionCode", "us-east-1")]);
    for (body, code) in [
        (with("ServiceCode", json!("AmazonTeapots")), "InvalidParameterException"),
        (with("MaxResults", json!(101)), "InvalidParameterException"),
        (with("FormatVersion", json!("aws_v2")), "InvalidParameterException"),
        (with("Filters", json!([{ "Type": "LIKE", "Field": "a", "Value": "b" }])), "InvalidParameterException"),
        (with("NextToken", json!("guess")), "InvalidNextTokenException"),
        (elsewhere, "InvalidNextTokenException"),
        (json!({}), "ValidationException"),
    ] {
        assert_eq!(ask(&client, "GetProducts", body.clone()).await.code(), code, "{body}");
    }
}

#[tokio::test]
async fn services_and_attributes_are_described() {
    let client = Client::new(&Simulator::new(still(30)));
    let services = ask(&client, "DescribeServices", json!({ "ServiceCode": "AmazonWorkSpaces" })).await.good();
    let names = services["Services"][0]["AttributeNames"].as_array().unwrap();
    assert!(["bundle", "runningMode", "usagetype"].iter().all(|name| names.contains(&json!(name))), "{names:?}");
    let body = json!({ "ServiceCode": "AmazonWorkSpaces", "AttributeName": "license" });
    let values = ask(&client, "GetAttributeValues", body).await.good();
    assert_eq!(
        values["AttributeValues"],
        json!([{ "Value": "Bring Your Own License" }, { "Value": "Included" }, { "Value": "None" }])
    );
}

#[tokio::test]
async fn garbage_cuts_products_and_a_denial_names_the_action() {
    let client = Client::new(&Simulator::new(still(30)));
    client.control("PUT", "faults", json!({ "faults": ["garbage:GetProducts:once"] })).await;
    let body = json!({ "ServiceCode": "AmazonWorkSpaces" });
    let page = ask(&client, "GetProducts", body.clone()).await.good();
    let texts = page["PriceList"].as_array().unwrap();
    let cut = texts.iter().filter(|text| serde_json::from_str::<Value>(text.as_str().unwrap()).is_err()).count();
    assert_eq!((texts.len(), cut), (100, 15));
    client.control("PUT", "faults", json!({ "faults": ["deny:GetProducts"] })).await;
    let denied = ask(&client, "GetProducts", body).await;
    assert_eq!(denied.code(), "AccessDeniedException");
    assert!(denied.text.contains("pricing:GetProducts"), "{}", denied.text);
}
