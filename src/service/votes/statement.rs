//! Statements with one text each, so that they stay prepared.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

pub(in crate::service) fn is_postgres(database: &impl ConnectionTrait) -> bool {
    database.get_database_backend() == DbBackend::Postgres
}

pub(in crate::service) async fn query<const N: usize>(
    database: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Result<Vec<QueryResult>, DbErr> {
    database.query_all_raw(Statement::from_sql_and_values(database.get_database_backend(), sql, values)).await
}
