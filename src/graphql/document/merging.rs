//! Fields that have one name in the answer must be the same field; and a subscription has one.
//!
//! Own, because apollo-compiler 1.33 compares lists as far as the shorter one goes, so that `[1]` and `[1, 2]` are the same
//! to it, and counts the root fields of a subscription before they are merged. What fields return, where their types
//! differ, it compares.

use std::collections::HashSet;

use apollo_compiler::ast::{Argument, Value};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use async_graphql::Pos;

use super::lines::Lines;
use crate::graphql::fault::{Fault, VALIDATION_FAILED};

/// A field, and the type that has it.
type Placed<'a> = (&'a Name, &'a Node<Field>);

/// What cannot be merged. Conditions make no difference: whether two fields fit is not a matter of values.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument, lines: &Lines<'_>) -> Vec<Fault> {
    let mut merging = Merging { schema, document, lines, faults: Vec::new() };
    for operation in document.operations.iter() {
        let roots = merging.merge(&[&operation.selection_set]);
        if operation.is_subscription() && roots > 1 {
            merging.faults.push(several_roots(operation, roots, lines));
        }
    }
    merging.faults
}

fn several_roots(operation: &Node<Operation>, roots: usize, lines: &Lines<'_>) -> Fault {
    let detail = format!("A subscription has exactly one root field; this one has {roots}.");
    Fault::invalid(detail, lines.of(operation.location()))
}

struct Merging<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    lines: &'a Lines<'a>,
    faults: Vec<Fault>,
}

impl<'a> Merging<'a> {
    /// How many fields there are once they are merged.
    fn merge(&mut self, sets: &[&'a SelectionSet]) -> usize {
        let mut by_key = IndexMap::default();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(set, &mut by_key, &mut spread);
        }
        let count = by_key.len();
        for (key, fields) in by_key {
            self.fields(key, &fields);
        }
        count
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        by_key: &mut IndexMap<&'a Name, Vec<Placed<'a>>>,
        spread: &mut HashSet<&'a Name>,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    by_key.entry(field.response_key()).or_default().push((&set.ty, field));
                }
                Selection::InlineFragment(inline) => self.collect(&inline.selection_set, by_key, spread),
                Selection::FragmentSpread(one) => {
                    if spread.insert(&one.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&one.fragment_name)
                    {
                        self.collect(&fragment.selection_set, by_key, spread);
                    }
                }
            }
        }
    }

    /// Fields of one name in the answer. Those of two object types never meet in one object.
    fn fields(&mut self, key: &Name, fields: &[Placed<'a>]) {
        let mut types: Vec<&Name> = fields.iter().map(|(ty, _)| *ty).collect();
        types.sort();
        types.dedup();
        let is_object = |ty: &Name| self.schema.get_object(ty).is_some();
        let objects: Vec<&Name> = types.iter().copied().filter(|ty| is_object(ty)).collect();
        // In an object of such a type, fields of its interfaces are asked for as well.
        let meeting = |ty: Option<&Name>| -> Vec<&'a Node<Field>> {
            let meets = |(of, _): &&Placed<'a>| Some(*of) == ty || !is_object(of);
            fields.iter().filter(meets).map(|(_, field)| *field).collect()
        };
        let groups: Vec<_> = match &objects[..] {
            [] => vec![meeting(None)],
            objects => objects.iter().map(|ty| meeting(Some(ty))).collect(),
        };
        for group in groups {
            let Some((first, others)) = group.split_first() else { continue };
            if let Some(other) = others.iter().find(|other| !self.is_same_field(first, other)) {
                let positions: Vec<Pos> =
                    vec![self.lines.of(first.location()), self.lines.of(other.location())];
                let detail = differ(key, first, other);
                self.faults.push(Fault::new(VALIDATION_FAILED, detail).at(positions));
                continue;
            }
            let sets: Vec<&SelectionSet> = group.iter().map(|field| &field.selection_set).collect();
            self.merge(&sets);
        }
    }

    fn is_same_field(&self, left: &Field, right: &Field) -> bool {
        let has = |given: &Node<Argument>| {
            let mut others = right.arguments.iter();
            others.any(|other| other.name == given.name && self.is_same_value(&other.value, &given.value))
        };
        left.name == right.name
            && left.arguments.len() == right.arguments.len()
            && left.arguments.iter().all(has)
    }

    /// Members are the same in any order. A block string is not the same as another one, as graphql-js has it: it compares
    /// values as they are printed.
    fn is_same_value(&self, left: &Node<Value>, right: &Node<Value>) -> bool {
        match (&**left, &**right) {
            (Value::List(left), Value::List(right)) => {
                let mut pairs = left.iter().zip(right);
                left.len() == right.len() && pairs.all(|(left, right)| self.is_same_value(left, right))
            }
            (Value::Object(left), Value::Object(right)) => {
                let has = |(name, value): &(Name, Node<Value>)| {
                    right.iter().any(|(other, right)| other == name && self.is_same_value(value, right))
                };
                left.len() == right.len() && left.iter().all(has)
            }
            (Value::String(one), Value::String(other)) => {
                let is_block = |value: &Node<Value>| self.lines.slice(value.location()).starts_with("\"\"\"");
                one == other && is_block(left) == is_block(right)
            }
            (left, right) => left == right,
        }
    }
}

fn differ(key: &Name, first: &Field, other: &Field) -> String {
    let what = if first.name == other.name {
        format!("{} with different arguments", first.name)
    } else {
        format!("{} and {}", first.name, other.name)
    };
    format!("Two fields have the name {key} in the answer: {what}. Give one an alias.")
}
