//! The body of a request, on its way: bounded in time, and without a place in work while we wait for it.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use crate::front::bodies::Held;
use crate::http::body::{Late, Overloaded};
use crate::http::overload::Place;

type BoxError = Box<dyn Error + Send + Sync>;

/// A body with a time for all of it, and room for what has come of it: a byte now and then does not start it anew. While it
/// is awaited its request does not count: a client that sends slowly must not take the place of one that has asked.
pub(super) struct RequestBody<B> {
    body: Pin<Box<B>>,
    end: Pin<Box<Sleep>>,
    place: Arc<Place>,
    /// Bytes.
    received: usize,
    held: Held,
    /// Dropped when the body is there.
    unread: Option<oneshot::Sender<()>>,
}

impl<B> RequestBody<B> {
    /// `unread` is dropped when the body is there.
    pub(super) fn new(
        body: B,
        time: Duration,
        place: &Arc<Place>,
        held: Held,
        unread: oneshot::Sender<()>,
    ) -> Self {
        Self {
            body: Box::pin(body),
            end: Box::pin(sleep(time)),
            place: Arc::clone(place),
            received: 0,
            held,
            unread: Some(unread),
        }
    }
}

impl<B> HttpBody for RequestBody<B>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let frame =
            this.body.as_mut().poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        if frame.is_pending() {
            this.place.lend();
            // Only of a body that is waited for: most come at once.
            if !this.held.hold(this.received) {
                return Poll::Ready(Some(Err(Overloaded.into())));
            }
            return this.end.as_mut().poll(cx).map(|()| Some(Err(Late.into())));
        }
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            this.received += frame.data_ref().map_or(0, Bytes::len);
        }
        if this.body.is_end_stream() || matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            this.unread = None;
        }
        if this.place.take() { frame } else { Poll::Ready(Some(Err(Overloaded.into()))) }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
