//! The account of the simulated AWS that the all-in-one process starts beside itself.

use domain::access::{Actor, Permission};
use domain::account::{Access, CredentialKind};
use domain::audit::Entry;
use domain::ids::{AccountId, Region};
use serde_json::json;
use store::repo::accounts;

use super::error::AccountError;
use super::service::{NewAccount, create_account};
use crate::Context;

/// The simulated account of this name, connected if it is not there yet. Its simulator may listen on another port each
/// time, so the endpoint is brought up to date.
///
/// # Errors
/// [`AccountError::NameTaken`] when a real account has the name; as [`create_account`].
pub async fn ensure_simulated(
    ctx: &Context,
    actor: &Actor,
    name: &str,
    regions: Vec<Region>,
    endpoint_url: String,
) -> Result<AccountId, AccountError> {
    let Some(account) = accounts::account_fetch_by_name(&ctx.db, name).await? else {
        let new = NewAccount {
            name: name.to_owned(),
            regions,
            credentials: CredentialKind::Simulated,
            role_arn: None,
            external_id: None,
            endpoint_url: Some(endpoint_url),
        };
        return Ok(create_account(ctx, actor, new).await?.account.id);
    };
    if account.access != Access::Simulated {
        return Err(AccountError::NameTaken);
    }
    actor.require_everywhere(Permission::AccountWrite)?;
    if account.endpoint_url.as_deref() != Some(endpoint_url.as_str()) {
        let tx = ctx.db.begin().await?;
        accounts::account_endpoint_set(&tx, account.id, &endpoint_url, ctx.env.now()).await?;
        let entry = Entry::new("account.update", Permission::AccountWrite).on("account", account.id).named(name);
        let entry = entry.before(json!({ "endpoint_url": account.endpoint_url }));
        crate::audit::record(&tx, ctx, actor, entry.after(json!({ "endpoint_url": endpoint_url }))).await?;
        tx.commit().await?;
    }
    Ok(account.id)
}
