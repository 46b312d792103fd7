//! The Price List: what Amazon WorkSpaces costs in a region. Free of charge.

use aws_sdk_pricing::Client;
use aws_sdk_pricing::types::{Filter, FilterType};
use domain::cloud::{CloudError, PricePage};
use domain::ids::Region;

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const GET_PRODUCTS: Operation = Operation::read_global("pricing:GetProducts");

const SERVICE_CODE: &str = "AmazonWorkSpaces";
const REGION_ATTRIBUTE: &str = "regionCode";
/// The most products of one page.
const PAGE: i32 = 100;

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    region: &Region,
    next_token: Option<String>,
) -> Result<PricePage, CloudError> {
    let in_region = Filter::builder().r#type(FilterType::TermMatch).field(REGION_ATTRIBUTE).value(region.as_str());
    let in_region = in_region.build().map_err(|error| CloudError::Refused {
        operation: GET_PRODUCTS.action.to_owned(),
        code: "InvalidRequest".to_owned(),
        reason: error.to_string(),
    })?;
    let send = || {
        client
            .get_products()
            .service_code(SERVICE_CODE)
            .filters(in_region.clone())
            .format_version("aws_v1")
            .max_results(PAGE)
            .set_next_token(next_token.clone())
            .send()
    };
    caller.call(&GET_PRODUCTS, send, |output| map::prices::page(output.price_list, output.next_token)).await
}
