//! Whom a question is about.

use podplay_core::Subject;
use std::fmt;

/// An object by kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Its kind: `Deployment`.
    pub kind: String,
    /// Its namespace, empty for kinds without.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// Kinds, with the words that kubectl takes for them.
const KINDS: [(&str, &[&str]); 12] = [
    ("Pod", &["pod", "pods", "po"]),
    ("Deployment", &["deployment", "deployments", "deploy"]),
    ("ReplicaSet", &["replicaset", "replicasets", "rs"]),
    ("ReplicationController", &["replicationcontroller", "replicationcontrollers", "rc"]),
    ("StatefulSet", &["statefulset", "statefulsets", "sts"]),
    ("DaemonSet", &["daemonset", "daemonsets", "ds"]),
    ("Job", &["job", "jobs"]),
    ("CronJob", &["cronjob", "cronjobs", "cj"]),
    ("Service", &["service", "services", "svc"]),
    ("PersistentVolumeClaim", &["persistentvolumeclaim", "persistentvolumeclaims", "pvc"]),
    ("Namespace", &["namespace", "namespaces", "ns"]),
    ("Node", &["node", "nodes", "no"]),
];

impl Target {
    /// An object.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() }
    }
    /// The object that a record or a hold is about; for a container, its pod.
    pub fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Pod(pod) | Subject::Container(pod, _) => {
                Self::new("Pod", &pod.namespace, &pod.name)
            }
            Subject::Object(kind, namespace, name) => Self::new(kind, namespace, name),
            Subject::Node(name) => Self::new("Node", "", name),
            Subject::Cluster => Self::new("Cluster", "", ""),
        }
    }
    /// `deployment/web`, `svc/web`, as kubectl takes them; in this namespace.
    pub fn parse(text: &str, namespace: &str) -> Option<Self> {
        let (word, name) = text.split_once('/')?;
        let word = word.to_ascii_lowercase();
        let (kind, _) = KINDS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
        let bare = matches!(*kind, "Namespace" | "Node");
        let wanted = if bare { "" } else { namespace };
        (!name.is_empty()).then(|| Self::new(kind, wanted, name))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_ascii_lowercase(), self.name)
    }
}
