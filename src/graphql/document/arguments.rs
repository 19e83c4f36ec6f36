//! Rules of arguments and of their values, in every operation and every fragment that it spreads.
//!
//! Own, because apollo-compiler 1.33 has no rule against a member that is given twice, looks for the use of variables at
//! arguments alone and not within lists and objects, takes a default of null for a value, and takes variables for
//! defined within custom scalars. And because its messages name neither argument nor value.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{Argument, Directive, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::lines::Lines;
use super::subject::{Owner, Subject};
use crate::graphql::fault::Fault;
use crate::graphql::schema::scalars;

/// What is wrong with arguments; the same fault is told once, however many operations share it.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument, lines: &Lines<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for operation in document.operations.iter() {
        let variables = operation.variables.iter().map(|variable| (&variable.name, variable)).collect();
        let mut rules = Rules {
            schema,
            document,
            lines,
            operation,
            variables,
            spread: HashSet::new(),
            faults: &mut faults,
        };
        for variable in &operation.variables {
            if let Some(value) = &variable.default_value {
                let ty = Some(&*variable.ty).filter(|_| is_known(schema, variable));
                rules.value(value, ty, false, &Subject::Default(&variable.name));
            }
            rules.directives(&variable.directives);
        }
        rules.directives(&operation.directives);
        rules.selection_set(&operation.selection_set);
    }
    faults
}

struct Rules<'a, 'f> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    lines: &'a Lines<'a>,
    operation: &'a Operation,
    variables: HashMap<&'a Name, &'a Node<VariableDefinition>>,
    spread: HashSet<&'a Name>,
    faults: &'f mut Vec<Fault>,
}

