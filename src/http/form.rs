//! Forms, as the query of an address has them.

use percent_encoding::percent_decode;

/// Whether what a form says is UTF-8: what is none would be replaced, and two different ones be taken for the same.
#[must_use]
pub fn is_text(form: &[u8]) -> bool {
    (form.is_ascii() && !form.contains(&b'%')) || percent_decode(form).decode_utf8().is_ok()
}
