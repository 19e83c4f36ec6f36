//! Where a value stands, as sentences name it, and the sentences that are said of values: the same for literals and for
//! variables.

use std::fmt;

use apollo_compiler::ast::Type;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};

use crate::graphql::schema::scalars;

/// Characters of a value that are told again.
const LONGEST_EXCERPT: usize = 60;

/// A value, by the way that leads to it.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// What was sent for a variable.
    Variable(&'a str),
    /// What a variable is without that.
    Default(&'a str),
    Argument {
        name: &'a str,
        of: Owner<'a>,
    },
    Member(&'a Subject<'a>, &'a str),
    Item(&'a Subject<'a>, usize),
}

/// What has arguments.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    Field { of: &'a str, name: &'a str },
    Directive(&'a str),
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { of, name } => write!(f, "{of}.{name}"),
            Self::Directive(name) => write!(f, "@{name}"),
        }
    }
}

/// As the subject of a sentence, with a capital letter.
impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut root = self;
        while let Self::Member(of, _) | Self::Item(of, _) = root {
            root = of;
        }
        match root {
            Self::Default(_) => f.write_str("The default of ")?,
            Self::Argument { .. } => f.write_str("The argument ")?,
            _ => f.write_str("The variable ")?,
        }
        self.path(f)?;
        match root {
            Self::Argument { of, .. } => write!(f, " of {of}"),
            _ => Ok(()),
        }
    }
}

impl Subject<'_> {
    fn path(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) | Self::Default(name) => write!(f, "${name}"),
            Self::Argument { name, .. } => f.write_str(name),
            Self::Member(of, name) => of.path(f).and_then(|()| write!(f, ".{name}")),
            Self::Item(of, place) => of.path(f).and_then(|()| write!(f, "[{place}]")),
        }
    }

    /// It is not of its type. `among_secrets`: whether its document names a secret.
    pub(super) fn mistyped(&self, schema: &Schema, ty: &Type, given: &str, among_secrets: bool) -> String {
        // Answers end up in logs of clients.
        let told = told(given, among_secrets || names_secret(&self.to_string()) || has_secrets(schema, ty));
        format!("{self} must be of type {ty}{}, not {told}.", hint(schema, ty))
    }

    /// It is not there, and must be.
    pub(super) fn missing(&self, ty: &Type) -> String {
        format!("{self} must be given: it is of type {ty}.")
    }

    /// It is there twice.
    pub(super) fn doubled(&self) -> String {
        format!("{self} is given twice.")
    }

    /// There is nothing of this name. `names`: what there is, in `of`.
    pub(super) fn unknown<'n>(&self, of: &str, names: impl Iterator<Item = &'n str>) -> String {
        let (Self::Member(_, name) | Self::Argument { name, .. }) = self else { return String::new() };
        format!("{self} is not known{}.", instead(of, name, names))
    }
}

/// What a type asks for, where its name alone does not say it.
fn hint(schema: &Schema, ty: &Type) -> String {
    let name = ty.inner_named_type();
    match schema.types.get(name) {
        Some(ExtendedType::Enum(definition)) => {
            let values: Vec<&str> = definition.values.keys().map(Name::as_str).collect();
            format!(" ({})", listed(&values, "or"))
        }
        Some(ExtendedType::Scalar(_)) if name == "Int" => " (a whole number of 32 bits)".to_owned(),
        Some(ExtendedType::Scalar(_)) => {
            scalars::find(name).map_or_else(String::new, |scalar| format!(" (such as {})", scalar.example))
        }
        _ => String::new(),
    }
}

/// What there is instead of a name that is not known: what is most alike, or all that there is.
pub(super) fn instead<'n>(of: &str, name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match nearest(name, names.iter().copied()) {
        Some(nearest) => format!(": {nearest} is the nearest"),
        None if names.is_empty() => String::new(),
        None => format!(": {of} has {}", listed(&names, "and")),
    }
}

/// The name that is most alike, if one is alike at all.
pub(super) fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_ascii_lowercase();
    let alike = names.map(|known| (known, strsim::jaro_winkler(&lower, &known.to_ascii_lowercase())));
    alike
        .filter(|(_, alike)| *alike > 0.8)
        .max_by(|left, right| left.1.total_cmp(&right.1))
        .map(|(known, _)| known)
}

/// `A, B and C`.
pub(super) fn listed(names: &[&str], last: &str) -> String {
    match names.split_last() {
        Some((one, [])) => (*one).to_owned(),
        Some((end, others)) => format!("{} {last} {end}", others.join(", ")),
        None => String::new(),
    }
}

/// Whether a name, a path or a whole document names what is nobody's business.
pub(super) fn names_secret(text: &str) -> bool {
    text.to_ascii_lowercase().contains("password")
}

fn has_secrets(schema: &Schema, ty: &Type) -> bool {
    let definition = schema.get_input_object(ty.inner_named_type());
    definition.is_some_and(|definition| definition.fields.keys().any(|name| names_secret(name)))
}

/// A value as it was sent, on one line and not too long; of a secret, and of what may hold one, only the kind.
fn told(given: &str, is_secret: bool) -> String {
    match given.as_bytes().first() {
        Some(b'[') => return "a list".to_owned(),
        Some(b'{') => return "an object".to_owned(),
        Some(b'"') if is_secret => return "a string".to_owned(),
        _ if is_secret && given != "null" => return "what was given".to_owned(),
        _ => {}
    }
    let mut told: String =
        given.chars().take(LONGEST_EXCERPT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if told.len() < given.len() {
        told.push_str("...");
    }
    told
}
