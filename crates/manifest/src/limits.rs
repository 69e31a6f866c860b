//! Every limit of reading a text, in one place. Hitting one is a diagnostic, never a crash.

pub use podplay_api::limits::{PODS, TEXT_BYTES};

/// Deepest nesting of mappings and sequences inside one document.
pub const NESTING: usize = 500;
/// Deepest nesting that kubectl's own reader takes; beyond it we speak with its words.
pub const KUBECTL_NESTING: usize = 10_000;
/// Most nodes that one document may have after its aliases are expanded.
pub const EXPANDED_NODES: usize = 200_000;
/// Most documents in one text.
pub const DOCUMENTS: usize = 500;
/// Most objects in one text, items of lists included.
pub const OBJECTS: usize = 2_000;
/// Most diagnostics that one reading returns.
pub const DIAGNOSTICS: usize = 500;
/// Containers of one pod, init containers included.
pub const CONTAINERS: usize = 250;
/// Containers of all pods that the objects of one text ask for together.
pub const ALL_CONTAINERS: usize = 4_000;
/// Pods of a text times its objects that select pods (Services, disruption budgets, policies):
/// each is compared with each whenever a pod changes.
pub const SELECTIONS: usize = 50_000;
