//! Nobody waits forever: neither we for a body, nor the client for an answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep, timeout};

use crate::http::problem::Problem;

const DETAIL: &str = "This took too long and was given up. A change may have been made all the same: look before you repeat it.";

/// How long a request may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For its body.
    pub body: Duration,
    /// For the answer, once the body is there.
    pub work: Duration,
}

/// Answers for a request that takes too long. A change that was begun is still finished, so nobody is told to try
/// again. The time for a body is the client's, the time after it is ours: a slow body is answered by whoever reads it
/// (`body::read`), with 408.
pub async fn limit(State(timeouts): State<Timeouts>, request: Request, next: Next) -> Response {
    let (request, read) = if request.body().is_end_stream() {
        (request, None)
    } else {
        let (unread, read) = oneshot::channel();
        let timed =
            |body| Body::new(TimedBody { body, end: Box::pin(sleep(timeouts.body)), unread: Some(unread) });
        (request.map(timed), Some(read))
    };
    let late = async {
        if let Some(read) = read {
            // Nothing is ever sent: it ends when the body does. One that nobody reads may stay away.
            let _ = timeout(timeouts.body, read).await;
        }
        sleep(timeouts.work).await;
    };
    tokio::select! {
        response = next.run(request) => response,
        () = late => given_up().into_response(),
    }
}

/// What took too long.
#[must_use]
pub fn given_up() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", DETAIL)
}

/// The body did not come in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub struct Late;

/// A body with a time for all of it: a byte now and then does not start it anew.
struct TimedBody {
    body: Body,
    end: Pin<Box<Sleep>>,
    /// Dropped when the body is there.
    unread: Option<oneshot::Sender<()>>,
}

impl hyper::body::Body for TimedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if frame.is_pending() {
            return this.end.as_mut().poll(cx).map(|()| Some(Err(axum::Error::new(Late))));
        }
        if this.body.is_end_stream() || matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            this.unread = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
