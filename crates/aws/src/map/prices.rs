//! From the Price List's answer, whose products are JSON in text, to prices. A product that can't be read is counted and
//! left out; one without an on-demand price has nothing to tell.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::cloud::{CloudPage, ObservedPrice, PricePage};
use serde_json::{Map, Value};

use super::number;

pub(crate) fn page(list: Option<Vec<String>>, next_token: Option<String>) -> Result<PricePage, String> {
    let list = list.ok_or("it has no list of products")?;
    let (mut items, mut malformed) = (Vec::new(), 0);
    for text in list {
        match product(&text) {
            Ok(prices) => items.extend(prices),
            Err(reason) => {
                malformed += 1;
                tracing::warn!(reason, "a product of the Price List could not be read");
            }
        }
    }
    let next_token = next_token.filter(|token| !token.is_empty());
    Ok(PricePage { page: CloudPage { items, next_token }, malformed })
}

/// The prices of a product: one for each on-demand term, dimension and currency, which is one as a rule.
fn product(text: &str) -> Result<Vec<ObservedPrice>, String> {
    let whole: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let product = whole.get("product").and_then(Value::as_object).ok_or("it has no product")?;
    let sku = product.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty()).ok_or("it has no sku")?;
    let attributes =
        product.get("attributes").and_then(Value::as_object).ok_or_else(|| format!("{sku}: attributes"))?;
    let attributes: BTreeMap<String, String> =
        attributes.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    let family = product.get("productFamily").and_then(Value::as_str).unwrap_or_default();
    let mut prices = Vec::new();
    for term in objects(whole.pointer("/terms/OnDemand"), sku)? {
        let effective_at = match term.get("effectiveDate").and_then(Value::as_str) {
            Some(text) => Some(
                DateTime::parse_from_rfc3339(text)
                    .map(DateTime::<Utc>::from)
                    .map_err(|_| format!("{sku}: {text:?} is not a date"))?,
            ),
            None => None,
        };
        for dimension in objects(term.get("priceDimensions"), sku)? {
            let unit = dimension.get("unit").and_then(Value::as_str).ok_or_else(|| format!("{sku}: no unit"))?;
            let amounts = dimension.get("pricePerUnit").and_then(Value::as_object);
            for (currency, amount) in amounts.ok_or_else(|| format!("{sku}: no price"))? {
                let amount = amount.as_str().ok_or_else(|| format!("{sku}: a price is no text"))?;
                prices.push(ObservedPrice {
                    sku: sku.to_owned(),
                    product_family: family.to_owned(),
                    attributes: attributes.clone(),
                    unit: unit.to_owned(),
                    amount: number(amount, &format!("the price of {sku}"))?,
                    currency: currency.clone(),
                    effective_at,
                });
            }
        }
    }
    Ok(prices)
}

/// The values of an object whose keys say nothing; none where there is no object at all.
fn objects<'a>(value: Option<&'a Value>, sku: &str) -> Result<Vec<&'a Map<String, Value>>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let values = value.as_object().ok_or_else(|| format!("{sku}: its terms are no object"))?.values();
    values.map(|one| one.as_object().ok_or_else(|| format!("{sku}: a term is no object"))).collect()
}
