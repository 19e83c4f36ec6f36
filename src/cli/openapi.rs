//! `filmgate openapi`.

use super::{Failure, print};
use crate::rest;

pub(super) fn run() -> Result<(), Failure> {
    print(&rest::openapi::document())
}
