//! How large a document is once its fragments are expanded, without expanding them.
//!
//! 26 fragments that each spread the next one twice are 826 bytes and 67 million fields; validating them took 17 s.
//! Here each fragment is measured once.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet,
};
use async_graphql_value::Value;

use axum::http::StatusCode;

use crate::config::GraphQl;
use crate::graphql::request::too_large;
use crate::http::problem::Problem;

/// Lists of lists that introspection may walk: `types { fields { args } }` are three. More would multiply the whole
/// schema with itself.
const MAX_INTROSPECTION_LISTS: usize = 4;
const INTROSPECTION_LISTS: [&str; 7] =
    ["types", "fields", "args", "interfaces", "possibleTypes", "inputFields", "enumValues"];

/// Refuses what is over a limit, before it is validated.
///
/// # Errors
/// 400 with the limit that is exceeded.
pub(super) fn measure(document: &ExecutableDocument, limits: &GraphQl) -> Result<(), Problem> {
    let mut measuring = Measuring { fragments: &document.fragments, known: HashMap::new(), directives: 0 };
    for (_, operation) in document.operations.iter() {
        measuring.directives += operation.node.directives.len();
        let size = measuring.selection_set(&operation.node.selection_set.node, false)?;
        for (found, most, what) in [
            (size.selections, limits.max_fields, "fields, fragments expanded"),
            // A document has fewer values than tokens, so only fragments that are spread again and again get here.
            (size.values, limits.max_tokens, "values, fragments expanded"),
            (size.aliases, limits.max_aliases, "aliases, fragments expanded"),
            (size.depth, limits.max_depth, "levels of fields"),
            (size.lists, MAX_INTROSPECTION_LISTS, "lists within lists of introspection"),
        ] {
            if found > most {
                return Err(too_large(format!("The document has more than {most} {what}.")));
            }
        }
    }
    // A fragment that nobody spreads is refused by validation, but its directives are looked at before.
    for name in document.fragments.keys() {
        measuring.fragment(name, false)?;
    }
    if measuring.directives > limits.max_directives {
        return Err(too_large(format!("The document has more than {} directives.", limits.max_directives)));
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    /// Fields, and spreads too: a spread of nothing costs the validator as much.
    selections: usize,
    /// Arguments and what is in them.
    values: usize,
    aliases: usize,
    depth: usize,
    lists: usize,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            values: self.values.saturating_add(other.values),
            aliases: self.aliases.saturating_add(other.aliases),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
        }
    }
}

struct Measuring<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// By name and by whether it stands within introspection; `None` while it is being measured.
    known: HashMap<(&'a str, bool), Option<Size>>,
    directives: usize,
}

impl<'a> Measuring<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet, introspection: bool) -> Result<Size, Problem> {
        let mut size = Size::default();
        for selection in &set.items {
            self.count(selection.node.directives());
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, introspection)?,
                Selection::InlineFragment(fragment) => {
                    self.selection_set(&fragment.node.selection_set.node, introspection)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, introspection)?
                }
            };
            size = size.and(one);
            size.selections = size.selections.saturating_add(1);
        }
        Ok(size)
    }

    fn field(&mut self, field: &'a Field, introspection: bool) -> Result<Size, Problem> {
        let name = field.name.node.as_str();
        let introspection = introspection || matches!(name, "__schema" | "__type");
        let mut size = self.selection_set(&field.selection_set.node, introspection)?;
        let values: usize = field.arguments.iter().map(|(_, value)| count_values(&value.node)).sum();
        size.values = size.values.saturating_add(values);
        size.aliases = size.aliases.saturating_add(usize::from(field.alias.is_some()));
        if introspection {
            // Exempt from the depth: the query of GraphiQL and of code generators is 13 levels deep.
            size.depth = 0;
            size.lists += usize::from(INTROSPECTION_LISTS.contains(&name));
        } else {
            size.depth += 1;
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &Name, introspection: bool) -> Result<Size, Problem> {
        // An unknown fragment is left for validation to name.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Size::default());
        };
        let key = (name.as_str(), introspection);
        match self.known.get(&key) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "GRAPHQL_VALIDATION_FAILED",
                    "A fragment spreads itself.",
                ));
            }
            None => {}
        }
        self.known.insert(key, None);
        self.count(&fragment.node.directives);
        let size = self.selection_set(&fragment.node.selection_set.node, introspection)?;
        self.known.insert(key, Some(size));
        Ok(size)
    }

    fn count(&mut self, directives: &[Positioned<Directive>]) {
        self.directives += directives.len();
    }
}

fn count_values(value: &Value) -> usize {
    1 + match value {
        Value::List(values) => values.iter().map(count_values).sum(),
        Value::Object(members) => members.values().map(count_values).sum(),
        _ => 0,
    }
}
