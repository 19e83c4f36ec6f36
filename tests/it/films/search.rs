//! Films that are found by a text, beside a slow and obvious reference: every film is looked at for every text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use axum::http::Method;
use filmgate::clock::SystemClock;
use filmgate::service::caller::Caller;
use filmgate::service::database::{Database, Settings};
use filmgate::service::films::types::FilmDraft;
use filmgate::service::import::batch::{BATCH, Draft, Import};
use filmgate::service::import::types::{OnDuplicate, OnError, Settings as How};
use filmgate::service::text::fold;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use unicode_normalization::UnicodeNormalization as _;

use crate::support::{Store, TestApp, UNLIMITED};

/// A word that stands in more films chooses nothing.
const MOST: usize = 5_000;
/// So many most liked films, and films whose name begins so, are looked through for such words.
const LOOKED_THROUGH: usize = 2_000;

const MADE: [&str; 40] = [
    "Zażółć",
    "gęślą",
    "Amélie",
    "AMELIE",
    "Øre",
    "Straße",
    "naïve",
    "Ёлки",
    "Война",
    "мир",
    "война",
    "Ελλάδα",
    "ελληνικά",
    "שלום",
    "مرحبا",
    "千と千尋",
    "東京",
    "東京物語",
    "서울",
    "서울의",
    "Spider-Man",
    "Ocean's",
    "E.T.",
    "WALL·E",
    "L'Avventura",
    "Alien",
    "Aliens",
    "Alien³",
    "8½",
    "Star",
    "Stars",
    "Starlight",
    "Wars",
    "a",
    "of",
    "The",
    "the",
    "!",
    "Matrix",
    "Metrix",
];
const GENRES: [&str; 4] = ["Drama", "Horror", "Comedy", "Western"];

#[derive(Clone)]
struct Film {
    id: i64,
    name: String,
    studio: String,
    year: Option<i64>,
    genres: Vec<String>,
    likes: i64,
    dislikes: i64,
    of_name: BTreeSet<String>,
    of_studio: BTreeSet<String>,
}

/// Small letters without accents.
fn plain(text: &str) -> String {
    let apart: String =
        text.chars().flat_map(|one| "³½".contains(one).then_some('/').into_iter().chain([one])).collect();
    let large = apart
        .nfkd()
        .filter(|one| !('\u{300}'..='\u{36F}').contains(one) && !('\u{5B0}'..='\u{5C7}').contains(one));
    let small = large.collect::<String>().to_lowercase();
    small.replace('ß', "ss").replace('ø', "o").replace('ł', "l").replace('æ', "ae").replace('ς', "σ")
}

fn letters(text: &str) -> String {
    plain(text).chars().filter(|one| one.is_alphanumeric()).collect()
}

fn split(text: &str) -> Vec<String> {
    let parts = text.split(|one: char| !one.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(|part| part.chars().take(40).collect()).collect()
}

fn words(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for token in plain(name).split_whitespace() {
        words.extend(split(token));
        words.extend(split(&letters(token)));
    }
    words
}

/// The distance of optimal string alignment.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let other_letter = table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                let least = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(other_letter);
                let is_swapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                if is_swapped { least.min(table[i - 2][j - 2] + 1) } else { least }
            };
        }
    }
    table[one.len()][other.len()]
}

/// Whether a word begins with what is sought, with one letter wrong if that is allowed.
fn begins(sought: &str, word: &str, may_err: bool) -> bool {
    let is_near = |end| distance(sought, &word.chars().take(end).collect::<String>()) <= 1;
    let length = sought.chars().count();
    word.starts_with(sought)
        || (may_err
            && length >= 4
            && (length - 1..=length + 1).any(|end| end <= word.chars().count() && is_near(end)))
}

fn is(sought: &str, word: &str, may_err: bool) -> bool {
    sought == word || (may_err && sought.chars().count() >= 4 && distance(sought, word) <= 1)
}

/// For each word that is sought, those of all words that begin with it.
type Begun = BTreeMap<String, BTreeSet<String>>;

/// Each word, with the films that have it.
fn films_by_word(films: &[Film]) -> BTreeMap<String, Vec<i64>> {
    let mut by_word: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for film in films {
        for word in film.of_name.union(&film.of_studio) {
            by_word.entry(word.clone()).or_default().push(film.id);
        }
    }
    by_word
}

