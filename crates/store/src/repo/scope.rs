//! What a [`Scope`] reaches of each table, as a condition: one `scoped_…` function for each, and no other place that decides it.
//! Whatever a person asks for goes through one of them; what it gives when in doubt is nothing.
//!
//! Not permissions: those are checked before (`services`). Machinery (syncs, the queue, schedules) passes
//! [`Scope::Everything`], which adds no condition.
//!
//! To add a table that people read: a function here that says for each kind of reach which rows lie within it; a `&Scope` as the
//! parameter of every function of its repo that people's questions come to; a case in `scope/tests.rs`; with pages, a scoped
//! case in the plan tests.

use domain::access::{Reach, Scope};
use domain::ids::UserId;
use domain::sync::SyncKind;
use uuid::Uuid;

use crate::sql::Sql;

#[cfg(test)]
mod tests;

/// Whose jobs, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobScope {
    /// Jobs about what lies within it.
    pub scope: Scope,
    /// Jobs that this person asked for, wherever.
    pub own: Option<UserId>,
}

impl JobScope {
    /// Every job: for machinery.
    #[must_use]
    pub fn everything() -> Self {
        Self { scope: Scope::Everything, own: None }
    }
}

/// What the rows are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The first few, in order: along the index of that order, past the others. An account or a region leads to very many
    /// rows. Postgres weighs that by itself; SQLite takes any index that fits, unless a `+` hides the column from it.
    Page,
    /// All of them.
    All,
}

/// The values of a scope's reaches, by kind.
struct Values<'a> {
    accounts: Vec<Uuid>,
    regions: Vec<&'a str>,
    directories: Vec<Uuid>,
    users: Vec<&'a str>,
}

impl<'a> Values<'a> {
    /// `None` for everything.
    fn of(scope: &'a Scope) -> Option<Self> {
        let Scope::Only(reaches) = scope else { return None };
        let mut values = Self { accounts: Vec::new(), regions: Vec::new(), directories: Vec::new(), users: Vec::new() };
        for reach in reaches {
            match reach {
                Reach::Account { account_id } => values.accounts.push(account_id.0),
                Reach::Region { region } => values.regions.push(region.as_str()),
                Reach::Directory { directory_id } => values.directories.push(directory_id.0),
                Reach::Desktops { user_name } => values.users.push(user_name),
            }
        }
        Some(values)
    }
}

/// ` AND (one OR other …)`, being written.
struct Any {
    sql: Sql,
    empty: bool,
}

impl Any {
    fn begin(sql: Sql) -> Self {
        Self { sql: sql.text(" AND ("), empty: true }
    }

    /// One condition more, unless there are no values for it.
    fn or<V>(mut self, values: &[V], condition: impl FnOnce(Sql) -> Sql) -> Self {
        if values.is_empty() {
            return self;
        }
        let sql = if self.empty { self.sql } else { self.sql.text(" OR ") };
        self.sql = condition(sql);
        self.empty = false;
        self
    }

    /// ` OR column IN (values)`.
    fn or_in<V: Into<sea_orm::Value> + Clone>(self, column: &str, values: &[V]) -> Self {
        self.or(values, |sql| sql.bind_in(column, values.iter().cloned()))
    }

    /// Within none of them is within nothing.
    fn end(self) -> Sql {
        if self.empty { self.sql.text("1 = 0)") } else { self.sql.text(")") }
    }
}

/// `column`, or on SQLite `+column` for a page.
fn wide(sql: &Sql, column: &str, purpose: Purpose) -> String {
    if purpose == Purpose::Page && !sql.is_postgres() { format!("+{column}") } else { column.to_owned() }
}

/// Of WorkSpaces, as `w`.
pub(crate) fn scoped_workspaces(sql: Sql, scope: &Scope, purpose: Purpose) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    let (account, region) = (wide(&sql, "w.account_id", purpose), wide(&sql, "w.region", purpose));
    Any::begin(sql)
        .or_in(&account, &values.accounts)
        .or_in(&region, &values.regions)
        .or_in("w.directory_id", &values.directories)
        .or_in("w.user_key", &values.users)
        .end()
}

