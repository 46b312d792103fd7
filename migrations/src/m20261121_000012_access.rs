//! Roles that people make, teams, and what role each person holds over what part of the fleet.
//!
//! Until now a person had one built-in role, over everything (a member over their own desktops). That role becomes the
//! person's first grant, and its column goes at once: nothing that knew the column was ever released.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, json_binary, pk_uuid, text, timestamp_with_time_zone, uuid, uuid_null};

use crate::build::{drop_tables, foreign_key, key_text, key_text_null, run_all};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AppUser {
    Table,
    Id,
    Version,
    Role,
}

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Directory {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Role {
    Table,
    Id,
    Name,
    Description,
    Permissions,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Team {
    Table,
    Id,
    Name,
    Description,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum TeamMember {
    Table,
    TeamId,
    UserId,
}

#[derive(DeriveIden)]
enum RoleGrant {
    Table,
    Id,
    UserId,
    Role,
    RoleId,
    ReachKind,
    AccountId,
    Region,
    DirectoryId,
    TeamId,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let role = Table::create()
            .table(Role::Table)
            .col(pk_uuid(Role::Id))
            .col(key_text(manager, Role::Name))
            .col(text(Role::Description))
            .col(json_binary(Role::Permissions))
            .col(big_integer(Role::Version).default(1))
            .col(timestamp_with_time_zone(Role::CreatedAt))
            .col(timestamp_with_time_zone(Role::UpdatedAt))
            .to_owned();
        manager.create_table(role).await?;
        let team = Table::create()
            .table(Team::Table)
            .col(pk_uuid(Team::Id))
            .col(key_text(manager, Team::Name))
            .col(text(Team::Description))
            .col(big_integer(Team::Version).default(1))
            .col(timestamp_with_time_zone(Team::CreatedAt))
            .col(timestamp_with_time_zone(Team::UpdatedAt))
            .to_owned();
        manager.create_table(team).await?;
        manager.create_table(members()).await?;
        manager.create_table(grants(manager)).await?;
        let version = big_integer(AppUser::Version).default(1).to_owned();
        manager.alter_table(Table::alter().table(AppUser::Table).add_column(version).to_owned()).await?;
        let statements = [
            "CREATE UNIQUE INDEX uq_role_name ON role (lower(name))",
            "CREATE UNIQUE INDEX uq_team_name ON team (lower(name))",
            "CREATE INDEX ix_team_member_user ON team_member (user_id)",
            "CREATE INDEX ix_role_grant_user ON role_grant (user_id)",
            "CREATE INDEX ix_role_grant_role ON role_grant (role_id)",
            "CREATE INDEX ix_role_grant_team ON role_grant (team_id)",
            "CREATE INDEX ix_role_grant_builtin ON role_grant (role)",
            // A person has at most one of these, so that the person's id will do for the grant's.
            "INSERT INTO role_grant (id, user_id, role, reach_kind, created_at) \
             SELECT id, id, role, CASE role WHEN 'member' THEN 'own' ELSE 'everything' END, created_at FROM app_user",
        ];
        run_all(manager, &statements).await?;
        manager.alter_table(Table::alter().table(AppUser::Table).drop_column(AppUser::Role).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut role = key_text(manager, AppUser::Role);
        role.default("viewer");
        manager.alter_table(Table::alter().table(AppUser::Table).add_column(role).to_owned()).await?;
        // The highest built-in role; who has none sees their own desktop.
        let back = "UPDATE app_user SET role = COALESCE((SELECT g.role FROM role_grant g \
                    WHERE g.user_id = app_user.id AND g.role IS NOT NULL ORDER BY CASE g.role WHEN 'owner' THEN 0 \
                    WHEN 'admin' THEN 1 WHEN 'operator' THEN 2 WHEN 'approver' THEN 3 WHEN 'auditor' THEN 4 \
                    WHEN 'viewer' THEN 5 ELSE 6 END LIMIT 1), 'member')";
        run_all(manager, &[back]).await?;
        manager.alter_table(Table::alter().table(AppUser::Table).drop_column(AppUser::Version).to_owned()).await?;
        let tables = [
            RoleGrant::Table.into_iden(),
            TeamMember::Table.into_iden(),
            Team::Table.into_iden(),
            Role::Table.into_iden(),
        ];
        drop_tables(manager, tables.into()).await
    }
}

fn members() -> TableCreateStatement {
    Table::create()
        .table(TeamMember::Table)
        .col(uuid(TeamMember::TeamId))
        .col(uuid(TeamMember::UserId))
        .primary_key(Index::create().name("pk_team_member").col(TeamMember::TeamId).col(TeamMember::UserId))
        .foreign_key(&mut foreign_key(
            "fk_team_member_team",
            (TeamMember::Table, TeamMember::TeamId),
            (Team::Table, Team::Id),
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut foreign_key(
            "fk_team_member_user",
            (TeamMember::Table, TeamMember::UserId),
            (AppUser::Table, AppUser::Id),
            ForeignKeyAction::Cascade,
        ))
        .to_owned()
}

fn grants(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let one_role = "(role IS NULL) <> (role_id IS NULL)";
    let one_reach = "(reach_kind = 'account') = (account_id IS NOT NULL) AND (reach_kind = 'region') = (region IS NOT NULL) \
                     AND (reach_kind = 'directory') = (directory_id IS NOT NULL) \
                     AND (reach_kind = 'team') = (team_id IS NOT NULL)";
    Table::create()
        .table(RoleGrant::Table)
        .col(pk_uuid(RoleGrant::Id))
        .col(uuid(RoleGrant::UserId))
        .col(key_text_null(manager, RoleGrant::Role))
        .col(uuid_null(RoleGrant::RoleId))
        .col(key_text(manager, RoleGrant::ReachKind))
        .col(uuid_null(RoleGrant::AccountId))
        .col(key_text_null(manager, RoleGrant::Region))
        .col(uuid_null(RoleGrant::DirectoryId))
        .col(uuid_null(RoleGrant::TeamId))
        .col(timestamp_with_time_zone(RoleGrant::CreatedAt))
        .check(("ck_role_grant_role", Expr::cust(one_role)))
        .check(("ck_role_grant_reach", Expr::cust(one_reach)))
        .foreign_key(&mut grant_key("fk_role_grant_user", RoleGrant::UserId, AppUser::Table, AppUser::Id))
        .foreign_key(&mut foreign_key(
            "fk_role_grant_role",
            (RoleGrant::Table, RoleGrant::RoleId),
            (Role::Table, Role::Id),
            // A role that somebody holds stays.
            ForeignKeyAction::NoAction,
        ))
        .foreign_key(&mut grant_key("fk_role_grant_account", RoleGrant::AccountId, Account::Table, Account::Id))
        .foreign_key(&mut grant_key("fk_role_grant_directory", RoleGrant::DirectoryId, Directory::Table, Directory::Id))
        .foreign_key(&mut grant_key("fk_role_grant_team", RoleGrant::TeamId, Team::Table, Team::Id))
        .to_owned()
}

/// What a grant reaches, and whose it is: without it there is no grant.
fn grant_key<P, D>(name: &str, column: RoleGrant, table: P, id: D) -> ForeignKeyCreateStatement
where
    P: IntoIden + 'static,
    D: IntoIden + 'static,
{
    foreign_key(name, (RoleGrant::Table, column), (table, id), ForeignKeyAction::Cascade)
}
