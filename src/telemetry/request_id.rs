//! The request that is being worked for: the id by which it is found in the log, and the steps that its trace tells.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use http::HeaderValue;
use tokio::task_local;

use super::traces::Steps;

const BYTES: usize = 16;

task_local! {
    static REQUEST: Request;
}

#[derive(Clone)]
struct Request {
    id: HeaderValue,
    /// Where it has a trace.
    steps: Option<Arc<Steps>>,
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
pub fn within<F: Future>(
    id: HeaderValue,
    steps: Option<Arc<Steps>>,
    work: F,
) -> impl Future<Output = F::Output> {
    REQUEST.scope(Request { id, steps }, work)
}

/// Work to be spawned that goes on with the request that is being worked for, if there is one.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    // Where there is none, one without a name: to choose between two ways would hold the work three times.
    let request = REQUEST.try_with(Request::clone);
    let nobody = |_| Request { id: HeaderValue::from_static(""), steps: None };
    REQUEST.scope(request.unwrap_or_else(nobody), work)
}

/// A step of the work for a request, which its trace tells of, if it has one.
pub fn step<F: Future>(name: &'static str, work: F) -> impl Future<Output = F::Output> {
    let begun = REQUEST.try_with(|request| request.steps.as_ref()?.begin(name)).ok().flatten();
    // Not async: such a function would hold the work twice.
    work.map(|output| {
        drop(begun);
        output
    })
}

/// The header `traceparent` for what is asked of others for this request, if it has a trace.
#[must_use]
pub fn traceparent() -> Option<HeaderValue> {
    REQUEST.try_with(|request| request.steps.as_ref()?.traceparent()).ok().flatten()
}

/// Writes the id of the request that is being worked for, if there is one.
pub(super) fn here(write: impl FnOnce(&str) -> fmt::Result) -> fmt::Result {
    let here = |request: &Request| match request.id.to_str() {
        Ok(id) if !id.is_empty() => write(id),
        _ => Ok(()),
    };
    REQUEST.try_with(here).unwrap_or(Ok(()))
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
        let one = within(id("one"), None, async {
            tokio::task::yield_now().await;
            let spawned = tokio::spawn(async { told() }).await.expect("no panic");
            let carried = tokio::spawn(carried(async { told() })).await.expect("no panic");
            (told(), spawned, carried)
        });
        let two = within(id("two"), None, async {
            tokio::task::yield_now().await;
            told()
        });
        let (one, two) = tokio::join!(one, two);
        assert_eq!(one, ("one".to_owned(), String::new(), "one".to_owned()));
        assert_eq!((two, told()), ("two".to_owned(), String::new()));
    }
}
