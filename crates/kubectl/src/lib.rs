//! The kubectl command line on a simulated cluster.
