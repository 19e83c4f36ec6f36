//! How a connection becomes a WebSocket.
//!
//! Own rather than axum's, which leaves no place to count frames, takes any text for a key, and takes the body of the
//! request for frames.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Body as _;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::graphql::socket::frame_count::Counted;
use crate::graphql::socket::protocol::SUBPROTOCOL;
use crate::http::list::elements;
use crate::http::problem::Problem;
use crate::telemetry;

/// The last version of the protocol, and the first that was a standard.
const VERSION: HeaderValue = HeaderValue::from_static("13");
/// Bytes of the buffer for reading; a longer message takes more for its time.
const READ_BUFFER: usize = 4 * 1024;
/// Bytes of a key.
const KEY: usize = 16;

/// An open WebSocket.
pub(in crate::graphql) type Socket = WebSocketStream<Counted<TokioIo<Upgraded>>>;

/// Whether a request wants to become a WebSocket.
pub(in crate::graphql) fn is_asked_for(headers: &HeaderMap) -> bool {
    elements(headers, &UPGRADE).any(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

/// A handshake that can be answered.
pub(in crate::graphql) struct Handshake {
    upgrade: OnUpgrade,
    accept: HeaderValue,
    pub knows_subprotocol: bool,
}

impl Handshake {
    /// Reads one.
    ///
    /// # Errors
    /// 426 for another version, 400 for what is no handshake.
    pub(in crate::graphql) fn read(request: Request) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        if parts.headers.get(SEC_WEBSOCKET_VERSION) != Some(&VERSION) {
            let detail = "The version of WebSocket spoken here is 13.";
            return Err(Problem::new(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", detail)
                .with_header(UPGRADE, HeaderValue::from_static("websocket"))
                .with_header(SEC_WEBSOCKET_VERSION, VERSION));
        }
        let is_whole = parts.method == Method::GET
            && parts.version == Version::HTTP_11
            && elements(&parts.headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade"))
            && body.is_end_stream();
        let key = parts.headers.get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
        let key = key.filter(|key| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == KEY));
        let accept = key.and_then(|key| derive_accept_key(key).parse().ok());
        let (true, Some(accept), Some(upgrade)) = (is_whole, accept, parts.extensions.remove::<OnUpgrade>())
        else {
            let detail = "This is not the handshake of a WebSocket over HTTP/1.1, without a body.";
            return Err(Problem::bad_request(detail));
        };
        let knows_subprotocol =
            elements(&parts.headers, &SEC_WEBSOCKET_PROTOCOL).any(|token| token == SUBPROTOCOL);
        Ok(Self { upgrade, accept, knows_subprotocol })
    }

    /// The answer; `serve` gets the socket once it was sent. `max_message`: bytes of a message and of a frame.
    pub(in crate::graphql) fn answer<F>(
        self,
        max_message: usize,
        serve: impl FnOnce(Socket) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send,
    {
        let config = WebSocketConfig::default()
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message))
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0);
        let upgrade = self.upgrade;
        let served = async move {
            // An error: the client went away before the answer reached him.
            if let Ok(connection) = upgrade.await {
                let connection = Counted::new(TokioIo::new(connection));
                serve(WebSocketStream::from_raw_socket(connection, Role::Server, Some(config)).await).await;
            }
        };
        tokio::spawn(telemetry::carried(served));
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        if self.knows_subprotocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        response
    }
}
