//! One operation as one flat tree of literals: fragments inlined, fields merged, conditions applied, variables put in,
//! defaults filled in. What is priced is what runs, because it is this one value.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use apollo_compiler::ast::{OperationType as Kind, Value as Literal};
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Argument, Directive, Field, Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::FieldDefinition;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema, ty};
use async_graphql::parser::types as tree;
use async_graphql::{Name as OutName, Pos, Positioned, Value};

use super::coerce::{Variables, arguments};
use super::lines::Lines;
use super::prepared::{NOTHING, Prepared, Root};
use super::subject::{Owner, Subject};
use crate::graphql::fault::Fault;
use crate::operations::of_field;

/// Arguments of a root field with variables in them.
#[derive(Debug)]
pub(super) struct Opening {
    /// Which of the root fields.
    pub root: usize,
    /// The type of the root.
    pub of: Name,
    pub definition: Node<FieldDefinition>,
    pub arguments: Vec<Node<Argument>>,
    pub pos: Pos,
}

/// An operation for whatever its variables are, as far as that can be told.
pub(super) struct Shape {
    pub prepared: Prepared,
    pub openings: Vec<Opening>,
    /// Whether nothing but the openings depends on variables.
    pub is_fixed: bool,
}

/// Where an operation stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub schema: &'a Schema,
    pub document: &'a ExecutableDocument,
    pub lines: &'a Lines<'a>,
    /// The objects of each interface.
    pub implementers: &'a Implementers,
    /// Lexical tokens of the text.
    pub tokens: usize,
}

/// What objects an interface has.
pub(super) type Implementers = HashMap<Name, Vec<Name>>;

/// Those of a schema, in the order of their names.
pub(super) fn implementers(schema: &Schema) -> Implementers {
    let all = schema.implementers_map().into_iter().map(|(interface, implementers)| {
        let mut objects: Vec<Name> = implementers.objects.into_iter().collect();
        objects.sort();
        (interface, objects)
    });
    all.collect()
}

/// Without values of variables.
///
/// # Errors
/// None, but for what validation has overlooked.
pub(super) fn shape(source: Source<'_>, operation: &Operation) -> Result<Shape, Fault> {
    let mut normalising = Normalising::new(source, None);
    let prepared = normalising.operation(operation)?;
    Ok(Shape { prepared, openings: normalising.openings, is_fixed: normalising.is_fixed })
}

/// With these values of variables.
///
/// # Errors
/// A variable that is null where it must not be.
pub(super) fn normalise(
    source: Source<'_>,
    operation: &Operation,
    variables: &Variables,
) -> Result<Prepared, Fault> {
    Normalising::new(source, Some(variables)).operation(operation)
}

/// A shape with the values of these variables in its openings.
///
/// # Errors
/// A variable that is null where it must not be.
pub(super) fn fill(
    schema: &Schema,
    shape: &Prepared,
    openings: &[Opening],
    variables: &Variables,
) -> Result<Prepared, Fault> {
    let mut document = tree::ExecutableDocument::clone(&shape.document);
    if let tree::DocumentOperations::Single(operation) = &mut document.operations {
        let fields = &mut operation.node.selection_set.node.items;
        for Opening { root, of, definition, arguments: given, pos } in openings {
            let owner = Owner::Field { of, name: &definition.name };
            let values = arguments(schema, &definition.arguments, given, owner, *pos, variables)?;
            if let Some(Positioned { node: tree::Selection::Field(field), .. }) = fields.get_mut(*root) {
                field.node.arguments = positioned(values, *pos);
            }
        }
    }
    Ok(Prepared { document: Arc::new(document), ..shape.clone() })
}

type Arguments = Vec<(Positioned<OutName>, Positioned<async_graphql_value::Value>)>;

fn positioned(values: Vec<(OutName, Value)>, pos: Pos) -> Arguments {
    let positioned =
        |(name, value): (_, Value)| (Positioned::new(name, pos), Positioned::new(value.into_value(), pos));
    values.into_iter().map(positioned).collect()
}

type Collected<'a> = IndexMap<&'a Name, Vec<&'a Node<Field>>>;

struct Normalising<'a> {
    source: Source<'a>,
    /// Not known for a shape.
    variables: Option<&'a Variables>,
    openings: Vec<Opening>,
    is_fixed: bool,
    is_hollow: bool,
}

impl<'a> Normalising<'a> {
    fn new(source: Source<'a>, variables: Option<&'a Variables>) -> Self {
        Self { source, variables, openings: Vec::new(), is_fixed: true, is_hollow: false }
    }

    fn at(&self, span: Option<SourceSpan>) -> Pos {
        self.source.lines.of(span)
    }

