//! The body of a request, on its way: bounded in bytes and in time, and without a place in work while we wait for it.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use crate::http::body::{Late, Overloaded, TooLarge};
use crate::http::overload::Place;
use crate::limits::{self, Places};

type BoxError = Box<dyn Error + Send + Sync>;

/// Bytes of bodies on their way, of all clients: HTTP/2 lets one begin as many as it has streams, and none of them costs
/// anything before it is there.
const MOST: usize = 64 * 1024 * 1024;
/// Of one client.
const MOST_EACH: usize = 16 * 1024 * 1024;

/// Room for the bytes of bodies that are awaited. One body of the largest size has room, whatever that is.
#[must_use]
pub fn room_for_bodies(max_body: usize) -> Places {
    Places::new(MOST.max(max_body), MOST_EACH.max(max_body))
}

/// What a body is held to.
pub(super) struct Bounds {
    /// Bytes.
    pub most: usize,
    /// For all of it: a byte now and then does not start it anew.
    pub time: Duration,
    /// Of its bytes, while it is awaited.
    pub held: limits::Place,
}

/// A body within its bounds. While it is awaited its request does not count: a client that sends slowly must not take the
/// place of one that has asked.
pub(super) struct RequestBody<B> {
    body: Pin<Box<B>>,
    end: Pin<Box<Sleep>>,
    place: Arc<Place>,
    /// Bytes.
    received: usize,
    /// Bytes.
    most: usize,
    held: limits::Place,
    /// Dropped when the body is there.
    unread: Option<oneshot::Sender<()>>,
}

impl<B> RequestBody<B> {
    /// `unread` is dropped when the body is there.
    pub(super) fn new(body: B, bounds: Bounds, place: Arc<Place>, unread: oneshot::Sender<()>) -> Self {
        Self {
            body: Box::pin(body),
            end: Box::pin(sleep(bounds.time)),
            place,
            received: 0,
            most: bounds.most,
            held: bounds.held,
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
        let mut frame =
            this.body.as_mut().poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        if frame.is_pending() {
            this.place.lend();
            // Only of a body that is waited for: most come at once.
            if this.held.hold(this.received).is_err() {
                return Poll::Ready(Some(Err(Overloaded.into())));
            }
            return this.end.as_mut().poll(cx).map(|()| Some(Err(Late.into())));
        }
        if let Poll::Ready(Some(Ok(part))) = &frame {
            this.received += part.data_ref().map_or(0, Bytes::len);
            if this.received > this.most {
                frame = Poll::Ready(Some(Err(TooLarge(this.most).into())));
            }
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

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    use super::*;
    use crate::limits::Full;

    #[test]
    fn all_clients_and_each_have_so_much_room_and_one_body_of_the_largest_size_has() {
        let client = |number: u32| Some(IpAddr::from(Ipv4Addr::from_bits(number)).into());
        let room = Arc::new(room_for_bodies(1));
        let mut held: Vec<_> = (0..5).map(|number| room.begin(client(number))).collect();
        assert!(
            held.iter_mut().take(4).all(|held| held.hold(MOST_EACH).is_ok()),
            "four are all that there is"
        );
        assert_eq!((held[4].hold(1), held.len()), (Err(Full::Total), 5));
        held.remove(0);
        assert_eq!(held[0].hold(MOST_EACH + 1), Err(Full::Client));
        let large = Arc::new(room_for_bodies(2 * MOST));
        assert_eq!(large.begin(client(1)).hold(2 * MOST), Ok(()));
    }
}
