//! What can go wrong with the database, told apart by what a caller can do about it. `Display` is a sentence without the
//! driver's words; the chain is in `source()`, logged once where the error is handled.
//! To add a constraint that SQLite should name too: a line in [`SQLITE_UNIQUE`].

use sea_orm::sqlx::error::ErrorKind;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// A failed read or write.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The same thing is already there: the named unique constraint, such as `uq_account_name`.
    #[error("it is already there ({constraint})")]
    Conflict {
        /// The constraint's name, as in the migrations.
        constraint: String,
        /// The driver's error.
        source: DbErr,
    },
    /// What a row points to is not there: the named foreign key (`foreign_key` on SQLite, which does not say).
    #[error("what it belongs to is not there ({constraint})")]
    Missing {
        /// The constraint's name, as in the migrations.
        constraint: String,
        /// The driver's error.
        source: DbErr,
    },
    /// A value that the schema does not allow: the named check.
    #[error("a value is not allowed ({constraint})")]
    Check {
        /// The constraint's name, as in the migrations.
        constraint: String,
        /// The driver's error.
        source: DbErr,
    },
    /// The cursor was not made by this list with this filter and sort.
    #[error("the cursor does not belong to this list, filter and sort")]
    BadCursor,
    /// The database can't be reached, is busy, or took too long. The same call may succeed later.
    #[error("the database is not available")]
    Unavailable {
        /// The driver's error, when there is one.
        source: Option<DbErr>,
    },
    /// A row holds something that this version can't read.
    #[error("the database holds a {what} that can't be read")]
    Corrupt {
        /// What kind of value.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Anything else: a bug or a database in a state that it should not be in.
    #[error("the database refused a statement")]
    Other {
        /// The driver's error.
        source: DbErr,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether it is a conflict with this unique constraint.
    #[must_use]
    pub fn is_conflict(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint, .. } if constraint == name)
    }

    /// A row's value that does not parse.
    pub fn corrupt(what: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Corrupt { what, source: source.into() }
    }
}

/// SQLite names the columns of a plain unique index, Postgres the index: these are the same thing.
const SQLITE_UNIQUE: &[(&str, &str)] = &[
    ("session.token_hash", "uq_session_token"),
    ("setup_token.token_hash", "uq_setup_token_hash"),
    ("job.unique_key", "uq_job_unique_key"),
    ("invitation.token_hash", "uq_invitation_token"),
    ("workspace.account_id, workspace.region, workspace.aws_id", "uq_workspace_aws"),
    ("directory.account_id, directory.region, directory.aws_id", "uq_directory_aws"),
    ("bundle.account_id, bundle.region, bundle.aws_id", "uq_bundle_aws"),
    ("image.account_id, image.region, image.aws_id", "uq_image_aws"),
    ("quota.account_id, quota.region, quota.aws_id", "uq_quota_aws"),
    ("account_region.account_id, account_region.region", "pk_account_region"),
    ("schedule_tick.schedule, schedule_tick.tick", "pk_schedule_tick"),
    ("job_effect.job_id, job_effect.key", "pk_job_effect"),
];

fn constraint_name(error: &dyn sqlx::error::DatabaseError) -> String {
    if let Some(name) = error.constraint() {
        return name.to_owned();
    }
    // SQLite: "UNIQUE constraint failed: job.unique_key", "… failed: index 'uq_account_name'", "CHECK … failed: ck_job_state".
    let detail = error.message().split_once("failed: ").map_or("", |(_, detail)| detail);
    if let Some(index) = detail.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let known = SQLITE_UNIQUE.iter().find(|(columns, _)| *columns == detail).map(|(_, name)| *name);
    match (known, detail) {
        (Some(name), _) => name.to_owned(),
        (None, "") => "foreign_key".to_owned(),
        (None, detail) => detail.to_owned(),
    }
}

/// Codes that say "not now": SQLSTATE classes of broken, refused or overloaded connections, of lost races and time-outs;
/// SQLite's BUSY and LOCKED with their extended forms.
fn is_transient(code: &str) -> bool {
    let postgres = ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
        || ["40001", "40P01", "55P03", "57014"].contains(&code);
    let sqlite = code.len() <= 4 && code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6));
    postgres || sqlite
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let driver = match &error {
            DbErr::ConnectionAcquire(_) => return Self::Unavailable { source: Some(error) },
            DbErr::Conn(RuntimeErr::SqlxError(driver))
            | DbErr::Exec(RuntimeErr::SqlxError(driver))
            | DbErr::Query(RuntimeErr::SqlxError(driver)) => driver.clone(),
            _ => return Self::Other { source: error },
        };
        match &*driver {
            sqlx::Error::Database(refused) => {
                let constraint = || constraint_name(&**refused);
                match refused.kind() {
                    ErrorKind::UniqueViolation => Self::Conflict { constraint: constraint(), source: error },
                    ErrorKind::ForeignKeyViolation => Self::Missing { constraint: constraint(), source: error },
                    ErrorKind::CheckViolation => Self::Check { constraint: constraint(), source: error },
                    _ if refused.code().is_some_and(|code| is_transient(&code)) => {
                        Self::Unavailable { source: Some(error) }
                    }
                    _ => Self::Other { source: error },
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable { source: Some(error) },
            _ => Self::Other { source: error },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::from(DbErr::Query(RuntimeErr::SqlxError(std::sync::Arc::new(error))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_codes() {
        for code in ["57P01", "08006", "40P01", "55P03", "53300", "5", "517", "6", "57014"] {
            assert!(is_transient(code), "{code}");
        }
        for code in ["23505", "42P01", "22P02", "19", "2067", "1"] {
            assert!(!is_transient(code), "{code}");
        }
    }
}
