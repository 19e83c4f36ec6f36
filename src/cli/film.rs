//! `filmgate film`.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};
use std::sync::Arc;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::database::open;
use super::output::{Failure, Group, Output, table};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::service::caller::Caller;
use crate::service::database::{Database, Missing};
use crate::service::films::add::add_film;
use crate::service::films::filter::FilmFilter;
use crate::service::films::remove::remove_film;
use crate::service::films::types::{Film, FilmDraft, FilmId, FilmOrder, FilmSort};
use crate::service::films::update::update_film;
use crate::service::films::{list, read};
use crate::service::page::PageRequest;
use crate::service::text::counted;

/// Films of one list; `export` writes all.
const MOST: u32 = 1_000;
/// Characters of a column that can be long.
const WIDEST: usize = 40;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List films
    List(List),
    /// Add a film
    Add {
        /// Its name
        name: String,
        #[arg(long)]
        /// Its studio
        studio: String,
        /// The year in which it came out
        #[arg(long)]
        year: Option<i64>,
        /// One of its genres; may be said again
        #[arg(long = "genre", value_name = "GENRE")]
        genres: Vec<String>,
    },
    /// Show one film
    Show {
        /// Its id
        #[arg(value_parser = id)]
        id: FilmId,
    },
    /// Change a film; what is not said stays, and so do its votes
    Update(Update),
    /// Remove a film with its votes; asks first
    Remove {
        /// Its id
        #[arg(value_parser = id)]
        id: FilmId,
        /// Yes, without being asked
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true)))]
pub(super) struct Update {
    /// Its id
    #[arg(value_parser = id)]
    id: FilmId,
    /// Its name
    #[arg(long, group = "change")]
    name: Option<String>,
    /// Its studio
    #[arg(long, group = "change")]
    studio: Option<String>,
    /// The year in which it came out
    #[arg(long, group = "change")]
    year: Option<i64>,
    /// Nobody knows the year
    #[arg(long, group = "change", conflicts_with = "year")]
    no_year: bool,
    /// One of its genres, instead of those before; may be said again
    #[arg(long = "genre", value_name = "GENRE", group = "change")]
    genres: Vec<String>,
    /// It has no genres
    #[arg(long, group = "change", conflicts_with = "genres")]
    no_genres: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Films with these words in name or studio, each by its beginning
    #[arg(long)]
    text: Option<String>,
    /// Films of this genre, without regard to case
    #[arg(long)]
    genre: Option<String>,
    /// Films of this studio, without regard to case
    #[arg(long)]
    studio: Option<String>,
    /// Films of this year or later
    #[arg(long, value_name = "YEAR")]
    year_from: Option<i32>,
    /// Films of this year or earlier
    #[arg(long, value_name = "YEAR")]
    year_to: Option<i32>,
    /// Films with so many votes
    #[arg(long, value_name = "NUMBER")]
    min_votes: Option<i64>,
    /// What comes first; when not given, relevance with --text, otherwise name
    #[arg(long)]
    sort: Option<Sort>,
    /// Whether the least or the greatest comes first
    #[arg(long)]
    order: Option<Order>,
    /// How many films
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=i64::from(MOST)))]
    first: i64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sort {
    /// By name, without regard to case
    Name,
    /// The earliest year
    Year,
    /// The film added last
    Newest,
    /// The most likes
    Likes,
    /// The best rating
    Rating,
    /// What matches the text best
    Relevance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// The least first
    Asc,
    /// The greatest first
    Desc,
}

impl From<Sort> for FilmSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Name => Self::Name,
            Sort::Year => Self::Year,
            Sort::Newest => Self::Newest,
            Sort::Likes => Self::Likes,
            Sort::Rating => Self::Rating,
            Sort::Relevance => Self::Relevance,
        }
    }
}

fn id(text: &str) -> Result<FilmId, String> {
    FilmId::parse(text).ok_or_else(|| "must be the id of a film, in digits".to_owned())
}

