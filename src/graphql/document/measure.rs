//! How large a document is once its fragments are expanded, without expanding them.
//!
//! 26 fragments that each spread the next one twice are 826 bytes and 67 million fields; validating them took 17 s.
//! Here each fragment is measured once. All operations count together, since all of them are validated.

use std::collections::HashMap;

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, Field, FragmentDefinition, Selection, Value};

use crate::config::GraphQl;
use crate::graphql::request::too_large;
use crate::http::problem::Problem;

/// Lists of lists that introspection may walk: `types { fields { args } }` are three. More would multiply the whole
/// schema with itself.
const MAX_INTROSPECTION_LISTS: usize = 4;
/// Lists of those that lead from a type to others, within one another: what graphql-js allows (`MaxIntrospectionDepthRule`).
const MAX_INTROSPECTION_STEPS: usize = 2;
const INTROSPECTION_STEPS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
/// Fragments within fragments that are followed: each is a step deeper into the stack, and the library follows no more.
const MAX_SPREADS: usize = 98;
const INTROSPECTION_LISTS: [&str; 7] =
    ["types", "fields", "args", "interfaces", "possibleTypes", "inputFields", "enumValues"];

/// Refuses what is over a limit, before it is validated. Tells whether a fragment spreads itself.
///
/// # Errors
/// 400 with the limit that is exceeded.
pub(super) fn measure(document: &Document, limits: &GraphQl) -> Result<bool, Problem> {
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), &**fragment)),
        _ => None,
    });
    let mut measuring = Measuring {
        fragments: fragments.collect(),
        known: HashMap::new(),
        is_circular: false,
        directives: 0,
        level: 0,
        deepest: 0,
    };
    let mut all = Size::default();
    for definition in &document.definitions {
        match definition {
            Definition::OperationDefinition(operation) => {
                measuring.directives += operation.directives.len();
                measuring.directives +=
                    operation.variables.iter().map(|variable| variable.directives.len()).sum::<usize>();
                all = all.and(measuring.selections(&operation.selection_set, false));
            }
            // One that nobody spreads is refused by validation, but it is looked at before.
            Definition::FragmentDefinition(fragment) => {
                measuring.fragment(&fragment.name, false);
            }
            _ => {}
        }
    }
    for (found, most, what) in [
        (all.selections, limits.max_fields, "fields, fragments expanded"),
        // A document has fewer values than tokens, so only fragments that are spread again and again get here.
        (all.values, limits.max_tokens, "values, fragments expanded"),
        (all.aliases, limits.max_aliases, "aliases, fragments expanded"),
        (all.depth, limits.max_depth, "levels of fields"),
        (all.levels, limits.max_nesting, "levels of fields, fragments expanded"),
        (all.lists, MAX_INTROSPECTION_LISTS, "lists within lists of introspection"),
        (all.steps, MAX_INTROSPECTION_STEPS, "steps from type to type in introspection"),
        (measuring.directives, limits.max_directives, "directives"),
        (measuring.deepest, MAX_SPREADS, "fragments within fragments"),
    ] {
        if found > most {
            return Err(too_large(format!("The document has more than {most} {what}.")));
        }
    }
    Ok(measuring.is_circular)
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields, and spreads too: a spread of nothing costs the validator as much.
    selections: usize,
    /// Arguments and what is in them.
    values: usize,
    aliases: usize,
    /// Levels of fields, without those of introspection.
    depth: usize,
    /// With them.
    levels: usize,
    lists: usize,
    steps: usize,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            values: self.values.saturating_add(other.values),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
            lists: self.lists.max(other.lists),
            steps: self.steps.max(other.steps),
        }
    }
}

struct Measuring<'a> {
    fragments: HashMap<&'a str, &'a FragmentDefinition>,
    /// By name and by whether it stands within introspection; `None` while it is being measured.
    known: HashMap<(&'a str, bool), Option<Size>>,
    is_circular: bool,
    directives: usize,
    level: usize,
    deepest: usize,
}

impl<'a> Measuring<'a> {
    fn selections(&mut self, selections: &'a [Selection], introspection: bool) -> Size {
        let mut size = Size::default();
        for selection in selections {
            let (one, directives) = match selection {
                Selection::Field(field) => (self.field(field, introspection), &field.directives),
                Selection::InlineFragment(inline) => {
                    (self.selections(&inline.selection_set, introspection), &inline.directives)
                }
                Selection::FragmentSpread(spread) => {
                    (self.fragment(&spread.fragment_name, introspection), &spread.directives)
                }
            };
            self.directives += directives.len();
            size = size.and(one);
            size.selections = size.selections.saturating_add(1);
            size.values = size.values.saturating_add(values(directives));
        }
        size
    }

    fn field(&mut self, field: &'a Field, introspection: bool) -> Size {
        let name = field.name.as_str();
        let introspection = introspection || matches!(name, "__schema" | "__type");
        let mut size = self.selections(&field.selection_set, introspection);
        let own: usize = field.arguments.iter().map(|argument| count(&argument.value)).sum();
        size.values = size.values.saturating_add(own);
        size.aliases = size.aliases.saturating_add(usize::from(field.alias.is_some()));
        size.levels += 1;
        if introspection {
            // Exempt from the depth: the query of GraphiQL and of code generators is 13 levels deep.
            size.depth = 0;
            size.lists += usize::from(INTROSPECTION_LISTS.contains(&name));
            size.steps += usize::from(INTROSPECTION_STEPS.contains(&name));
        } else {
            size.depth += 1;
        }
        size
    }

    fn fragment(&mut self, name: &str, introspection: bool) -> Size {
        // An unknown fragment is left for validation to name.
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else { return Size::default() };
        let key = (name, introspection);
        if let Some(size) = self.known.get(&key) {
            self.is_circular |= size.is_none();
            return size.unwrap_or_default();
        }
        self.deepest = self.deepest.max(self.level + 1);
        if self.deepest > MAX_SPREADS {
            return Size::default();
        }
        self.known.insert(key, None);
        self.directives += fragment.directives.len();
        self.level += 1;
        let size = self.selections(&fragment.selection_set, introspection);
        self.level -= 1;
        self.known.insert(key, Some(size));
        size
    }
}

fn values(directives: &[Node<Directive>]) -> usize {
    directives.iter().flat_map(|directive| &directive.arguments).map(|argument| count(&argument.value)).sum()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::List(values) => values.iter().map(|value| count(value)).sum(),
        Value::Object(members) => members.iter().map(|(_, value)| count(value)).sum(),
        _ => 0,
    }
}
