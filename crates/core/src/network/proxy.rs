//! What kube-proxy last programmed.

use crate::apiserver::store::Key;
use crate::ids::Uid;
use podplay_api::SimTime;
use std::collections::{BTreeMap, BTreeSet};

/// What kube-proxy last programmed.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    /// The endpoints of each Service.
    pub(crate) rules: BTreeMap<Key, Vec<(Uid, Conditions)>>,
    /// Services whose slice changed since.
    pub(crate) changed: BTreeSet<Key>,
    /// When it ran.
    pub(crate) ran: Option<SimTime>,
}

/// What a slice says of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// It may get traffic.
    pub ready: bool,
    /// Its pod is Ready.
    pub serving: bool,
    /// Its pod is being deleted.
    pub terminating: bool,
}
