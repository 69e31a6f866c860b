//! Storage: pods with their typed view, everything else as trees.

use crate::ids::Uid;
use crate::record::{PodIdentity, PodRef};
use podplay_api::{FromRaw, Map, ObjectMeta, Pod, ToRaw, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kind, namespace (empty for kinds without) and name of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Its kind.
    pub kind: Arc<str>,
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
}

impl Key {
    /// The key of an object.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }
}

/// A stored pod.
#[derive(Clone, Debug)]
pub struct PodEntry {
    /// Its number.
    pub uid: Uid,
    /// Its identity.
    pub pod_ref: PodRef,
    /// The object. Records share it.
    pub pod: Arc<Pod>,
}

/// Any other stored object.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its group and version.
    pub api_version: Arc<str>,
    /// Its metadata.
    pub meta: ObjectMeta,
    /// Everything but metadata and status: `spec`, `data`, `value`, …
    pub body: Arc<Map<String, Value>>,
    /// Its status; `Null` for kinds without.
    pub status: Arc<Value>,
}

impl Resource {
    /// Splits a whole object.
    pub fn from_object(object: &Value) -> Self {
        let mut body = object.as_object().cloned().unwrap_or_default();
        let meta = body.remove("metadata").unwrap_or_default();
        let status = body.remove("status").unwrap_or_default();
        body.remove("kind");
        let version = body.remove("apiVersion").unwrap_or_default();
        Self {
            api_version: version.as_str().unwrap_or("v1").into(),
            meta: ObjectMeta::from_raw(&meta),
            body: Arc::new(body),
            status: Arc::new(status),
        }
    }
    /// The whole object.
    pub fn to_object(&self, kind: &str) -> Value {
        let mut object = (*self.body).clone();
        object.insert("apiVersion".into(), Value::String(self.api_version.to_string()));
        object.insert("kind".into(), Value::String(kind.to_string()));
        object.insert("metadata".into(), self.meta.to_raw().unwrap_or_default());
        if !self.status.is_null() {
            object.insert("status".into(), (*self.status).clone());
        }
        Value::Object(object)
    }
    /// Its `spec`, or null.
    pub fn spec(&self) -> &Value {
        self.body.get("spec").unwrap_or(&Value::Null)
    }
    /// The typed view of its `spec`.
    pub fn typed_spec<T: FromRaw>(&self) -> T {
        T::from_raw(self.spec())
    }
}

/// The API server's storage.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pods: BTreeMap<(Arc<str>, Arc<str>), PodEntry>,
    by_uid: BTreeMap<Uid, (Arc<str>, Arc<str>)>,
    resources: BTreeMap<Key, Resource>,
    revision: u64,
}

impl Store {
    /// Counts the changes of all objects.
    pub const fn revision(&self) -> u64 {
        self.revision
    }
    /// The next resource version.
    pub fn next_revision(&mut self) -> String {
        self.revision += 1;
        (self.revision + 1000).to_string()
    }
    /// The entry of a pod.
    pub fn pod_entry(&self, namespace: &str, name: &str) -> Option<&PodEntry> {
        self.pods.get(&(Arc::from(namespace), Arc::from(name)))
    }
    /// The pod of that number.
    pub fn pod(&self, uid: Uid) -> Option<&Arc<Pod>> {
        self.entry(uid).map(|entry| &entry.pod)
    }
    /// The entry of that number.
    pub fn entry(&self, uid: Uid) -> Option<&PodEntry> {
        self.by_uid.get(&uid).and_then(|key| self.pods.get(key))
    }
    /// The pod of that number, to change. Bump the revision afterwards.
    pub fn pod_mut(&mut self, uid: Uid) -> Option<&mut Pod> {
        let key = self.by_uid.get(&uid)?;
        self.pods.get_mut(key).map(|entry| Arc::make_mut(&mut entry.pod))
    }
    /// The identity of that number.
    pub fn pod_ref(&self, uid: Uid) -> Option<PodRef> {
        self.entry(uid).map(|entry| Arc::clone(&entry.pod_ref))
    }
    /// All pods with their numbers, sorted by namespace and name.
    pub fn pod_entries(&self) -> impl Iterator<Item = &PodEntry> {
        self.pods.values()
    }
    /// All pods, sorted by namespace and name.
    pub fn pods(&self) -> impl Iterator<Item = &Pod> {
        self.pods.values().map(|entry| &*entry.pod)
    }
    /// How many pods there are.
    pub fn pod_count(&self) -> usize {
        self.pods.len()
    }
    pub(crate) fn insert_pod(&mut self, uid: Uid, pod: Pod) -> PodRef {
        let identity = PodIdentity {
            namespace: pod.meta.namespace.clone(),
            name: pod.meta.name.clone(),
            uid: pod.meta.uid.clone(),
        };
        let pod_ref = Arc::new(identity);
        let key: (Arc<str>, Arc<str>) =
            (Arc::from(pod.meta.namespace.as_str()), Arc::from(pod.meta.name.as_str()));
        self.by_uid.insert(uid, key.clone());
        self.pods.insert(key, PodEntry { uid, pod_ref: Arc::clone(&pod_ref), pod: Arc::new(pod) });
        pod_ref
    }
    pub(crate) fn remove_pod(&mut self, uid: Uid) -> Option<PodEntry> {
        let key = self.by_uid.remove(&uid)?;
        self.pods.remove(&key)
    }
    /// An object other than a pod.
    pub fn resource(&self, kind: &str, namespace: &str, name: &str) -> Option<&Resource> {
        self.resources.get(&Key::new(kind, namespace, name))
    }
    /// An object other than a pod, to change. Bump the revision afterwards.
    pub fn resource_mut(&mut self, key: &Key) -> Option<&mut Resource> {
        self.resources.get_mut(key)
    }
    pub(crate) fn insert_resource(&mut self, key: Key, resource: Resource) {
        self.resources.insert(key, resource);
    }
    pub(crate) fn remove_resource(&mut self, key: &Key) -> Option<Resource> {
        self.resources.remove(key)
    }
    /// All objects of a kind other than Pod, sorted by namespace and name.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a Key, &'a Resource)> {
        let from = Key::new(kind, "", "");
        self.resources.range(from..).take_while(move |(key, _)| &*key.kind == kind)
    }
    /// Every object other than pods.
    pub fn all_resources(&self) -> impl Iterator<Item = (&Key, &Resource)> {
        self.resources.iter()
    }
    /// An object as the API server would return it.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        if kind == "Pod" {
            return self.pod_entry(namespace, name).map(|entry| entry.pod.to_object());
        }
        self.resource(kind, namespace, name).map(|resource| resource.to_object(kind))
    }
    /// All objects of a kind; `None` for all namespaces.
    pub fn list(&self, kind: &str, namespace: Option<&str>) -> Vec<Value> {
        let here = |of: &str| namespace.is_none_or(|wanted| wanted == of);
        if kind == "Pod" {
            return self
                .pods()
                .filter(|pod| here(&pod.meta.namespace))
                .map(Pod::to_object)
                .collect();
        }
        self.resources(kind)
            .filter(|(key, _)| here(&key.namespace))
            .map(|(_, resource)| resource.to_object(kind))
            .collect()
    }
    /// The kinds of which there are objects.
    pub fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<String> =
            self.resources.keys().map(|key| key.kind.to_string()).collect();
        if !self.pods.is_empty() {
            kinds.push("Pod".into());
        }
        kinds.sort();
        kinds.dedup();
        kinds
    }
}
