//! Which encoding of a text or a file a client gets: RFC 9110, section 12.5.3.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

use crate::http::list::{Preference, preference};

/// How something is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// For `Content-Encoding`, which a plain file does not have.
    #[must_use]
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// What the client likes best of what there is; of what it likes equally, zstd, which is made the fastest, and then the
/// smallest. A client that refuses everything
/// gets plain where there is such a thing: better than nothing, and allowed. A large file is never plain: one that says
/// nothing gets it compressed, and one that takes no compressed file gets none.
pub fn choose(headers: &HeaderMap, has: impl Fn(Encoding) -> bool) -> Option<Encoding> {
    let weight = |names: &[&str]| preference(headers, &ACCEPT_ENCODING, names).map_or(0, Preference::weight);
    let plain = (Encoding::Identity, weight(&["identity", "*"]));
    let mut best = has(Encoding::Identity).then_some(plain);
    for (encoding, names) in [
        (Encoding::Gzip, &["gzip", "x-gzip", "*"][..]),
        (Encoding::Brotli, &["br", "*"]),
        (Encoding::Zstd, &["zstd", "*"]),
    ] {
        let weight = weight(names);
        if weight > 0 && best.is_none_or(|(_, known)| weight >= known) && has(encoding) {
            best = Some((encoding, weight));
        }
    }
    let says_nothing = !headers.contains_key(ACCEPT_ENCODING);
    best.map(|(encoding, _)| encoding)
        .or_else(|| (says_nothing && has(Encoding::Gzip)).then_some(Encoding::Gzip))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, accept.parse().expect("a header value"));
        choose(&headers, |encoding| encoding != Encoding::Zstd).expect("plain, at least")
    }

    #[test]
    fn a_client_gets_what_it_likes_best_and_the_smallest_of_equals() {
        use Encoding::{Brotli, Gzip, Identity};
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Brotli),
            ("br;q=0.5, gzip", Gzip),
            ("gzip;q=0.5, br;q=0.5", Brotli),
            ("BR", Brotli),
            ("gzip, br;q=0", Gzip),
            ("gzip;q=0, br;q=0", Identity),
            ("*", Brotli),
            ("*, br;q=0", Gzip),
            ("gzip, *;q=0", Gzip),
            ("*;q=0", Identity),
            ("identity;q=0", Identity),
            ("identity;q=0, gzip;q=0.1", Gzip),
            ("identity;q=0, *", Brotli),
            ("identity, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip;q=0.4, *;q=0", Identity),
            ("x-gzip", Gzip),
            ("deflate", Identity),
            ("", Identity),
            ("br;q=nonsense", Identity),
            ("br;Q=0, gzip;q=0.5", Gzip),
            ("br;q=0.3,, gzip;q=0.2,", Brotli),
            ("br ; q=0.3 , gzip ; q=0.2", Brotli),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
        assert_eq!(choose(&HeaderMap::new(), |_| true), Some(Identity));
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_ENCODING, "gzip;q=0.5".parse().expect("a header value"));
        headers.append(ACCEPT_ENCODING, "br".parse().expect("a header value"));
        assert_eq!(choose(&headers, |_| true), Some(Brotli));
        headers.append(ACCEPT_ENCODING, "zstd".parse().expect("a header value"));
        assert_eq!(choose(&headers, |_| true), Some(Encoding::Zstd));
        headers.remove(ACCEPT_ENCODING);
        headers.append(ACCEPT_ENCODING, "gzip;q=0.5, br".parse().expect("a header value"));
        assert_eq!(choose(&headers, |encoding| encoding != Brotli), Some(Gzip));
        assert_eq!(choose(&headers, |encoding| encoding == Identity), Some(Identity));
    }

    #[test]
    fn a_large_file_is_compressed_or_not_sent() {
        use Encoding::{Brotli, Gzip};
        let chosen = |headers: &HeaderMap| choose(headers, |encoding| matches!(encoding, Gzip | Brotli));
        assert_eq!(chosen(&HeaderMap::new()), Some(Gzip));
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Some(Brotli)),
            ("identity, gzip;q=0.1", Some(Gzip)),
            ("*", Some(Brotli)),
            ("", None),
            ("identity", None),
            ("*;q=0", None),
            ("deflate, zstd", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, accept.parse().expect("a header value"));
            assert_eq!(chosen(&headers), expected, "{accept:?}");
        }
    }
}
