//! Who asks, and what they may do.

mod authz;
mod bearer;
mod issuer;
mod issuer_keys;
mod keys;
mod lost_rights;
mod manage;
mod sessions;
mod sign_in_abuse;
