//! Objects that are there as a whole.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};

/// An object whose fields are told one after the other, at once: async-graphql keeps a future of its own for each, which costs
/// more than a field of what is in memory.
pub(in crate::graphql) struct Plain<T>(pub T);

impl<T: ContainerType> OutputType for Plain<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        tell(&self.0, context).await
    }
}

/// The fields of an object, one after the other.
pub(super) async fn tell<T: ContainerType>(
    object: &T,
    context: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    let selected = &context.item.node.items;
    let mut fields = IndexMap::with_capacity(selected.len());
    for selection in selected {
        // What is within fragments of an object's own type stands beside its fields when it is prepared.
        let Selection::Field(field) = &selection.node else { continue };
        let value = if field.node.name.node == "__typename" {
            Value::from(T::type_name())
        } else {
            object.resolve_field(&context.with_field(field)).await?.unwrap_or_default()
        };
        fields.insert(field.node.response_key().node.clone(), value);
    }
    Ok(Value::Object(fields))
}
