//! `filmgate schema`.

use super::failure::Failure;
use super::output::print;
use crate::graphql;

pub(super) fn run() -> Result<(), Failure> {
    print(&graphql::schema::sdl())
}
