//! `filmgate openapi`.

use super::failure::Failure;
use super::output::print;
use crate::rest;

pub(super) fn run() -> Result<(), Failure> {
    print(&rest::document::document())
}