/// The films that a text finds, the best first, each with how well it matches.
fn found<'a>(
    films: &'a [Film],
    by_word: &BTreeMap<String, Vec<i64>>,
    text: &str,
    matches: &dyn Fn(&Film) -> bool,
) -> Vec<(usize, &'a Film)> {
    let sought = plain(text).replace(['\'', '’'], "");
    let (whole, mut all) = (letters(&sought), Vec::new());
    for word in split(&sought) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    let mut longest = all.clone();
    longest.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    longest.truncate(8);
    let begun = |may_err: bool| -> Begun {
        let of = |word: &String| by_word.keys().filter(|own| begins(word, own, may_err)).cloned().collect();
        all.iter().map(|word| (word.clone(), of(word))).collect()
    };
    let choose = |begun: &Begun| {
        let (mut chosen, mut common) = (Vec::new(), None::<BTreeSet<i64>>);
        for word in &longest {
            let rows: Vec<i64> = begun[word].iter().flat_map(|own| by_word[own].iter().copied()).collect();
            if rows.len() <= MOST {
                chosen.push(word.clone());
                let ids: BTreeSet<i64> = rows.into_iter().collect();
                common =
                    Some(common.map_or(ids.clone(), |before| before.intersection(&ids).copied().collect()));
            }
        }
        (chosen, common)
    };
    let (mut may_err, mut words_begun) = (false, begun(false));
    let (mut chosen, mut ids) = choose(&words_begun);
    if ids.as_ref().is_some_and(BTreeSet::is_empty) {
        (may_err, words_begun) = (true, begun(true));
        (chosen, ids) = choose(&words_begun);
    }
    let ids = ids.unwrap_or_else(|| {
        let mut liked: Vec<&Film> = films.iter().filter(|film| matches(film)).collect();
        liked.sort_by_key(|film| (-film.likes, film.id));
        let mut named: Vec<&Film> =
            films.iter().filter(|film| fold(&film.name).starts_with(&fold(text))).collect();
        named.sort_by_key(|film| (fold(&film.name), film.id));
        liked
            .iter()
            .take(LOOKED_THROUGH)
            .chain(named.iter().take(LOOKED_THROUGH))
            .map(|film| film.id)
            .collect()
    });
    let class = |film: &Film| {
        let in_name = |word: &String| film.of_name.iter().any(|own| words_begun[word].contains(own));
        let in_either =
            |word: &String| in_name(word) || film.of_studio.iter().any(|own| words_begun[word].contains(own));
        if all.iter().all(in_name) {
            let name = letters(&film.name);
            return Some(match () {
                () if is(&whole, &name, may_err) => 0,
                () if begins(&whole, &name, may_err) => 1,
                () => 2,
            });
        }
        if all.iter().all(in_either) {
            return Some(3);
        }
        (!chosen.is_empty()).then(|| if chosen.iter().all(in_name) { 4 } else { 5 })
    };
    let films = films.iter().filter(|film| ids.contains(&film.id) && matches(film));
    let mut found: Vec<(usize, &Film)> = films.filter_map(|film| Some((class(film)?, film))).collect();
    found.sort_by_key(|(class, film)| (*class, -film.likes, film.id));
    found
}

fn draft(name: &str, studio: &str, random: &mut StdRng) -> Draft {
    let count = random.random_range(0..3);
    let genres: Vec<_> = (0..count).map(|_| Some(GENRES[random.random_range(0..4)].to_owned())).collect();
    let film = FilmDraft {
        name: Some(name.to_owned()),
        studio: Some(studio.to_owned()),
        year: Some(random.random_bool(0.9).then(|| random.random_range(1930..2020))),
        genres: Some(genres),
        faults: Vec::new(),
    };
    Draft { id: None, film }
}

/// How many films are made up. `SEARCH_FILMS=58000` takes many minutes, most of them for looking at every film.
fn made() -> usize {
    let films = std::env::var("SEARCH_FILMS").ok();
    films.map_or(1_200, |films| films.parse().expect("SEARCH_FILMS is a number"))
}

