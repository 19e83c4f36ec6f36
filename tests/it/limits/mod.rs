//! What is refused for its amount.

mod bodies;
mod overload;
mod quotas;
mod redis;
mod restart;
mod stores;
mod tiers;
