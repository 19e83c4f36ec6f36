//! Whatever has an id that is unique over all types (Relay).

use std::borrow::Cow;

use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::ContainerType;
use async_graphql::{ContextSelectionSet, ID, Interface, OutputType, Positioned, ServerResult, Value};

use crate::graphql::schema::account_types::{Account, ApiKey};
use crate::graphql::schema::audit_events::AuditEvent;
use crate::graphql::schema::film::FilmFields;
use crate::graphql::schema::plain::tell;

/// What has an id that nothing else has, of whatever type.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Unique over all types: of a film its digits, of others with what they are, such as `account:7`."
))]
pub(in crate::graphql) enum Node {
    Film(FilmFields),
    Account(Account),
    ApiKey(ApiKey),
    AuditEvent(AuditEvent),
}

/// Such a thing as it is answered: field by field in their order, which async-graphql does not keep for an interface.
pub(in crate::graphql) struct Found(pub Node);

impl OutputType for Found {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(&self, context: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        match &self.0 {
            Node::Film(film) => tell_part(film, context).await,
            Node::Account(account) => tell_part(account, context).await,
            Node::ApiKey(key) => tell_part(key, context).await,
            Node::AuditEvent(event) => tell_part(event, context).await,
        }
    }
}

/// A prepared operation has a part for each type that an interface may be.
async fn tell_part<T: ContainerType>(object: &T, context: &ContextSelectionSet<'_>) -> ServerResult<Value> {
    let own = context.item.node.items.iter().find_map(|selection| match &selection.node {
        Selection::InlineFragment(part) => {
            let of = part.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
            (of == Some(&*T::type_name())).then_some(&part.node.selection_set)
        }
        _ => None,
    });
    match own {
        Some(own) => tell(object, &context.with_selection_set(own)).await,
        None => tell(object, context).await,
    }
}
