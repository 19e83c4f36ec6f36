//! What is refused for its amount.

mod bodies;
mod overload;
mod prices;
mod quotas;
mod redis;
mod restart;
mod stores;
mod tiers;
