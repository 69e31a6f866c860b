//! Manifest advice, probe arithmetic, many-seed sweeps.
