//! The look at brackets, tokens and grammar before the parser of GraphQL, for documents of three sizes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use filmgate::graphql::readers::{Guarded, guard_document};

const SMALL: &str = "{ randomFilm { id name studio } }";
const PAGE: &str = "query Page($first: Int, $after: String) {
  films(first: $first, after: $after, filter: { genre: \"Drama\" }) {
    edges { cursor node { id name studio year genres likes dislikes } }
    pageInfo { hasNextPage endCursor }
  }
}";

fn guard(criterion: &mut Criterion) {
    // As many tokens as the default takes, or nearly.
    let large = format!("{{{}}}", "film(id: 7) { id name studio year } ".repeat(150));
    let mut group = criterion.benchmark_group("guard");
    for (name, document) in [("small", SMALL), ("page", PAGE), ("large", &large)] {
        group.throughput(Throughput::Bytes(document.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(guard_document(document, 32, 2_000), Guarded::Passes));
        });
    }
    group.finish();
}

criterion_group!(benches, guard);
criterion_main!(benches);
