//! Service Quotas: how much of each thing of WorkSpaces AWS allows. Free of charge.

use aws_sdk_servicequotas::Client;
use domain::cloud::{CloudError, CloudPage};
use domain::workspace::ObservedQuota;

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const LIST_SERVICE_QUOTAS: Operation = Operation::read("servicequotas:ListServiceQuotas");

const SERVICE_CODE: &str = "workspaces";
/// The most quotas of one page.
const PAGE: i32 = 100;

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedQuota>, CloudError> {
    let send = || {
        client
            .list_service_quotas()
            .service_code(SERVICE_CODE)
            .max_results(PAGE)
            .set_next_token(next_token.clone())
            .send()
    };
    caller
        .call(&LIST_SERVICE_QUOTAS, send, |output| {
            map::page(output.quotas, output.next_token, "quotas", map::around::quota)
        })
        .await
}
