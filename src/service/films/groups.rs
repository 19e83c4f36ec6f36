//! Genres and studios, each with the number of its films.

use std::collections::HashMap;
use std::sync::Arc;

use entity::{film, film_genre};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::error::Result;
use crate::service::films::group::{Found, Group, GroupPage, Grouping, cursor};
use crate::service::films::service::FilmService;
use crate::service::page::{Cursor, Page, PageRequest};
use crate::service::policy::authorize;
use crate::service::text::fold;

impl FilmService {
    /// A page of the genres.
    ///
    /// # Errors
    /// As [`FilmService::films`].
    pub async fn genres(&self, caller: &Caller, page: PageRequest) -> Result<GroupPage> {
        self.groups(caller, Grouping::Genre, page).await
    }

    /// A page of the studios.
    ///
    /// # Errors
    /// As [`FilmService::films`].
    pub async fn studios(&self, caller: &Caller, page: PageRequest) -> Result<GroupPage> {
        self.groups(caller, Grouping::Studio, page).await
    }

    async fn groups(&self, caller: &Caller, grouping: Grouping, page: PageRequest) -> Result<GroupPage> {
        authorize(caller, Action::ReadFilm)?;
        let page = Page::read(page, grouping, self.max_page)?;
        let (groups, total) = match self.catalogue.groups(grouping, &page) {
            Some(found) => found,
            None => Box::pin(self.database.bounded(stored(&self.database.reader, grouping, &page))).await?,
        };
        Ok(GroupPage { groups: page.listed(groups), total })
    }
}

/// From the database, where not every film is in memory.
async fn stored(
    database: &impl ConnectionTrait,
    grouping: Grouping,
    page: &Page<Grouping>,
) -> Result<Found, DbErr> {
    /// Key, number of films, and the first of them.
    type Row = (String, i64, i64);
    let text = |place: &Cursor<Grouping>| place.key.text().to_owned();
    let (after, before) = (page.after.as_ref().map(text), page.before.as_ref().map(text));
    let order = if page.backward { Order::Desc } else { Order::Asc };
    // The two tables have their columns under other names.
    macro_rules! read {
        ($table:ident, $id:ident, $name:ident, $key:ident) => {{
            use $table::Column;
            let keys = $table::Entity::find().select_only().column(Column::$key).group_by(Column::$key);
            let distinct = Expr::col(Column::$key).count_distinct();
            let total = $table::Entity::find().select_only().column_as(distinct, "total");
            let total = total.into_tuple::<i64>().one(database).await?.unwrap_or_default();
            let mut rows = keys.column_as(Column::$id.count(), "films").column_as(Column::$id.min(), "first");
            if let Some(after) = after {
                rows = rows.filter(Column::$key.gt(after));
            }
            if let Some(before) = before {
                rows = rows.filter(Column::$key.lt(before));
            }
            let rows = rows.order_by(Column::$key, order).limit(page.limit());
            let rows: Vec<Row> = rows.into_tuple().all(database).await?;
            let names = $table::Entity::find().filter(Column::$id.is_in(rows.iter().map(|row| row.2)));
            let names = names.select_only().column(Column::$id).column(Column::$name);
            (total, rows, names.into_tuple::<(i64, String)>().all(database).await?)
        }};
    }
    let (total, rows, names) = match grouping {
        Grouping::Genre => read!(film_genre, FilmId, Name, NameKey),
        Grouping::Studio => read!(film, Id, Studio, StudioKey),
    };
    // Of every group that the film is in, which may be the first of another one alone.
    let names: HashMap<(i64, String), Arc<str>> =
        names.into_iter().map(|(film, name)| ((film, fold(&name)), name.into())).collect();
    let groups = rows.into_iter().map(|(key, films, first)| {
        let name = names.get(&(first, key.clone())).cloned().unwrap_or_else(|| key.as_str().into());
        (cursor(grouping, &key), Group { name, films: films.unsigned_abs() })
    });
    Ok((groups.collect(), u64::try_from(total).unwrap_or(u64::MAX)))
}
