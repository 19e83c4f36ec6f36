//! One operation, ready to be priced and to run; or why there is none.

use std::sync::Arc;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Field, OperationType, Selection};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

use crate::graphql::fault::Fault;
use crate::http::problem::Problem;
use crate::operations::Operation;

/// What was wrong with a document, its variables or the choice of its operation.
#[derive(Debug)]
pub(in crate::graphql) enum Refused {
    /// Over a limit, or with a hash of another text: refused as a whole, whatever the media type.
    TooLarge(Box<Problem>),
    /// It is not what the specification or the schema asks for.
    Invalid(Vec<Fault>),
}

impl Refused {
    /// The first of what is wrong, in a sentence.
    pub(super) fn first(&self) -> &str {
        match self {
            Self::TooLarge(problem) => problem.detail(),
            Self::Invalid(faults) => faults.first().map_or("", |fault| &fault.message),
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::TooLarge(Box::new(problem))
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Invalid(vec![fault])
    }
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

/// An operation without fragments, variables, directives and repeated fields.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct Prepared {
    pub kind: OperationType,
    pub name: Option<Name>,
    /// In the order of the document, which is that of the answer.
    pub roots: Arc<[Root]>,
    pub document: Arc<ExecutableDocument>,
    /// Lexical tokens of the text.
    pub tokens: usize,
}

/// The name in the answer of a field that nobody asked for, and that no client can ask for: async-graphql takes an object
/// without any for null.
pub(in crate::graphql) const NOTHING: &str = "";

/// A root field.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct Root {
    pub operation: Option<&'static Operation>,
    /// Its name in the answer.
    pub key: Name,
    /// Whether the schema lets it be null.
    pub nullable: bool,
    /// The names in the answer under which the description of the schema is asked for.
    pub described: Arc<[Name]>,
    /// Whether something below it is an object of which nothing is chosen after all: it holds [`NOTHING`] then.
    pub is_hollow: bool,
}

impl Prepared {
    /// Root fields with their arguments.
    pub(in crate::graphql) fn fields(&self) -> impl Iterator<Item = (&Root, &Field)> {
        let items = match &self.document.operations {
            DocumentOperations::Single(operation) => &operation.node.selection_set.node.items[..],
            DocumentOperations::Multiple(_) => &[],
        };
        let fields = items.iter().filter_map(|item| match &item.node {
            Selection::Field(field) => Some(&field.node),
            _ => None,
        });
        self.roots.iter().zip(fields)
    }

    /// Fields of the tree.
    pub(in crate::graphql) fn selections(&self) -> usize {
        fn below(selections: &[Positioned<Selection>]) -> usize {
            let of = |selection: &Positioned<Selection>| match &selection.node {
                Selection::Field(field) => 1 + below(&field.node.selection_set.node.items),
                Selection::InlineFragment(inline) => below(&inline.node.selection_set.node.items),
                Selection::FragmentSpread(_) => 0,
            };
            selections.iter().map(of).sum()
        }
        self.fields().map(|(_, field)| 1 + below(&field.selection_set.node.items)).sum()
    }

    /// Bytes that it takes, roughly.
    pub(super) fn weight(&self) -> usize {
        let roots = self.roots.iter().map(|root| size_of::<Root>() + root.key.len());
        let fields = self.fields().map(|(_, field)| weight(field));
        size_of::<Self>() + size_of::<ExecutableDocument>() + roots.chain(fields).sum::<usize>()
    }
}

fn weight(field: &Field) -> usize {
    let names = field.name.node.len() + field.alias.as_ref().map_or(0, |alias| alias.node.len());
    let arguments = field
        .arguments
        .iter()
        .map(|(name, value)| size_of_val(name) + name.node.len() + value_weight(&value.node));
    size_of::<Positioned<Selection>>()
        + names
        + arguments.sum::<usize>()
        + selections_weight(&field.selection_set.node.items)
}

fn selections_weight(selections: &[Positioned<Selection>]) -> usize {
    let weights = selections.iter().map(|selection| match &selection.node {
        Selection::Field(field) => weight(&field.node),
        Selection::InlineFragment(inline) => {
            size_of::<Positioned<Selection>>() + selections_weight(&inline.node.selection_set.node.items)
        }
        Selection::FragmentSpread(_) => size_of::<Positioned<Selection>>(),
    });
    weights.sum()
}

fn value_weight(value: &Value) -> usize {
    size_of::<Positioned<Value>>()
        + match value {
            Value::String(text) => text.len(),
            Value::List(items) => items.iter().map(value_weight).sum(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| 2 * size_of::<Name>() + name.len() + value_weight(value))
                .sum(),
            _ => 0,
        }
}
