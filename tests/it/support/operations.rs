//! Rows of the table of operations, by what is called.

use std::collections::BTreeSet;

use filmgate::operations::{self, Operation};

/// Whether a path is one of a template: any text fits a parameter, and a vote is a vote only by its parameter.
pub(crate) fn fits(template: &str, path: &str) -> bool {
    let (template, wanted) = template.split_once('?').unwrap_or((template, ""));
    let (path, given) = path.split_once('?').unwrap_or((path, ""));
    let (wanted, given) = (votes(wanted), votes(given));
    let mut parts = path.split('/');
    let fits = template.split('/').all(|part| {
        parts.next().is_some_and(|given| part.starts_with('{') && !given.is_empty() || part == given)
    });
    fits && parts.next().is_none() && wanted == given
}

fn votes(query: &str) -> BTreeSet<&str> {
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    names.filter(|name| ["like", "dislike"].contains(name)).collect()
}

/// The operation of a REST call; a template without a parameter goes before one with it, as in the router.
pub(crate) fn of_call(method: &str, path: &str) -> &'static Operation {
    let calls =
        operations::ALL.iter().flat_map(|operation| operation.rest.iter().map(move |call| (operation, call)));
    let fitting = calls.filter(|(_, call)| call.0 == method && fits(call.1, path));
    let nearest = fitting.min_by_key(|(_, call)| call.1.split('?').next().map(|path| path.contains('{')));
    nearest.unwrap_or_else(|| panic!("no operation for {method} {path}")).0
}
