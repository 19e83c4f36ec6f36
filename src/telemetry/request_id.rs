//! The id by which a request is found in the log.

use std::fmt;

use http::HeaderValue;
use tokio::task::futures::TaskLocalFuture;
use tokio::task_local;

const BYTES: usize = 16;

task_local! {
    static REQUEST: HeaderValue;
}

/// A new one: lower-case hexadecimal digits.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "an id needs to be unique, never to be foreseen in a test")]
pub fn new_request_id() -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut id = [0; 2 * BYTES];
    for (place, byte) in rand::random::<[u8; BYTES]>().into_iter().enumerate() {
        id[2 * place] = DIGITS[usize::from(byte >> 4)];
        id[2 * place + 1] = DIGITS[usize::from(byte & 0xf)];
    }
    HeaderValue::from_bytes(&id).unwrap_or(HeaderValue::from_static("unknown"))
}

/// Work for a request: each line that is logged within it names the request, and so is found by the id that the client
/// was told. What is spawned within it is not within it, unless it is [`carried`].
pub fn within<F: Future>(request_id: HeaderValue, work: F) -> TaskLocalFuture<HeaderValue, F> {
    REQUEST.scope(request_id, work)
}

/// Work to be spawned that goes on with the request that is being worked for, if there is one.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let request_id = REQUEST.try_with(HeaderValue::clone).ok();
    async {
        match request_id {
            Some(request_id) => within(request_id, work).await,
            None => work.await,
        }
    }
}

/// Writes the id of the request that is being worked for, if there is one.
pub(super) fn here(write: impl FnOnce(&str) -> fmt::Result) -> fmt::Result {
    REQUEST.try_with(|id| write(id.to_str().unwrap_or_default())).unwrap_or(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> String {
        let mut told = String::new();
        here(|id| {
            told.push_str(id);
            Ok(())
        })
        .expect("it cannot fail");
        told
    }

    #[tokio::test]
    async fn work_for_a_request_knows_it_wherever_it_is_carried_and_nothing_else_does() {
        let id = |text| HeaderValue::from_static(text);
        let one = within(id("one"), async {
            tokio::task::yield_now().await;
            let spawned = tokio::spawn(async { told() }).await.expect("no panic");
            let carried = tokio::spawn(carried(async { told() })).await.expect("no panic");
            (told(), spawned, carried)
        });
        let two = within(id("two"), async {
            tokio::task::yield_now().await;
            told()
        });
        let (one, two) = tokio::join!(one, two);
        assert_eq!(one, ("one".to_owned(), String::new(), "one".to_owned()));
        assert_eq!((two, told()), ("two".to_owned(), String::new()));
    }
}
