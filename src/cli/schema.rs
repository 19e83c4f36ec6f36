//! `filmgate schema`.

use super::output::{Failure, print};
use crate::graphql;

pub(super) fn run() -> Result<(), Failure> {
    print(&graphql::schema::sdl())
}
