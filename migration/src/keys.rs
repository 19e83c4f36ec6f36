//! The forms in which names are compared, made anew by a migration that changes them.

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

/// Rows in memory at a time.
const CHUNK: u64 = 1_000;

/// How a name becomes what is compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    pub film: fn(&str) -> String,
    pub account: fn(&str) -> String,
}

/// What a migration makes keys by, and what it takes them back by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rekey {
    pub up: Keys,
    pub down: Keys,
}

/// A table whose rows are told apart by the keys of some columns.
struct Named {
    table: &'static str,
    /// Each with the one that has its key.
    columns: &'static [(&'static str, &'static str)],
    /// What else must be equal: an expression over a row.
    same: Option<&'static str>,
    fold: fn(&str) -> String,
}

/// Makes all keys anew. Where two rows have the same now, the older keeps it, and the key of the newer gets its id behind,
/// parted by a character that no key has. A sentence on each such row.
pub(crate) async fn remake(database: &impl ConnectionTrait, keys: Keys) -> Result<Vec<String>, DbErr> {
    let films = Named {
        table: "film",
        columns: &[("name", "name_key"), ("studio", "studio_key")],
        same: Some("COALESCE(year, 10000)"),
        fold: keys.film,
    };
    let accounts =
        Named { table: "account", columns: &[("name", "name_key")], same: None, fold: keys.account };
    genres(database, keys.film).await?;
    let mut notices = films.remake(database).await?;
    notices.extend(accounts.remake(database).await?);
    Ok(notices)
}

/// A row whose keys change.
struct Row {
    id: i64,
    names: Vec<String>,
    keys: Vec<String>,
}

impl Named {
    async fn remake(&self, database: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
        let mut notices = Vec::new();
        for row in self.changed(database).await? {
            let mut keys = row.keys.clone();
            if let Some((other, name)) = self.holder(database, &row).await? {
                let behind =
                    |id: i64| [vec![format!("{}\u{1F}{id}", row.keys[0])], row.keys[1..].to_vec()].concat();
                let (newer, newer_name) =
                    if other < row.id { (row.id, row.names[0].clone()) } else { (other, name) };
                if newer == row.id {
                    keys = behind(newer);
                } else {
                    self.set(database, other, &behind(newer)).await?;
                }
                notices.push(format!(
                    "{table} {newer} ({newer_name:?}) has a name that looks like that of {table} {older}; both stay",
                    table = self.table,
                    older = if newer == other { row.id } else { other }
                ));
            }
            self.set(database, row.id, &keys).await?;
        }
        Ok(notices)
    }

    /// In the order of their ids.
    async fn changed(&self, database: &impl ConnectionTrait) -> Result<Vec<Row>, DbErr> {
        let (mut last, mut changed) = (i64::MIN, Vec::new());
        loop {
            let mut query = self.select();
            for (name, key) in self.columns {
                query.columns([Alias::new(*name), Alias::new(*key)]);
            }
            query.and_where(column("id").gt(last)).order_by(Alias::new("id"), Order::Asc).limit(CHUNK);
            let rows = database.query_all(&query).await?;
            let Some(end) = rows.last() else { return Ok(changed) };
            last = end.try_get("", "id")?;
            for row in rows {
                let texts = |columns: Vec<&str>| -> Result<Vec<String>, DbErr> {
                    columns.into_iter().map(|column| row.try_get("", column)).collect()
                };
                let names = texts(self.columns.iter().map(|(name, _)| *name).collect())?;
                let keys: Vec<String> = names.iter().map(|name| (self.fold)(name)).collect();
                if keys != texts(self.columns.iter().map(|(_, key)| *key).collect())? {
                    changed.push(Row { id: row.try_get("", "id")?, names, keys });
                }
            }
        }
    }

    /// Who has the keys of a row already, with their name.
    async fn holder(
        &self,
        database: &impl ConnectionTrait,
        row: &Row,
    ) -> Result<Option<(i64, String)>, DbErr> {
        let mut query = self.select();
        query.column(Alias::new("name")).and_where(column("id").ne(row.id));
        for ((_, key), value) in self.columns.iter().zip(&row.keys) {
            query.and_where(column(key).eq(value.as_str()));
        }
        if let Some(same) = self.same {
            let mut own = Query::select();
            own.expr(Expr::cust(same)).from(Alias::new(self.table)).and_where(column("id").eq(row.id));
            query.and_where(Expr::cust(same).eq(own));
        }
        let holder = database.query_one(&query).await?;
        holder.map(|holder| Ok((holder.try_get("", "id")?, holder.try_get("", "name")?))).transpose()
    }

    fn select(&self) -> SelectStatement {
        Query::select().column(Alias::new("id")).from(Alias::new(self.table)).to_owned()
    }

    async fn set(&self, database: &impl ConnectionTrait, id: i64, keys: &[String]) -> Result<(), DbErr> {
        let values = self.columns.iter().zip(keys).map(|((_, key), value)| (Alias::new(*key), value.into()));
        let update = Query::update()
            .table(Alias::new(self.table))
            .values(values)
            .and_where(column("id").eq(id))
            .to_owned();
        database.execute(&update).await.map(drop)
    }
}

/// Those of genres, which tell no films apart.
async fn genres(database: &impl ConnectionTrait, fold: fn(&str) -> String) -> Result<(), DbErr> {
    let table = || Alias::new("film_genre");
    let both = [Alias::new("name"), Alias::new("name_key")];
    let names = Query::select().distinct().columns(both).from(table()).to_owned();
    for row in database.query_all(&names).await? {
        let (name, before): (String, String) = (row.try_get("", "name")?, row.try_get("", "name_key")?);
        let key = fold(&name);
        if key == before {
            continue;
        }
        let update = Query::update()
            .table(table())
            .value(Alias::new("name_key"), key)
            .and_where(column("name_key").eq(before))
            .and_where(column("name").eq(name))
            .to_owned();
        database.execute(&update).await?;
    }
    Ok(())
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}
