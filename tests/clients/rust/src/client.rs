//! Queries and mutations over HTTP, with a wait where the quota asks for one.

use std::time::Duration;

use cynic::Operation;
use cynic::http::ReqwestExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::error::{Error, Extensions};

/// Calls one server.
pub struct Client {
    http: reqwest::Client,
    url: String,
    patience: Duration,
}

impl Client {
    /// `url`: of `/graphql`. `patience`: the longest wait for quota; a longer one is an error of the call.
    #[must_use]
    pub fn new(url: impl Into<String>, patience: Duration) -> Self {
        Self { http: reqwest::Client::new(), url: url.into(), patience }
    }

    /// What the operation gives. A field that failed is an error, even where others have data.
    pub async fn run<Data, Variables>(&self, operation: &Operation<Data, Variables>) -> Result<Data, Error>
    where
        Data: DeserializeOwned + 'static,
        Variables: Serialize,
    {
        loop {
            let request = self.http.post(&self.url).run_graphql(operation);
            let response = request.retain_extensions::<Extensions>().await?;
            let Some(refusal) = response.errors.into_iter().flatten().next() else {
                return response.data.ok_or(Error::Nothing);
            };
            // Without data nothing ran, so that nothing can count twice.
            let seconds = refusal.extensions.as_ref().and_then(|extensions| extensions.retry_after);
            match seconds.map(Duration::from_secs) {
                Some(wait) if response.data.is_none() && wait <= self.patience => sleep(wait).await,
                _ => return Err(Error::Refused(refusal)),
            }
        }
    }
}