/// Of accounts, as `a`: those within it, and those of which a region or a directory is. Nobody's desktop reaches its account.
pub(crate) fn scoped_accounts(sql: Sql, scope: &Scope) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    Any::begin(sql)
        .or_in("a.id", &values.accounts)
        .or(&values.regions, |sql| {
            sql.text("a.id IN (SELECT p.account_id FROM account_region p WHERE ")
                .bind_in("p.region", values.regions.iter().copied())
                .text(")")
        })
        .or(&values.directories, |sql| {
            sql.text("a.id IN (SELECT o.account_id FROM directory o WHERE ")
                .bind_in("o.id", values.directories.iter().copied())
                .text(")")
        })
        .end()
}

/// The accounts that lie wholly within it, for what is about a whole account: bills, paid requests. `None` for every one.
pub(crate) fn whole_accounts(scope: &Scope) -> Option<Vec<Uuid>> {
    Values::of(scope).map(|values| values.accounts)
}

/// Of what is billed (`account_id`) of the table named: that of accounts that lie wholly within it.
pub(crate) fn scoped_bills(sql: Sql, scope: &Scope, table: &str) -> Sql {
    match whole_accounts(scope) {
        Some(accounts) => sql.text(" AND ").bind_in(&format!("{table}.account_id"), accounts),
        None => sql,
    }
}

/// Of what is about a region of an account (`account_id`, `region`) of the table named: the regions themselves.
pub(crate) fn scoped_areas(sql: Sql, scope: &Scope, table: &str) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    areas(sql, &values, table, Purpose::All, false)
}

/// Of sync runs and data sets, whose region stands for the whole account when they are of billing.
pub(crate) fn scoped_syncs(sql: Sql, scope: &Scope, table: &str, purpose: Purpose) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    areas(sql, &values, table, purpose, true)
}

fn areas(sql: Sql, values: &Values<'_>, table: &str, purpose: Purpose, kinds: bool) -> Sql {
    // One account's rows are in order in its index; those of several are not.
    let purpose = if values.accounts.len() == 1 && values.regions.is_empty() && values.directories.is_empty() {
        Purpose::All
    } else {
        purpose
    };
    let account = wide(&sql, &format!("{table}.account_id"), purpose);
    let region = wide(&sql, &format!("{table}.region"), purpose);
    let no_bill = |sql: Sql| {
        if kinds { sql.text(&format!("{table}.kind <> ")).bind(SyncKind::Billing.as_str()).text(" AND ") } else { sql }
    };
    Any::begin(sql)
        .or_in(&account, &values.accounts)
        .or(&values.regions, |sql| no_bill(sql.text("(")).bind_in(&region, values.regions.iter().copied()).text(")"))
        .or(&values.directories, |sql| {
            no_bill(sql.text("("))
                .text(&format!("({account}, {region}) IN (SELECT o.account_id, o.region FROM directory o WHERE "))
                .bind_in("o.id", values.directories.iter().copied())
                // Kept apart from the rest: Postgres would read and sort every run for the sake of a join.
                .either(" OFFSET 0", "")
                .text("))")
        })
        .end()
}

/// Of directories, as `d`: those within it, and those of a desktop within it.
pub(crate) fn scoped_directories(sql: Sql, scope: &Scope) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    Any::begin(sql)
        .or_in("d.account_id", &values.accounts)
        .or_in("d.region", &values.regions)
        .or_in("d.id", &values.directories)
        .or(&values.users, |sql| {
            sql.text("d.id IN (SELECT w.directory_id FROM workspace w WHERE ")
                .bind_in("w.user_key", values.users.iter().copied())
                .text(")")
        })
        .end()
}

