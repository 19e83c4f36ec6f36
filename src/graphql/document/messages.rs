//! What apollo-compiler finds, said in our own sentences.
//!
//! It tells a kind by name, and the rest in a text whose quoted words are what the kind is about; its own fields are
//! private. The version is pinned, and what is not understood here has a general sentence.

use apollo_compiler::ast::{Definition, Document, VariableDefinition};
use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::parser::SourceSpan;
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

/// What is left out of the tree, and with it whatever it uses.
pub(super) const LEFT_OUT: [&str; 5] = [
    "UndefinedField",
    "UndefinedTypeInNamedFragmentTypeCondition",
    "UndefinedTypeInInlineFragmentTypeCondition",
    "SubselectionOnScalarType",
    "SubselectionOnEnumType",
];
/// What is found where something is left out, and may be used there.
pub(super) const UNUSED: [&str; 2] = ["UnusedVariable", "UnusedFragment"];

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
        let kind = error.unstable_error_name().unwrap_or_default();
        let message = self.sentence(kind, &quoted(&text), &text, with_nearest);
        let place = match kind {
            // The library tells the place of the variable.
            "UndefinedDefinition" | "VariableInputType" => {
                self.variable(error.location()).and_then(|one| one.ty.inner_named_type().location())
            }
            _ => None,
        };
        Fault::invalid(message, self.lines.of(place.or(error.location())))
    }

    /// Whether it only follows from another mistake: that its type has no fields, or is not known and so left out of the
    /// tree.
    pub(super) fn follows(&self, error: &DiagnosticData) -> bool {
        let text = error.unstable_compat_message().unwrap_or_default();
        match (error.unstable_error_name().unwrap_or_default(), &quoted(&text)[..]) {
            ("UndefinedFragment", [name, ..]) => self.fragments().any(|known| known == *name),
            ("UndefinedField", [_, of, ..]) => !self.has_fields(of),
            ("InvalidFragmentSpread", [.., on]) => !self.has_fields(on),
            _ => false,
        }
    }

    fn has_fields(&self, ty: &str) -> bool {
        self.schema.types.get(ty).is_none_or(|ty| ty.is_object() || ty.is_interface() || ty.is_union())
    }

    fn variable(&self, at: Option<SourceSpan>) -> Option<&VariableDefinition> {
        let operations = self.document.definitions.iter().filter_map(Definition::as_operation_definition);
        let mut variables = operations.flat_map(|operation| &operation.variables);
        variables.find(|variable| variable.location() == at).map(|variable| &**variable)
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
        let fragments = self.document.definitions.iter().filter_map(Definition::as_fragment_definition);
        fragments.map(|fragment| fragment.name.as_str())
    }
}

fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}
