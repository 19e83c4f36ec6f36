//! Lists and dicts as Python prints them: `['Drama', "Schindler's"]`, `[{'id': 18, 'name': 'Drama'}]`.

/// The same as JSON. `None` for what has a string that does not end, or an escape that is not one of Python's. What is no
/// list of Python is no JSON then either.
pub(super) fn as_json(text: &str) -> Option<String> {
    let mut json = String::with_capacity(text.len());
    let mut characters = text.chars();
    let mut word = String::new();
    while let Some(character) = characters.next() {
        if character.is_ascii_alphabetic() {
            word.push(character);
            continue;
        }
        json.push_str(&constant(&std::mem::take(&mut word)));
        match character {
            '\'' | '"' => json.push_str(&serde_json::to_string(&string(&mut characters, character)?).ok()?),
            other => json.push(other),
        }
    }
    // Within brackets no word is the last.
    word.is_empty().then_some(json)
}

fn constant(word: &str) -> String {
    match word {
        "None" | "nan" => "null".to_owned(),
        "True" | "False" => word.to_ascii_lowercase(),
        other => other.to_owned(),
    }
}

/// What stands before the quote that ends it.
fn string(characters: &mut impl Iterator<Item = char>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            '\\' => text.push(match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'x' => code(characters, 2)?,
                'u' => code(characters, 4)?,
                'U' => code(characters, 8)?,
                same @ ('\\' | '\'' | '"') => same,
                _ => return None,
            }),
            end if end == quote => return Some(text),
            other => text.push(other),
        }
    }
}

fn code(characters: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let digits: String = characters.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_prints_is_read() {
        for (python, json) in [
            ("['Pixar', 'Disney']", r#"["Pixar", "Disney"]"#),
            (r#"["Schindler's", 'a "b"', 'it\'s']"#, r#"["Schindler's", "a \"b\"", "it's"]"#),
            (
                "[{'id': 18, 'name': 'Drama', 'x': None, 'y': True}]",
                r#"[{"id": 18, "name": "Drama", "x": null, "y": true}]"#,
            ),
            (r"['\xe9\u65e5\U0001f3ac\n\\']", "[\"é日🎬\\n\\\\\"]"),
            ("['None', 1e5]", r#"["None", 1e5]"#),
            ("[REC]", "[REC]"),
        ] {
            assert_eq!(as_json(python).as_deref(), Some(json));
        }
        for none in ["['a", "['\\q']", "['\\u12']", "[x", "['\\ud800']"] {
            assert_eq!(as_json(none), None, "{none}");
        }
    }
}
