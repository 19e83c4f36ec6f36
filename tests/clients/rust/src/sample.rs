//! What `docs/clients.md` shows, word for word.

use std::time::Duration;

use cynic::{MutationBuilder as _, QueryBuilder as _, SubscriptionBuilder as _};
use futures_lite::StreamExt as _;

use crate::{Client, Error, Film, FilmId, FilmVoted, Like, RandomFilm, RandomFilmVariables, watch};

/// Likes a random film, and gives the film as the next event tells it.
pub async fn like_and_watch(server: &str) -> Result<Film, Error> {
    let client = Client::new(format!("http://{server}/graphql"), Duration::from_mins(1));
    let random = client.run(&RandomFilm::build(RandomFilmVariables::default())).await?;
    let id = random.random_film.ok_or(Error::Nothing)?.id;
    let votes = FilmVoted::build(FilmId { id: id.clone() });
    let mut votes = watch(&format!("ws://{server}/graphql"), votes).await?;
    client.run(&Like::build(FilmId { id })).await?; // Waits for its quota.
    Ok(votes.next().await.ok_or(Error::Nothing)??.film_voted)
}
