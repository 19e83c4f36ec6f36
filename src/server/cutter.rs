//! Where one frame of HTTP/2 ends and the next one begins, however the bytes come.

const HEADER: usize = 9;
/// What is kept of a frame: its header, and of a reset the code.
const KEPT: usize = HEADER + 4;

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const RST_STREAM: u8 = 0x3;
pub(super) const CONTINUATION: u8 = 0x9;

/// A frame whose header is there; its payload may be yet to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    /// Of its payload.
    pub length: usize,
    /// Of a reset: why.
    pub code: u32,
}

/// Cuts one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    kept: [u8; KEPT],
    /// Bytes of it that are there.
    filled: usize,
    /// Bytes of the payload still to come.
    payload: usize,
}

impl Cutter {
    /// The next frame that begins in these bytes, which it takes; `None` once there are no more of them.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        let skipped = self.payload.min(bytes.len());
        self.payload -= skipped;
        *bytes = &bytes[skipped..];
        if self.payload > 0 {
            return None;
        }
        self.fill(bytes, HEADER)?;
        // Three bytes of length, one of kind, one of flags, four of stream.
        let (length, kind, flags) = (self.number(0) >> 8, self.kept[3], self.kept[4]);
        let length = length as usize;
        let has_code = kind == RST_STREAM && length >= KEPT - HEADER;
        if has_code {
            self.fill(bytes, KEPT)?;
        }
        self.payload = length - (self.filled - HEADER);
        self.filled = 0;
        Some(Frame {
            kind,
            flags,
            // The first bit is reserved.
            stream: self.number(5) & !(1 << 31),
            length,
            code: if has_code { self.number(HEADER) } else { 0 },
        })
    }

    /// The four bytes from here on.
    fn number(&self, place: usize) -> u32 {
        self.kept[place..place + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
    }

    /// `None` when there are not so many yet.
    fn fill(&mut self, bytes: &mut &[u8], wanted: usize) -> Option<()> {
        let taken = wanted.saturating_sub(self.filled).min(bytes.len());
        self.kept[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        *bytes = &bytes[taken..];
        (self.filled >= wanted).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_the_same_however_they_are_cut() {
        let bytes = [
            &[0, 0, 3, HEADERS, 5, 0, 0, 0, 1, 9, 9, 9][..],
            &[0, 0, 4, RST_STREAM, 0, 0x80, 0, 0, 1, 0, 0, 0, 7],
            &[0, 0, 0, DATA, 1, 0, 0, 1, 0],
            &[0, 1, 0, CONTINUATION, 4, 0, 0, 0, 3],
            &[RST_STREAM; 256],
            &[0, 0, 2, RST_STREAM, 0, 0, 0, 0, 5, 1, 1],
            &[0, 0, 0, HEADERS, 0, 0, 0, 0, 7],
        ]
        .concat();
        let frame = |kind, flags, stream, length, code| Frame { kind, flags, stream, length, code };
        let wanted = [
            frame(HEADERS, 5, 1, 3, 0),
            frame(RST_STREAM, 0, 1, 4, 7),
            frame(DATA, 1, 256, 0, 0),
            frame(CONTINUATION, 4, 3, 256, 0),
            frame(RST_STREAM, 0, 5, 2, 0),
            frame(HEADERS, 0, 7, 0, 0),
        ];
        for size in 1..=bytes.len() {
            let mut cutter = Cutter::default();
            let mut found = Vec::new();
            for mut part in bytes.chunks(size) {
                while let Some(frame) = cutter.next(&mut part) {
                    found.push(frame);
                }
                assert!(part.is_empty());
            }
            assert_eq!(found, wanted, "in parts of {size}");
        }
    }
}
