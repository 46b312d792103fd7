//! What tells the statements of the lists apart: the table, what is counted for each row, and who sees which.
//! To add a list: a [`Kind`].

use domain::access::Scope;
use domain::workspace::{COUNTS_DIRECTORIES, COUNTS_WORKSPACES};

use crate::repo::scope::{
    Purpose, scoped_bundles, scoped_directories, scoped_images, scoped_quotas, scoped_workspaces,
};
use crate::sql::Sql;

/// A list.
pub(super) struct Kind {
    pub(super) table: &'static str,
    pub(super) alias: &'static str,
    /// Which rows are seen.
    pub(super) scoped: fn(Sql, &Scope) -> Sql,
    /// Columns beside those of the table, each with a comma before it.
    pub(super) beside: fn(Sql, &Scope) -> Sql,
    /// The statement that counts: an id as `place`, and `workspaces`. It is joined as `n`.
    pub(super) counted: fn(Sql, &Scope) -> Sql,
    /// What the rows are sorted by that are not sorted by name.
    pub(super) key: &'static str,
}

pub(super) const DIRECTORIES: Kind = Kind {
    table: "directory",
    alias: "d",
    scoped: scoped_directories,
    beside: nothing,
    counted: |sql, scope| by_column(sql, scope, "directory_id"),
    key: COUNT,
};

pub(super) const BUNDLES: Kind = Kind {
    table: "bundle",
    alias: "b",
    scoped: scoped_bundles,
    beside: nothing,
    counted: |sql, scope| by_column(sql, scope, "bundle_id"),
    key: COUNT,
};

pub(super) const IMAGES: Kind =
    Kind { table: "image", alias: "i", scoped: scoped_images, beside: bundles, counted: by_image, key: COUNT };

pub(super) const QUOTAS: Kind = Kind {
    table: "quota",
    alias: "q",
    scoped: scoped_quotas,
    beside: nothing,
    counted: used,
    // As `domain::workspace::quota_percent`; what is not counted comes after all else.
    key: "CASE WHEN q.counts IS NULL OR q.value IS NULL THEN -1 WHEN q.value > 0 THEN n.workspaces * 100 / q.value \
          WHEN n.workspaces > 0 THEN 100 ELSE 0 END",
};

const COUNT: &str = "COALESCE(n.workspaces, 0)";

fn nothing(sql: Sql, _: &Scope) -> Sql {
    sql
}

fn by_column(sql: Sql, scope: &Scope, column: &str) -> Sql {
    let sql = sql
        .text(&format!("SELECT w.{column} AS place, count(*) AS workspaces FROM workspace w WHERE w.gone_at IS NULL"));
    scoped_workspaces(sql, scope, Purpose::All).text(&format!(" GROUP BY w.{column}"))
}

/// The WorkSpaces whose bundle is made of it.
fn by_image(sql: Sql, scope: &Scope) -> Sql {
    let sql = sql.text(
        "SELECT o.id AS place, count(*) AS workspaces FROM workspace w JOIN bundle m ON m.id = w.bundle_id JOIN image o \
         ON o.account_id = m.account_id AND o.region = m.region AND o.aws_id = m.image_id WHERE w.gone_at IS NULL",
    );
    scoped_workspaces(sql, scope, Purpose::All).text(" GROUP BY o.id")
}

/// How many bundles are made of an image.
fn bundles(sql: Sql, scope: &Scope) -> Sql {
    let sql = sql.text(
        ", (SELECT count(*) FROM bundle b WHERE b.account_id = i.account_id AND b.region = i.region AND b.image_id = i.aws_id",
    );
    scoped_bundles(sql, scope).text(") AS bundles")
}

/// What is used of each quota that is counted, by all who are there: every WorkSpace is looked at once, however many quotas there are.
fn used(sql: Sql, _: &Scope) -> Sql {
    sql.text(&format!(
        "SELECT o.id AS place, CAST(COALESCE(SUM(g.many), 0) AS BIGINT) AS workspaces FROM quota o LEFT JOIN (\
         SELECT w.account_id, w.region, w.compute_type AS counts, count(*) AS many FROM workspace w \
         WHERE w.gone_at IS NULL AND w.state <> 'TERMINATED' GROUP BY w.account_id, w.region, w.compute_type \
         UNION ALL SELECT e.account_id, e.region, '{COUNTS_DIRECTORIES}', count(*) FROM directory e \
         WHERE e.state <> 'DEREGISTERED' GROUP BY e.account_id, e.region\
         ) g ON g.account_id = o.account_id AND g.region = o.region AND (g.counts = o.counts \
         OR (o.counts = '{COUNTS_WORKSPACES}' AND g.counts IS DISTINCT FROM '{COUNTS_DIRECTORIES}')) GROUP BY o.id"
    ))
}
