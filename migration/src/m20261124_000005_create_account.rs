//! Accounts, their sessions and their keys.

use sea_orm::sea_query::{
    ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement, Iden, Index, IntoIden, Table,
};
use sea_orm::{DbBackend, DeriveIden};

use crate::statement::{big_integer, big_integer_null, big_pk_auto, sql, string, text};

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    vec![
        sql(
            database,
            Table::create()
                .table(Account::Table)
                .col(big_pk_auto(Account::Id))
                .col(string(Account::Name))
                .col(string(Account::NameKey).unique_key())
                .col(string(Account::Role))
                .col(text(Account::PasswordHash))
                .col(big_integer(Account::CreatedAt))
                .col(big_integer_null(Account::DisabledAt)),
        ),
        sql(
            database,
            Table::create()
                .table(Session::Table)
                .col(big_pk_auto(Session::Id))
                .col(big_integer(Session::AccountId))
                .col(string(Session::TokenHash).unique_key())
                .col(string(Session::Network))
                .col(big_integer(Session::CreatedAt))
                .col(big_integer(Session::ExpiresAt))
                .col(big_integer_null(Session::RevokedAt))
                .foreign_key(&mut of_account(Session::Table, Session::AccountId)),
        ),
        sql(
            database,
            Index::create()
                .name("session_by_account")
                .table(Session::Table)
                .col(Session::AccountId)
                .col(Session::Network),
        ),
        sql(
            database,
            Table::create()
                .table(ApiKey::Table)
                .col(big_pk_auto(ApiKey::Id))
                .col(big_integer(ApiKey::AccountId))
                .col(string(ApiKey::Name))
                .col(string(ApiKey::Role))
                .col(string(ApiKey::SecretHash).unique_key())
                .col(string(ApiKey::Hint))
                .col(big_integer(ApiKey::CreatedAt))
                .col(big_integer_null(ApiKey::ExpiresAt))
                .col(big_integer_null(ApiKey::RevokedAt))
                .foreign_key(&mut of_account(ApiKey::Table, ApiKey::AccountId)),
        ),
        sql(database, Index::create().name("api_key_by_account").table(ApiKey::Table).col(ApiKey::AccountId)),
    ]
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    vec![
        sql(database, Table::drop().table(ApiKey::Table)),
        sql(database, Table::drop().table(Session::Table)),
        sql(database, Table::drop().table(Account::Table)),
    ]
}

fn of_account(table: impl Iden + 'static, column: impl Iden + 'static) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table.into_iden(), column.into_iden())
        .to(Account::Table, Account::Id)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[derive(DeriveIden)]
enum Account {
    Table,
    Id,
    Name,
    NameKey,
    Role,
    PasswordHash,
    CreatedAt,
    DisabledAt,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Id,
    AccountId,
    TokenHash,
    Network,
    CreatedAt,
    ExpiresAt,
    RevokedAt,
}

#[derive(DeriveIden)]
enum ApiKey {
    Table,
    Id,
    AccountId,
    Name,
    Role,
    SecretHash,
    Hint,
    CreatedAt,
    ExpiresAt,
    RevokedAt,
}
