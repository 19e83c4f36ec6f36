//! Where one frame of HTTP/2 ends and the next one begins, however the bytes come.

const HEADER: usize = 9;

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const CONTINUATION: u8 = 0x9;

/// A frame whose header is there; its payload may be yet to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: u8,
    pub stream: u32,
    /// Bytes of its payload.
    pub length: usize,
}

/// Reads one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    header: [u8; HEADER],
    /// Bytes of the header that are there.
    filled: usize,
    /// Bytes of the payload still to come.
    payload: usize,
}

impl FrameReader {
    /// The next frame that begins in these bytes, which it takes; `None` once there are no more of them.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        let skipped = self.payload.min(bytes.len());
        self.payload -= skipped;
        *bytes = &bytes[skipped..];
        if self.payload > 0 {
            return None;
        }
        let taken = (HEADER - self.filled).min(bytes.len());
        self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        *bytes = &bytes[taken..];
        if self.filled < HEADER {
            return None;
        }
        self.filled = 0;
        // Three bytes of length, one of kind, one of flags, four of stream, of which the first bit is reserved.
        let (length, stream) = (self.number(0) >> 8, self.number(5) & !(1 << 31));
        self.payload = length as usize;
        Some(Frame { kind: self.header[3], stream, length: self.payload })
    }

    /// The four bytes from here on.
    fn number(&self, place: usize) -> u32 {
        self.header[place..place + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_the_same_however_they_are_cut() {
        let bytes = [
            &[0, 0, 3, HEADERS, 5, 0, 0, 0, 1, 9, 9, 9][..],
            &[0, 0, 0, DATA, 1, 0, 0, 1, 0],
            &[0, 1, 0, CONTINUATION, 4, 0x80, 0, 0, 3],
            &[HEADERS; 256],
            &[0, 0, 0, HEADERS, 0, 0, 0, 0, 7],
        ]
        .concat();
        let frame = |kind, stream, length| Frame { kind, stream, length };
        let wanted =
            [frame(HEADERS, 1, 3), frame(DATA, 256, 0), frame(CONTINUATION, 3, 256), frame(HEADERS, 7, 0)];
        for size in 1..=bytes.len() {
            let mut reader = FrameReader::default();
            let mut found = Vec::new();
            for mut part in bytes.chunks(size) {
                while let Some(frame) = reader.next(&mut part) {
                    found.push(frame);
                }
                assert!(part.is_empty());
            }
            assert_eq!(found, wanted, "in parts of {size}");
        }
    }
}
