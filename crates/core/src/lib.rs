//! The pure state machine of a small cluster on virtual time.