pub(super) async fn execute(
    config: Config,
    Group { output, command }: Group<Command>,
) -> Result<(), Failure> {
    let database = open(&config, Missing::Refuse).await?;
    match command {
        Command::List(options) => list(&database, options, output).await,
        Command::Add { name, studio, year, genres } => {
            let (name, studio, genres) =
                (Some(name), Some(studio), Some(genres.into_iter().map(Some).collect()));
            let draft = FilmDraft { name, studio, year: Some(year), genres, faults: Vec::new() };
            let film = add_film(&database, &Caller::operator(), draft, &SystemClock::new()).await?;
            output.tell(&*film, || format!("added film {}, {} ({})\n", film.id, film.name, film.studio))
        }
        Command::Show { id } => {
            let film = find(&database, id).await?;
            output.tell(&film, || lines(&film))
        }
        Command::Update(Update { id, name, studio, year, no_year, genres, no_genres }) => {
            let year = (no_year || year.is_some()).then_some(year);
            let genres = (no_genres || !genres.is_empty()).then(|| genres.into_iter().map(Some).collect());
            let change = FilmDraft { name, studio, year, genres, faults: Vec::new() };
            let film = update_film(&database, &Caller::operator(), id, change, &SystemClock::new()).await?;
            output.tell(&film, || lines(&film))
        }
        Command::Remove { id, yes } => {
            let film = find(&database, id).await?;
            if !yes {
                confirm(&film)?;
            }
            let film = remove_film(&database, &Caller::operator(), id, &SystemClock::new()).await?;
            output.tell(&film, || format!("removed {}\n", named(&film)))
        }
    }
}

async fn list(database: &Database, options: List, output: Output) -> Result<(), Failure> {
    let List { text, genre, studio, year_from, year_to, min_votes, sort, order, first } = options;
    let filter = FilmFilter { text, genre, studio, year_from, year_to, min_votes };
    let descends = order.map(|order| order == Order::Desc);
    let order = FilmOrder::asked(sort.map(Into::into), descends, filter.text.is_some());
    let page = PageRequest { first: Some(first), ..PageRequest::default() };
    let found = list::films(database, &Caller::operator(), &filter, order, page, MOST).await?;
    let films = found.films.entries.into_iter().map(|(_, film)| film);
    output.list(films, |films| rows(films.into_iter()))
}

async fn find(database: &Database, id: FilmId) -> Result<Film, Failure> {
    Ok(read::film(database, &Caller::operator(), id).await?)
}

/// Asks a person; where there is none, `--yes` must have been said.
fn confirm(film: &Film) -> Result<(), Failure> {
    let what = named(film);
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return Err(Failure::wrong_use(&format!("this removes {what}; say --yes")));
    }
    write!(stderr(), "Remove {what}? [y/N] ")?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        return Ok(());
    }
    Err(Failure::failed(&"nothing was removed"))
}

/// `film 5, The Kiss (Edison, 1896), with 3 likes and 0 dislikes`.
fn named(film: &Film) -> String {
    let year = film.year.map(|year| format!(", {year}")).unwrap_or_default();
    format!(
        "film {}, {} ({}{year}), with {} and {}",
        film.id,
        film.name,
        film.studio,
        counted(film.likes, "like"),
        counted(film.dislikes, "dislike")
    )
}

/// One line a field.
fn lines(film: &Film) -> String {
    let year = film.year.map_or("unknown".to_owned(), |year| year.to_string());
    format!(
        "id        {}\nname      {}\nstudio    {}\nyear      {year}\ngenres    {}\nlikes     {}\ndislikes  {}\n",
        film.id,
        film.name,
        film.studio,
        film.genres.join(", "),
        film.likes,
        film.dislikes
    )
}

fn rows(films: impl Iterator<Item = Arc<Film>>) -> String {
    let row = |film: Arc<Film>| {
        [
            film.id.to_string(),
            short(&film.name),
            short(&film.studio),
            film.year.map(|year| year.to_string()).unwrap_or_default(),
            film.likes.to_string(),
            film.dislikes.to_string(),
            film.genres.join(", "),
        ]
    };
    table(["id", "name", "studio", "year", "likes", "dislikes", "genres"], films.map(row))
}

fn short(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
