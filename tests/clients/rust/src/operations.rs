//! The operations of this client. cynic holds each of them against the schema while it compiles.

#![expect(unused_qualifications, reason = "in what cynic's macros write")]

use cynic::{Id, InputObject, QueryFragment, QueryVariables};

#[cynic::schema("filmgate")]
#[expect(unreachable_pub, reason = "in what cynic's macros write")]
mod schema {}

#[derive(QueryFragment, Debug, Clone, PartialEq)]
pub struct Film {
    pub id: Id,
    pub name: String,
    pub studio: String,
    pub year: Option<i32>,
    pub genres: Vec<String>,
    pub likes: i32,
    pub dislikes: i32,
}

/// The id of the film that an operation is about.
#[derive(QueryVariables, Debug)]
pub struct FilmId {
    pub id: Id,
}

#[derive(QueryVariables, Debug, Default)]
pub struct RandomFilmVariables {
    pub filter: Option<FilmFilter>,
}

#[derive(InputObject, Debug, Default)]
pub struct FilmFilter {
    pub text: Option<String>,
    pub genre: Option<String>,
    pub studio: Option<String>,
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    pub min_votes: Option<i32>,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Query", variables = "RandomFilmVariables")]
pub struct RandomFilm {
    #[arguments(filter: $filter)]
    pub random_film: Option<Film>,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "FilmId")]
pub struct Like {
    #[arguments(id: $id)]
    pub like: Option<Film>,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "FilmId")]
pub struct Dislike {
    #[arguments(id: $id)]
    pub dislike: Option<Film>,
}

#[derive(QueryVariables, Debug)]
pub struct AddFilmVariables {
    pub input: AddFilmInput,
}

#[derive(InputObject, Debug, Default)]
pub struct AddFilmInput {
    pub name: String,
    pub studio: String,
    pub year: Option<i32>,
    pub genres: Option<Vec<String>>,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Mutation", variables = "AddFilmVariables")]
pub struct AddFilm {
    #[arguments(input: $input)]
    pub add_film: Option<Film>,
}

#[derive(cynic::Enum, Debug, Clone, Copy)]
pub enum FilmSort {
    Name,
    Year,
    Newest,
    Likes,
    Rating,
    Relevance,
    Shuffled,
}

#[derive(QueryVariables, Debug)]
pub struct PageVariables {
    pub first: i32,
    pub after: Option<String>,
    pub sort: FilmSort,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Query", variables = "PageVariables")]
pub struct Films {
    #[arguments(first: $first, after: $after, sort: $sort)]
    pub films: FilmConnection,
}

#[derive(QueryFragment, Debug)]
pub struct FilmConnection {
    pub edges: Vec<FilmEdge>,
    pub page_info: PageInfo,
}

#[derive(QueryFragment, Debug)]
pub struct FilmEdge {
    pub node: Film,
}

#[derive(QueryFragment, Debug)]
pub struct PageInfo {
    pub has_next_page: bool,
    pub end_cursor: Option<String>,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Subscription", variables = "FilmId")]
pub struct FilmVoted {
    #[arguments(id: $id)]
    pub film_voted: Film,
}

#[derive(QueryFragment, Debug)]
#[cynic(graphql_type = "Subscription")]
pub struct FilmAdded {
    pub film_added: Film,
}
