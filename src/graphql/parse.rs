//! From text to a document, and to the one operation of it that is to run.

use async_graphql::Pos;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql::parser::{Error, parse_query};

use crate::graphql::response::Fault;

/// Parses. The parser's own text would echo the source line, so the client hears the place and what kind of fault.
pub(super) fn parse(query: &str) -> Result<ExecutableDocument, Fault> {
    parse_query(query).map_err(|error| {
        let detail = match &error {
            Error::Syntax { .. } => "The document has a syntax error here.",
            Error::MultipleOperations { .. } => {
                "An operation without a name must be the only one of its document."
            }
            Error::OperationDuplicated { .. } => "Two operations have the same name.",
            Error::FragmentDuplicated { .. } => "Two fragments have the same name.",
            Error::MissingOperation => "The document has no operation.",
            Error::RecursionLimitExceeded => "The document nests too deeply.",
            _ => "The document cannot be parsed.",
        };
        Fault::new("GRAPHQL_PARSE_FAILED", detail).at(error.positions().collect())
    })
}

/// The operation that is asked for, with its name.
pub(super) fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<String>, &'a OperationDefinition, Pos), Fault> {
    let unknown =
        || Fault::new("GRAPHQL_VALIDATION_FAILED", "operationName names no operation of this document.");
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok((None, &operation.node, operation.pos)),
        (DocumentOperations::Single(_), Some(_)) => Err(unknown()),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get(name)
            .map(|operation| (Some(name.to_owned()), &operation.node, operation.pos))
            .ok_or_else(unknown),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.iter();
            match (all.next(), all.next()) {
                (Some((name, operation)), None) => {
                    Ok((Some(name.to_string()), &operation.node, operation.pos))
                }
                _ => Err(Fault::new(
                    "GRAPHQL_VALIDATION_FAILED",
                    "The document has several operations: name the one to run in operationName.",
                )),
            }
        }
    }
}