impl<'a> Rules<'a, '_> {
    fn fault(&mut self, message: String, at: Option<SourceSpan>) {
        self.faults.push(Fault::invalid(message, self.lines.of(at)));
    }

    fn selection_set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    let owner = Owner::Field { of: &set.ty, name: &field.name };
                    self.arguments(
                        &field.arguments,
                        Some(&field.definition.arguments),
                        owner,
                        field.location(),
                    );
                    self.selection_set(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if self.spread.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                    {
                        self.directives(&fragment.directives);
                        self.selection_set(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Node<Directive>]) {
        for directive in directives {
            let definition = self.schema.directive_definitions.get(&directive.name);
            let definitions = definition.map(|definition| &*definition.arguments);
            let owner = Owner::Directive(&directive.name);
            self.arguments(&directive.arguments, definitions, owner, directive.location());
        }
    }

    /// `definitions`: none for a directive that nobody knows.
    fn arguments(
        &mut self,
        given: &'a [Node<Argument>],
        definitions: Option<&'a [Node<InputValueDefinition>]>,
        of: Owner<'_>,
        at: Option<SourceSpan>,
    ) {
        let mut seen = HashSet::new();
        for argument in given {
            let subject = Subject::Argument { name: &argument.name, of };
            if !seen.insert(argument.name.as_str()) {
                self.fault(subject.doubled(), argument.location());
            }
            let mut known = definitions.unwrap_or_default().iter();
            let definition = known.find(|definition| definition.name == argument.name);
            if let (Some(definitions), None) = (definitions, definition) {
                let names = definitions.iter().map(|definition| definition.name.as_str());
                self.fault(subject.unknown(&of.to_string(), names), argument.location());
            }
            let has_default = definition.is_some_and(|definition| definition.default_value.is_some());
            self.value(&argument.value, definition.map(|definition| &*definition.ty), has_default, &subject);
        }
        for definition in definitions.unwrap_or_default() {
            if definition.is_required() && !given.iter().any(|argument| argument.name == definition.name) {
                let subject = Subject::Argument { name: &definition.name, of };
                self.fault(subject.missing(&definition.ty), at);
            }
        }
    }

    /// `ty`: none where anything may stand.
    fn value(&mut self, value: &'a Node<Value>, ty: Option<&Type>, has_default: bool, subject: &Subject<'_>) {
        if let Value::Variable(name) = &**value {
            return self.variable(name, ty, has_default, subject, value.location());
        }
        let Some(ty) = ty else { return self.anything(value) };
        let is_right = match (&**value, ty) {
            (Value::Null, ty) => !ty.is_non_null(),
            (Value::List(items), Type::List(item) | Type::NonNullList(item)) => {
                for (place, value) in items.iter().enumerate() {
                    self.value(value, Some(item), false, &Subject::Item(subject, place));
                }
                true
            }
            // One value stands for a list of it.
            (_, Type::List(item) | Type::NonNullList(item)) => {
                return self.value(value, Some(item), false, subject);
            }
            (_, Type::Named(name) | Type::NonNullNamed(name)) => self.named(value, name, subject),
        };
        if !is_right {
            let given = self.lines.slice(value.location());
            let message = subject.mistyped(self.schema, ty, given, self.lines.names_secret());
            self.fault(message, value.location());
        }
    }

    /// Whether a literal is of this kind of type.
    fn named(&mut self, value: &'a Node<Value>, name: &Name, subject: &Subject<'_>) -> bool {
        match (self.schema.types.get(name), &**value) {
            (Some(ExtendedType::InputObject(_)), Value::Object(members)) => {
                self.members(value, members, name, subject);
                true
            }
            (Some(ExtendedType::Enum(definition)), Value::Enum(name)) => definition.values.contains_key(name),
            (Some(ExtendedType::Scalar(_)), literal) => {
                self.anything(value);
                is_scalar(name, literal)
            }
            _ => false,
        }
    }

    /// What is right of any value: its variables are defined, and no member of it is doubled.
    fn anything(&mut self, value: &'a Node<Value>) {
        match &**value {
            Value::Variable(name) => self.defined(name, value.location()),
            Value::List(items) => items.iter().for_each(|value| self.anything(value)),
            Value::Object(members) => {
                for (place, (name, value)) in members.iter().enumerate() {
                    if members[..place].iter().any(|(earlier, _)| earlier == name) {
                        self.fault(format!("The member {name} is given twice."), name.location());
                    }
                    self.anything(value);
                }
            }
            _ => {}
        }
    }

    fn defined(&mut self, name: &Name, at: Option<SourceSpan>) {
        if !self.variables.contains_key(name) {
            let operation = self.operation.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
            self.fault(format!("The operation{operation} does not define the variable ${name}."), at);
        }
    }

    fn variable(
        &mut self,
        name: &Name,
        ty: Option<&Type>,
        has_default: bool,
        subject: &Subject<'_>,
        at: Option<SourceSpan>,
    ) {
        self.defined(name, at);
        if let (Some(definition), Some(ty)) = (self.variables.get(name).copied(), ty)
            && is_known(self.schema, definition)
            && !is_allowed(definition, ty, has_default)
        {
            let message = format!(
                "{subject} must be of type {ty}: the variable ${name} of type {} cannot stand here.",
                definition.ty
            );
            self.fault(message, at);
        }
    }

    fn members(
        &mut self,
        value: &Node<Value>,
        members: &'a [(Name, Node<Value>)],
        name: &Name,
        subject: &Subject<'_>,
    ) {
        let Some(definition) = self.schema.get_input_object(name) else { return };
        let mut seen = HashSet::new();
        for (name, value) in members {
            let subject = Subject::Member(subject, name);
            if !seen.insert(name.as_str()) {
                self.fault(subject.doubled(), name.location());
            }
            let field = definition.fields.get(name);
            if field.is_none() {
                let names = definition.fields.keys().map(Name::as_str);
                self.fault(subject.unknown(&definition.name, names), name.location());
            }
            let has_default = field.is_some_and(|field| field.default_value.is_some());
            self.value(value, field.map(|field| &*field.ty), has_default, &subject);
        }
        for (name, field) in &definition.fields {
            if field.is_required() && !members.iter().any(|(given, _)| given == name) {
                self.fault(Subject::Member(subject, name).missing(&field.ty), value.location());
            }
        }
    }
}

/// Whether a variable has a type of values. Another one is told where the variable is defined, and nowhere else.
fn is_known(schema: &Schema, definition: &VariableDefinition) -> bool {
    schema.types.get(definition.ty.inner_named_type()).is_some_and(ExtendedType::is_input_type)
}

/// A variable may be used where its type fits, a default of either standing for what would otherwise be missing.
fn is_allowed(definition: &VariableDefinition, ty: &Type, has_default: bool) -> bool {
    if ty.is_non_null() && !definition.ty.is_non_null() {
        let is_given = definition.default_value.as_ref().is_some_and(|value| !value.is_null());
        return (is_given || has_default) && definition.ty.is_assignable_to(&ty.clone().nullable());
    }
    definition.ty.is_assignable_to(ty)
}

/// Whether a literal is one of this scalar.
fn is_scalar(name: &Name, literal: &Value) -> bool {
    match (name.as_str(), literal) {
        ("Int", Value::Int(number)) => number.try_to_i32().is_ok(),
        ("Float", Value::Int(number)) => number.try_to_f64().is_ok(),
        ("Float", Value::Float(number)) => number.try_to_f64().is_ok(),
        ("String" | "ID", Value::String(_)) | ("ID", Value::Int(_)) | ("Boolean", Value::Boolean(_)) => true,
        (name, Value::String(text)) => scalars::find(name).is_some_and(|scalar| (scalar.reads)(text)),
        _ => false,
    }
}
