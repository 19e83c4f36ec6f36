//! Words of names, as they are looked for: case, accents and what stands between letters do not count.

use caseless::Caseless as _;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use unicode_normalization::UnicodeNormalization as _;

use crate::service::films::types::Film;
use crate::service::text::{is_blank, is_invisible};

/// Words that can be looked for at once.
const MAX_WORDS: usize = 20;
/// Characters by which a word is known: PostgreSQL's index takes no longer ones, and decomposed letters are several.
const LONGEST: usize = 40;
/// The longest words of a text, which choose the films: each is a look into the database.
const CHOOSING: usize = 8;
/// Letters of a word of which one may be wrong.
const CORRECTABLE: usize = 4;

/// The words of a name, some twice; "Spider-Man" is one word too.
///
/// What is stored was made with it: another form is another migration.
pub(in crate::service) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(&plain(name), |word| words.push(word.to_owned()));
    words
}

fn each_word(plain: &str, mut take: impl FnMut(&str)) {
    for token in plain.split(is_blank) {
        let mut parts = 0;
        for part in token.split(|character| !is_of_word(character)).filter(|part| !part.is_empty()) {
            take(cut(part));
            parts += 1;
        }
        if parts > 1 {
            take(cut(&joined(token)));
        }
    }
}

/// What a text that is looked for asks for.
pub(super) struct Sought {
    /// Each once.
    words: Vec<String>,
    /// All its letters.
    joined: String,
}

/// Some of the words of a text, a bit for each.
type Words = u32;

impl Sought {
    pub(super) fn of(text: &str) -> Self {
        // "L'Avventura" may be meant by "lavventura" and by "avventura", but by "l avventura" hardly ever.
        let text = plain(text).replace(['\'', '’', '‘'], "");
        let mut words: Vec<String> = Vec::new();
        for word in text.split(|character| !is_of_word(character)).filter(|word| !word.is_empty()) {
            let word = cut(word);
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        Self { words, joined: joined(&text) }
    }

    /// What is wrong with the words of a text that is to be looked for, which is of a length that is allowed.
    pub(super) fn fault(text: &str) -> Option<String> {
        match Self::of(text).words.len() {
            0 => Some("must have a letter or a digit".to_owned()),
            words if words > MAX_WORDS => Some(format!("must have at most {MAX_WORDS} words, has {words}")),
            _ => None,
        }
    }

    /// The words that choose films, the longest first.
    pub(super) fn choosing(&self) -> Vec<(Words, &str)> {
        let mut words: Vec<(Words, &str)> = self.each().collect();
        words.sort_by_key(|(_, word)| std::cmp::Reverse(word.chars().count()));
        words.truncate(CHOOSING);
        words
    }

    /// How well a film that has the chosen words matches, from 0; `None` when it does not have them. In the order of the
    /// classes: the whole name, its beginning, all words in the name, all words in name and studio, and both again for films
    /// that have no more than what has chosen.
    pub(super) fn class(&self, film: &Film, chosen: Words, letters: Letters) -> Option<u8> {
        let all = self.each().fold(0, |all, (word, _)| all | word);
        let name = plain(&film.name);
        let in_name = self.words_in(&name, letters);
        if in_name == all {
            let name = joined(&name);
            return Some(match () {
                () if letters.equal(&self.joined, &name) => 0,
                () if letters.begin(&self.joined, &name) => 1,
                () => 2,
            });
        }
        let in_either = in_name | self.words_in(&plain(&film.studio), letters);
        match () {
            () if in_either == all => Some(3),
            () if chosen == 0 => None,
            () if in_name & chosen == chosen => Some(4),
            () => (in_either & chosen == chosen).then_some(5),
        }
    }

    fn each(&self) -> impl Iterator<Item = (Words, &str)> {
        (0..).map(|place| 1 << place).zip(self.words.iter().map(String::as_str))
    }

    /// Those that words of a name begin with.
    fn words_in(&self, plain: &str, letters: Letters) -> Words {
        let mut found = 0;
        each_word(plain, |own| {
            for (word, sought) in self.each() {
                if found & word == 0 && letters.begin(sought, own) {
                    found |= word;
                }
            }
        });
        found
    }
}

/// Whether letters must be right, or one of a word may be wrong: another one, one too many, one missing, or two that
/// have changed places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    Right,
    OneWrong,
}

impl Letters {
    /// Whether a word begins with what is sought.
    pub(super) fn begin(self, sought: &str, word: &str) -> bool {
        let begins = |word: &str, sought: &str| word.starts_with(sought);
        begins(word, sought) || (self.may_err_in(sought) && fits_with_an_error(sought, word, begins))
    }

