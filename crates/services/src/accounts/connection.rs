//! The test of a connection: each permission tried by itself in each region, so that the answer names what is missing.
//! Every check asks for as little as the API allows. Not a sync: nothing that is read here is kept but the account's number.

use std::time::Duration;

use domain::access::{Actor, Permission};
use domain::audit::Entry;
use domain::cloud::{CallerIdentity, CloudError, FleetApi};
use domain::event::Event;
use domain::ids::{AccountId, Region};
use futures::future::join_all;
use serde::Serialize;
use store::repo::{accounts, events};
use tokio::time::{Instant, timeout_at};

use super::error::AccountError;
use crate::Context;

/// Longest time a whole test takes.
const DEADLINE: Duration = Duration::from_secs(30);

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionTest {
    /// Whether every check passed.
    pub ok: bool,
    /// AWS's 12 digits, when the credentials work.
    pub aws_account_id: Option<String>,
    /// Who the credentials are.
    pub arn: Option<String>,
    /// One check per permission and region, in the order of the account's regions.
    pub checks: Vec<ConnectionCheck>,
}

/// One permission in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectionCheck {
    /// The region.
    pub region: Region,
    /// The call, as IAM writes it.
    pub operation: String,
    /// Whether it worked.
    pub ok: bool,
    /// [`CloudError::code`] when it did not.
    pub code: Option<String>,
    /// Why not, in words.
    pub message: Option<String>,
    /// The IAM action to grant, when that is what is missing.
    pub missing_permission: Option<String>,
}

/// Tries every permission that the sync needs. Takes at most 30 seconds; what did not answer by then is a failed check.
///
/// # Errors
/// [`AccountError::NotFound`], [`AccountError::Forbidden`], [`AccountError::Store`]. What AWS says is in the checks.
pub async fn test_connection(ctx: &Context, actor: &Actor, id: AccountId) -> Result<ConnectionTest, AccountError> {
    let account = super::service::whole_account::<AccountError>(ctx, actor, Permission::AccountWrite, id).await?;
    let account = account.ok_or(AccountError::NotFound)?;
    let deadline = Instant::now() + DEADLINE;
    let access = super::access::aws_access(ctx, &account)?;
    let regions = join_all(account.regions.iter().map(|region| async {
        match within(deadline, "sts:GetCallerIdentity", ctx.cloud.connect(&access, &region.region)).await {
            Ok(api) => check_region(api.as_ref(), &region.region, deadline).await,
            Err(error) => (None, vec![check(&region.region, "sts:GetCallerIdentity", Err(&error))]),
        }
    }))
    .await;

    let identity = regions.iter().find_map(|(identity, _)| identity.clone());
    let checks: Vec<_> = regions.into_iter().flat_map(|(_, checks)| checks).collect();
    let test = ConnectionTest {
        ok: checks.iter().all(|check| check.ok),
        aws_account_id: identity.as_ref().map(|identity| identity.aws_account_id.clone()),
        arn: identity.map(|identity| identity.arn),
        checks,
    };

    let result = serde_json::to_value(&test).expect("a test is plain data");
    let (tx, now) = (ctx.db.begin().await?, ctx.env.now());
    accounts::account_tested(&tx, id, test.aws_account_id.as_deref(), &result, now).await?;
    events::events_append(&tx, now, &[Event::Account { id }]).await?;
    let failed: Vec<_> = test.checks.iter().filter(|check| !check.ok).map(|check| &check.operation).collect();
    let entry = Entry::new("account.test", Permission::AccountWrite).on("account", id).named(&account.name);
    let after = serde_json::json!({ "aws_account_id": test.aws_account_id, "failed": failed });
    crate::audit::record(&tx, ctx, actor, entry.after(after)).await?;
    tx.commit().await?;
    ctx.announce();
    Ok(test)
}

async fn check_region(
    api: &dyn FleetApi,
    region: &Region,
    deadline: Instant,
) -> (Option<CallerIdentity>, Vec<ConnectionCheck>) {
    let mut checks = Vec::new();
    let identity = within(deadline, "sts:GetCallerIdentity", api.caller_identity()).await;
    checks.push(check(region, "sts:GetCallerIdentity", identity.as_ref().map(drop)));
    if matches!(identity, Err(CloudError::Unauthenticated { .. })) {
        // Every other call would say the same.
        return (None, checks);
    }

    let operation = "workspaces:DescribeWorkspaces";
    let page = within(deadline, operation, api.workspace_page(None)).await;
    checks.push(check(region, operation, page.as_ref().map(drop)));
    let first = page.ok().and_then(|page| page.items.into_iter().next());

    let operation = "workspaces:DescribeWorkspacesConnectionStatus";
    let connections = within(deadline, operation, api.connection_page(None)).await;
    checks.push(check(region, operation, connections.as_ref().map(drop)));

    let operation = "workspaces:DescribeWorkspaceDirectories";
    let directories = within(deadline, operation, api.directory_page(None)).await;
    checks.push(check(region, operation, directories.as_ref().map(drop)));

    let operation = "ds:DescribeDirectories";
    let stages = within(deadline, operation, api.directory_stage_page(None)).await;
    checks.push(check(region, operation, stages.as_ref().map(drop)));

    let operation = "workspaces:DescribeWorkspaceImages";
    let images = within(deadline, operation, api.image_page(None)).await;
    checks.push(check(region, operation, images.as_ref().map(drop)));

    let operation = "servicequotas:ListServiceQuotas";
    let quotas = within(deadline, operation, api.quota_page(None)).await;
    checks.push(check(region, operation, quotas.as_ref().map(drop)));

    // Bundles and tags can be asked for only by id: of a WorkSpace that is there.
    if let Some(workspace) = first {
        let operation = "workspaces:DescribeWorkspaceBundles";
        let ids = [workspace.bundle_id];
        let bundles = within(deadline, operation, api.bundles_by_id(&ids)).await;
        checks.push(check(region, operation, bundles.as_ref().map(drop)));

        let operation = "workspaces:DescribeTags";
        let tags = within(deadline, operation, api.tags(&workspace.aws_id)).await;
        checks.push(check(region, operation, tags.as_ref().map(drop)));
    }
    (identity.ok(), checks)
}

async fn within<T>(
    deadline: Instant,
    operation: &str,
    call: impl Future<Output = Result<T, CloudError>>,
) -> Result<T, CloudError> {
    timeout_at(deadline, call).await.unwrap_or_else(|_| {
        let reason = format!("no answer within {} s", DEADLINE.as_secs());
        Err(CloudError::Unavailable { operation: operation.to_owned(), reason })
    })
}

fn check(region: &Region, operation: &str, outcome: Result<(), &CloudError>) -> ConnectionCheck {
    let error = outcome.err();
    ConnectionCheck {
        region: region.clone(),
        operation: operation.to_owned(),
        ok: error.is_none(),
        code: error.map(|error| error.code().to_owned()),
        message: error.map(ToString::to_string),
        missing_permission: match error {
            Some(CloudError::Denied { permission, .. }) => Some(permission.clone()),
            _ => None,
        },
    }
}
