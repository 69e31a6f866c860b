//! The Yew page and the embed entry points.
