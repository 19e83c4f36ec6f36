//! From what was sent to values: of variables, which are JSON, and of arguments, which are literals that validation has
//! passed.

use apollo_compiler::ast::{InputValueDefinition, Type, Value as Literal, VariableDefinition};
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::Argument;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name as OutName, Pos, Value};
use serde_json::{Map, Number, Value as Json};

use super::lines::Lines;
use super::subject::{Owner, Subject};
use crate::graphql::fault::{Fault, Faults};
use crate::graphql::schema::scalars;
use crate::http::json::whole;

/// The values of variables; one that was not sent and has no default is not among them, which is not the same as null.
pub(super) type Variables = HashMap<Name, Value>;

/// A variable of an operation, and where it is defined.
#[derive(Debug, Clone)]
pub(super) struct Defined {
    pub definition: Node<VariableDefinition>,
    pub pos: Pos,
}

/// The values of the variables of an operation.
///
/// # Errors
/// What is wrong with those that were sent: at most `max_errors`, and how many more there are.
pub(super) fn variables(
    schema: &Schema,
    defined: &[Defined],
    given: &Map<String, Json>,
    lines: &Lines<'_>,
    max_errors: usize,
) -> Result<Variables, Vec<Fault>> {
    let mut faults = Faults::new(max_errors);
    let mut values = Variables::default();
    for Defined { definition, pos } in defined {
        let VariableDefinition { name, ty, default_value, .. } = &**definition;
        let mut reading = Reading { schema, lines, pos: *pos, faults: &mut faults };
        let value = match (given.get(name.as_str()), default_value) {
            (Some(json), _) => reading.json(ty, json, &Subject::Variable(name)),
            (None, Some(literal)) => Some(constant(schema, ty, literal)),
            (None, None) if ty.is_non_null() => {
                faults.add(|| Fault::invalid(Subject::Variable(name).missing(ty), *pos));
                None
            }
            (None, None) => None,
        };
        if let Some(value) = value {
            values.insert(name.clone(), value);
        }
    }
    faults.finish().map(|()| values)
}

/// Reads JSON as values of types.
struct Reading<'a> {
    schema: &'a Schema,
    lines: &'a Lines<'a>,
    /// Where the variable is defined: JSON has no place in the document.
    pos: Pos,
    faults: &'a mut Faults,
}

impl Reading<'_> {
    fn fault(&mut self, message: impl FnOnce(&Schema) -> String) -> Option<Value> {
        let (schema, pos) = (self.schema, self.pos);
        self.faults.add(|| Fault::invalid(message(schema), pos));
        None
    }

    /// Nothing where it is not of its type.
    fn json(&mut self, ty: &Type, json: &Json, subject: &Subject<'_>) -> Option<Value> {
        let value = match (ty, json) {
            (ty, Json::Null) => (!ty.is_non_null()).then_some(Value::Null),
            (Type::List(item) | Type::NonNullList(item), Json::Array(items)) => {
                return self.items(item, items, subject).map(Value::List);
            }
            // One value stands for a list of it.
            (Type::List(item) | Type::NonNullList(item), one) => {
                return self.json(item, one, subject).map(|one| Value::List(vec![one]));
            }
            (Type::Named(name) | Type::NonNullNamed(name), json) => {
                match (self.schema.types.get(name), json) {
                    (Some(ExtendedType::InputObject(_)), Json::Object(members)) => {
                        return self.members(name, members, subject).map(Value::Object);
                    }
                    (Some(ExtendedType::Enum(definition)), Json::String(text)) => {
                        definition.values.contains_key(text.as_str()).then(|| Value::Enum(OutName::new(text)))
                    }
                    (Some(ExtendedType::Scalar(_)), json) => scalar(name, json),
                    _ => None,
                }
            }
        };
        let lines = self.lines;
        value.or_else(|| {
            self.fault(|schema| subject.mistyped(schema, ty, &json.to_string(), lines.names_secret()))
        })
    }

    fn items(&mut self, item: &Type, items: &[Json], subject: &Subject<'_>) -> Option<Vec<Value>> {
        let mut values = Vec::with_capacity(items.len());
        for (place, json) in items.iter().enumerate() {
            // All of them are read, so that every fault is told.
            values.extend(self.json(item, json, &Subject::Item(subject, place)));
        }
        (values.len() == items.len()).then_some(values)
    }

    fn members(
        &mut self,
        name: &Name,
        members: &Map<String, Json>,
        subject: &Subject<'_>,
    ) -> Option<IndexMap<OutName, Value>> {
        let schema = self.schema;
        let definition = schema.get_input_object(name)?;
        let mut is_whole = true;
        for key in members.keys().filter(|key| !definition.fields.contains_key(key.as_str())) {
            let names = definition.fields.keys().map(Name::as_str);
            self.fault(|_| Subject::Member(subject, key).unknown(name, names));
            is_whole = false;
        }
        let mut object = IndexMap::new();
        for (key, field) in &definition.fields {
            let subject = Subject::Member(subject, key);
            let value = match (members.get(key.as_str()), &field.default_value) {
                (Some(json), _) => self.json(&field.ty, json, &subject),
                (None, Some(literal)) => Some(constant(schema, &field.ty, literal)),
                (None, None) if field.ty.is_non_null() => self.fault(|_| subject.missing(&field.ty)),
                (None, None) => continue,
            };
            match value {
                Some(value) => drop(object.insert(OutName::new(key), value)),
                None => is_whole = false,
            }
        }
        is_whole.then_some(object)
    }
}

