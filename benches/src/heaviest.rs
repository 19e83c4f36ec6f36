//! The heaviest requests that the limits let through, each by itself: instructions and memory.

use crate::callgrind::{self, Recorded};
use crate::machine;
use crate::requests::{graphql, post};
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
    let documents = shapes::heaviest().into_iter().map(|(shape, text, _)| (shape, graphql(&text, "{}")));
    let shapes = documents.chain(bodies()).map(|(shape, request)| {
        let mut status = 0;
        let record = recorded.record(|recorded| status = recorded.answer(&request).0);
        assert!(matches!(status, 200 | 400 | 422), "{shape}: {status}");
        Heavy { shape, status, instructions: record.total(), memory: memory(&request) }
    });
    shapes.collect()
}

/// JSON that is read before it is known what it is worth: as much of it as a body holds, and as GraphQL takes brackets.
fn bodies() -> [(&'static str, String); 4] {
    const BODY: usize = 65_000;
    let list = |element: &str, bytes: usize| {
        let list = vec![element; bytes / (element.len() + 1)].join(",");
        format!("{{\"a\":[{list}]}}")
    };
    let objects = list(r#"{"":0}"#, 7 * 3_990);
    let (objects_of_rest, numbers) = (list(r#"{"":0}"#, BODY), list("0", BODY));
    [
        ("variables of objects", graphql("{ me { kind } }", &objects)),
        ("variables of numbers", graphql("{ me { kind } }", &numbers)),
        ("a film of objects", post("/add_film", &objects_of_rest[..BODY - 9])),
        ("a film of numbers", post("/add_film", &numbers[..BODY - 9])),
    ]
}

/// KiB that the process holds at most, beyond what it held at most before.
fn memory(request: &str) -> u64 {
    let server = Server::start(&Program::filmgate(FULL), &[]);
    let mut stream = callgrind::connect(&server, 1);
    callgrind::answer(&mut stream, &graphql("{ __typename }", "{}"));
    let before = machine::peak_memory(server.process());
    callgrind::answer(&mut stream, request);
    // What the kernel tells is a little behind what it knows.
    machine::peak_memory(server.process()).saturating_sub(before)
}
