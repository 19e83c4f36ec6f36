//! What an operation costs: one for each root field of the tree that runs.
//!
//! Not async-graphql's complexity, which ignores `@skip`, sums all operations of the document and counts the whole of
//! introspection.

use async_graphql::parser::types::Field;
use async_graphql_value::Value;

use crate::admission::Charges;
use crate::graphql::document::Prepared;
use crate::graphql::fault::{Fault, Faults, VALIDATION_FAILED};
use crate::graphql::ids::{self, Ids, OF_FILM, OF_KEY_OWNER};
use crate::http::problem::fields;
use crate::operations;
use crate::service::FieldFault;

/// Else a document of aliases would try as many passwords as a budget holds, all at once.
pub(super) const ONE_PASSWORD: &str = "One signIn or changePassword is all that a request may have.";

/// What the root of an operation asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Cost {
    pub charges: Charges,
    /// The first film that is named.
    pub film_id: Option<i64>,
}

/// Adds up the root fields.
///
/// # Errors
/// Ids that are none, told before anything is drawn: `max_errors` of them.
pub(super) fn price(prepared: &Prepared, max_errors: usize) -> Result<Cost, Vec<Fault>> {
    let mut cost = Cost::default();
    let mut faults = Faults::new(max_errors);
    for (root, field) in prepared.fields() {
        // A test fails when a root field has no row.
        let Some(operation) = root.operation else { continue };
        cost.charges.add(operation);
        if operation.name == operations::SIGN_IN.name {
            // Counted under some name, whatever is read.
            cost.charges.attempted.get_or_insert_default();
            if let Some(name) = attempted(field) {
                cost.charges.attempted = Some(name);
            }
        }
        let Some(of) = Ids::of(field.name.node.as_str()) else { continue };
        let given = field.get_argument(of.argument);
        if of == OF_KEY_OWNER {
            cost.charges.key_owners.push(given.and_then(|value| ids::read(&value.node)));
        }
        let Some(given) = given else { continue };
        let one = std::slice::from_ref(&given.node);
        for value in if let Value::List(values) = &given.node { values } else { one } {
            match ids::read(value) {
                Some(id) if of.of == OF_FILM => drop(cost.film_id.get_or_insert(id)),
                None if *value != Value::Null => faults.add(|| malformed(of).at(vec![given.pos])),
                _ => {}
            }
        }
    }
    faults.finish()?;
    if cost.charges.passwords > 1 {
        return Err(vec![Fault::new(VALIDATION_FAILED, ONE_PASSWORD)]);
    }
    Ok(cost)
}

/// The name that somebody signs in with.
fn attempted(field: &Field) -> Option<String> {
    match &field.get_argument("input")?.node {
        Value::Object(input) => match input.get("name")? {
            Value::String(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn malformed(ids: Ids) -> Fault {
    let fault = FieldFault::new(format!("/{}", ids.argument), ids.must_be());
    Fault::new("INVALID_INPUT", format!("{} {}.", ids.argument, ids.must_be())).with_fields(fields(&[fault]))
}
