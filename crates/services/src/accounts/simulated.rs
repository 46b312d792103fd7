//! The account of the simulated AWS that the all-in-one process starts beside itself.

use domain::access::Actor;
use domain::account::{Access, CredentialKind};
use domain::ids::{AccountId, Region};
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
    actor.require(domain::access::Permission::AccountWrite)?;
    accounts::account_endpoint_set(&ctx.db, account.id, &endpoint_url, ctx.env.now()).await?;
    Ok(account.id)
}
