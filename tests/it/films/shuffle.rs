//! A walk through all films in a random order.
