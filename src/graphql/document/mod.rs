//! From the text of a document to one operation that is ready to be priced and to run: parse, validate, coerce
//! variables, normalise.
//!
//! Nothing of apollo-compiler is seen outside of this folder.

mod arguments;
mod cache;
mod coerce;
mod lexer;
mod lines;
mod measure;
mod merging;
mod messages;
mod normalise;
mod persisted;
mod prepared;
mod subject;
mod syntax;
mod validate;

use std::sync::Arc;

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Map, Value};

use crate::config::GraphQl;
use crate::graphql::fault::{Fault, VALIDATION_FAILED};
use crate::graphql::reference::Reference;
use crate::graphql::request::too_long;
use crate::http::problem::Problem;

use cache::{Form, Kept, Known, KnownOperation};
use coerce::Defined;
use lines::Lines;
use normalise::{Implementers, Source};
use persisted::not_found;

pub use persisted::Trusted;
pub(super) use prepared::{NOTHING, Prepared, Refused, Root};

/// Whether a text keeps to the grammar and to the limits of brackets and tokens.
///
/// # Errors
/// The limit that is exceeded, or the first mistake.
pub(super) fn scan(text: &str, limits: &GraphQl) -> Result<(), Refused> {
    syntax::read(&Lines::new(text), limits).map(|_| ())
}

/// Trusted documents of which the log says what is wrong with them.
const MOST_UNFIT: usize = 20;

/// Reads documents, and keeps those that are valid.
pub(super) struct Documents {
    schema: Valid<Schema>,
    implementers: Implementers,
    limits: GraphQl,
    kept: Kept,
    trusted: Trusted,
}

/// A valid document, not prepared yet.
pub(super) struct Document(Arc<Known>);

impl Document {
    pub(super) fn text(&self) -> &str {
        &self.0.text
    }
}

impl Documents {
    /// For documents of this schema, which is our own.
    ///
    /// # Errors
    /// With what is wrong with the schema.
    pub(super) fn new(sdl: &str, limits: &GraphQl, trusted: Trusted) -> Result<Self, String> {
        let schema = validate::schema(sdl)?;
        let implementers = normalise::implementers(&schema);
        let kept = Kept::new(limits.document_cache);
        let documents = Self { implementers, schema, limits: limits.clone(), kept, trusted };
        let mut unfit = 0;
        for (name, text) in documents.trusted.all() {
            let Err(refused) = documents.read(text) else { continue };
            unfit += 1;
            if unfit <= MOST_UNFIT {
                tracing::warn!(name, fault = refused.first(), "a trusted document does not fit");
            }
        }
        if unfit > 0 {
            tracing::warn!(unfit, "trusted documents do not fit the schema or its limits, and will not run");
        }
        Ok(documents)
    }

    /// The document of a text, or of what stands for one. A text that comes with its hash is known by that from then on.
    ///
    /// # Errors
    /// What is wrong with the document, or that nobody knows it.
    pub(super) fn find(
        &self,
        text: Option<&str>,
        reference: Option<&Reference>,
    ) -> Result<Document, Refused> {
        let trusted = reference.and_then(|reference| self.trusted.text(reference));
        let Some(text) = text.or(trusted.as_deref()) else {
            let known = reference.and_then(Reference::kept_as).and_then(|key| self.kept.find(&key));
            return known.map(Document).ok_or_else(|| not_found().into());
        };
        if reference.is_some_and(|reference| !reference.fits(text)) {
            let detail = "The hash in extensions.persistedQuery is not the SHA-256 of the document.";
            return Err(Problem::bad_request(detail).into());
        }
        // Not what is kept under a hash: written as a text, that is a comment.
        let known = if let Some(known) = self.kept.find(text).filter(|known| *known.text == *text) {
            known
        } else {
            self.trusted.judge(text)?;
            let known = Arc::new(self.read(text)?);
            self.trusted.note(text);
            self.kept.keep(text, Arc::clone(&known));
            known
        };
        if let Some(key) = reference.and_then(Reference::kept_as)
            && self.kept.find(&key).is_none()
        {
            self.kept.keep(&key, Arc::clone(&known));
        }
        Ok(Document(known))
    }

