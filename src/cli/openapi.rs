//! `filmgate openapi`.

use super::output::{Failure, print};
use crate::rest;

pub(super) fn run() -> Result<(), Failure> {
    print(&rest::document::document())
}
