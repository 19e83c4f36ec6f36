//! The header `Idempotency-Key`, and what tells that nothing was done again.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};

use crate::http::problem::Problem;
use crate::service::Error;
use crate::service::idempotency::once::KEY_LENGTHS;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key of a request, if it has one: a string of structured fields (RFC 9651), or the same without its quotes, as many
/// clients send it.
///
/// # Errors
/// 400 for what is no key.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let key = match (given.next(), given.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only.to_str().ok().and_then(unquoted),
        _ => None,
    };
    let name = "The header Idempotency-Key";
    read_key(key.ok_or_else(|| malformed(name))?, name).map(Some)
}

/// A key, as it was given under this name.
///
/// # Errors
/// 400 for one that is too short, too long or not of visible ASCII.
pub fn read_key(key: String, name: &str) -> Result<String, Problem> {
    let is_key = KEY_LENGTHS.contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key { Ok(key) } else { Err(malformed(name)) }
}

fn malformed(name: &str) -> Problem {
    let (least, most) = (KEY_LENGTHS.start(), KEY_LENGTHS.end());
    Problem::bad_request(format!(
        "{name} must be given once, as {least} to {most} visible ASCII characters without spaces, such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\"."
    ))
}

fn unquoted(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut key = String::new();
    let mut rest = quoted.strip_suffix('"')?.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => key.push(rest.next().filter(|escaped| ['\\', '"'].contains(escaped))?),
            '"' => return None,
            letter => key.push(letter),
        }
    }
    Some(key)
}

/// Whether a change was made before, and not again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed(pub bool);

impl Replayed {
    /// Where the same is refused now, with this code: that its film is gone is told of what was made; any other reason, such
    /// as a right that was lost, is of this request alone.
    #[must_use]
    pub fn refused(self, code: &str) -> Self {
        Self(self.0 && code == Error::FilmNotFound.code())
    }

    /// The header that says so.
    #[must_use]
    pub fn header(self) -> Option<(HeaderName, HeaderValue)> {
        self.0.then(|| (IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true")))
    }
}

impl IntoResponseParts for Replayed {
    type Error = std::convert::Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        parts.headers_mut().extend(self.header());
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn a_key_is_read_with_and_without_quotes_and_nothing_else_is() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IDEMPOTENCY_KEY, HeaderValue::from_str(value).expect("a value"));
            }
            idempotency_key(&headers)
        };
        assert_eq!(of(&[]).expect("none"), None);
        let uuid = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        for good in [uuid, &format!("\"{uuid}\"")] {
            assert_eq!(of(&[good]).expect("a key").as_deref(), Some(uuid));
        }
        assert_eq!(of(&[r#""a\"b\\cdefghijklmn""#]).expect("a key").as_deref(), Some(r#"a"b\cdefghijklmn"#));
        let longest = "k".repeat(128);
        assert_eq!(of(&[&longest]).expect("a key"), Some(longest));
        for bad in [
            &["short"][..],
            &[""],
            &["\""],
            &["\"8e03978e-40d5-43dd"],
            &["\"8e03978e\"40d5-43dd-bc93\""],
            &["8e03978e 40d5 43dd bc93"],
            &["\"8e03978e-40d5-43dd-bc93\\\""],
            &[&"k".repeat(129)],
            &[uuid, uuid],
        ] {
            let problem = of(bad).err().unwrap_or_else(|| panic!("{bad:?}"));
            assert_eq!((problem.status, problem.code), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{bad:?}");
            assert!(problem.detail().contains("16 to 128"), "{}", problem.detail());
        }
    }
}
