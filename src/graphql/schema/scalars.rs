//! Scalars of our own: what a text must be to be one of them, known before anything runs.

use crate::service::text::parse_moment;

/// A scalar that is written as a string.
pub(in crate::graphql) struct Scalar {
    name: &'static str,
    /// Whether a text is one.
    pub reads: fn(&str) -> bool,
    /// For who has not hit upon it.
    pub example: &'static str,
}

const ALL: [Scalar; 1] = [Scalar {
    name: "DateTime",
    reads: |text| parse_moment(text).is_some(),
    example: "\"2026-11-24T12:00:00Z\"",
}];

/// A scalar of our own by its name.
pub(in crate::graphql) fn find(name: &str) -> Option<&'static Scalar> {
    ALL.iter().find(|scalar| scalar.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema;

    #[test]
    fn every_scalar_of_the_schema_has_a_row() {
        let sdl = schema::sdl();
        let names: Vec<&str> = sdl
            .lines()
            .filter_map(|line| line.strip_prefix("scalar "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert!(!names.is_empty());
        for name in names {
            let scalar = find(name).unwrap_or_else(|| panic!("no row for {name}"));
            assert!((scalar.reads)(scalar.example.trim_matches('"')) && !(scalar.reads)("nonsense"));
        }
    }
}
