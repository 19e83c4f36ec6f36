//! What an operation costs: one for each root field of the tree that runs.
//!
//! Not async-graphql's complexity, which ignores `@skip`, sums all operations of the document and counts the whole of
//! introspection.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use crate::admission::Charges;
use crate::graphql::document::Prepared;
use crate::graphql::fault::{Fault, Faults};
use crate::graphql::ids::{self, Ids, Kind, OF_KEY_OWNER};
use crate::http::problem::fields;
use crate::limits::Bucket;
use crate::operations::{self, Operation};
use crate::service::FieldFault;
use crate::service::idempotency::once::Once;

/// Else a document of aliases would try as many passwords as a budget holds, all at once.
pub(super) const ONE_PASSWORD: &str = "One signIn or changePassword is all that a request may have.";

/// What the root of an operation asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Cost {
    pub charges: Charges,
    /// That of the first field.
    pub operation: Option<&'static Operation>,
    /// The first film that is named.
    pub film_id: Option<i64>,
}

/// Adds up the root fields, but for those that were made before.
///
/// # Errors
/// Ids that are none, told before anything is drawn: `max_errors` of them.
pub(super) fn price(prepared: &Prepared, max_errors: usize, once: Option<&Once>) -> Result<Cost, Vec<Fault>> {
    let mut cost = Cost::default();
    let mut faults = Faults::new(max_errors);
    let mut free = 0;
    let mut second_password = None;
    for (root, field) in prepared.fields() {
        let is_made = once.is_some_and(|once| once.part(&root.key).made().is_some());
        if is_made {
            continue;
        }
        if let Some(operation) = root.operation.or_else(|| ids::operation_of_node(field)) {
            cost.charges.add(operation);
            if cost.charges.passwords > 1 {
                second_password.get_or_insert(field.name.pos);
            }
            free += u32::from(operation.bucket.is_none() && operation.name != operations::TYPENAME.name);
            cost.operation.get_or_insert(operation);
            if operation.name == operations::SIGN_IN.name {
                // Counted under some name, whatever is read.
                cost.charges.attempted.get_or_insert_default();
                if let Some(Value::String(name)) = input(field, "name") {
                    cost.charges.attempted = Some(name.clone());
                }
            }
            if operation.name == operations::CREATE_KEY.name
                && input(field, "limits").is_some_and(|limits| *limits != Value::Null)
            {
                cost.charges.add_key_limits();
            }
            if operation.name == operations::RANDOM_FILM.name
                && field.get_argument("unseen").is_some_and(|unseen| unseen.node == Value::Boolean(true))
            {
                cost.charges.add_unseen();
            }
        }
        let Some(of) = Ids::of(field.name.node.as_str()) else { continue };
        let given = field.get_argument(of.argument);
        if of == OF_KEY_OWNER {
            let owner = given.and_then(|value| of.read(&value.node));
            cost.charges.key_owners.push(owner.map(|(_, id)| id));
        }
        let Some(given) = given else { continue };
        let single = std::slice::from_ref(&given.node);
        for value in if let Value::List(values) = &given.node { values } else { single } {
            match of.read(value) {
                Some((Kind::Film, id)) => drop(cost.film_id.get_or_insert(id)),
                None if *value != Value::Null => faults.add(|| malformed(of).at(vec![given.pos])),
                _ => {}
            }
        }
    }
    faults.finish()?;
    // What costs nothing is paid for by the request itself. A further one is what a further request would be.
    cost.charges.price.add(Bucket::Flood, free.saturating_sub(1));
    match second_password {
        Some(pos) => Err(vec![Fault::invalid(ONE_PASSWORD, pos)]),
        None => Ok(cost),
    }
}

/// A member of the argument `input`.
fn input<'a>(field: &'a Field, name: &str) -> Option<&'a Value> {
    match &field.get_argument("input")?.node {
        Value::Object(input) => input.get(name),
        _ => None,
    }
}

fn malformed(ids: Ids) -> Fault {
    let fault = FieldFault::new(format!("/{}", ids.argument), ids.must_be());
    Fault::new("INVALID_INPUT", format!("{} {}.", ids.argument, ids.must_be()))
        .with("fields", fields(&[fault]))
}

