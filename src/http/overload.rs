//! A bound on requests in work. Past it a refusal at once is kinder than an answer too late: what is in work is
//! finished at full speed, and the client knows when to come again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};

use crate::http::problem::Problem;

const DETAIL: &str =
    "Too many requests are in work here. Nothing was done or charged; please try again shortly.";

/// Counts requests in work.
#[derive(Debug)]
pub struct Overload {
    most: usize,
    in_work: AtomicUsize,
}

impl Overload {
    /// At most so many at once.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, in_work: AtomicUsize::new(0) }
    }

    /// A place for what is no request of its own: an operation over a WebSocket.
    ///
    /// # Errors
    /// The refusal.
    pub fn hold(self: &Arc<Self>) -> Result<InWork, Problem> {
        let slot = Slot { overload: Arc::clone(self), is_held: AtomicBool::new(false) };
        if slot.hold() { Ok(InWork(slot)) } else { Err(refusal()) }
    }
}

/// The place of an operation, given back when it is dropped.
#[derive(Debug)]
pub struct InWork(#[expect(dead_code, reason = "held")] Slot);

/// The refusal. It costs no quota.
#[must_use]
pub fn refusal() -> Problem {
    Problem::unavailable(DETAIL)
}

/// Refuses what is past the bound. While a body is on its way its request does not count: a client that sends slowly
/// must not take the place of one that has asked.
pub async fn admit(State(overload): State<Arc<Overload>>, request: Request, next: Next) -> Response {
    let slot = Arc::new(Slot { overload, is_held: AtomicBool::new(false) });
    if !slot.hold() {
        return refusal().into_response();
    }
    let request = if request.body().is_end_stream() {
        request
    } else {
        request.map(|body| Body::new(Awaited { body, slot: Arc::clone(&slot) }))
    };
    let response = next.run(request).await;
    slot.lend();
    response
}

/// More requests than the bound, when the rest of a body came.
#[derive(Debug, thiserror::Error)]
#[error("too many requests are in work")]
pub struct Overloaded;

/// A place in the count.
#[derive(Debug)]
struct Slot {
    overload: Arc<Overload>,
    is_held: AtomicBool,
}

impl Slot {
    /// Takes the place unless there is none; `true` if it is held.
    fn hold(&self) -> bool {
        if self.is_held.load(Ordering::Relaxed) {
            return true;
        }
        let more = |in_work| (in_work < self.overload.most).then_some(in_work + 1);
        let is_free = self.overload.in_work.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        self.is_held.store(is_free, Ordering::Relaxed);
        is_free
    }

    fn lend(&self) {
        if self.is_held.swap(false, Ordering::Relaxed) {
            self.overload.in_work.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.lend();
    }
}

/// A body that lends its request's place while it waits for the client.
struct Awaited {
    body: Body,
    slot: Arc<Slot>,
}

impl hyper::body::Body for Awaited {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        match frame {
            Poll::Pending => this.slot.lend(),
            Poll::Ready(_) if !this.slot.hold() => {
                return Poll::Ready(Some(Err(axum::Error::new(Overloaded))));
            }
            Poll::Ready(_) => {}
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
