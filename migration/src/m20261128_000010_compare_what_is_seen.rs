//! Names are compared without what nobody sees, and blanks of any number and kind count as one; names of accounts in
//! their compatible form too.

use caseless::Caseless as _;
use sea_orm::DbBackend;
use unicode_normalization::UnicodeNormalization as _;

use crate::keys::{Keys, Rekey};

/// For an account whose name another has now, and who is found by their name as it is written.
pub(crate) fn up(_: DbBackend) -> Vec<String> {
    vec!["CREATE INDEX account_by_name ON account (name)".to_owned()]
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    vec!["DROP INDEX account_by_name".to_owned()]
}

pub(crate) const KEYS: Rekey = Rekey {
    up: Keys { film: fold, account: |name| fold(&name.nfkc().collect::<String>()) },
    down: Keys { film: fold_before, account: fold_before },
};

fn fold_before(text: &str) -> String {
    text.nfd().default_case_fold().nfc().collect()
}

fn fold(text: &str) -> String {
    let seen: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    let is_blank = |character: char| character.is_whitespace() || character == '\u{2800}';
    let folded = fold_before(&seen);
    folded.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{16FE4}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D159}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}
