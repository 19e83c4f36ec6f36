//! Event streams of both doors.
