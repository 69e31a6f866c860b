//! Pure text and geometry from snapshots and traces.
