//! A random film that somebody has not voted for.
