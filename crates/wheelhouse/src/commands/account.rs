//! `wheelhouse account`.

use std::process::ExitCode;

use domain::access::Actor;
use domain::account::CredentialKind;
use services::PageRequest;
use services::accounts::{self, NewAccount};

use crate::cli::Account;
use crate::compose::{self, Load};
use crate::output;

/// Connects an account, or lists them.
pub async fn run(load: &Load, command: Account, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let context = compose::context(&config).await?;
    let actor = Actor::system();
    match command {
        Account::Add { name, region, role_arn, external_id, endpoint_url, simulated } => {
            let credentials = match (&role_arn, simulated) {
                (Some(_), _) => CredentialKind::Role,
                (None, true) => CredentialKind::Simulated,
                (None, false) => CredentialKind::Chain,
            };
            let new = NewAccount { name, regions: region, credentials, role_arn, external_id, endpoint_url };
            let account = accounts::create_account(&context, &actor, new).await?;
            if json {
                output::json(&serde_json::json!({ "id": account.account.id, "name": account.account.name }))?;
            } else {
                output::line(format_args!("connected {} ({})", account.account.name, account.account.id));
            }
        }
        Account::List => {
            let mut cursor = None;
            let mut rows = Vec::new();
            loop {
                let page = accounts::list_accounts(&context, &actor, PageRequest { limit: 200, cursor }).await?;
                rows.extend(page.items);
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            if json {
                let rows: Vec<_> = rows.iter().map(|a| serde_json::json!({ "id": a.account.id, "name": a.account.name, "workspaces": a.workspaces })).collect();
                output::json(&rows)?;
            } else {
                for account in rows {
                    output::line(format_args!(
                        "{}  {}  {} WorkSpaces",
                        account.account.id, account.account.name, account.workspaces
                    ));
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
