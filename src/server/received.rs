//! The body of a request: what nobody reads of it is read away.
//!
//! An answer may be there before its request is: then most clients still send, and look for the answer afterwards. One whose
//! connection is reset meanwhile (or, on HTTP/2, whose stream is) may never see it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::Request;
use axum::http::header::EXPECT;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, timeout, timeout_at};

use super::activity::Activity;

/// Bytes that are read away of one body.
const MOST: usize = 16 * 1024 * 1024;
/// For all of them.
const TIME: Duration = Duration::from_secs(5);
/// For the next ones: of a body that stays away nothing is on its way.
const PAUSE: Duration = Duration::from_secs(1);

/// What comes of a body; by default there is none. Dropped before its end, the rest is read away, within bounds. Until then the connection is in use.
#[derive(Default)]
pub struct Received {
    /// Until its end.
    body: Option<(Incoming, InUse)>,
    /// The client sends it when we ask for it, which nobody has done yet.
    waiting: Option<Arc<AtomicBool>>,
}

impl Received {
    pub(super) fn new(body: Incoming, waiting: Option<Arc<AtomicBool>>, activity: &Arc<Activity>) -> Self {
        Self { body: (!body.is_end_stream()).then(|| (body, InUse::begin(activity))), waiting }
    }
}

/// Of a body that its client keeps until we ask for it: whether it still does.
pub(super) fn waiting(request: &Request<Incoming>) -> Option<Arc<AtomicBool>> {
    let waits = !request.body().is_end_stream() && request.headers().contains_key(EXPECT);
    waits.then(|| Arc::new(AtomicBool::new(true)))
}

impl Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some((body, _)) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if let Some(waiting) = self.waiting.take() {
            waiting.store(false, Ordering::Relaxed);
        }
        let frame = ready!(polled);
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(|(body, _)| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), |(body, _)| body.size_hint())
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if let Some((body, in_use)) = self.body.take()
            && self.waiting.is_none()
            && !body.is_end_stream()
        {
            tokio::spawn(async move {
                let _in_use = in_use;
                read_away(body).await;
            });
        }
    }
}

async fn read_away(mut body: Incoming) {
    let (end, mut read) = (Instant::now() + TIME, 0);
    while read < MOST
        && let Ok(Ok(Some(Ok(frame)))) = timeout_at(end, timeout(PAUSE, body.frame())).await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// A connection that is in use.
struct InUse(Arc<Activity>);

impl InUse {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.hold();
        Self(Arc::clone(activity))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.end();
    }
}
