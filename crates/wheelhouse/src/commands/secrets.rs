//! `wheelhouse secrets`.

use std::process::ExitCode;

use domain::access::Actor;
use services::vault::{Rotate, rotate, status};

use crate::cli::Secrets;
use crate::compose::{self, Load};
use crate::output;

/// Rotates the master key, or says how the sealed columns do. The exit status of a rotation says whether every value opened.
pub async fn run(load: &Load, command: &Secrets, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry().await?;
    let context = compose::context(&config).await?;
    match command {
        Secrets::Rotate { no_new_key, drop_old } => {
            let options = Rotate { new_key: !no_new_key, drop_old: *drop_old, ..Rotate::default() };
            let done = rotate(&context, &Actor::system(), options, |column, done| {
                if !json {
                    output::note(format_args!(
                        "{column}: {} values under version {}",
                        done.rewrapped + done.sealed,
                        done.version
                    ));
                }
            })
            .await?;
            if json {
                output::json(&done)?;
            } else {
                let added = if done.added { "a new one" } else { "the newest one there was" };
                output::line(format_args!("everything is sealed under version {}, {added}", done.version));
                output::line(format_args!(
                    "{} values wrapped anew, {} sealed for the first time",
                    done.rewrapped, done.sealed
                ));
                if done.dropped > 0 {
                    output::line(format_args!("{} old versions taken out of the key file", done.dropped));
                }
                for row in &done.refused_rows {
                    output::note(format_args!("does not open: {row}"));
                }
                if done.refused > 0 {
                    output::note(format_args!("{} values do not open and were left as they are", done.refused));
                    if *drop_old {
                        output::note("the old versions stay in the key file while values do not open");
                    }
                }
            }
            Ok(if done.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Secrets::Status => {
            let status = status(&context).await?;
            if json {
                output::json(&status)?;
            } else {
                output::line(format_args!("versions of the master key: {}", words(&status.versions)));
                for column in &status.columns {
                    output::line(format_args!(
                        "{:<28} {} values, {} under the newest version, {} not sealed",
                        column.name, column.total, column.newest, column.plain
                    ));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn words(versions: &[u32]) -> String {
    versions.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use platform::shutdown::Shutdown;

    use super::*;
    use crate::compose::Parts;

    #[tokio::test]
    async fn nothing_starts_without_the_keys_of_what_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("wheelhouse.toml"), folder.path().join("vault.key"));
        let database = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        std::fs::write(&file, format!("[database]\nurl = {database:?}\n")).unwrap();
        let config = Load { file: Some(file), set: Vec::new() }.here().load().unwrap();
        // Before there is a schema, and before anything is sealed, nothing is missing.
        let parts = Parts::open(config.clone(), Shutdown::new()).await.unwrap();
        store::db::migrate(&parts.context.db).await.unwrap();
        let id = domain::ids::AccountId(parts.context.env.new_id());
        let (row, text) = (id.to_string(), "an external id");
        let place = platform::vault::Place { table: "account", row: &row, column: "external_id" };
        let sealed = parts.context.vault.seal(&place, text.as_bytes()).unwrap();
        let access = domain::account::Access::Role {
            role_arn: "arn:aws:iam::123456789012:role/Wheelhouse".to_owned(),
            external_id: Some(sealed),
        };
        let account = store::repo::accounts::NewAccount {
            id,
            name: "production".to_owned(),
            access,
            endpoint_url: None,
            regions: vec!["eu-central-1".parse().unwrap()],
            at: parts.context.env.now(),
        };
        let tx = parts.context.db.begin().await.unwrap();
        store::repo::accounts::account_insert(&tx, &account).await.unwrap();
        tx.commit().await.unwrap();
        Parts::open(config.clone(), Shutdown::new()).await.unwrap();

        let (kept, away) = (key.clone(), folder.path().join("away"));
        std::fs::rename(&key, &away).unwrap();
        let lost = Parts::open(config.clone(), Shutdown::new()).await.err().expect("it must not start");
        let words = format!("{lost:#}");
        assert!(words.contains(&kept.display().to_string()) && words.contains("backup"), "{words}");
        // Other commands go on, and make no new key by the way.
        let context = compose::context(&config).await.unwrap();
        assert!(context.vault.seal(&place, b"x").is_err());
        assert!(!key.exists());
        std::fs::rename(&away, &key).unwrap();
        let parts = Parts::open(config, Shutdown::new()).await.unwrap();
        let found = store::repo::accounts::account_list(&parts.context.db, &domain::access::Scope::Everything).await;
        let Some(domain::account::Access::Role { external_id: Some(sealed), .. }) =
            found.unwrap().pop().map(|account| account.access)
        else {
            panic!("an account with an external id")
        };
        assert_eq!(parts.context.vault.open(&place, &sealed).unwrap(), text.as_bytes());
    }

    #[tokio::test]
    async fn the_key_file_is_made_rotated_and_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("wheelhouse.toml"), folder.path().join("keys").join("vault.key"));
        let database = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        let text = format!("[database]\nurl = {database:?}\n[vault]\nkey_file = {key:?}\n");
        std::fs::write(&file, text).unwrap();
        let load = Load { file: Some(file), set: Vec::new() };
        let db = compose::database(&load.here().load().unwrap()).await.unwrap();
        store::db::migrate(&db).await.unwrap();
        db.close().await.unwrap();
        let rotate = async |no_new_key, drop_old| run(&load, &Secrets::Rotate { no_new_key, drop_old }, true).await;
        let versions = || std::fs::read_to_string(&key).unwrap().lines().count();

        rotate(false, false).await.unwrap();
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(versions(), 1);
        rotate(false, false).await.unwrap();
        assert_eq!(versions(), 2);
        run(&load, &Secrets::Status, false).await.unwrap();
        rotate(true, true).await.unwrap();
        assert_eq!(versions(), 1);

        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = rotate(false, false).await.unwrap_err();
        assert!(format!("{refused:#}").contains("chmod 600"), "{refused:#}");
    }
}
