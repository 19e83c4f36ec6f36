//! The operations of one WebSocket, by their ids.

use std::pin::Pin;
use std::task::Poll;

use futures_util::Stream;
use futures_util::future::poll_fn;
use futures_util::stream::BoxStream;

use crate::graphql::socket::protocol;

/// What an operation says.
pub(in crate::graphql) enum Output {
    /// A result, as JSON.
    Next(String),
    /// Why there is no result, as a list in JSON. The last word.
    Error(String),
    /// The last word.
    Complete,
}

/// An operation that goes on.
struct Operation {
    id: String,
    outputs: BoxStream<'static, Output>,
    /// A subscription. Others end by themselves.
    is_endless: bool,
}

/// Few enough to be asked one after the other.
#[derive(Default)]
pub(in crate::graphql) struct Operations {
    all: Vec<Operation>,
    /// Who is asked first, in turn: one with many events must not shut out the others.
    first: usize,
}

impl Operations {
    pub(in crate::graphql) fn len(&self) -> usize {
        self.all.len()
    }

    pub(in crate::graphql) fn has(&self, id: &str) -> bool {
        self.all.iter().any(|operation| operation.id == id)
    }

    pub(in crate::graphql) fn begin(
        &mut self,
        id: String,
        is_endless: bool,
        outputs: BoxStream<'static, Output>,
    ) {
        self.all.push(Operation { id, outputs, is_endless });
    }

    pub(in crate::graphql) fn end(&mut self, id: &str) {
        self.all.retain(|operation| operation.id != id);
    }

    /// Ends what would not end by itself.
    pub(in crate::graphql) fn end_endless(&mut self) {
        self.all.retain(|operation| !operation.is_endless);
    }

    /// The next message of any of them; waits while there is none. Nothing is lost when it is dropped.
    pub(in crate::graphql) async fn next(&mut self) -> String {
        poll_fn(|cx| {
            let count = self.all.len();
            for place in (0..count).map(|step| (self.first + step) % count) {
                let operation = &mut self.all[place];
                if let Poll::Ready(output) = Pin::new(&mut operation.outputs).poll_next(cx) {
                    self.first = place + 1;
                    return Poll::Ready(self.take(place, output));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// As a message. With its last word an operation is over, and its id is free.
    fn take(&mut self, place: usize, output: Option<Output>) -> String {
        match output {
            Some(Output::Next(payload)) => protocol::next(&self.all[place].id, &payload),
            Some(Output::Error(payload)) => protocol::error(&self.all.swap_remove(place).id, &payload),
            Some(Output::Complete) | None => protocol::complete(&self.all.swap_remove(place).id),
        }
    }
}
