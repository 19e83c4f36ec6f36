//! The words by which films are found.

use caseless::Caseless as _;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use unicode_normalization::UnicodeNormalization as _;

/// Films in memory at a time.
const CHUNK: u64 = 1_000;
/// Rows of one statement, of two parameters each: SQLite takes 32,766 of these.
const ROWS: usize = 10_000;

/// By its words, so that those that begin alike stand together; its bytes are their order on every database.
pub(crate) fn up(database: DbBackend) -> Vec<String> {
    let (text, ending) = match database {
        DbBackend::Postgres => ("text COLLATE \"C\"", ""),
        _ => ("text", " WITHOUT ROWID"),
    };
    vec![
        format!(
            "CREATE TABLE film_word (word {text} NOT NULL, film_id bigint NOT NULL \
             REFERENCES film (id) ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (word, film_id)){ending}"
        ),
        "CREATE INDEX film_word_by_film ON film_word (film_id)".to_owned(),
    ]
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    vec!["DROP TABLE film_word".to_owned()]
}

/// Writes the words of the films that are there.
pub(crate) async fn fill(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    let column = |name: &'static str| Alias::new(name);
    let mut last = i64::MIN;
    loop {
        let films = Query::select()
            .columns([column("id"), column("name"), column("studio")])
            .from(column("film"))
            .and_where(Expr::col(column("id")).gt(last))
            .order_by(column("id"), Order::Asc)
            .limit(CHUNK)
            .to_owned();
        let mut rows: Vec<(String, i64)> = Vec::new();
        let films = database.query_all(&films).await?;
        for film in &films {
            last = film.try_get("", "id")?;
            let names: [String; 2] = [film.try_get("", "name")?, film.try_get("", "studio")?];
            rows.extend(names.iter().flat_map(|name| words(name)).map(|word| (word, last)));
        }
        rows.sort_unstable();
        rows.dedup();
        for rows in rows.chunks(ROWS) {
            let mut insert = Query::insert();
            insert.into_table(column("film_word")).columns([column("word"), column("film_id")]);
            for (word, film_id) in rows {
                insert.values_panic([Expr::val(word.as_str()), Expr::val(*film_id)]);
            }
            database.execute(&insert).await?;
        }
        if films.is_empty() {
            return Ok(());
        }
    }
}

fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for token in plain(name).split(|character: char| character.is_whitespace() || character == '\u{2800}') {
        let parts = token.split(|character| !is_of_word(character)).filter(|part| !part.is_empty());
        let before = words.len();
        words.extend(parts.map(cut));
        if words.len() > before + 1 {
            let joined: String = token.chars().filter(|character| is_of_word(*character)).collect();
            words.push(cut(&joined));
        }
    }
    words
}

fn cut(word: &str) -> String {
    word.chars().take(40).collect()
}

fn plain(text: &str) -> String {
    let seen = text.chars().filter(|character| !is_invisible(*character)).flat_map(|character| {
        let is_apart = category(character) == GeneralCategory::OtherNumber;
        is_apart.then_some('/').into_iter().chain([character])
    });
    let mut plain = String::new();
    for letter in seen.nfkd().default_case_fold().nfkd().filter(|character| !is_accent(*character)) {
        match letter {
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ħ' => plain.push('h'),
            'ı' => plain.push('i'),
            'þ' => plain.push_str("th"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            letter => plain.push(letter),
        }
    }
    plain
}

fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5BD}' | '\u{5BF}'..='\u{5C7}'
        | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

fn is_of_word(character: char) -> bool {
    const LETTERS: GeneralCategoryGroup =
        GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Number).union(GeneralCategoryGroup::Mark);
    LETTERS.contains(category(character))
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

fn is_invisible(character: char) -> bool {
    crate::m20261128_000010_compare_what_is_seen::is_invisible(character)
}