    /// Whether the two are the same.
    fn equal(self, sought: &str, word: &str) -> bool {
        let is = |word: &str, sought: &str| word == sought;
        is(word, sought) || (self.may_err_in(sought) && fits_with_an_error(sought, word, is))
    }

    pub(super) fn may_err_in(self, sought: &str) -> bool {
        self == Self::OneWrong && sought.chars().nth(CORRECTABLE - 1).is_some()
    }
}

/// Whether a word `fits` what is sought but for one error. An error before the first difference would be one at it too, so
/// it is looked for there alone.
fn fits_with_an_error(sought: &str, word: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    fn after_first(text: &str) -> Option<(char, &str)> {
        let mut characters = text.chars();
        characters.next().map(|first| (first, characters.as_str()))
    }
    let (mut sought, mut word) = (sought, word);
    let (own, others) = loop {
        match (after_first(sought), after_first(word)) {
            (Some((one, own)), Some((other, others))) if one == other => (sought, word) = (own, others),
            differing => break differing,
        }
    };
    let is_missing = others.is_some_and(|(_, rest)| fits(rest, sought));
    let Some((first, rest)) = own else { return is_missing };
    let is_too_many = fits(word, rest);
    let Some((other, others)) = others else { return is_too_many };
    let is_swapped = || {
        let ((second, rest), (other_second, others)) = after_first(rest).zip(after_first(others))?;
        Some(first == other_second && second == other && fits(others, rest))
    };
    is_missing || is_too_many || fits(others, rest) || is_swapped().unwrap_or(false)
}

/// Beginnings of words that begin with what is sought but for one wrong letter, none of which begins with another. `next`
/// has, for each place in it, the letters with which words go on that begin like it so far.
pub(super) fn beginnings(sought: &str, next: &[(usize, char)]) -> Vec<String> {
    let letters: Vec<char> = sought.chars().collect();
    let text = |parts: [&[char]; 3]| parts.concat().into_iter().collect::<String>();
    let from = |place: usize| letters.get(place..).unwrap_or_default();
    let mut all = vec![sought.to_owned()];
    for place in 0..letters.len() {
        let before = letters.get(..place).unwrap_or_default();
        all.push(text([before, &[], from(place + 1)]));
        if let [one, other, rest @ ..] = from(place) {
            all.push(text([before, &[*other, *one], rest]));
        }
    }
    for (place, letter) in next {
        let before = letters.get(..*place).unwrap_or_default();
        all.push(text([before, &[*letter], from(place + 1)]));
        all.push(text([before, &[*letter], from(*place)]));
    }
    all.sort_unstable();
    all.dedup_by(|later, earlier| later.starts_with(earlier.as_str()));
    all
}