#[cfg(test)]
#[expect(clippy::format_push_string, reason = "documents of tests")]
mod tests {
    use async_graphql::Pos;
    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};
    use serde_json::{Value as Json, json};
    use strum::VariantArray as _;

    use super::*;
    use crate::config::GraphQl;
    use crate::graphql::document::{Documents, Trusted};
    use crate::graphql::schema;
    use crate::operations::{self, of_field};

    /// Within limits that are of no concern here.
    fn documents() -> Documents {
        let most = 100_000;
        let limits = GraphQl {
            max_tokens: most,
            max_fields: most,
            max_aliases: most,
            max_directives: most,
            ..GraphQl::default()
        };
        Documents::new(&schema::sdl(), &limits, Trusted::default()).expect("our own schema")
    }

    fn cost(documents: &Documents, text: &str, variables: &Json) -> Cost {
        let variables = variables.as_object().expect("an object");
        let prepared =
            documents.prepare_text(text, None, variables).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        price(&prepared, 20, None).expect("a price")
    }

    #[test]
    fn each_root_field_that_runs_costs_one() {
        let documents = documents();
        for (text, variables, film, browse) in [
            ("{randomFilm{id}}", json!({}), 1, 0),
            ("{a:randomFilm{id} b:randomFilm{id} c:film(id:1){id}}", json!({}), 2, 1),
            ("{...F ...F} fragment F on Query{randomFilm{id}}", json!({}), 1, 0),
            ("{...A} fragment A on Query{...B} fragment B on Query{randomFilm{id}}", json!({}), 1, 0),
            ("{...on Query{randomFilm{id}} ...{film(id:1){id}}}", json!({}), 1, 1),
            ("{randomFilm @skip(if:true){id} film(id:1) @include(if:false){id}}", json!({}), 0, 0),
            ("query($s:Boolean!){randomFilm @skip(if:$s){id}}", json!({"s": true}), 0, 0),
            ("query($s:Boolean!){randomFilm @skip(if:$s){id}}", json!({"s": false}), 1, 0),
            ("query($s:Boolean=true){randomFilm @skip(if:$s){id}}", json!({}), 0, 0),
            ("query($s:Boolean=true){...@include(if:$s){randomFilm{id}}}", json!({}), 1, 0),
            ("{__typename rateLimit{limits{name}}}", json!({}), 0, 0),
            ("{__schema{types{name}} __type(name:\"Film\"){name}}", json!({}), 0, 2),
            ("mutation{a:like(id:1){id} b:dislike(id:2){id} c:like(id:1){id}}", json!({}), 3, 0),
            ("mutation{like(id:1){id} like(id:1){name}}", json!({}), 1, 0),
            ("{node(id:1){id} a:node(id:\"account:1\"){id} b:node(id:\"event:1\"){id}}", json!({}), 0, 3),
            ("query($i:ID!){node(id:$i){...on Film{name}}}", json!({"i": "key:3"}), 0, 1),
        ] {
            let cost = cost(&documents, text, &variables);
            assert_eq!(cost.charges.price.from(Bucket::Film), film, "{text}");
            assert_eq!(cost.charges.price.from(Bucket::Browse), browse, "{text}");
        }
    }

    #[test]
    fn a_second_password_is_told_at_its_place() {
        let text = "mutation{a:signIn(input:{name:\"a\",password:\"p\"}){token}\nb:signIn(input:{name:\"b\",password:\"p\"}){token}}";
        let prepared = documents().prepare_text(text, None, &serde_json::Map::new()).expect("a document");
        let faults = price(&prepared, 20, None).expect_err("two of them");
        assert_eq!(faults, [Fault::invalid(ONE_PASSWORD, Pos { line: 2, column: 1 })]);
    }

    #[test]
    fn what_is_free_costs_a_request_for_each_but_the_first() {
        let documents = documents();
        for (text, flood) in [
            ("{me{role}}", 0),
            ("{me{role} me{name} film(id:1){id}}", 0),
            ("{a:me{role} b:me{role} rateLimit{limits{name}}}", 2),
            ("{a:__typename b:__typename c:__typename}", 0),
        ] {
            let price = cost(&documents, text, &json!({})).charges.price;
            assert_eq!(price.from(Bucket::Flood), flood, "{text}");
        }
    }

    /// A document that is made up, and what runs of it, counted while it is made.
    #[derive(Default)]
    struct Invented {
        spreads: String,
        names: u32,
        left: u32,
        /// Whether a name in the answer is asked for by something that runs.
        runs: std::collections::BTreeMap<u32, bool>,
    }

    impl Invented {
        fn set(&mut self, random: &mut StdRng, runs: bool, depth: u32) -> String {
            let mut text = String::new();
            for _ in 0..random.random_range(1..5) {
                if self.left == 0 {
                    break;
                }
                self.left -= 1;
                let (condition, is_met) = match random.random_range(0..16) {
                    0 => ("@skip(if:true)", false),
                    1 => ("@include(if:$yes)", true),
                    2 => ("@skip(if:$yes)", false),
                    3 => ("@include(if:false)", false),
                    4 => ("@skip(if:$no)@include(if:true)", true),
                    _ => ("", true),
                };
                let runs = runs && is_met;
                match random.random_range(0..if depth == 0 { 1 } else { 4 }) {
                    1 => text += &format!("...{condition}{{{}}}", self.set(random, runs, depth - 1)),
                    2 => text += &format!("...on Query{condition}{{{}}}", self.set(random, runs, depth - 1)),
                    3 => {
                        self.names += 1;
                        let name = self.names;
                        let set = self.set(random, runs, depth - 1);
                        self.spreads += &format!(" fragment F{name} on Query{{{set}}}");
                        text += &format!("...F{name}{condition} ...F{name}{condition} ");
                    }
                    _ => {
                        // Even ones are of the bucket film, odd ones of browse.
                        let key = random.random_range(0..12);
                        let field = if key % 2 == 0 { "randomFilm{id}" } else { "film(id:7){name}" };
                        let field = field.replacen('{', &format!("{condition}{{"), 1);
                        *self.runs.entry(key).or_default() |= runs;
                        text += &format!("a{key}:{field} ");
                    }
                }
            }
            if text.is_empty() { "__typename ".to_owned() } else { text }
        }
    }

    #[test]
    fn what_is_invented_costs_what_was_counted_when_it_was_made() {
        let documents = documents();
        let mut random = StdRng::seed_from_u64(12);
        let mut costly = 0;
        for _ in 0..2_000 {
            let mut invented = Invented { left: 20, ..Invented::default() };
            let set = invented.set(&mut random, true, 5);
            let used = "__typename@include(if:$yes)@skip(if:$no)";
            let text = format!("query($yes:Boolean!,$no:Boolean=false){{{used} {set}}}{}", invented.spreads);
            let cost = cost(&documents, &text, &json!({"yes": true}));
            let count = |odd: u32| -> u32 {
                let runs = invented.runs.iter().filter(|(key, runs)| **runs && **key % 2 == odd);
                u32::try_from(runs.count()).expect("few")
            };
            let found = [cost.charges.price.from(Bucket::Film), cost.charges.price.from(Bucket::Browse)];
            assert_eq!(found, [count(0), count(1)], "{text}");
            costly += u32::from(count(0) + count(1) > 2);
        }
        assert!(costly > 500, "{costly}");
    }

    fn name_of(ty: &Type) -> &str {
        match &ty.base {
            BaseType::Named(name) => name,
            BaseType::List(item) => name_of(item),
        }
    }

    #[test]
    fn every_root_field_of_the_schema_has_a_price() {
        // The parser does not know that a schema can be described.
        let sdl = schema::sdl().replace(&format!("\"\"\"\n{}\n\"\"\"\n", schema::DESCRIPTION), "");
        let document = parse_schema(sdl).expect("our own schema");
        let mut roots = 0;
        for definition in document.definitions {
            let TypeSystemDefinition::Type(ty) = definition else { continue };
            let kinds = operations::Kind::VARIANTS.iter();
            let Some(kind) = kinds.copied().find(|kind| ty.node.name.node == kind.to_string()) else {
                continue;
            };
            let TypeKind::Object(object) = ty.node.kind else { panic!("an object") };
            for field in object.fields {
                let name = field.node.name.node.as_str();
                // The row of `node` is that of what its id is of.
                if name != "node" {
                    let operation = of_field(name).unwrap_or_else(|| panic!("no operation for {name}"));
                    let is_it = |row: &operations::Field| row.name == name && row.kind == kind;
                    assert!(operation.graphql.iter().any(is_it), "{name}");
                }
                let ids: Vec<String> = (field.node.arguments.iter())
                    .filter(|argument| name_of(&argument.node.ty.node) == "ID")
                    .map(|argument| argument.node.name.node.to_string())
                    .collect();
                let declared: Vec<&str> = Ids::of(name).iter().map(|ids| ids.argument).collect();
                assert_eq!(ids, declared, "the arguments of {name} that hold ids");
                roots += 1;
            }
        }
        assert!(roots > 20, "{roots}");
    }
}
