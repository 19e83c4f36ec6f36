//! Subscriptions over a WebSocket.

use std::future::IntoFuture as _;

use cynic::{GraphQlResponse, StreamingOperation};
use futures_lite::{Stream, StreamExt as _};
use graphql_ws_client::graphql::GraphqlOperation;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::error::{Error, Extensions};

/// The events of a subscription. `url`: of `/graphql`, with `ws`.
pub async fn watch<Data, Variables>(
    url: &str,
    operation: StreamingOperation<Data, Variables>,
) -> Result<impl Stream<Item = Result<Data, Error>> + Unpin + use<Data, Variables>, Error>
where
    Data: DeserializeOwned + Send + 'static,
    Variables: Serialize + Send + Unpin + 'static,
{
    let mut request = url.into_client_request()?;
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
    let (socket, _) = connect_async(request).await?;
    let (client, actor) = graphql_ws_client::Client::build(socket).await?;
    // On its own: `build(socket).subscribe(...)` is shorter, but sends nothing until somebody polls its stream, and so
    // misses what happens before.
    tokio::spawn(actor.into_future());
    let events = client.subscribe(Typed(operation)).await?;
    Ok(events.map(|event| {
        let event = event?;
        match event.errors.into_iter().flatten().next() {
            Some(refusal) => Err(Error::Refused(refusal)),
            None => event.data.ok_or(Error::Nothing),
        }
    }))
}

/// graphql-ws-client gives cynic's errors without their extensions; this keeps them.
#[derive(Serialize)]
#[serde(transparent, bound(serialize = "Variables: Serialize"))]
struct Typed<Data, Variables>(StreamingOperation<Data, Variables>);

impl<Data: DeserializeOwned, Variables: Serialize> GraphqlOperation for Typed<Data, Variables> {
    type Response = GraphQlResponse<Data, Extensions>;
    type Error = serde_json::Error;

    fn decode(&self, data: serde_json::Value) -> Result<Self::Response, Self::Error> {
        serde_json::from_value(data)
    }
}
