//! STS: who the credentials are. AssumeRole is not here; the SDK's provider does it (`credentials`).

use aws_sdk_sts::Client;
use domain::cloud::{CallerIdentity, CloudError};

use crate::call::Caller;
use crate::policy::Operation;

pub(crate) const GET_CALLER_IDENTITY: Operation = Operation::read("sts:GetCallerIdentity");

pub(crate) async fn caller_identity(caller: &Caller, client: &Client) -> Result<CallerIdentity, CloudError> {
    caller
        .call(
            &GET_CALLER_IDENTITY,
            || client.get_caller_identity().send(),
            |output| {
                Ok(CallerIdentity {
                    aws_account_id: output.account.ok_or("it has no Account")?,
                    arn: output.arn.ok_or("it has no Arn")?,
                })
            },
        )
        .await
}
