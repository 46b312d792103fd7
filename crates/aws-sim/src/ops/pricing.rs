//! The Price List service: `GetProducts`, `DescribeServices`, `GetAttributeValues`. The products are in `crate::pricing`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::{Call, input, to_json};
use crate::{
    pricing::catalogue::{self, Product, SERVICE},
    wire::{
        error::ApiError,
        page::{Pager, Position},
    },
};

const FORMAT: &str = "aws_v1";
/// Services that are sold, but of which the simulator lists no products.
const OTHERS: &[&str] =
    &["AmazonAppStream", "AmazonCloudWatch", "AmazonEC2", "AmazonWorkSpacesWeb", "AWSDirectoryService"];

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(400, "InvalidParameterException", message)
}

/// The position a token names.
fn position(pager: Pager, token: Option<&str>) -> Result<Option<Position>, ApiError> {
    token
        .map(|token| {
            pager.position(token).ok_or_else(|| {
                ApiError::new(
                    400,
                    "InvalidNextTokenException",
                    "The pagination token is invalid. Try again without it.",
                )
            })
        })
        .transpose()
}

fn page_size(wanted: Option<i64>, most: usize) -> Result<usize, ApiError> {
    match wanted {
        None => Ok(most),
        Some(wanted) => usize::try_from(wanted)
            .ok()
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| invalid(format!("MaxResults must be between 1 and {most}"))),
    }
}

fn format_version(wanted: Option<&str>) -> Result<(), ApiError> {
    match wanted {
        None | Some(FORMAT) => Ok(()),
        Some(other) => Err(invalid(format!("The format version {other} is not supported"))),
    }
}

fn products_of(service: &str) -> Result<&'static [Product], ApiError> {
    if service == SERVICE {
        Ok(catalogue::all())
    } else if OTHERS.contains(&service) {
        Ok(&[])
    } else {
        Err(invalid("Input Parameters are invalid. Check and ensure that parameters are valid."))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProductsRequest {
    service_code: String,
    #[serde(default)]
    filters: Vec<Filter>,
    format_version: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    r#type: String,
    field: String,
    value: String,
}

impl Filter {
    fn check(&self) -> Result<(), ApiError> {
        if !matches!(self.r#type.as_str(), "TERM_MATCH" | "EQUALS" | "CONTAINS" | "ANY_OF" | "NONE_OF") {
            return Err(invalid(format!("The filter type {} is not supported", self.r#type)));
        }
        if self.field.is_empty() || self.value.is_empty() {
            return Err(invalid("A filter needs a field and a value"));
        }
        Ok(())
    }

    fn takes(&self, product: &Product) -> bool {
        let Some(value) = product.field(&self.field) else { return self.r#type == "NONE_OF" };
        let any = || self.value.split(',').any(|one| one.trim() == value);
        match self.r#type.as_str() {
            "CONTAINS" => value.contains(&self.value),
            "ANY_OF" => any(),
            "NONE_OF" => !any(),
            _ => value == self.value,
        }
    }
}

pub(super) fn get_products(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ProductsRequest = input::read(call.body)?;
    format_version(request.format_version.as_deref())?;
    let size = page_size(request.max_results, 100)?;
    if request.filters.len() > 50 {
        return Err(invalid("A request can have up to 50 filters"));
    }
    request.filters.iter().try_for_each(Filter::check)?;
    let products = products_of(&request.service_code)?;
    let pager = call.pager("GetProducts", &format!("{}|{:?}", request.service_code, request.filters));
    let position = position(pager, request.next_token.as_deref())?;
    let from = position.map_or(0, |position| position.after as usize + 1).min(products.len());
    let rows = (from..)
        .zip(&products[from..])
        .filter(|(_, product)| request.filters.iter().all(|filter| filter.takes(product)))
        .map(|(at, product)| (at as u32, product.text()));
    let (mut list, next_token) = input::take_page(rows, pager, position, size);
    if call.garbage {
        list.iter_mut().step_by(7).for_each(|text| text.truncate(text.len() / 2));
    }
    let mut body = json!({ "FormatVersion": FORMAT, "PriceList": list });
    if let Some(token) = next_token {
        body["NextToken"] = json!(token);
    }
    to_json(&body)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServicesRequest {
    service_code: Option<String>,
    format_version: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn describe_services(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ServicesRequest = input::read(call.body)?;
    format_version(request.format_version.as_deref())?;
    let size = page_size(request.max_results, 100)?;
    if let Some(code) = &request.service_code {
        products_of(code)?;
    }
    let pager = call.pager("DescribeServices", &format!("{:?}", request.service_code));
    let position = position(pager, request.next_token.as_deref())?;
    let mut codes: Vec<&str> = OTHERS.iter().copied().chain([SERVICE]).collect();
    codes.sort_unstable();
    let rows = codes
        .into_iter()
        .enumerate()
        .filter(|(at, code)| {
            position.is_none_or(|position| *at > position.after as usize)
                && request.service_code.as_deref().is_none_or(|wanted| wanted == *code)
        })
        .map(|(at, code)| {
            let names: BTreeSet<&str> = products_of(code)
                .unwrap_or_default()
                .iter()
                .flat_map(Product::attribute_names)
                .chain(["productFamily"])
                .collect();
            (at as u32, json!({ "ServiceCode": code, "AttributeNames": names }))
        });
    let (services, next_token) = input::take_page(rows, pager, position, size);
    let mut body = json!({ "FormatVersion": FORMAT, "Services": services });
    if let Some(token) = next_token {
        body["NextToken"] = json!(token);
    }
    to_json(&body)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValuesRequest {
    service_code: String,
    attribute_name: String,
    next_token: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn get_attribute_values(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: ValuesRequest = input::read(call.body)?;
    let size = page_size(request.max_results, 10_000)?;
    let values: BTreeSet<&str> = products_of(&request.service_code)?
        .iter()
        .filter_map(|product| product.field(&request.attribute_name))
        .collect();
    let pager = call.pager("GetAttributeValues", &format!("{}|{}", request.service_code, request.attribute_name));
    let position = position(pager, request.next_token.as_deref())?;
    let rows = values
        .into_iter()
        .enumerate()
        .filter(|(at, _)| position.is_none_or(|position| *at > position.after as usize))
        .map(|(at, value)| (at as u32, json!({ "Value": value })));
    let (values, next_token) = input::take_page(rows, pager, position, size);
    let mut body = json!({ "AttributeValues": values });
    if let Some(token) = next_token {
        body["NextToken"] = json!(token);
    }
    to_json(&body)
}