fn scalar(name: &Name, json: &Json) -> Option<Value> {
    match (name.as_str(), json) {
        ("Int", Json::Number(number)) => {
            whole(number).and_then(|int| i32::try_from(int).ok()).map(Value::from)
        }
        ("Float", Json::Number(number)) => Some(Value::Number(number.clone())),
        ("ID", Json::Number(number)) => id(number).map(Value::String),
        ("String" | "ID", Json::String(text)) => Some(Value::String(text.clone())),
        ("Boolean", Json::Bool(flag)) => Some(Value::Boolean(*flag)),
        (name, Json::String(text)) => {
            scalars::find(name).filter(|scalar| (scalar.reads)(text)).map(|_| Value::String(text.clone()))
        }
        _ => None,
    }
}

/// In digits, however many: one that is longer than 64 bits is a float by now, and names nothing in either form.
fn id(number: &Number) -> Option<String> {
    if number.is_i64() || number.is_u64() {
        return Some(number.to_string());
    }
    number.as_f64().filter(|float| float.fract() == 0.0).map(|float| format!("{float:.0}"))
}

/// The arguments of a field: those that have a value, a default included.
///
/// # Errors
/// A variable that is null, or has no value, where one must be.
pub(super) fn arguments(
    schema: &Schema,
    definitions: &[Node<InputValueDefinition>],
    given: &[Node<Argument>],
    of: Owner<'_>,
    pos: Pos,
    variables: &Variables,
) -> Result<Vec<(OutName, Value)>, Fault> {
    let literals = Literals { schema, variables, pos };
    let mut values = Vec::with_capacity(given.len());
    for definition in definitions {
        let literal = given.iter().find(|argument| argument.name == definition.name);
        let subject = Subject::Argument { name: &definition.name, of };
        let value = literals.member(definition, literal.map(|argument| &*argument.value), &subject)?;
        values.extend(value.map(|value| (OutName::new(&definition.name), value)));
    }
    Ok(values)
}

/// A literal without variables that validation has passed.
fn constant(schema: &Schema, ty: &Type, literal: &Literal) -> Value {
    let literals = Literals { schema, variables: &Variables::default(), pos: Pos::default() };
    // Nothing can be wrong with it: only variables bring a null to where none may be.
    literals.value(ty, literal, &Subject::Default("")).unwrap_or_default()
}

/// Reads literals as values of types, with variables put in.
struct Literals<'a> {
    schema: &'a Schema,
    variables: &'a Variables,
    /// Of the field.
    pos: Pos,
}

impl Literals<'_> {
    /// An argument, or a member of an object; nothing where it has no value.
    fn member(
        &self,
        definition: &InputValueDefinition,
        literal: Option<&Literal>,
        subject: &Subject<'_>,
    ) -> Result<Option<Value>, Fault> {
        let is_absent = |literal: &Literal| matches!(literal, Literal::Variable(name) if !self.variables.contains_key(name));
        match (literal.filter(|literal| !is_absent(literal)), &definition.default_value) {
            (Some(literal), _) => self.value(&definition.ty, literal, subject).map(Some),
            (None, Some(literal)) => Ok(Some(constant(self.schema, &definition.ty, literal))),
            (None, None) if definition.ty.is_non_null() => {
                Err(Fault::invalid(subject.missing(&definition.ty), self.pos))
            }
            (None, None) => Ok(None),
        }
    }

    fn value(&self, ty: &Type, literal: &Literal, subject: &Subject<'_>) -> Result<Value, Fault> {
        let value = match (ty, literal) {
            (_, Literal::Variable(name)) => self.variables.get(name).cloned().unwrap_or_default(),
            (_, Literal::Null) => Value::Null,
            (Type::List(item) | Type::NonNullList(item), Literal::List(items)) => {
                let items = items.iter().enumerate();
                items
                    .map(|(place, literal)| self.value(item, literal, &Subject::Item(subject, place)))
                    .collect::<Result<_, _>>()
                    .map(Value::List)?
            }
            (Type::List(item) | Type::NonNullList(item), one) => {
                Value::List(vec![self.value(item, one, subject)?])
            }
            (Type::Named(name) | Type::NonNullNamed(name), literal) => self.named(name, literal, subject)?,
        };
        if value == Value::Null && ty.is_non_null() {
            return Err(Fault::invalid(subject.mistyped(self.schema, ty, "null", false), self.pos));
        }
        Ok(value)
    }

    fn named(&self, name: &Name, literal: &Literal, subject: &Subject<'_>) -> Result<Value, Fault> {
        Ok(match literal {
            Literal::Int(number) if name == "ID" => Value::String(number.as_str().to_owned()),
            // Not by its text: in JSON, -0 is a fraction.
            Literal::Int(number) if name == "Int" => number.try_to_i32().map(Value::from).unwrap_or_default(),
            Literal::Int(number) => number.try_to_f64().map(Value::from).unwrap_or_default(),
            Literal::Float(number) => number.try_to_f64().map(Value::from).unwrap_or_default(),
            Literal::String(text) => Value::String(text.clone()),
            Literal::Boolean(flag) => Value::Boolean(*flag),
            Literal::Enum(name) => Value::Enum(OutName::new(name)),
            Literal::Object(members) => {
                let mut object = IndexMap::new();
                let definition = self.schema.get_input_object(name);
                for (key, field) in definition.iter().flat_map(|definition| &definition.fields) {
                    let given = members.iter().find(|(name, _)| name == key).map(|(_, literal)| &**literal);
                    let value = self.member(field, given, &Subject::Member(subject, key))?;
                    value.map(|value| object.insert(OutName::new(key), value));
                }
                Value::Object(object)
            }
            Literal::Variable(_) | Literal::Null | Literal::List(_) => Value::Null,
        })
    }
}
