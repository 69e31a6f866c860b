//! A recorded run: checkpoints, seek, the Scenario document, the share codec.
