//! Fields that cannot be merged into one answer, found before validation.
//!
//! async-graphql's rule makes an error for each argument of each repetition, and again for each enclosing inline
//! fragment: a document of 9 kB made gigabytes of them. Here the first conflict ends it.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Name, Pos, Positioned};

use crate::graphql::response::Fault;

/// The first two fields of a selection that have one name in the answer and differ in field or arguments.
pub(super) fn find(document: &ExecutableDocument) -> Option<Fault> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).find_map(|set| in_all_sets(document, set)).map(|positions| {
        let detail = "Two fields have one name in the answer, but are not the same; give one an alias.";
        Fault::new("GRAPHQL_VALIDATION_FAILED", detail).at(positions)
    })
}

/// In this selection, and in those below it.
fn in_all_sets(document: &ExecutableDocument, set: &SelectionSet) -> Option<Vec<Pos>> {
    let mut merging = Merging { document, seen: HashMap::new(), spread: HashSet::new() };
    merging.selection_set(set).or_else(|| {
        set.items.iter().find_map(|selection| match &selection.node {
            Selection::Field(field) => in_all_sets(document, &field.node.selection_set.node),
            Selection::InlineFragment(fragment) => {
                in_nested_fields(document, &fragment.node.selection_set.node)
            }
            Selection::FragmentSpread(_) => None,
        })
    })
}

/// An inline fragment's own fields have been looked at with those around it.
fn in_nested_fields(document: &ExecutableDocument, set: &SelectionSet) -> Option<Vec<Pos>> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => in_all_sets(document, &field.node.selection_set.node),
        Selection::InlineFragment(fragment) => in_nested_fields(document, &fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => None,
    })
}

struct Merging<'a> {
    document: &'a ExecutableDocument,
    /// By name in the answer. Type conditions make no difference: a schema without interfaces and unions has one type
    /// in each place.
    seen: HashMap<&'a Name, &'a Positioned<Field>>,
    spread: HashSet<&'a Name>,
}

impl<'a> Merging<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) -> Option<Vec<Pos>> {
        for selection in &set.items {
            let conflict = match &selection.node {
                Selection::Field(field) => self.field(field),
                Selection::InlineFragment(fragment) => self.selection_set(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.document.fragments.get(name) {
                        Some(fragment) if self.spread.insert(name) => {
                            self.selection_set(&fragment.node.selection_set.node)
                        }
                        _ => None,
                    }
                }
            };
            if conflict.is_some() {
                return conflict;
            }
        }
        None
    }

    fn field(&mut self, field: &'a Positioned<Field>) -> Option<Vec<Pos>> {
        let first = *self.seen.entry(&field.node.response_key().node).or_insert(field);
        let arguments = &first.node.arguments;
        let same = first.node.name.node == field.node.name.node
            && arguments.len() == field.node.arguments.len()
            && arguments.iter().all(|(name, value)| {
                field.node.get_argument(&name.node).is_some_and(|other| other.node == value.node)
            });
        if same { None } else { Some(vec![first.pos, field.pos]) }
    }
}
