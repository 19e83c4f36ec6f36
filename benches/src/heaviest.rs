//! The heaviest documents that the limits let through, each as a request of its own: instructions and memory.

use crate::callgrind::{self, Recorded};
use crate::machine;
use crate::requests::graphql;
use crate::server::{FULL, Program, Server};

#[path = "../../src/graphql/document/tests/shapes.rs"]
mod shapes;

/// Instructions that a request may take: about 5 ms.
const MOST: u64 = 15_000_000;
/// KiB by which a request may raise what the process holds at most.
const MOST_MEMORY: u64 = 16 * 1024;

/// What a request took.
pub(crate) struct Heavy {
    pub(crate) shape: &'static str,
    pub(crate) status: u16,
    pub(crate) instructions: u64,
    /// KiB.
    pub(crate) memory: u64,
}

impl Heavy {
    /// Whether it is within the bounds; says what it took.
    pub(crate) fn fits(&self) -> bool {
        let Self { shape, status, instructions, memory } = self;
        let fits = *instructions <= MOST && *memory <= MOST_MEMORY;
        let verdict = if fits { "     " } else { "HEAVY" };
        println!("{verdict}  {shape}: {status}, {instructions}, {memory} KiB");
        fits
    }
}

pub(crate) fn measure() -> Vec<Heavy> {
    let mut recorded = Recorded::start(&Program::filmgate(FULL));
    let shapes = shapes::heaviest().into_iter().map(|(shape, text, _)| {
        let request = graphql(&text, "{}");
        let mut status = 0;
        let record = recorded.record(|recorded| status = recorded.answer(&request).0);
        assert!(matches!(status, 200 | 400 | 422), "{shape}: {status}");
        Heavy { shape, status, instructions: record.total(), memory: memory(&request) }
    });
    shapes.collect()
}

/// KiB that the process holds at most, beyond what it held at most before.
fn memory(request: &str) -> u64 {
    let server = Server::start(&Program::filmgate(FULL), &[]);
    let mut stream = callgrind::connect(&server, 1);
    callgrind::answer(&mut stream, &graphql("{ __typename }", "{}"));
    let before = machine::peak_memory(server.process());
    callgrind::answer(&mut stream, request);
    machine::peak_memory(server.process()) - before
}
