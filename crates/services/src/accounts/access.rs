//! The external id of an account at rest and in use: sealed in the database, opened where AWS is called. Everything else of
//! [`Access`] is no secret.

use domain::account::{Access, AccountAccess};
use domain::ids::AccountId;
use platform::vault::{Place, VaultError, is_sealed};

use crate::Context;
use crate::accounts::AccountRecord;

/// What is needed to call AWS for an account.
///
/// # Errors
/// [`VaultError`] when its external id does not open.
pub(crate) fn aws_access(ctx: &Context, account: &AccountRecord) -> Result<AccountAccess, VaultError> {
    let access = match &account.access {
        Access::Role { role_arn, external_id: Some(id) } if is_sealed(id) => {
            let row = account.id.to_string();
            Access::Role { role_arn: role_arn.clone(), external_id: Some(ctx.vault.open_text(&place(&row), id)?) }
        }
        // One from before external ids were sealed is used as it is, until the next start seals it.
        other => other.clone(),
    };
    Ok(AccountAccess { account: account.id, access, endpoint_url: account.endpoint_url.clone() })
}

/// The access as it is kept.
///
/// # Errors
/// [`VaultError`] without a usable master key.
pub(crate) fn sealed(ctx: &Context, id: AccountId, access: Access) -> Result<Access, VaultError> {
    Ok(match access {
        Access::Role { role_arn, external_id: Some(external_id) } => {
            let row = id.to_string();
            Access::Role { role_arn, external_id: Some(ctx.vault.seal(&place(&row), external_id.as_bytes())?) }
        }
        other => other,
    })
}

fn place(row: &str) -> Place<'_> {
    Place { table: "account", row, column: "external_id" }
}
