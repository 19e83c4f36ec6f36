//! Hooks into async-graphql: draw the price between validation and execution, and publish errors.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Response, ServerError, async_trait};

use super::charge::Toll;
use super::error;

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
        // Without a toll nobody has asked the limiter: a way in that was forgotten must not be open.
        let may_run = context.data_opt::<Arc<Toll>>().is_some_and(|toll| toll.pay());
        if !may_run {
            return Response::from_errors(vec![ServerError::new("Not admitted.", None)]);
        }
        let mut response = next.run(context, operation_name).await;
        response.errors.iter_mut().for_each(error::publish);
        response
    }
}
