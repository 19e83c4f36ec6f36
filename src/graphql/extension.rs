//! Hooks into async-graphql: draw the price between validation and execution, and publish errors.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Response, ServerError, Value, async_trait};

use crate::graphql::charge::Admission;
use crate::graphql::error;
use crate::graphql::price::ResponseKey;

/// Makes the hooks of a request.
pub(super) struct Hooks;

impl ExtensionFactory for Hooks {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Hooks)
    }
}

#[async_trait::async_trait]
impl Extension for Hooks {
    /// Runs after validation only, which is what makes a document that does not validate free.
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        // Without an admission nobody has asked the limiter: a way in that was forgotten must not be open.
        let refused = || Response::from_errors(vec![ServerError::new("Not admitted.", None)]);
        let Some(admission) = context.data_opt::<Arc<Admission>>() else { return refused() };
        if !admission.admit().await {
            return refused();
        }
        let mut response = next.run(context, operation_name).await;
        response.data = complete(response.data, &admission.response_keys);
        response.errors.iter_mut().for_each(error::publish);
        response
    }
}

/// `data` as the specification wants it. async-graphql leaves a field that failed out of its object, where it should
/// be null, and orders fields by when they were done. Only root fields can fail here, so the root is all there is to
/// mend: a member for each, in the order of the document; and no data at all where one fails that cannot be null.
fn complete(data: Value, keys: &[ResponseKey]) -> Value {
    let mut members = match data {
        Value::Object(members) => members,
        _ => IndexMap::new(),
    };
    let mut complete = IndexMap::with_capacity(keys.len());
    for key in keys {
        let value = members.swap_remove(&key.name);
        if value.is_none() && !key.nullable {
            return Value::Null;
        }
        complete.insert(key.name.clone(), value.unwrap_or_default());
    }
    Value::Object(complete)
}
