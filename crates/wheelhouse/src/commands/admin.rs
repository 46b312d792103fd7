//! `wheelhouse admin`.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;
use domain::access::Actor;
use services::identity::{self, NewUser};

use crate::cli::Admin;
use crate::compose::{self, Load};
use crate::output;

/// Creates a user, or the one-time link for the owner.
pub async fn run(load: &Load, admin: &Admin, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry()?;
    let context = compose::context(&config).await?;
    match admin {
        Admin::CreateUser { email, role, password_stdin: _ } => {
            let mut password = String::new();
            std::io::stdin().read_to_string(&mut password).context("read the password from standard input")?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            let user = NewUser { email: email.clone(), role: *role, password };
            let id = identity::create_user(&context, &Actor::system(), user).await?;
            if json {
                output::json(&serde_json::json!({ "id": id, "email": email, "role": role }))?;
            } else {
                output::line(format_args!("created {email} as {role}"));
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