/// Real rows where they are, made ones, and so many with words in common that these choose nothing.
fn drafts(random: &mut StdRng) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/movies.json");
    if let Ok(text) = std::fs::read_to_string(real) {
        let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        for row in rows {
            let name = row["Title"].as_str().map_or_else(|| row["Title"].to_string(), str::to_owned);
            drafts.push(draft(&name, row["Distributor"].as_str().unwrap_or("Unknown"), random));
        }
    }
    for _ in 0..made() {
        let mut some = |most: usize| -> String {
            let count = random.random_range(1..=most);
            let all: Vec<&str> = (0..count).map(|_| MADE[random.random_range(0..MADE.len())]).collect();
            all.join(" ")
        };
        let (name, studio) = (some(4), some(2));
        drafts.push(draft(&name, &studio, random));
    }
    for number in 0..5_200 {
        drafts.push(draft(&format!("The Commonest {number}"), &format!("Common {}", number % 5), random));
    }
    drafts
}

/// A database with such films and some votes.
async fn filled(store: Store, folder: &TempDir) -> String {
    let url = store.filled(folder.path()).await;
    let database = Database::open(&url, &Settings::default()).await.expect("a database");
    let how = How { on_duplicate: OnDuplicate::Skip, on_error: OnError::Skip, dry_run: false };
    let clock = Arc::new(SystemClock::new());
    let mut import = Import::begin(database.clone(), &Caller::operator(), how, clock).expect("an admin");
    let mut drafts = drafts(&mut StdRng::seed_from_u64(20_261_129)).into_iter();
    loop {
        let batch: Vec<_> = drafts.by_ref().take(BATCH).map(Ok).collect();
        if batch.is_empty() {
            break;
        }
        import.batch(batch).await.expect("written");
    }
    database.close().await;
    url
}

