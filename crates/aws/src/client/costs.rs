//! Cost Explorer: what Amazon WorkSpaces costs by day. Each request that is sent is charged, repeated ones too.

use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, Granularity, GroupDefinition, GroupDefinitionType,
};
use domain::cloud::{CloudError, CloudPage, CostGrouping, CostRequest, ObservedCost};

use crate::call::Caller;
use crate::map;
use crate::policy::Operation;

pub(crate) const GET_COST_AND_USAGE: Operation = Operation::read_global("ce:GetCostAndUsage");

/// The service's name in bills.
const SERVICE: &str = "Amazon WorkSpaces";

pub(crate) async fn page(
    caller: &Caller,
    client: &Client,
    request: &CostRequest,
    next_token: Option<String>,
) -> Result<CloudPage<ObservedCost>, CloudError> {
    if request.from >= request.to {
        // Cost Explorer would refuse it, and charge for it.
        return Ok(CloudPage { items: Vec::new(), next_token: None });
    }
    let days = DateInterval::builder().start(request.from.to_string()).end(request.to.to_string()).build();
    let days = days.map_err(|error| CloudError::Refused {
        operation: GET_COST_AND_USAGE.action.to_owned(),
        code: "InvalidRequest".to_owned(),
        reason: error.to_string(),
    })?;
    let only = Expression::builder()
        .dimensions(DimensionValues::builder().key(Dimension::Service).values(SERVICE).build())
        .build();
    let groups = groups(&request.grouping);
    let send = || {
        client
            .get_cost_and_usage()
            .time_period(days.clone())
            .granularity(Granularity::Daily)
            .metrics(map::costs::COST)
            .metrics(map::costs::QUANTITY)
            .filter(only.clone())
            .set_group_by(Some(groups.clone()))
            .set_next_page_token(next_token.clone())
            .send()
    };
    caller.call(&GET_COST_AND_USAGE, send, |output| map::costs::page(output, &request.grouping)).await
}

fn groups(grouping: &CostGrouping) -> Vec<GroupDefinition> {
    let group = |kind: GroupDefinitionType, key: &str| GroupDefinition::builder().r#type(kind).key(key).build();
    match grouping {
        CostGrouping::UsageType => {
            vec![group(GroupDefinitionType::Dimension, "USAGE_TYPE"), group(GroupDefinitionType::Dimension, "REGION")]
        }
        CostGrouping::Tag(tag) => vec![group(GroupDefinitionType::Tag, tag)],
    }
}
