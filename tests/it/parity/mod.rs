//! The same at both surfaces, but for the differences that the table of operations declares.

mod accounts;
mod differences;
mod films;
mod masking;

use std::collections::HashMap;

use filmgate::limits::Bucket;
use filmgate::operations::{self, Difference};

use crate::support::{fits, of_call};

/// What a case is, for the check that none is missing.
struct Played {
    method: String,
    path: &'static str,
    document: &'static str,
    /// What is drawn, by window.
    price: Vec<(&'static str, u64)>,
}

fn played() -> Vec<Played> {
    films::played().into_iter().chain(accounts::played()).collect()
}

#[test]
fn every_operation_of_both_surfaces_has_a_case_for_each_call() {
    let cases = played();
    for operation in operations::ALL.iter().filter(|operation| !operation.graphql.is_empty()) {
        for (method, template) in operation.rest {
            let has_case = cases.iter().any(|case| {
                case.method == *method
                    && fits(template, case.path)
                    && of_call(&case.method, case.path).name == operation.name
            });
            assert!(has_case, "no case for {method} {template}");
        }
    }
}

/// A case plays one operation at both surfaces, and draws from its bucket or, where it is refused before, nothing.
#[test]
fn every_case_draws_what_the_table_says() {
    let mut drawn: HashMap<&str, u64> = HashMap::new();
    for Played { method, path, document, price } in played() {
        let operation = of_call(&method, path);
        let field = operation.graphql.first().expect("a root field");
        assert!(document.contains(field.name), "{method} {path} and {document}");
        for (window, price) in price {
            let of_bucket = operation.bucket.is_some_and(|bucket| window == format!("{}-1d", bucket.name()));
            assert!(price == 0 || (of_bucket && price == 1), "{method} {path} draws {price} from {window}");
            *drawn.entry(operation.name).or_default() += price;
        }
    }
    for (name, drawn) in drawn {
        let operation =
            operations::ALL.iter().find(|operation| operation.name == name).expect("an operation");
        // Admins alone may read the audit, and none plays here: `logs::audit_events` reads it at both surfaces.
        let is_refused_here = name == operations::AUDIT_EVENTS.name;
        assert_eq!(drawn > 0, operation.bucket.is_some() && !is_refused_here, "{name}");
        assert_ne!(operation.bucket, Some(Bucket::Flood), "every request draws from it anyway: {name}");
    }
}

#[test]
fn an_operation_of_one_surface_says_why() {
    const REASONS: [Difference; 5] = [
        Difference::TwoVotes,
        Difference::OneStream,
        Difference::HeadersOnly,
        Difference::RestOnly,
        Difference::GraphQlOnly,
    ];
    for operation in operations::ALL {
        let at_one = operation.rest.is_empty() || operation.graphql.is_empty();
        let has_reason = operation.differences.iter().any(|difference| REASONS.contains(difference));
        assert_eq!(at_one, has_reason, "{}", operation.name);
    }
}
