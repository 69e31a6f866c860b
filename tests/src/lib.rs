//! What the tests of the whole share: finding test data, comparing runs.
