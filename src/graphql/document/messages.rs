//! What apollo-compiler finds, said in our own sentences.
//!
//! It tells a kind by name, and the rest in a text whose quoted words are what the kind is about; its own fields are
//! private. The version is pinned, and what is not understood here has a general sentence.

use apollo_compiler::ast::{Definition, Document};
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticData;
use apollo_compiler::{Name, Schema};

use super::lines::Lines;
use super::subject::{instead, nearest};
use crate::graphql::fault::Fault;

/// What `arguments` looks for as well.
pub(super) const ARGUMENTS: [&str; 11] = [
    "UniqueArgument",
    "UndefinedArgument",
    "UndefinedVariable",
    "UndefinedEnumValue",
    "UndefinedInputValue",
    "RequiredArgument",
    "RequiredField",
    "UnsupportedValueType",
    "IntCoercionError",
    "FloatCoercionError",
    "DisallowedVariableUsage",
];
/// What `merging` looks for as well.
pub(super) const MERGING: [&str; 2] = ["ConflictingFieldName", "ConflictingFieldArgument"];
/// Makes faults of what is found in a document.
pub(super) struct Messages<'a> {
    pub schema: &'a Schema,
    pub document: &'a Document,
    pub lines: &'a Lines<'a>,
}

impl Messages<'_> {
    /// `with_nearest`: whether the name is looked for that may be meant.
    pub(super) fn fault(&self, error: &DiagnosticData, with_nearest: bool) -> Fault {
        let text = error.unstable_compat_message().unwrap_or_default();
        let quoted: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        let kind = error.unstable_error_name().unwrap_or_default();
        let message = self.sentence(kind, &quoted, &text, with_nearest);
        Fault::invalid(message, self.lines.of(error.location()))
    }

    fn sentence(&self, kind: &str, quoted: &[&str], text: &str, with_nearest: bool) -> String {
        match (kind, quoted) {
            ("UndefinedField", [field, of, ..]) => {
                format!("{of} has no field {field}{}.", self.fields(field, of, with_nearest))
            }
            ("MissingSubselection", [field, of, ..]) => {
                let field_name = Name::new(field).ok();
                let ty =
                    field_name.and_then(|name| self.schema.type_field(of, &name).ok()).map(|field| &field.ty);
                let ty = ty.map_or_else(String::new, ToString::to_string);
                format!("{field} is of type {ty}, of which fields must be chosen: {field} {{ ... }}.")
            }
            ("SubselectionOnScalarType" | "SubselectionOnEnumType", [field, ty, ..]) => {
                format!("{field} is of type {ty}, which has no fields: nothing can be chosen of it.")
            }
            ("UnusedVariable", [name, ..]) => format!("The variable {name} is defined, but nothing uses it."),
            ("UniqueVariable", [name, ..]) => format!("The variable {name} is defined twice."),
            ("VariableInputType", [name, ty, ..]) => {
                format!("The variable {name} cannot be of type {ty}, which is for answers alone.")
            }
            ("UndefinedFragment", [name, ..]) => {
                format!("There is no fragment {name}{}.", Self::meant(with_nearest, name, self.fragments()))
            }
            ("UnusedFragment", [name, ..]) => {
                format!("The fragment {name} is defined, but nothing spreads it.")
            }
            ("RecursiveFragmentDefinition", [name, ..]) => format!("The fragment {name} spreads itself."),
            ("FragmentNameCollision", [name, ..]) => format!("Two fragments have the name {name}."),
            ("OperationNameCollision", [name, ..]) => format!("Two operations have the name {name}."),
            ("AmbiguousAnonymousOperation", _) => {
                "An operation without a name must be the only one of its document.".to_owned()
            }
            (
                "UndefinedDefinition"
                | "UndefinedTypeInNamedFragmentTypeCondition"
                | "UndefinedTypeInInlineFragmentTypeCondition",
                [name, ..],
            ) => {
                let types = self.schema.types.keys().map(Name::as_str);
                format!("There is no type {name}{}.", Self::meant(with_nearest, name, types))
            }
            ("InvalidFragmentTarget", [.., ty]) => {
                format!("A fragment is on a type that has fields, which {ty} has not.")
            }
            ("InvalidFragmentSpread", [.., of, on]) => {
                format!("A fragment on {on} cannot be spread here: this is {of}, which is never {on}.")
            }
            ("UndefinedDirective", [name, ..]) => {
                let known = self.schema.directive_definitions.keys().map(Name::as_str);
                let plain = name.trim_start_matches('@');
                format!("There is no directive {name}{}.", Self::meant(with_nearest, plain, known))
            }
            ("UnsupportedLocation", [name, ..]) => {
                let place = text.trim_end_matches('.').rsplit(' ').next().unwrap_or_default();
                format!("The directive {name} cannot stand at {place}.")
            }
            ("UniqueDirective", [name, ..]) => format!("The directive {name} stands here twice."),
            ("SubscriptionUsesIntrospection", _) => {
                "The root field of a subscription cannot be one that asks for the schema.".to_owned()
            }
            ("SubscriptionUsesConditionalSelection", _) => {
                "The root field of a subscription cannot be under @skip or @include.".to_owned()
            }
            ("ConflictingFieldType" | "ConflictingFieldName" | "ConflictingFieldArgument", [name, ..]) => {
                format!(
                    "Two fields have the name {name} in the answer, but are not the same. Give one an alias."
                )
            }
            ("RecursionError" | "RecursionLimitError" | "DeeplyNestedType", _) => {
                "The document nests too deeply.".to_owned()
            }
            _ => "The document does not keep to the schema here.".to_owned(),
        }
    }

    fn fields(&self, field: &str, of: &str, with_nearest: bool) -> String {
        let fields = match self.schema.types.get(of).filter(|_| with_nearest) {
            Some(ExtendedType::Object(object)) => &object.fields,
            Some(ExtendedType::Interface(interface)) => &interface.fields,
            _ => return String::new(),
        };
        instead("it", field, fields.keys().map(Name::as_str))
    }

    fn meant<'n>(with_nearest: bool, name: &str, names: impl Iterator<Item = &'n str>) -> String {
        let nearest = with_nearest.then(|| nearest(name, names)).flatten();
        nearest.map_or_else(String::new, |nearest| format!(": {nearest} is the nearest"))
    }

    fn fragments(&self) -> impl Iterator<Item = &str> {
        self.document.definitions.iter().filter_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) => Some(fragment.name.as_str()),
            _ => None,
        })
    }
}
