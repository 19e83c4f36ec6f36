//! What REST and GraphQL read of a request: queries, bodies, ids, cursors.

use axum::body::Body;
use axum::http::{Request, header};
use filmgate::graphql::readers as graphql;
use filmgate::http::problem::Problem;
use filmgate::rest::readers;
use filmgate::service::films::list::rewritten_cursor;
use filmgate::service::films::types::{FilmId, FilmOrder, FilmSort};
use futures_util::FutureExt as _;

/// Whatever is refused is the client's fault, and says so in the one form of all refusals.
pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    refused(readers::query(&text), &[400], &text);
    refused(graphql::get(&text), &[400], &text);
    refused(graphql::post(bytes), &[400], &text);
    let request = Request::post("/v1/films").header(header::CONTENT_TYPE, "application/json");
    if let Ok(request) = request.body(Body::from(bytes.to_vec())) {
        // The body is there, so nothing is waited for.
        let read = readers::film(request).now_or_never();
        assert!(read.is_some(), "{text}");
        refused(read.unwrap_or(Ok(())), &[400, 422], &text);
    }
    if let Some(FilmId(id)) = FilmId::parse(&text) {
        assert!(id >= 0 && text.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    }
    let sorts = [
        FilmSort::Name,
        FilmSort::Year,
        FilmSort::Newest,
        FilmSort::Likes,
        FilmSort::Rating,
        FilmSort::Relevance,
        FilmSort::Shuffled,
    ];
    let known = sorts.iter().flat_map(|sort| [false, true].map(|is_reversed| (*sort, is_reversed)));
    let known = known.map(|(sort, is_reversed)| FilmOrder { sort, is_reversed });
    let orders = known.filter_map(|order| Some((order, rewritten_cursor(&text, order)?)));
    let orders = orders.inspect(|(order, again)| {
        assert_eq!(rewritten_cursor(again, *order).as_ref(), Some(again), "{text}");
    });
    assert!(orders.count() <= 1, "a place in one order is none in another: {text}");
}

fn refused(read: Result<(), Problem>, statuses: &[u16], text: &str) {
    let Err(problem) = read else { return };
    let details: serde_json::Value =
        serde_json::from_str(&problem.details("id")).expect("problem details are JSON");
    assert!(statuses.contains(&problem.status.as_u16()), "{text}: {details}");
    let is_code =
        |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    assert!(details["code"].as_str().is_some_and(is_code), "{text}: {details}");
    assert!(details["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{text}: {details}");
    // A refusal is for people to read: what was sent is not sent back in full.
    assert!(details.to_string().len() < 20_000 + 8 * text.len(), "{text}: {details}");
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::promises::config())]

        #[test]
        fn anything_holds(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            holds(&bytes);
        }

        #[test]
        fn what_is_nearly_a_query_holds(
            text in "((like|first|id|yearFrom|name|after|sort|query|variables|%[0-9a-fA-F]{0,2}|[a-z]{0,3})?=?(-?[0-9]{0,25}|%00|%u0|\\+|%F0%9F|[,.]|\\{\\}|\\[\\]|null)?&?){0,8}"
        ) {
            holds(text.as_bytes());
        }

        #[test]
        fn what_is_nearly_a_film_holds(
            text in "\\{(\"(name|studio|year|genres|id|query|variables|[a-z]{0,3}|~/)\":(null|true|-?[0-9]{1,25}(\\.[0-9])?(e[0-9]{1,3})?|\"[^\"\\\\]{0,9}\"|\\[(\"x\"|1|null)?\\]|\\{\\}|\"\\\\u[0-9a-f]{4}\"),?){0,5}\\}?"
        ) {
            holds(text.as_bytes());
        }

        #[test]
        fn what_is_nearly_a_cursor_holds(text in "\\[?\"[nyilwx]\",(\"[^\"\\\\]{0,9}\"|-?[0-9]{1,20}|null),-?[0-9]{1,20}\\]?") {
            holds(BASE64_URL_SAFE_NO_PAD.encode(text).as_bytes());
        }
    }
}
