//! Lists whose entries are of a form of their own.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Array, ArrayBuilder, ObjectBuilder, Type};

use crate::service::films::types::{MAX_GENRE, MAX_GENRES};

/// Of a film that is added or changed.
pub(in crate::rest) fn genres() -> Array {
    let genre = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"\S"))
        .min_length(Some(1))
        .max_length(Some(MAX_GENRE));
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(genre)
        .max_items(Some(MAX_GENRES))
        .description(Some(format!("At most {MAX_GENRES}, of 1 to {MAX_GENRE} characters each.")))
        .build()
}
