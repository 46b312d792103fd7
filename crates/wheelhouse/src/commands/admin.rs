//! `wheelhouse admin`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::TimeDelta;
use domain::access::{Actor, Grant};
use services::identity::{self, NewUser};
use services::keys::{self, KeyItem, NewKey};

use crate::cli::Admin;
use crate::compose::{self, Load};
use crate::output;

/// Creates a user, an API key, or the one-time link for the owner.
pub async fn run(load: &Load, admin: &Admin, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let context = compose::context(&config).await?;
    match admin {
        Admin::CreateUser { email, role, password_stdin: _ } => {
            let mut password = String::new();
            std::io::stdin().read_to_string(&mut password).context("read the password from standard input")?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let user = NewUser { email: email.clone(), grants: vec![Grant::usual(*role)], password };
            let id = identity::create_user(&context, &Actor::system(), user).await?;
            if json {
                output::json(&serde_json::json!({ "id": id, "email": email, "role": role }))?;
            } else {
                output::line(format_args!("created {email} as {role}"));
            }
        }
        Admin::CreateKey { email, name, scopes, expires_days } => {
            let new = NewKey {
                name: name.clone(),
                permissions: scopes.iter().copied().collect(),
                lasts: expires_days.map(|days| TimeDelta::days(i64::from(days))),
            };
            let made = keys::create_key_for(&context, &Actor::system(), email, new).await?;
            if json {
                let KeyItem { key, owner, .. } = &made.item;
                output::json(&serde_json::json!({
                    "secret": made.secret,
                    "id": key.id,
                    "owner": owner,
                    "name": key.name,
                    "prefix": key.prefix,
                    "permissions": key.permissions,
                    "expires_at": key.expires_at,
                }))?;
            } else {
                output::line(&made.secret);
            }
        }
        Admin::SetupLink => match identity::issue_setup_link(&context).await? {
            Some(token) => {
                let link = compose::setup_link(&config.server.base_url(), &token);
                if json {
                    output::json(&serde_json::json!({ "link": link }))?;
                } else {
                    output::line(link);
                }
            }
            None => anyhow::bail!("there is a user already; sign in, or add one with: wheelhouse admin create-user"),
        },
    }
    Ok(ExitCode::SUCCESS)
}
