//! `wheelhouse secrets`.

use std::process::ExitCode;

use domain::access::Actor;
use services::vault::{Rotate, rotate, status};

use crate::cli::Secrets;
use crate::compose::{self, Load};
use crate::output;

/// Rotates the master key, or says how the sealed columns do. The exit status of a rotation says whether every value opened.
pub async fn run(load: &Load, command: &Secrets, json: bool) -> anyhow::Result<ExitCode> {
    let config = load.with_telemetry()?;
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

    use super::*;

    #[tokio::test]
    async fn the_key_file_is_made_rotated_and_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("wheelhouse.toml"), folder.path().join("keys").join("vault.key"));
        let database = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        let text = format!("[database]\nurl = {database:?}\n[vault]\nkey_file = {key:?}\n");
        std::fs::write(&file, text).unwrap();
        let load = Load { file: Some(file) };
        let db = compose::database(&load.resolve().unwrap().config).await.unwrap();
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