/// Of bundles, as `b`: those within it, and those that a desktop within it is made from.
pub(crate) fn scoped_bundles(sql: Sql, scope: &Scope) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    let made_from = |sql: Sql| sql.text("b.id IN (SELECT w.bundle_id FROM workspace w WHERE ");
    Any::begin(sql)
        .or_in("b.account_id", &values.accounts)
        .or_in("b.region", &values.regions)
        .or(&values.directories, |sql| {
            made_from(sql).bind_in("w.directory_id", values.directories.iter().copied()).text(")")
        })
        .or(&values.users, |sql| made_from(sql).bind_in("w.user_key", values.users.iter().copied()).text(")"))
        .end()
}

/// Of images, as `i`: those within it, and those that the bundle of a desktop within it is made of.
pub(crate) fn scoped_images(sql: Sql, scope: &Scope) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    let made_of = |sql: Sql| {
        sql.text(
            "EXISTS (SELECT 1 FROM workspace w JOIN bundle m ON m.id = w.bundle_id WHERE m.account_id = i.account_id \
             AND m.region = i.region AND m.image_id = i.aws_id AND ",
        )
    };
    Any::begin(sql)
        .or_in("i.account_id", &values.accounts)
        .or_in("i.region", &values.regions)
        .or(&values.directories, |sql| {
            made_of(sql).bind_in("w.directory_id", values.directories.iter().copied()).text(")")
        })
        .or(&values.users, |sql| made_of(sql).bind_in("w.user_key", values.users.iter().copied()).text(")"))
        .end()
}

/// Of quotas, as `q`: those of whole accounts and regions. They count what is used by all who are there, so that nobody sees one by
/// a part of it.
pub(crate) fn scoped_quotas(sql: Sql, scope: &Scope) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    Any::begin(sql).or_in("q.account_id", &values.accounts).or_in("q.region", &values.regions).end()
}

/// Of jobs, as `j`: those that the person asked for, and those about an account, or a region of one, within the scope. A job about
/// no account, or several, is about everything; and one that works on a region may be about any directory in it.
pub(crate) fn scoped_jobs(sql: Sql, scope: &JobScope, purpose: Purpose) -> Sql {
    let Some(values) = Values::of(&scope.scope) else { return sql };
    let (account, region) = (wide(&sql, "j.account_id", purpose), wide(&sql, "j.region", purpose));
    let own: Vec<Uuid> = scope.own.iter().map(|id| id.0).collect();
    Any::begin(sql).or_in(&account, &values.accounts).or_in(&region, &values.regions).or_in("j.created_by", &own).end()
}

/// Of requests, as `r`: those that the person made, those about a desktop within it, and those of somebody whose desktops are.
pub(crate) fn scoped_requests(sql: Sql, scope: &Scope, own: Option<UserId>, purpose: Purpose) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    let (account, region) = (wide(&sql, "r.account_id", purpose), wide(&sql, "r.region", purpose));
    let own: Vec<Uuid> = own.iter().map(|id| id.0).collect();
    Any::begin(sql)
        .or_in(&account, &values.accounts)
        .or_in(&region, &values.regions)
        .or_in("r.directory_id", &values.directories)
        .or_in("r.user_key", &values.users)
        .or_in("r.user_id", &own)
        .end()
}

/// Of CloudTrail's events, as `t`: those of an account or region within it, and those about a desktop within it.
pub(crate) fn scoped_events(sql: Sql, scope: &Scope, purpose: Purpose) -> Sql {
    let Some(values) = Values::of(scope) else { return sql };
    let (account, region) = (wide(&sql, "t.account_id", purpose), wide(&sql, "t.region", purpose));
    let about = |sql: Sql| {
        sql.text(
            "t.id IN (SELECT o.event_id FROM workspace w CROSS JOIN trail_event_workspace o WHERE o.workspace_id = w.id AND ",
        )
    };
    Any::begin(sql)
        .or_in(&account, &values.accounts)
        .or_in(&region, &values.regions)
        .or(&values.directories, |sql| {
            about(sql).bind_in("w.directory_id", values.directories.iter().copied()).text(")")
        })
        .or(&values.users, |sql| about(sql).bind_in("w.user_key", values.users.iter().copied()).text(")"))
        .end()
}