    fn operation(&mut self, operation: &'a Operation) -> Result<Prepared, Fault> {
        let set = &operation.selection_set;
        let pos = self.at(set.selections.first().and_then(location));
        let mut roots = Vec::new();
        let mut items = Vec::new();
        for (place, same) in self.collected(&[set], &set.ty)?.into_values().enumerate() {
            let (root, field) = self.root(place, &set.ty, &same)?;
            roots.push(root);
            items.push(field);
        }
        let kind = match operation.operation_type {
            Kind::Query => tree::OperationType::Query,
            Kind::Mutation => tree::OperationType::Mutation,
            Kind::Subscription => tree::OperationType::Subscription,
        };
        let definition = tree::OperationDefinition {
            ty: kind,
            variable_definitions: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::new(tree::SelectionSet { items }, pos),
        };
        let document = tree::ExecutableDocument {
            operations: tree::DocumentOperations::Single(Positioned::new(definition, pos)),
            fragments: HashMap::new(),
        };
        Ok(Prepared {
            kind,
            name: operation.name.as_ref().map(OutName::new),
            roots: roots.into(),
            document: Arc::new(document),
            tokens: self.source.tokens,
        })
    }

    fn root(
        &mut self,
        place: usize,
        of: &Name,
        same: &[&'a Node<Field>],
    ) -> Result<(Root, Positioned<tree::Selection>), Fault> {
        let field = same[0];
        let pos = self.at(field.location());
        let is_open = self.variables.is_none() && has_variables(&field.arguments);
        if is_open {
            let (definition, arguments) = (field.definition.clone(), field.arguments.clone());
            self.openings.push(Opening { root: place, of: of.clone(), definition, arguments, pos });
        }
        let selection = self.field(of, same, !is_open)?;
        let described =
            if field.name == "__schema" { self.keys_of(same, "description")? } else { Vec::new() };
        let root = Root {
            operation: of_field(&field.name),
            key: OutName::new(field.response_key()),
            nullable: !field.definition.ty.is_non_null(),
            described: described.into(),
            is_hollow: std::mem::take(&mut self.is_hollow),
        };
        Ok((root, selection))
    }

    /// The names in the answer under which a field is asked for.
    fn keys_of(&mut self, same: &[&'a Node<Field>], name: &str) -> Result<Vec<OutName>, Fault> {
        let sets: Vec<&SelectionSet> = same.iter().map(|field| &field.selection_set).collect();
        let Some(of) = sets.first().map(|set| &set.ty) else { return Ok(Vec::new()) };
        let fields = self.collected(&sets, of)?.into_iter();
        Ok(fields.filter(|(_, same)| same[0].name == name).map(|(key, _)| OutName::new(key)).collect())
    }

    /// `with_arguments`: not where they are filled in later.
    fn field(
        &mut self,
        of: &Name,
        same: &[&'a Node<Field>],
        with_arguments: bool,
    ) -> Result<Positioned<tree::Selection>, Fault> {
        let field = same[0];
        let pos = self.at(field.location());
        let none = Variables::default();
        let arguments = if with_arguments {
            let owner = Owner::Field { of, name: &field.name };
            let variables = self.variables.unwrap_or(&none);
            let definitions = &field.definition.arguments;
            let values = arguments(self.source.schema, definitions, &field.arguments, owner, pos, variables)?;
            positioned(values, pos)
        } else {
            Vec::new()
        };
        let sets: Vec<&SelectionSet> = same.iter().map(|field| &field.selection_set).collect();
        let items = self.selections(&sets)?;
        let field = tree::Field {
            alias: field.alias.as_ref().map(|alias| Positioned::new(OutName::new(alias), pos)),
            name: Positioned::new(OutName::new(&field.name), pos),
            arguments,
            directives: Vec::new(),
            selection_set: Positioned::new(tree::SelectionSet { items }, pos),
        };
        Ok(Positioned::new(tree::Selection::Field(Positioned::new(field, pos)), pos))
    }

    /// What is chosen below a field.
    fn selections(&mut self, sets: &[&'a SelectionSet]) -> Result<Vec<Positioned<tree::Selection>>, Fault> {
        let Some(of) = sets.first().map(|set| &set.ty) else { return Ok(Vec::new()) };
        if self.source.schema.get_interface(of).is_none() {
            return self.object(of, sets);
        }
        // Which object it is shows when it is there: so one part for each that it may be.
        let mut parts = Vec::new();
        for object in self.source.implementers.get(of).into_iter().flatten() {
            let items = self.object(object, sets)?;
            let pos = items.first().map_or_else(Pos::default, |item| item.pos);
            let condition = tree::TypeCondition { on: Positioned::new(OutName::new(object), pos) };
            let part = tree::InlineFragment {
                type_condition: Some(Positioned::new(condition, pos)),
                directives: Vec::new(),
                selection_set: Positioned::new(tree::SelectionSet { items }, pos),
            };
            parts.push(Positioned::new(tree::Selection::InlineFragment(Positioned::new(part, pos)), pos));
        }
        Ok(parts)
    }

    fn object(
        &mut self,
        object: &Name,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Positioned<tree::Selection>>, Fault> {
        let fields = self.collected(sets, object)?;
        if fields.is_empty() && self.source.schema.get_object(object).is_some() {
            self.is_hollow = true;
            return Ok(vec![nothing()]);
        }
        fields
            .into_values()
            .map(|same| {
                // Only introspection has arguments below the root.
                self.is_fixed &= self.variables.is_some() || !has_variables(&same[0].arguments);
                self.field(object, &same, true)
            })
            .collect()
    }

    /// The fields of these selections that an object of this type has, by their names in the answer.
    fn collected(&mut self, sets: &[&'a SelectionSet], object: &Name) -> Result<Collected<'a>, Fault> {
        let mut fields = Collected::default();
        let mut spread = HashSet::new();
        for set in sets {
            self.collect(set, object, &mut fields, &mut spread)?;
        }
        Ok(fields)
    }

    fn collect(
        &mut self,
        set: &'a SelectionSet,
        object: &Name,
        fields: &mut Collected<'a>,
        spread: &mut HashSet<&'a Name>,
    ) -> Result<(), Fault> {
        for selection in &set.selections {
            if self.is_skipped(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => fields.entry(field.response_key()).or_default().push(field),
                Selection::InlineFragment(inline) => {
                    if inline.type_condition.as_ref().is_none_or(|condition| self.applies(condition, object))
                    {
                        self.collect(&inline.selection_set, object, fields, spread)?;
                    }
                }
                Selection::FragmentSpread(one) => {
                    let document = self.source.document;
                    if spread.insert(&one.fragment_name)
                        && let Some(fragment) = document.fragments.get(&one.fragment_name)
                        && self.applies(fragment.type_condition(), object)
                    {
                        self.collect(&fragment.selection_set, object, fields, spread)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn applies(&self, condition: &Name, object: &Name) -> bool {
        condition == object || self.source.schema.is_subtype(condition, object)
    }

    fn is_skipped(&mut self, directives: &[Node<Directive>]) -> Result<bool, Fault> {
        for directive in directives {
            let runs_if = match directive.name.as_str() {
                "skip" => false,
                "include" => true,
                _ => continue,
            };
            let Some(argument) = directive.arguments.iter().find(|argument| argument.name == "if") else {
                continue;
            };
            let condition = match (&*argument.value, self.variables) {
                (Literal::Boolean(flag), _) => *flag,
                (Literal::Variable(name), Some(variables)) => {
                    let Some(Value::Boolean(flag)) = variables.get(name) else {
                        let subject = Subject::Argument { name: "if", of: Owner::Directive(&directive.name) };
                        let message = subject.mistyped(self.source.schema, &ty!(Boolean!), "null", false);
                        return Err(Fault::invalid(message, self.at(directive.location())));
                    };
                    *flag
                }
                // A shape has all that any variables may choose; it is not used then.
                _ => {
                    self.is_fixed = false;
                    continue;
                }
            };
            if condition != runs_if {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A field that stands for none.
fn nothing() -> Positioned<tree::Selection> {
    let pos = Pos::default();
    let field = tree::Field {
        alias: Some(Positioned::new(OutName::new(NOTHING), pos)),
        name: Positioned::new(OutName::new("__typename"), pos),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: Positioned::new(tree::SelectionSet { items: Vec::new() }, pos),
    };
    Positioned::new(tree::Selection::Field(Positioned::new(field, pos)), pos)
}

fn has_variables(arguments: &[Node<Argument>]) -> bool {
    fn within(literal: &Literal) -> bool {
        match literal {
            Literal::Variable(_) => true,
            Literal::List(items) => items.iter().any(|literal| within(literal)),
            Literal::Object(members) => members.iter().any(|(_, literal)| within(literal)),
            _ => false,
        }
    }
    arguments.iter().any(|argument| within(&argument.value))
}

fn location(selection: &Selection) -> Option<SourceSpan> {
    match selection {
        Selection::Field(field) => field.location(),
        Selection::InlineFragment(inline) => inline.location(),
        Selection::FragmentSpread(spread) => spread.location(),
    }
}
