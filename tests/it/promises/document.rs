//! The look at brackets, tokens and grammar before the parser of GraphQL.

use async_graphql::Positioned;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{BaseType, Directive, ExecutableDocument, Selection, SelectionSet, Type};
use async_graphql_value::Value;
use filmgate::graphql::readers::{Guarded, guard_document};

/// Levels that the parser surely withstands.
const SAFE: usize = 32;
const ANY: usize = usize::MAX;

/// What passes nests no deeper than was seen; by the parser of async-graphql, which has not seen it before.
pub(crate) fn holds(text: &str) {
    if guard_document(text, SAFE, ANY) != Guarded::Passes {
        return;
    }
    let Ok(parsed) = parse_query(text) else { return };
    // Of two members of one name the parser keeps one, which may be the flatter one: so never more, but perhaps less.
    let depth = depth_of(&parsed);
    assert_eq!(guard_document(text, depth - 1, ANY), Guarded::TooLarge, "{depth} levels: {text:?}");
}

/// Levels of brackets, as they were written.
fn depth_of(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| {
        let operation = &operation.node;
        let variables = operation.variable_definitions.iter().map(|variable| {
            let variable = &variable.node;
            let default = variable.default_value.as_ref().map_or(0, |value| constant(&value.node));
            1 + default.max(kind(&variable.var_type.node)).max(directives(&variable.directives))
        });
        let variables = variables.max().unwrap_or(0);
        set(&operation.selection_set.node).max(variables).max(directives(&operation.directives))
    });
    let fragments = document
        .fragments
        .values()
        .map(|fragment| set(&fragment.node.selection_set.node).max(directives(&fragment.node.directives)));
    operations.chain(fragments).max().unwrap_or(0)
}

