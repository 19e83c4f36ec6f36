//! What an operation costs: one per root field that runs, whatever its alias and however it is spread.
//!
//! Not async-graphql's complexity, which ignores `@skip`, sums all operations of the document and counts the whole of
//! introspection.

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Value, Variables};

use crate::admission::Charges;
use crate::graphql::root_fields::{Ids, root_field};
use crate::operations;
use crate::service::text::parse_id;

/// A member of the answer's `data`.
#[derive(Debug, Clone)]
pub(super) struct ResponseKey {
    pub name: Name,
    pub nullable: bool,
}

/// What the root of an operation asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Cost {
    pub charges: Charges,
    pub fields: Vec<String>,
    /// Root fields that run, unknown ones too.
    pub occurrences: usize,
    /// What `data` consists of, in the order of the document.
    pub response_keys: Vec<ResponseKey>,
    /// The operation of the first field.
    pub operation: Option<&'static str>,
    /// The first film that is named.
    pub film_id: Option<i64>,
    /// Arguments that should be ids and are not.
    pub malformed_ids: Vec<(Ids, Pos)>,
    /// Fields whose key in the answer is taken. Such a mutation would run twice where the specification merges it into
    /// one, so it is refused; a query that runs twice changes nothing, and costs two.
    pub repeated_keys: Vec<Pos>,
    /// Arguments that are not of their type: a number beyond 32 bits, a null in a list of ids. async-graphql would
    /// find out while it runs, when the price is drawn.
    pub mistyped: Vec<Pos>,
}

/// Adds up the root fields that will run with these variables.
pub(super) fn price(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Cost {
    let mut pricing = Pricing { document, variables, cost: Cost::default() };
    pricing.selection_set(&operation.selection_set.node);
    pricing.cost
}

struct Pricing<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    cost: Cost,
}

impl<'a> Pricing<'a> {
    fn selection_set(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(fragment) => {
                    self.selection_set(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    // `measure` has refused fragments that spread themselves.
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.selection_set(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &'a Field) {
        let name = field.name.node.as_str();
        self.cost.occurrences += 1;
        // An unknown field costs nothing: validation refuses the document.
        let Some(operation) = operations::of_field(name) else { return };
        let root = root_field(name);
        self.cost.fields.push(name.to_owned());
        let key = &field.response_key().node;
        if self.cost.response_keys.iter().any(|known| known.name == *key) {
            self.cost.repeated_keys.push(field.name.pos);
        } else {
            self.cost.response_keys.push(ResponseKey { name: key.clone(), nullable: root.nullable });
        }
        self.cost.operation.get_or_insert(operation.name);
        let charges = &mut self.cost.charges;
        charges.add(operation);
        let signs_in = operation.name == operations::SIGN_IN.name;
        if signs_in {
            // Counted under some name, whatever is read below.
            charges.attempted.get_or_insert_default();
        }
        let mut key_owner = None;
        for (argument, value) in &field.arguments {
            let resolved = self.resolve(&value.node);
            if let Some(ids) = root.ids.filter(|ids| ids.argument == argument.node.as_str()) {
                self.check_ids(ids, &resolved, value.pos);
                key_owner = id(&resolved);
            }
            if signs_in
                && let Value::Object(input) = &resolved
                && let Some(Value::String(name)) = input.get("name")
            {
                self.cost.charges.attempted = Some(name.clone());
            }
            if !(root.coerces)(&argument.node, resolved) {
                self.cost.mistyped.push(value.pos);
            }
        }
        if root.ids == Some(Ids::OF_KEY_OWNER) {
            self.cost.charges.key_owners.push(key_owner);
        }
    }

    fn check_ids(&mut self, ids: Ids, value: &Value, pos: Pos) {
        match value {
            Value::List(values) => {
                for value in values {
                    self.check_ids(ids, value, pos);
                }
            }
            Value::String(_) | Value::Number(_) => match id(value) {
                Some(id) if ids == Ids::OF_FILM => {
                    self.cost.film_id.get_or_insert(id);
                }
                Some(_) => {}
                None => self.cost.malformed_ids.push((ids, pos)),
            },
            // Not an ID at all: validation says so.
            _ => {}
        }
    }

    fn is_skipped(&self, directives: &'a [Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let runs_if = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return false,
            };
            directive.node.get_argument("if").is_some_and(|condition| {
                let condition = matches!(self.resolve(&condition.node), Value::Boolean(true));
                condition != runs_if
            })
        })
    }

    /// A value with its variables put in; null where one is missing.
    fn resolve(&self, value: &async_graphql_value::Value) -> Value {
        let lookup = |name: Name| Ok::<_, ()>(self.variables.get(&name).cloned().unwrap_or_default());
        value.clone().into_const_with(lookup).unwrap_or_default()
    }
}

fn id(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => parse_id(text),
        Value::Number(number) => parse_id(&number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::{coerce, parse};
    use crate::limits::Bucket;

    fn cost(document: &str, variables: serde_json::Value) -> Cost {
        let document = parse::parse(document).expect("a document");
        let (_, operation, _) = parse::operation(&document, None).expect("one operation");
        let serde_json::Value::Object(variables) = variables else { panic!("an object") };
        let variables = coerce::variables(operation, variables).expect("variables");
        price(&document, operation, &variables)
    }

    #[test]
    fn each_root_field_that_runs_costs_one() {
        use serde_json::json;
        for (document, variables, film, browse) in [
            ("{randomFilm{id}}", json!({}), 1, 0),
            ("{a:randomFilm{id} b:randomFilm{id} c:film(id:1){id}}", json!({}), 2, 1),
            ("{...F ...F} fragment F on Query{randomFilm{id}}", json!({}), 2, 0),
            ("{...on Query{randomFilm{id}} ...{film(id:1){id}}}", json!({}), 1, 1),
            ("{randomFilm @skip(if:true){id} film(id:1) @include(if:false){id}}", json!({}), 0, 0),
            ("query($s:Boolean!){randomFilm @skip(if:$s){id}}", json!({"s": true}), 0, 0),
            ("query($s:Boolean!){randomFilm @skip(if:$s){id}}", json!({"s": false}), 1, 0),
            ("query($s:Boolean=true){randomFilm @skip(if:$s){id}}", json!({}), 0, 0),
            ("query($s:Boolean=true){...@include(if:$s){randomFilm{id}}}", json!({}), 1, 0),
            ("{__typename rateLimit{limits{name}}}", json!({}), 0, 0),
            ("{__schema{types{name}} __type(name:\"Film\"){name}}", json!({}), 0, 2),
            ("mutation{a:like(id:1){id} b:dislike(id:2){id} c:like(id:1){id}}", json!({}), 3, 0),
        ] {
            let cost = cost(document, variables);
            assert_eq!(cost.charges.price.from(Bucket::Film), film, "{document}");
            assert_eq!(cost.charges.price.from(Bucket::Browse), browse, "{document}");
        }
    }
}