/// Text in small letters without accents; blanks and what stands between words stay.
fn plain(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let seen = text.chars().filter(|character| !is_invisible(*character)).flat_map(|character| {
        // "8½" is "8" and "1⁄2", and "Alien³" is "Alien" and "3".
        let is_apart = category(character) == GeneralCategory::OtherNumber;
        is_apart.then_some('/').into_iter().chain([character])
    });
    // Twice: what is folded may come apart further, and what has come apart may be large.
    let letters = seen.nfkd().default_case_fold().nfkd().filter(|character| !is_accent(*character));
    let mut plain = String::with_capacity(text.len());
    for letter in letters {
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

/// Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters, by which nobody looks for a name. Those of other scripts are
/// parts of a letter.
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5BD}' | '\u{5BF}'..='\u{5C7}'
        | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

fn is_of_word(character: char) -> bool {
    const LETTERS: GeneralCategoryGroup =
        GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Number).union(GeneralCategoryGroup::Mark);
    if character.is_ascii() {
        character.is_ascii_alphanumeric()
    } else {
        LETTERS.contains(category(character))
    }
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

fn joined(plain: &str) -> String {
    plain.chars().filter(|character| is_of_word(*character)).collect()
}

fn cut(word: &str) -> &str {
    word.char_indices().nth(LONGEST).map_or(word, |(end, _)| word.split_at(end).0)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    fn of(name: &str) -> String {
        words(name).join(" ")
    }

    #[test]
    fn words_are_without_case_and_accents() {
        for (name, expected) in [
            ("The Third Man", "the third man"),
            ("  Zażółć   GĘŚLĄ jaźń ", "zazolc gesla jazn"),
            ("Amélie", "amelie"),
            ("Ame\u{301}lie", "amelie"),
            ("Ærø und Straße", "aero und strasse"),
            ("İstanbul Iğdır", "istanbul igdir"),
            ("Spider-Man: No Way Home", "spider man spiderman no way home"),
            ("E.T.", "e t et"),
            ("Ocean's 8½", "ocean s oceans 8 1 2 812"),
            ("Alien³", "alien 3 alien3"),
            ("WALL·E", "wall e walle"),
            ("Ｆａｎｔａｓｉａ", "fantasia"),
            ("Ёлки", "елки"),
            ("שָׁלוֹם", "שלום"),
            ("千と千尋の神隠し", "千と千尋の神隠し"),
            ("!?", ""),
            ("$9.99", "9 99 999"),
            ("a\0b", "a b ab"),
        ] {
            assert_eq!(of(name), expected, "{name}");
        }
        assert_eq!(of(&"x".repeat(200)).len(), LONGEST);
        // The longest of what a character can become.
        assert!(words(&"\u{FDFA}".repeat(200)).iter().all(|word| word.chars().count() <= LONGEST));
    }

    /// A later Unicode, by whichever crate it comes, may know a letter that was none before.
    #[test]
    fn stored_words_are_those_that_it_makes() {
        let mut digest = blake3::Hasher::new();
        for character in '\0'..=char::MAX {
            digest.update(of(&format!("a{character}b")).as_bytes()).update(b"\n");
        }
        assert_eq!(
            digest.finalize().to_hex().as_str(),
            "960880630647e93d2366acd0fe739a4a7ddadc41f121ae5ff06cfc9acb633ebb",
            "names have other words than those that are stored: write all rows of `film_word` anew by a migration, and \
             only then put the new digest here"
        );
    }

    #[test]
    fn a_text_that_cannot_be_looked_for_says_why() {
        let many = ('a'..='u').map(String::from).collect::<Vec<_>>().join(" ");
        for (text, fault) in [
            ("", "must have a letter or a digit"),
            (" \t ?! ", "must have a letter or a digit"),
            (&many, "must have at most 20 words, has 21"),
        ] {
            assert_eq!(Sought::fault(text).as_deref(), Some(fault), "{text:?}");
        }
        for text in ["a", "7", "日", "é!", &"x".repeat(200), &"the ".repeat(50)] {
            assert_eq!(Sought::fault(text), None, "{text:?}");
        }
    }

    /// The distance of optimal string alignment, as the textbook has it.
    fn distance(one: &[char], other: &[char]) -> usize {
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                if i == 0 || j == 0 {
                    table[i][j] = i + j;
                    continue;
                }
                let cost = usize::from(one[i - 1] != other[j - 1]);
                let mut least =
                    (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + cost);
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                table[i][j] = least;
            }
        }
        table[one.len()][other.len()]
    }

    #[test]
    fn one_letter_may_be_wrong_and_no_more() {
        let mut random = StdRng::seed_from_u64(15);
        let mut text = |most: usize| -> String {
            let length = random.random_range(0..=most);
            (0..length).map(|_| ['a', 'b', 'é'][random.random_range(0..3)]).collect()
        };
        let (mut near, mut far) = (0, 0);
        for _ in 0..40_000 {
            let (sought, word) = (text(7), text(8));
            let (letters, of_word): (Vec<char>, Vec<char>) =
                (sought.chars().collect(), word.chars().collect());
            let may_err = letters.len() >= CORRECTABLE;
            let begins = (0..=of_word.len()).any(|end| {
                let distance = distance(&letters, &of_word[..end]);
                distance == 0 || (may_err && distance == 1)
            });
            assert_eq!(Letters::OneWrong.begin(&sought, &word), begins, "{sought} {word}");
            let distance = distance(&letters, &of_word);
            assert_eq!(Letters::OneWrong.equal(&sought, &word), distance == 0 || (may_err && distance == 1));
            assert_eq!(Letters::Right.begin(&sought, &word), word.starts_with(&sought));
            // What is asked for in the database finds the same.
            if may_err {
                let next: Vec<(usize, char)> = (0..letters.len())
                    .filter(|place| of_word.len() > *place && of_word[..*place] == letters[..*place])
                    .map(|place| (place, of_word[place]))
                    .collect();
                let found = beginnings(&sought, &next).iter().any(|start| word.starts_with(start.as_str()));
                assert_eq!(found, begins, "{sought} {word}");
            }
            *(if begins { &mut near } else { &mut far }) += 1;
        }
        assert!(near > 4_000 && far > 4_000, "{near} and {far}");
    }
}
