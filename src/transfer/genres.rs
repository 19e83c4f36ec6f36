//! Several genres in one cell of CSV: `Drama|Film noir`. A bar or a backslash within a genre has a backslash before it.

pub(super) fn join(genres: &[String]) -> String {
    let escaped: Vec<String> =
        genres.iter().map(|genre| genre.replace('\\', "\\\\").replace('|', "\\|")).collect();
    escaped.join("|")
}

/// A backslash before anything else stands for itself, since other programs write no escapes.
pub(super) fn split(cell: &str) -> Vec<String> {
    let mut genres = Vec::new();
    let mut genre = String::new();
    let mut characters = cell.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => genre.push(characters.next_if(|next| matches!(next, '\\' | '|')).unwrap_or('\\')),
            '|' => genres.push(std::mem::take(&mut genre)),
            other => genre.push(other),
        }
    }
    genres.push(genre);
    genres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_splits_into_the_same() {
        for genres in
            [&["Drama"][..], &["Drama", "Film noir"], &["a|b", "c\\", "\\|", "\\\\", "d"], &["|", "\\"]]
        {
            let genres: Vec<String> = genres.iter().map(|genre| (*genre).to_owned()).collect();
            assert_eq!(split(&join(&genres)), genres);
        }
        assert_eq!(split("C:\\films"), ["C:\\films"]);
    }
}
