//! What stands around the WorkSpaces: images, the account's own settings, quotas, tags by the tagging API, and the
//! neighbouring services that other people's tools look into and that this account does not use.
//!
//! Images and quotas are read by Wheelhouse, too; all else by clients such as Cloud Custodian alone. To add one: a handler in the
//! module it belongs to, and its line in the table of `ops`.

pub(super) mod account;
pub(super) mod images;
pub(super) mod quotas;
pub(super) mod tagging;

use super::{Call, Service};
use crate::wire::{error::ApiError, tree::Tree};

/// A service this account does not use: there is nothing of anything.
pub(super) fn nothing(_call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    Ok(b"{}".to_vec())
}

/// `DescribeAlarms`: this account has none.
pub(super) fn alarms(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let answer = Tree::Map(vec![("MetricAlarms", Tree::List(Vec::new())), ("CompositeAlarms", Tree::List(Vec::new()))]);
    Ok(call.protocol.write("DescribeAlarms", Service::CloudWatch.namespace(), call.request_id, &answer))
}
