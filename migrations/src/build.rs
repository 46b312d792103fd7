//! Small helpers for writing a migration: columns whose text sorts by code point on both databases, named foreign keys,
//! indexes that sea-query can't say. Not a place for names of tables or columns.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// Whether this is Postgres.
pub(crate) fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DatabaseBackend::Postgres
}

/// A text column that is compared byte by byte: SQLite's default, `COLLATE "C"` on Postgres. Keyset paging and its
/// indexes then mean the same on both, whatever locale the database has.
pub(crate) fn key_text<T: IntoIden>(manager: &SchemaManager<'_>, column: T) -> ColumnDef {
    let mut def = key_text_null(manager, column);
    def.not_null();
    def
}

/// [`key_text`] that may be absent.
pub(crate) fn key_text_null<T: IntoIden>(manager: &SchemaManager<'_>, column: T) -> ColumnDef {
    let mut def = ColumnDef::new(column);
    def.text();
    if is_postgres(manager) {
        def.extra("COLLATE \"C\"");
    }
    def
}

/// A named foreign key to one column.
pub(crate) fn foreign_key<T, C, P, D>(
    name: &str,
    from: (T, C),
    to: (P, D),
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement
where
    T: IntoIden + 'static,
    C: IntoIden + 'static,
    P: IntoIden + 'static,
    D: IntoIden + 'static,
{
    let (from_table, from_column) = (from.0.into_iden(), from.1.into_iden());
    let (to_table, to_column) = (to.0.into_iden(), to.1.into_iden());
    ForeignKey::create()
        .name(name)
        .from(from_table, from_column)
        .to(to_table, to_column)
        .on_delete(on_delete)
        .to_owned()
}

/// Runs statements that are the same text on both databases.
pub(crate) async fn run_all(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Drops tables in the given order, if they are there.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: Vec<DynIden>) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(table).if_exists().to_owned()).await?;
    }
    Ok(())
}
