//! The tables, and the statements over them: known from their entities.

use std::cmp::Ordering;

use entity::{account, api_key, audit_event, film, film_genre, film_word, idempotency, meta, session, vote};
use sea_orm::{
    ColumnTrait, ColumnType, DbBackend, EntityTrait, IdenStatic as _, Iterable as _, PrimaryKeyToColumn as _,
    PrimaryKeyTrait as _,
};

use crate::service::copy::row::{Cell, Row};
use crate::service::database::mark::OWN_ROWS;

/// A table of which every row is copied.
pub(super) struct Table {
    pub name: &'static str,
    columns: Vec<Column>,
    /// The places of the columns of its key, in the order of that.
    pub key: Vec<usize>,
    /// Whether the database counts its ids up.
    pub is_counted: bool,
    /// What is true of the rows that are copied.
    condition: String,
}

#[derive(Clone, Copy)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// What a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The least and the greatest, which SQLite does not ask for.
    Number(i64, i64),
    Text,
}

/// What is copied, each table behind those that it points to. The rest is of a database and its servers alone: `instance`
/// (who runs on it), `film_change` (what servers have yet to hear of), `seaql_migrations`.
pub(super) fn tables() -> Vec<Table> {
    let meta = Table::of::<meta::Entity>();
    let own_rows = OWN_ROWS.map(|key| format!("'{key}'"));
    vec![
        Table::of::<account::Entity>(),
        Table::of::<session::Entity>(),
        Table::of::<api_key::Entity>(),
        Table::of::<film::Entity>(),
        Table::of::<film_genre::Entity>(),
        Table::of::<film_word::Entity>(),
        Table::of::<vote::Entity>(),
        Table::of::<audit_event::Entity>(),
        Table::of::<idempotency::Entity>(),
        Table { condition: format!("key NOT IN ({})", own_rows.join(", ")), ..meta },
    ]
}

impl Table {
    fn of<E: EntityTrait>() -> Self {
        let column = |column: E::Column| Column {
            name: column.as_str(),
            kind: Kind::of(column.def().get_column_type()),
        };
        let columns: Vec<Column> = E::Column::iter().map(column).collect();
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        let key = E::PrimaryKey::iter().filter_map(|key| place(key.into_column().as_str())).collect();
        let is_counted = E::PrimaryKey::auto_increment();
        Self { name: E::default().table_name(), columns, key, is_counted, condition: "TRUE".to_owned() }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = Column> {
        self.columns.iter().copied()
    }

    pub(super) fn key_of(&self, row: &Row) -> Vec<Cell> {
        self.key.iter().map(|place| row[*place].clone()).collect()
    }

    pub(super) fn in_order(&self, one: &Row, other: &Row) -> Ordering {
        self.key.iter().map(|place| &one[*place]).cmp(self.key.iter().map(|place| &other[*place]))
    }

    pub(super) fn count(&self) -> String {
        format!("SELECT COUNT(*) FROM {} WHERE {}", self.name, self.condition)
    }

    /// So many rows in the order of the key, from the first on or behind a key, whose values are the parameters.
    pub(super) fn select(&self, database: DbBackend, is_behind: bool, most: usize) -> String {
        let is_postgres = database == DbBackend::Postgres;
        let column = |column: &Column| match column.kind {
            Kind::Number(..) if is_postgres => format!("CAST({} AS bigint)", column.name),
            _ => column.name.to_owned(),
        };
        // PostgreSQL would take the order of a language.
        let of_key = self.key_columns().map(|column| match column.kind {
            Kind::Text if is_postgres => format!("{} COLLATE \"C\"", column.name),
            _ => column.name.to_owned(),
        });
        let of_key = of_key.collect::<Vec<_>>().join(", ");
        let parameters: Vec<String> = (1..=self.key.len()).map(|place| format!("${place}")).collect();
        let behind = format!(" AND ({of_key}) > ({})", parameters.join(", "));
        format!(
            "SELECT {} FROM {} WHERE {}{} ORDER BY {of_key} LIMIT {most}",
            self.columns.iter().map(column).collect::<Vec<_>>().join(", "),
            self.name,
            self.condition,
            if is_behind { &behind } else { "" },
        )
    }

    /// Adds rows, which are the parameter in JSON: each an array. One whose key is there stays as it is.
    pub(super) fn insert(&self, database: DbBackend) -> String {
        let (columns, key) = (names(self.columns.iter()), names(self.key_columns()));
        let rows = from_json(database, self.columns.iter());
        // SQLite needs a condition, or takes the conflict for one of a join.
        format!("INSERT INTO {} ({columns}) {rows} WHERE TRUE ON CONFLICT ({key}) DO NOTHING", self.name)
    }

    /// Removes the rows of these keys, which are the parameter in JSON: each an array.
    pub(super) fn delete(&self, database: DbBackend) -> String {
        let rows = from_json(database, self.key_columns());
        format!("DELETE FROM {} WHERE ({}) IN ({rows})", self.name, names(self.key_columns()))
    }

    fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().map(|place| &self.columns[*place])
    }
}

impl Kind {
    fn of(column: &ColumnType) -> Self {
        match column {
            ColumnType::SmallInteger => Self::Number(i16::MIN.into(), i16::MAX.into()),
            ColumnType::Integer => Self::Number(i32::MIN.into(), i32::MAX.into()),
            ColumnType::BigInteger => Self::Number(i64::MIN, i64::MAX),
            _ => Self::Text,
        }
    }
}

fn names<'a>(columns: impl Iterator<Item = &'a Column>) -> String {
    columns.map(|column| column.name).collect::<Vec<_>>().join(", ")
}

fn from_json<'a>(database: DbBackend, columns: impl Iterator<Item = &'a Column>) -> String {
    let is_postgres = database == DbBackend::Postgres;
    let cell = |(place, column): (usize, &Column)| match column.kind {
        Kind::Number(..) if is_postgres => format!("CAST(value ->> {place} AS bigint)"),
        _ => format!("value ->> {place}"),
    };
    let cells: Vec<String> = columns.enumerate().map(cell).collect();
    let each = if is_postgres { "jsonb_array_elements($1::jsonb)" } else { "json_each($1)" };
    format!("SELECT {} FROM {each}", cells.join(", "))
}
