//! What `build.rs` found when the binary was made.

use std::io::Read as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::http::encoding::Encoding;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Bytes of a file that is also sent plain. A request is paid by `flood` alone, and the largest asset would be 168 MB a
/// second for one address.
const MOST_PLAIN: u32 = 64 * 1024;

/// A file in every encoding that it has.
pub(super) struct File {
    /// As in the folder that Vite writes, such as `assets/base-C-nkefC3.css`.
    pub name: &'static str,
    /// Of the content, before any encoding.
    hash: &'static str,
    /// `None` where there is `gzip`: plain copies would triple what the pages add to the binary, for clients that hardly
    /// exist.
    plain: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
    brotli: Option<&'static [u8]>,
    decompressed: OnceLock<Bytes>,
}

impl File {
    const fn new(
        name: &'static str,
        hash: &'static str,
        plain: Option<&'static [u8]>,
        gzip: Option<&'static [u8]>,
        brotli: Option<&'static [u8]>,
    ) -> Self {
        Self { name, hash, plain, gzip, brotli, decompressed: OnceLock::new() }
    }

    pub(super) fn all() -> &'static [Self] {
        &FILES
    }

    pub(super) fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|file| file.name == name)
    }

    pub(super) fn has(&self, encoding: Encoding) -> bool {
        match encoding {
            Encoding::Brotli => self.brotli.is_some(),
            Encoding::Gzip => self.gzip.is_some(),
            Encoding::Zstd => false,
            Encoding::Identity => self.plain.is_some() || self.size() <= MOST_PLAIN,
        }
    }

    /// `None` only if what was compressed when the binary was made cannot be decompressed.
    pub(super) fn bytes(&'static self, encoding: Encoding) -> Option<Bytes> {
        match encoding {
            Encoding::Zstd => None,
            Encoding::Brotli => self.brotli.map(Bytes::from_static),
            Encoding::Gzip => self.gzip.map(Bytes::from_static),
            Encoding::Identity => self.plain.map(Bytes::from_static).or_else(|| self.decompressed()),
        }
    }

    /// Bytes of the content that was compressed, as gzip tells them at its end.
    fn size(&self) -> u32 {
        let end = self.gzip.and_then(|compressed| compressed.last_chunk());
        end.map_or(0, |size| u32::from_le_bytes(*size))
    }

    /// Decompressed once and kept, so that asking again costs a flooder more than us.
    fn decompressed(&self) -> Option<Bytes> {
        if let Some(known) = self.decompressed.get() {
            return Some(known.clone());
        }
        let mut plain = Vec::new();
        GzDecoder::new(self.gzip?).read_to_end(&mut plain).ok()?;
        Some(self.decompressed.get_or_init(|| plain.into()).clone())
    }

    /// A strong tag: another one for each encoding, since the bytes differ.
    pub(super) fn etag(&self, encoding: Encoding) -> String {
        match encoding.token() {
            Some(token) => format!("\"{}-{token}\"", self.hash),
            None => format!("\"{}\"", self.hash),
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("ttf") => "font/ttf",
            Some("woff2") => "font/woff2",
            Some("wasm") => "application/wasm",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type_and_can_be_had_plain() {
        for file in File::all() {
            assert_ne!(file.content_type(), "application/octet-stream", "{}", file.name);
            let plain = file.bytes(Encoding::Identity).expect(file.name);
            assert!(!plain.is_empty(), "{}", file.name);
            let is_small = plain.len() <= 64 * 1024;
            assert_eq!(file.has(Encoding::Identity), is_small || file.gzip.is_none(), "{}", file.name);
            assert!(is_small || file.gzip.is_some(), "{} is large, and sent plain", file.name);
            for compressed in [Encoding::Gzip, Encoding::Brotli] {
                assert!(
                    file.bytes(compressed).is_none_or(|compressed| compressed.len() < plain.len()),
                    "{}",
                    file.name
                );
            }
        }
    }
}
