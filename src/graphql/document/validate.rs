//! Whether a document keeps to the schema: the rules of apollo-compiler, and ours where it has none or cannot tell what is
//! wrong.

use apollo_compiler::ast::{Document, Type};
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::parser::Parser;
use apollo_compiler::schema::{Component, ExtendedType};
use apollo_compiler::validation::{DiagnosticData, DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema, name};

use super::lines::Lines;
use super::messages::{ARGUMENTS, LEFT_OUT, MERGING, Messages, UNUSED};
use super::{arguments, merging};
use crate::graphql::fault::{Fault, Faults, PARSE_FAILED, VALIDATION_FAILED};

/// The schema of a text that is our own.
///
/// # Errors
/// With what is wrong with it; a test builds it.
pub(super) fn schema(sdl: &str) -> Result<Valid<Schema>, String> {
    let mut schema = Schema::parse(sdl, "schema.graphql").map_err(|with| with.errors.to_string())?;
    // apollo-compiler 1.33 does not know `__Type.isOneOf`, which async-graphql answers and which clients ask for.
    if let Some(ExtendedType::Object(kind)) = schema.types.get_mut("__Type") {
        let fields = &mut kind.make_mut().fields;
        if let Some(like) = fields.get("name").filter(|_| !fields.contains_key("isOneOf")) {
            let mut is_one_of = (*like.node).clone();
            is_one_of.name = name!("isOneOf");
            is_one_of.ty = Type::Named(name!("Boolean"));
            fields.insert(name!("isOneOf"), Component::new(is_one_of));
        }
    }
    for kind in schema.types.values_mut() {
        let ExtendedType::Object(kind) = kind else { continue };
        if !kind.name.starts_with("__") {
            continue;
        }
        // Nor that `includeDeprecated` cannot be null.
        for field in kind.make_mut().fields.values_mut() {
            for argument in &mut field.make_mut().arguments {
                if argument.name == "includeDeprecated" {
                    argument.make_mut().ty = Type::NonNullNamed(name!("Boolean")).into();
                }
            }
        }
    }
    schema.validate().map_err(|with| with.errors.to_string())
}

/// Builds the tree of a text whose syntax is known to be right.
///
/// # Errors
/// Where the library sees that differently.
pub(super) fn parse(text: String, lines: &Lines<'_>, max_nesting: usize) -> Result<Document, Fault> {
    // It counts a level for more than brackets.
    let mut parser = Parser::new().recursion_limit(max_nesting.saturating_mul(4));
    parser.parse_ast(text, "").map_err(|with| {
        let place = with.errors.iter().next().and_then(|one| one.error.location());
        Fault::new(PARSE_FAILED, "The document has a syntax error here.").at(vec![lines.of(place)])
    })
}

/// Checks every operation and every fragment of the document. `is_circular`: a fragment spreads itself.
///
/// # Errors
/// Its faults, in their order in the text: `max_errors` of them, and how many more there are.
pub(super) fn validate(
    schema: &Valid<Schema>,
    document: &Document,
    lines: &Lines<'_>,
    is_circular: bool,
    max_errors: usize,
) -> Result<ExecutableDocument, Vec<Fault>> {
    let (executable, errors) = match document.to_executable(schema) {
        Ok(executable) => (executable, None),
        Err(with) => (with.partial, Some(with.errors)),
    };
    // Whoever follows a fragment into itself does not come back.
    let by_merging = if is_circular { Vec::new() } else { merging::check(schema, &executable, lines) };
    let (executable, further) = if by_merging.is_empty() {
        match executable.validate(schema) {
            Ok(valid) => (valid.into_inner(), None),
            Err(with) => (with.partial, Some(with.errors)),
        }
    } else {
        // The library tells of each field that does not fit with all of its arguments, which is dear.
        (executable, None)
    };
    let by_arguments = arguments::check(schema, &executable, lines);
    let found = errors.iter().chain(&further).flat_map(DiagnosticList::iter).map(|one| one.error);
    let is_void = |error: &DiagnosticData| match error.unstable_error_name() {
        // Counted before fields are merged.
        Some("SubscriptionUsesMultipleFields") => true,
        // Fields that are not known are left out of the tree, but something was chosen.
        Some("MissingSubselection") => lines.slice(error.location()).ends_with('}'),
        _ => false,
    };
    let found: Vec<_> = found.filter(|error| !is_void(error)).collect();
    let messages = Messages { schema, document, lines };
    let is_partial = found.iter().any(|error| is_one_of(error, &LEFT_OUT));
    let follows = |error: &DiagnosticData| is_partial && is_one_of(error, &UNUSED) || messages.follows(error);
    // What ours tell, and tell better; and what is told by what it follows from.
    let (ours, mut others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|error| is_one_of(error, &ARGUMENTS) || is_one_of(error, &MERGING) || follows(error));
    if others.is_empty() && by_arguments.is_empty() && by_merging.is_empty() {
        others = ours;
    }
    others.sort_by_key(|error| error.location().map(|span| span.offset()));
    // To look for the nearest name is dear, so only those that are shown are told in full.
    let told = others.iter().enumerate().map(|(place, error)| messages.fault(error, place < max_errors));
    let mut all: Vec<Fault> = told.chain(by_arguments).chain(by_merging).collect();
    all.sort_by(|left, right| left.positions.cmp(&right.positions));
    all.dedup();
    if all.is_empty() && is_circular {
        // The library tells of it, and with the place; what comes after must not rest on that.
        all.push(Fault::new(VALIDATION_FAILED, "A fragment spreads itself."));
    }
    let mut faults = Faults::new(max_errors);
    for fault in all {
        faults.add(|| fault);
    }
    faults.finish().map(|()| executable)
}

fn is_one_of(error: &DiagnosticData, names: &[&str]) -> bool {
    error.unstable_error_name().is_some_and(|name| names.contains(&name))
}
