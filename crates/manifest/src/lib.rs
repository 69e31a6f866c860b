//! Text to objects and diagnostics with places.