    /// The operation that is asked for, with these variables.
    ///
    /// # Errors
    /// What is wrong with document, name or variables: the first limit that is exceeded, or all faults of one step.
    pub(super) fn prepare(
        &self,
        Document(known): &Document,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Result<Prepared, Refused> {
        let operation = known.operation(operation_name)?;
        let schema = &self.schema;
        let lines = Lines::new(&known.text);
        let variables =
            || coerce::variables(schema, &operation.variables, variables, &lines, self.limits.max_errors);
        Ok(match &operation.form {
            Form::Ready(prepared) => {
                if !operation.variables.is_empty() {
                    variables()?;
                }
                prepared.clone()
            }
            Form::Open(shape, openings) => normalise::fill(schema, shape, openings, &variables()?)?,
            Form::Anew(document, operation) => {
                let source = self.source(document, &lines, known.tokens);
                normalise::normalise(source, operation, &variables()?)?
            }
        })
    }

    /// Reads a document that is not known.
    fn read(&self, text: &str) -> Result<Known, Refused> {
        let limits = &self.limits;
        if text.len() > limits.max_document {
            return Err(too_long(limits.max_document).into());
        }
        let lines = Lines::new(text);
        let syntax::Read { text: plain, tokens } = syntax::read(&lines, limits)?;
        let tree = validate::parse(plain, &lines, limits.max_nesting)?;
        let is_circular = measure::measure(&tree, limits)?;
        let document = validate::validate(&self.schema, &tree, &lines, is_circular, limits.max_errors)?;
        let document = Arc::new(document);
        let source = self.source(&document, &lines, tokens);
        let mut operations = Vec::new();
        for operation in document.operations.iter() {
            let shape = normalise::shape(source, operation)?;
            let form = match shape {
                _ if !shape.is_fixed => Form::Anew(Arc::clone(&document), operation.clone()),
                _ if shape.openings.is_empty() => Form::Ready(shape.prepared),
                _ => Form::Open(shape.prepared, shape.openings),
            };
            let variables = operation.variables.iter();
            let defined =
                variables.map(|one| Defined { definition: one.clone(), pos: lines.of(one.location()) });
            operations.push(KnownOperation {
                name: operation.name.as_ref().map(|name| name.as_str().into()),
                variables: defined.collect(),
                form,
            });
        }
        Ok(Known { text: text.into(), operations, tokens })
    }

    fn source<'a>(
        &'a self,
        document: &'a ExecutableDocument,
        lines: &'a Lines<'a>,
        tokens: usize,
    ) -> Source<'a> {
        Source { schema: &self.schema, document, lines, implementers: &self.implementers, tokens }
    }
}

impl Known {
    /// The operation of this name; without a name, the only one.
    fn operation(&self, name: Option<&str>) -> Result<&KnownOperation, Fault> {
        match (name, &self.operations[..]) {
            (None, [only]) => Ok(only),
            (None, _) => {
                Err(self
                    .unknown("The document has several operations: name the one to run in operationName."))
            }
            (Some(name), operations) => {
                let is_it = |operation: &&KnownOperation| operation.name.as_deref() == Some(name);
                operations
                    .iter()
                    .find(is_it)
                    .ok_or_else(|| self.unknown("operationName names no operation of this document."))
            }
        }
    }

    /// Which there are, where they have names.
    fn unknown(&self, detail: &str) -> Fault {
        let names: Vec<&str> =
            self.operations.iter().filter_map(|operation| operation.name.as_deref()).collect();
        let has = if names.is_empty() {
            String::new()
        } else {
            format!(" It has {}.", subject::listed(&names, "and"))
        };
        Fault::new(VALIDATION_FAILED, format!("{detail}{has}"))
    }
}

#[cfg(test)]
mod tests;