fn set(set: &SelectionSet) -> usize {
    // A field without fields of its own has an empty set, which is not written.
    if set.items.is_empty() {
        return 0;
    }
    let deepest = set.items.iter().map(|selection| {
        let inner = match &selection.node {
            Selection::Field(field) => {
                arguments(&field.node.arguments).max(self::set(&field.node.selection_set.node))
            }
            Selection::InlineFragment(fragment) => self::set(&fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        };
        inner.max(directives(selection.node.directives()))
    });
    1 + deepest.max().unwrap_or(0)
}

fn directives(directives: &[Positioned<Directive>]) -> usize {
    directives.iter().map(|directive| arguments(&directive.node.arguments)).max().unwrap_or(0)
}

fn arguments<N>(arguments: &[(N, Positioned<Value>)]) -> usize {
    arguments.iter().map(|(_, argument)| 1 + value(&argument.node)).max().unwrap_or(0)
}

fn value(value: &Value) -> usize {
    match value {
        Value::List(values) => 1 + values.iter().map(self::value).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(self::value).max().unwrap_or(0),
        _ => 0,
    }
}

fn constant(value: &async_graphql_value::ConstValue) -> usize {
    self::value(&value.clone().into_value())
}

fn kind(kind: &Type) -> usize {
    match &kind.base {
        BaseType::Named(_) => 0,
        BaseType::List(inner) => 1 + self::kind(inner),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A piece of a legal document: its text, the levels of brackets in it, and its tokens.
    #[derive(Debug, Clone)]
    struct Piece {
        text: String,
        depth: usize,
        tokens: usize,
    }

    fn piece(text: impl Into<String>, tokens: usize) -> Piece {
        Piece { text: text.into(), depth: 0, tokens }
    }

    impl Piece {
        #[expect(clippy::needless_pass_by_value, reason = "pieces are made to be joined")]
        fn and(self, other: Self) -> Self {
            Self {
                text: self.text + &other.text,
                depth: self.depth.max(other.depth),
                tokens: self.tokens + other.tokens,
            }
        }

        fn within(self, open: &str, close: &str) -> Self {
            Self {
                text: format!("{open}{}{close}", self.text),
                depth: self.depth + 1,
                tokens: self.tokens + 2,
            }
        }
    }

    fn all(pieces: Vec<Piece>) -> Piece {
        pieces.into_iter().fold(piece("", 0), Piece::and)
    }

    /// What stands between two tokens: never nothing, so that it cannot join them, and full of brackets.
    fn gap() -> impl Strategy<Value = Piece> {
        prop::sample::select(vec![
            " ",
            "\n",
            "\r\n",
            ",",
            "\t",
            "\u{feff}",
            " # [[{(\" \"\"\"\n",
            "#\r",
            " ,, ",
        ])
        .prop_map(|text| piece(text, 0))
    }

    fn name() -> impl Strategy<Value = Piece> {
        // The grammar of the library reads `onto` as `on to`, and `nullable` as a value and a name.
        "[a-eg-mp-su-z_][a-zA-Z0-9_]{2,6}".prop_map(|text| piece(text, 1))
    }

    fn text() -> impl Strategy<Value = Piece> {
        prop_oneof![
            r#"([ -!#-\[\]-~é🎬]|\\["\\/bfnrt]|\\u00e9){0,9}"#
                .prop_map(|text| piece(format!("\"{text}\""), 1)),
            r#"([ -!#-\[\]-~\n\ré]|\\"""|"a|""a){0,9}"#
                .prop_map(|text| piece(format!("\"\"\"{text}\"\"\""), 1)),
        ]
    }

    fn value() -> impl Strategy<Value = Piece> {
        let leaf = prop_oneof![
            text(),
            "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?".prop_map(|text| piece(text, 1)),
            prop::sample::select(vec!["true", "false", "null", "ENUM"]).prop_map(|text| piece(text, 1)),
            name().prop_map(|name| piece("$", 1).and(name)),
        ];
        leaf.prop_recursive(4, 16, 4, |inner| {
            let spaced = (gap(), inner).prop_map(|(gap, value)| gap.and(value)).boxed();
            let member = (gap(), name(), gap(), spaced.clone())
                .prop_map(|(gap, name, after, value)| gap.and(name).and(after).and(piece(":", 1)).and(value));
            prop_oneof![
                prop::collection::vec(spaced, 0..4).prop_map(|values| all(values).within("[", "]")),
                prop::collection::vec(member, 0..3).prop_map(|members| all(members).within("{", "}")),
            ]
        })
    }

    fn arguments() -> impl Strategy<Value = Piece> {
        let argument =
            (gap(), name(), gap(), value(), gap()).prop_map(|(gap, name, between, value, after)| {
                gap.and(name).and(piece(":", 1)).and(between).and(value).and(after)
            });
        prop_oneof![
            Just(piece("", 0)),
            prop::collection::vec(argument, 1..3).prop_map(|arguments| all(arguments).within("(", ")")),
        ]
    }

    fn directives() -> impl Strategy<Value = Piece> {
        let directive =
            (name(), arguments()).prop_map(|(name, arguments)| piece(" @", 1).and(name).and(arguments));
        prop::collection::vec(directive, 0..2).prop_map(all)
    }

    fn selections() -> impl Strategy<Value = Piece> {
        let field = (gap(), name(), arguments(), directives(), gap())
            .prop_map(|(gap, name, arguments, directives, after)| {
                gap.and(name).and(arguments).and(directives).and(after)
            })
            .boxed();
        let set = |selection: BoxedStrategy<Piece>| {
            prop::collection::vec(selection, 1..4).prop_map(|selections| all(selections).within("{", "}"))
        };
        let nested = field.clone().prop_recursive(4, 24, 3, move |inner| {
            let set = set(inner);
            prop_oneof![
                (field.clone(), set.clone()).prop_map(|(field, set)| field.and(set)),
                (gap(), directives(), set.clone())
                    .prop_map(|(gap, directives, set)| gap.and(piece("...", 1)).and(directives).and(set)),
                (gap(), name(), set).prop_map(|(gap, on, set)| {
                    gap.and(piece("...", 1)).and(piece(" on ", 1)).and(on).and(set)
                }),
                (gap(), name()).prop_map(|(gap, name)| gap.and(piece("...", 1)).and(name)),
            ]
        });
        set(nested.boxed())
    }

    fn legal() -> impl Strategy<Value = Piece> {
        let kind = (name(), prop::bool::ANY).prop_map(|(name, is_list)| {
            if is_list { name.and(piece("!", 1)).within("[", "]") } else { name }
        });
        let variable = (gap(), name(), kind)
            .prop_map(|(gap, name, kind)| gap.and(piece("$", 1)).and(name).and(piece(":", 1)).and(kind));
        let head = prop_oneof![
            Just(piece("", 0)),
            (
                prop::sample::select(vec!["query ", "mutation ", "subscription "]),
                name(),
                prop::collection::vec(variable, 1..3),
                directives()
            )
                .prop_map(|(kind, name, variables, directives)| {
                    piece(kind, 1).and(name).and(all(variables).within("(", ")")).and(directives)
                }),
        ];
        let fragment = (gap(), name(), name(), selections()).prop_map(|(gap, name, on, set)| {
            gap.and(piece("fragment ", 1)).and(name).and(piece(" on ", 1)).and(on).and(set)
        });
        (head, selections(), prop::option::of(fragment), gap()).prop_map(|(head, set, fragment, gap)| {
            let whole = head.and(set);
            fragment.into_iter().fold(whole, Piece::and).and(gap)
        })
    }

    proptest! {
        #![proptest_config(crate::promises::config())]

        /// What the grammar makes is refused for one level or one token too many, and for nothing else; and then the
        /// parser takes it.
        #[test]
        fn nothing_legal_within_the_limits_is_refused(legal in legal()) {
            let Piece { text, depth, tokens } = legal;
            prop_assert_eq!(guard_document(&text, depth, tokens), Guarded::Passes, "{} {} {}", depth, tokens, text);
            prop_assert_eq!(guard_document(&text, depth - 1, tokens), Guarded::TooLarge, "{}", text);
            prop_assert_eq!(guard_document(&text, depth, tokens - 1), Guarded::TooLarge, "{}", text);
            let parsed = parse_query(&text);
            prop_assert!(parsed.is_ok(), "{}: {:?}", text, parsed.err());
            holds(&text);
        }

        #[test]
        fn anything_holds(text in "\\PC{0,60}") {
            holds(&text);
        }

        #[test]
        fn what_is_nearly_a_document_holds(
            text in "\\{f\\(a:\\[?([\\[\\]{}()]|\"{1,3}|\\\\|\\\\\"\"\"|#|\n|\r|a:|1|-0|\\.\\.\\.|x| |,|\u{feff}|\\$y|@d|null|é){0,14}\\]?\\)\\{?x?\\}?\\}"
        ) {
            holds(&text);
        }
    }

    /// A character costs no more behind a thousand others than behind ten: what cannot be parsed is read once.
    #[test]
    fn no_text_is_read_again_and_again() {
        for repeated in
            ["\"\"\"", "\"\"\"a", "\"\\", "\\\"\"\"", "#\"\"\"", "\"\"\"\\", "..", "-", "1e", "{\"\"\""]
        {
            let text = repeated.repeat(1_000_000 / repeated.len());
            // Read again for each of its quotes, a megabyte would take hours.
            let _ = guard_document(&text, ANY, ANY);
        }
    }
}