async fn all_films(app: &TestApp) -> Vec<Film> {
    let (mut films, mut place) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/v1/films?sort=newest&first=100{place}")).await.expect(200).json();
        for film in page["films"].as_array().expect("films") {
            let text = |member: &str| film[member].as_str().expect("a text").to_owned();
            let number = |member: &str| film[member].as_i64();
            let (name, studio) = (text("name"), text("studio"));
            films.push(Film {
                id: number("id").expect("an id"),
                year: number("year"),
                genres: film["genres"]
                    .as_array()
                    .expect("genres")
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                likes: number("likes").expect("likes"),
                dislikes: number("dislikes").expect("dislikes"),
                of_name: words(&name),
                of_studio: words(&studio),
                name,
                studio,
            });
        }
        place = format!("&after={}", page["pageInfo"]["endCursor"].as_str().unwrap_or_default());
        if page["pageInfo"]["hasNextPage"] == false {
            return films;
        }
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A text that somebody might look for a film by: some of its words, begun, in other letters, or with one wrong.
fn text_of(film: &Film, random: &mut StdRng) -> String {
    let names = format!("{} {}", film.name, film.studio);
    let own: Vec<&str> = names.split_whitespace().collect();
    let whole = random.random_bool(0.15);
    let some = (0..random.random_range(1..=3)).map(|_| own[random.random_range(0..own.len())].to_owned());
    let mut words: Vec<String> = if whole { vec![film.name.clone()] } else { some.collect() };
    for word in &mut words {
        let mut letters: Vec<char> = word.chars().collect();
        if random.random_bool(0.4) {
            letters.truncate(random.random_range(1..=letters.len()));
        }
        if random.random_bool(0.3) {
            let place = random.random_range(0..letters.len());
            match random.random_range(0..4) {
                0 => letters[place] = 'x',
                1 => letters.insert(place, 'e'),
                2 if place + 1 < letters.len() => letters.swap(place, place + 1),
                _ => drop(letters.remove(place)),
            }
        }
        *word = letters.into_iter().collect();
        match random.random_range(0..4) {
            0 => *word = word.to_uppercase(),
            1 => *word = plain(word),
            _ => {}
        }
    }
    words.join([" ", "  ", ", ", "-"][random.random_range(0..4)])
}

struct Asked {
    text: String,
    genre: Option<&'static str>,
    year_from: Option<i64>,
    min_votes: Option<i64>,
}

impl Asked {
    fn of(text: String, random: &mut StdRng) -> Self {
        Self {
            text,
            genre: random.random_bool(0.2).then(|| GENRES[random.random_range(0..4)]),
            year_from: random.random_bool(0.15).then(|| random.random_range(1930..2000)),
            min_votes: random.random_bool(0.15).then(|| random.random_range(0..4)),
        }
    }

    fn path(&self) -> String {
        let mut path = format!("/v1/films?q={}", encoded(&self.text));
        path.extend(self.genre.map(|genre| format!("&genre={genre}")));
        path.extend(self.year_from.map(|year| format!("&yearFrom={year}")));
        path.extend(self.min_votes.map(|votes| format!("&minVotes={votes}")));
        path
    }

    fn matches(&self, film: &Film) -> bool {
        self.genre.is_none_or(|genre| film.genres.iter().any(|own| own == genre))
            && self.year_from.is_none_or(|from| film.year.is_some_and(|year| year >= from))
            && self.min_votes.is_none_or(|least| film.likes + film.dislikes >= least)
    }
}

/// Ids of a list, page by page from either end, and how many it says there are. No more than 400 of them.
async fn walk(app: &TestApp, path: &str, size: usize, backwards: bool) -> (Vec<i64>, usize) {
    let (mut ids, mut place) = (Vec::new(), String::new());
    let (count, after, end, more) = if backwards {
        ("last", "before", "startCursor", "hasPreviousPage")
    } else {
        ("first", "after", "endCursor", "hasNextPage")
    };
    loop {
        let page = app.get(&format!("{path}&{count}={size}{place}")).await.expect(200).json();
        let mut of_page: Vec<i64> =
            page["films"].as_array().expect("films").iter().filter_map(|film| film["id"].as_i64()).collect();
        if backwards {
            of_page.reverse();
        }
        ids.extend(of_page);
        place = format!("&{after}={}", page["pageInfo"][end].as_str().unwrap_or_default());
        if page["pageInfo"][more] == false || ids.len() > 400 {
            let total = page["totalCount"].as_u64().expect("a number");
            return (ids, usize::try_from(total).expect("not that many"));
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_finds_what_looking_at_every_film_finds(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let url = filled(store, &folder).await;
    let app = TestApp::on_database(folder, url).await;
    app.execute("UPDATE film SET likes = id % 4, dislikes = id % 3 WHERE id % 7 < 3").await;
    let app = app.reopen(UNLIMITED).await;
    let stored = app.beside_with(|config| config.catalogue.max_bytes = 0).await;
    let films = all_films(&app).await;
    assert!(films.len() > 7_000, "{}", films.len());
    let by_word = films_by_word(&films);
    let mut random = StdRng::seed_from_u64(15);
    let fixed = [
        "the",
        "a",
        "e",
        "com",
        "commonest",
        "the commonest",
        "commn",
        "commonest 17",
        "the comonest 4999",
        "of the",
        "zazolc",
        "ZAŻÓŁĆ GĘŚLĄ",
        "amelie",
        "Amélei",
        "ore",
        "strasse",
        "naive",
        "елки",
        "ВОЙНА и мир",
        "вайна",
        "ελλαδα",
        "שלום",
        "مرحب",
        "千と",
        "千と千尋",
        "東京物",
        "서",
        "서울",
        "서울에",
        "spiderman",
        "spider man",
        "spidr-man",
        "oceans",
        "ocean's",
        "et",
        "walle",
        "avventura",
        "lavventura",
        "alien",
        "alien 3",
        "8 1/2",
        "star wars",
        "satr wars",
        "starwars",
        "frozen",
        "disney",
        "frozen disney",
        "disny frzoen",
        "xyzzy",
        "qqqq the",
        "m",
        "matrix",
        "the matrix",
    ];
    let (mut tally, mut near) = (BTreeMap::<usize, usize>::new(), 0);
    for round in 0..fixed.len() + 80 {
        let text = match fixed.get(round) {
            Some(text) => (*text).to_owned(),
            None => text_of(&films[random.random_range(0..films.len())], &mut random),
        };
        if !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        let asked = if round < fixed.len() {
            Asked { text, genre: None, year_from: None, min_votes: None }
        } else {
            Asked::of(text, &mut random)
        };
        let wanted = found(&films, &by_word, &asked.text, &|film| asked.matches(film));
        let ids: Vec<i64> = wanted.iter().map(|(_, film)| film.id).collect();
        for (class, _) in &wanted {
            *tally.entry(*class).or_default() += 1;
        }
        near += usize::from(!wanted.is_empty() && !plain(&wanted[0].1.name).contains(&plain(&asked.text)));
        let size = random.random_range(20..=100);
        for app in [&app, &stored] {
            let (of_pages, total) = walk(app, &asked.path(), size, false).await;
            let some = &ids[..of_pages.len().min(ids.len())];
            assert_eq!((of_pages.as_slice(), total), (some, ids.len()), "{}", asked.path());
        }
        let (of_pages, _) = walk(&app, &format!("{}&order=asc", asked.path()), size, true).await;
        assert_eq!(
            of_pages[..],
            ids[..of_pages.len()],
            "{} from the end of the other direction",
            asked.path()
        );
        let (by_name, _) = walk(&app, &format!("{}&sort=name&order=desc", asked.path()), size, false).await;
        let mut names: Vec<(String, i64)> =
            wanted.iter().map(|(_, film)| (fold(&film.name), film.id)).collect();
        names.sort_unstable_by(|one, other| other.cmp(one));
        let names: Vec<i64> = names.into_iter().map(|(_, id)| id).collect();
        assert_eq!(by_name[..], names[..by_name.len()], "{} by name", asked.path());
    }
    assert!((0..6).all(|class| tally.get(&class).copied() > Some(5)) && near > 20, "{tally:?}, {near}");
}

/// The rows of `film_word` that a film should have are those of its names.
async fn assert_words(app: &TestApp, id: i64, name: &str, studio: &str) {
    let wanted: BTreeSet<String> = words(name).union(&words(studio)).cloned().collect();
    let of_film = app.count(&format!("SELECT COUNT(*) FROM film_word WHERE film_id = {id}")).await;
    assert_eq!(of_film, i64::try_from(wanted.len()).expect("few"), "{name} {studio}");
    for word in wanted {
        let sql = format!("SELECT COUNT(*) FROM film_word WHERE film_id = {id} AND word = '{word}'");
        assert_eq!(app.count(&sql).await, 1, "{word}");
    }
}

#[rstest]
#[tokio::test]
async fn words_come_and_go_with_their_film(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    assert_words(&app, 1, "Frozen", "Disney").await;
    let film = json!({"name": "Quuxfilm of É.T.", "studio": "Zork-House"});
    let id = app.post("/v1/films", film).await.expect(201).json()["id"].as_i64().expect("an id");
    let total = async |text: &str| {
        app.get(&format!("/v1/films?q={text}")).await.expect(200).json()["totalCount"].clone()
    };
    assert_words(&app, id, "Quuxfilm of É.T.", "Zork-House").await;
    assert_eq!(
        (total("quux").await, total("zorkhouse").await, total("et+zork").await),
        (json!(1), json!(1), json!(1))
    );

    let admin = app.account("anna", filmgate::service::caller::Role::Admin).await;
    let session = app.session(admin).await;
    let bearer = format!("Bearer {session}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let path = format!("/v1/films/{id}");
    let change = json!({"name": "Blorbfilm"}).to_string();
    app.call(Method::PATCH, &path, &headers, Some(change)).await.expect(200);
    assert_words(&app, id, "Blorbfilm", "Zork-House").await;
    assert_eq!((total("quux").await, total("blorb").await), (json!(0), json!(1)));

    app.call(Method::DELETE, &path, &headers[1..], None).await.expect(200);
    assert_eq!(app.count(&format!("SELECT COUNT(*) FROM film_word WHERE film_id = {id}")).await, 0);
    assert_eq!(total("blorb").await, json!(0));
    // A film by somebody else whose words are not there does not show, and one whose words are old shows nothing wrong.
    app.execute("UPDATE film SET name = 'Renamed', name_key = 'renamed' WHERE id = 1").await;
    app.until("/v1/films/1", |film| film.json()["name"] == "Renamed").await;
    let frozen = app.get("/v1/films?q=frozen").await.expect(200).json();
    assert!(frozen["films"].as_array().expect("films").iter().all(|film| film["id"] != 1), "{frozen}");
}

#[tokio::test]
async fn a_text_that_cannot_be_looked_for_is_refused() {
    let app = TestApp::new(UNLIMITED).await;
    let (long, many) = ("x".repeat(201), "a b c d e f g h i j k l m n o p q r s t u".to_owned());
    for (text, word) in [
        ("", "a letter or a digit"),
        ("?!", "a letter or a digit"),
        (&long, "at most 200"),
        (&many, "at most 20 words, has 21"),
    ] {
        let path = format!("/v1/films?q={}", encoded(text));
        let path = format!("{path}&minVotes=-1&last=-1");
        let fields = app.get(&path).await.expect_problem(422, "INVALID_INPUT").json()["fields"].take();
        assert_eq!(fields[0]["pointer"], "/q", "{text}");
        assert!(fields[0]["detail"].as_str().expect("a text").contains(word), "{fields}");
        assert_eq!(
            (&fields[1]["pointer"], &fields[2]["pointer"]),
            (&json!("/minVotes"), &json!("/last")),
            "{fields}"
        );
        let query = "query($text: String) { films(filter: {text: $text}) { totalCount } }";
        let errors = app.graphql(query, json!({"text": text})).await.json()["errors"].take();
        assert_eq!(errors[0]["extensions"]["fields"][0]["pointer"], "/text", "{errors}");
        assert!(errors[0]["message"].as_str().expect("a text").contains(word), "{errors}");
    }
    for name in ["search", "name", "query", "text", "title"] {
        let fields =
            app.get(&format!("/v1/films?{name}=alien")).await.expect_problem(400, "INVALID_INPUT").json();
        let detail = fields["fields"][0]["detail"].as_str().expect("a text");
        assert!(
            detail.starts_with("is not a parameter of this call, which takes q,")
                && detail.ends_with("; q looks for text"),
            "{detail}"
        );
    }
    for (query, hint) in [
        ("limit=3", "; first says how many"),
        ("page=2", "; after takes the endCursor of the page before"),
        ("year=1999", "; yearFrom and yearTo say from when to when"),
        ("genres=Drama", "; genre takes one"),
        ("sortBy=name", "; sort and order say in which order"),
    ] {
        let refused =
            app.get(&format!("/v1/films?{query}")).await.expect_problem(400, "INVALID_INPUT").json();
        let detail = refused["fields"][0]["detail"].as_str().expect("a text");
        assert!(detail.ends_with(hint), "{query}: {detail}");
    }
    // Only where ours is there.
    let keys = app.get("/v1/genres?year=1999").await.expect_problem(400, "INVALID_INPUT").json();
    assert!(!keys["detail"].as_str().expect("a text").contains("yearFrom"), "{keys}");
    for number in ["99999999999", "-99999999999"] {
        let refused =
            app.get(&format!("/v1/films?first={number}")).await.expect_problem(400, "INVALID_INPUT").json();
        assert_eq!(refused["fields"][0]["detail"], "is too large or too small a number");
    }
    let frist = app.get("/v1/films?frist=3").await.expect_problem(400, "INVALID_INPUT").json();
    assert!(!frist["detail"].as_str().expect("a text").contains("looks for"), "{frist}");
    app.get("/v1/films?sort=relevance").await.expect_problem(422, "INVALID_INPUT");
    app.get("/v1/films?sort=best").await.expect_problem(400, "INVALID_INPUT");
    app.get("/v1/films?order=down").await.expect_problem(400, "INVALID_INPUT");
}

#[tokio::test]
async fn a_random_film_can_be_one_that_a_text_means() {
    for bytes in [0, 1 << 26] {
        let app = TestApp::with(UNLIMITED, |config| config.catalogue.max_bytes = bytes).await;
        let page = app.get("/v1/films?q=disny&first=100").await.expect(200).json();
        let ids: BTreeSet<i64> =
            page["films"].as_array().expect("films").iter().filter_map(|film| film["id"].as_i64()).collect();
        assert!(ids.len() > 3 && page["totalCount"] == ids.len(), "{page}");
        let first = *ids.first().expect("one");
        let mut drawn = BTreeSet::new();
        for _ in 0..40 * ids.len() {
            let path = format!("/v1/films/random?q=disny&exclude={first}");
            drawn.insert(app.get(&path).await.expect(200).json()["id"].as_i64().expect("an id"));
        }
        assert!(drawn.len() == ids.len() - 1 && drawn.is_subset(&ids) && !drawn.contains(&first));
        app.get("/v1/films/random?q=xyzzyfilm").await.expect_problem(404, "FILM_NOT_FOUND");
    }
}
