//! Variables of the chosen operation, with their defaults.

use async_graphql::Variables;
use async_graphql::parser::types::OperationDefinition;
use serde_json::{Map, Value};

use crate::graphql::response::Fault;

/// Fills in defaults and refuses a missing value that must be there.
///
/// The defaults are filled in here because async-graphql forgets them in `@skip` and `@include`, and what runs must
/// be what was priced. Values are checked against their types by validation, where they are used.
pub(super) fn variables(
    operation: &OperationDefinition,
    given: Map<String, Value>,
) -> Result<Variables, Vec<Fault>> {
    let mut variables = Variables::from_json(Value::Object(given));
    let mut faults = Vec::new();
    for definition in &operation.variable_definitions {
        let definition_node = &definition.node;
        let name = &definition_node.name.node;
        if !variables.contains_key(name)
            && let Some(default) = &definition_node.default_value
        {
            variables.insert(name.clone(), default.node.clone());
        }
        let is_null = variables.get(name).is_none_or(|value| *value == async_graphql::Value::Null);
        if is_null && !definition_node.var_type.node.nullable {
            faults.push(
                Fault::new("GRAPHQL_VALIDATION_FAILED", format!("The variable ${name} is required."))
                    .at(vec![definition.pos]),
            );
        }
    }
    if faults.is_empty() { Ok(variables) } else { Err(faults) }
}
