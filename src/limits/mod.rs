//! One limiter for both surfaces, keyed by client, or by account where it has a tier (sign-ins by name too): policy
//! strings, buckets, and GCRA by governor.
//!
//! Each process counts by itself, in memory; or several of them together, in Redis, and then `flood` alone by themselves.
//! A call draws its whole price, over all windows of all its buckets, at once or not at all. A request holds its
//! [`Draws`]: each draw notes in them how the client stands, and the headers are made of that, once, at the end.

mod bucket;
mod budgets;
mod decision;
mod decisions;
mod draws;
mod fields;
mod kept;
mod key;
mod limiter;
mod local;
mod places;
mod plan;
mod policies;
mod policy;
mod shared;
mod storage;
mod together;
mod window;

pub use bucket::{Bucket, Price};
pub use decision::{Drawing, Refusal, Standing};
pub use decisions::Decisions;
pub use draws::Draws;
pub use fields::Fields;
pub use kept::NotKept;
pub use key::ClientKey;
pub use limiter::Limiter;
pub use places::{Full, Place, Places};
pub use plan::Budget;
pub use policies::{NoLimits, OwnLimits, Policies, Tier, twin};
pub use policy::{ParseError, Policy, parse_policies};
pub use shared::{Measures, SharedStore, Told, try_draw};
pub use storage::{Storage, UnknownStorage};
pub use window::Moment;
