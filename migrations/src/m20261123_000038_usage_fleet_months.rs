//! The fleet's days of usage summed by month and weekday, so that the hours of the week of a year are not added up day by day.
//!
//! `usage_fleet_month`: what `usage_fleet_day` says of a month's Mondays, of its Tuesdays and so on (weekday 0 is Monday), by what
//! WorkSpaces are filtered by. How it is kept is `store::repo::usage::rollups`; here it is made of the days there are.
//!
//! On Postgres the index that weeks are found by has how many days of them were used, too: who was connected in a period is then
//! answered without the weeks themselves, of which ten thousand lie on as many pages.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, small_integer, uuid};

use crate::build::{drop_tables, foreign_key, is_postgres, key_text, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum UsageFleetMonth {
    Table,
    Month,
    Weekday,
    AccountId,
    Region,
    DirectoryId,
    BundleId,
    RunningMode,
    ComputeType,
}

/// What is summed, beside the hours.
const MEASURES: [&str; 4] = ["days", "minutes", "hours", "sessions"];

/// How many days were used does not change with most updates of a week, so that these still touch no index.
const WITH_DAYS: &str = "CREATE INDEX ix_usage_week_days ON usage_week (week) \
     INCLUDE (workspace_id, days_before, days_1, days_2, days_3, days_4, days_5, days_6, days_7)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(table(manager)).await?;
        let postgres = is_postgres(manager);
        run_all(manager, &[&fill(postgres)]).await?;
        if postgres {
            run_all(manager, &[WITH_DAYS, "DROP INDEX ix_usage_week_week"]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if is_postgres(manager) {
            run_all(
                manager,
                &["CREATE INDEX ix_usage_week_week ON usage_week (week)", "DROP INDEX ix_usage_week_days"],
            )
            .await?;
        }
        drop_tables(manager, vec![UsageFleetMonth::Table.into_iden()]).await
    }
}

fn table(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table(UsageFleetMonth::Table)
        .col(date(UsageFleetMonth::Month))
        .col(small_integer(UsageFleetMonth::Weekday))
        .col(uuid(UsageFleetMonth::AccountId))
        .col(key_text(manager, UsageFleetMonth::Region))
        .col(uuid(UsageFleetMonth::DirectoryId))
        .col(uuid(UsageFleetMonth::BundleId))
        .col(key_text(manager, UsageFleetMonth::RunningMode))
        .col(key_text(manager, UsageFleetMonth::ComputeType));
    for measure in MEASURES {
        table.col(integer(Alias::new(measure)));
    }
    for hour in 0..24 {
        table.col(integer(Alias::new(format!("hour_{hour}"))));
    }
    let mut key = Index::create();
    key.name("pk_usage_fleet_month")
        .col(UsageFleetMonth::Month)
        .col(UsageFleetMonth::Weekday)
        .col(UsageFleetMonth::AccountId)
        .col(UsageFleetMonth::Region)
        .col(UsageFleetMonth::DirectoryId)
        .col(UsageFleetMonth::BundleId)
        .col(UsageFleetMonth::RunningMode)
        .col(UsageFleetMonth::ComputeType);
    table
        .primary_key(&mut key)
        .foreign_key(&mut foreign_key(
            "fk_usage_fleet_month_account",
            (UsageFleetMonth::Table, UsageFleetMonth::AccountId),
            (Account::Table, Account::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn fill(postgres: bool) -> String {
    let (month, weekday) = if postgres {
        ("d.day - (CAST(extract(day FROM d.day) AS integer) - 1)", "CAST(extract(isodow FROM d.day) AS integer) - 1")
    } else {
        ("date(d.day, 'start of month')", "(CAST(strftime('%w', d.day) AS integer) + 6) % 7")
    };
    let of = |text: &dyn Fn(u8) -> String| (0..24).map(text).collect::<Vec<_>>().join(", ");
    let hours = of(&|hour| format!("hour_{hour}"));
    let sums = of(&|hour| format!("sum(d.hour_{hour})"));
    let measures = MEASURES.join(", ");
    let measure_sums = MEASURES.map(|measure| format!("sum(d.{measure})")).join(", ");
    let dimensions = "account_id, region, directory_id, bundle_id, running_mode, compute_type";
    format!(
        "INSERT INTO usage_fleet_month (month, weekday, {dimensions}, {measures}, {hours}) \
         SELECT {month}, {weekday}, {dimensions}, {measure_sums}, {sums} FROM usage_fleet_day d GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
    )
}
