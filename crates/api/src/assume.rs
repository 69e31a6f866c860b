//! What a text refers to and a cluster would have: which of it is assumed to exist.

use std::fmt;

/// Something that may be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Topic {
    /// Namespaces that objects are in.
    Namespaces,
    /// Service accounts that pods run as.
    ServiceAccounts,
    /// Priority classes of pods.
    PriorityClasses,
    /// Runtime classes of pods.
    RuntimeClasses,
    /// Storage classes of claims, with a provisioner.
    StorageClasses,
    /// Ingress classes.
    IngressClasses,
    /// Nodes with the labels, the room and the devices that pods ask for.
    Nodes,
    /// Claims of other texts and volumes of other clusters.
    Claims,
    /// Kinds that are not part of Kubernetes itself.
    CustomResources,
    /// API versions that are no longer served.
    OldVersions,
    /// What a server wrote into an object is set aside.
    LiveObjects,
    /// How the programs of unknown images behave.
    Images,
    /// Files and devices of the node that `hostPath` volumes check.
    HostPaths,
    /// Hosts of the internet answer.
    Internet,
    /// Secrets and ConfigMaps of pods that ran where the text comes from, and of those whose own account other
    /// manifests bring: an account comes with an application's other parts.
    Parts,
    /// Secrets with the keys that are asked for.
    Secrets,
    /// ConfigMaps with the keys that are asked for.
    ConfigMaps,
}

/// Each topic with its key under `assume`, and whether it is assumed by default.
const TOPICS: [(Topic, &str, bool); 17] = [
    (Topic::Namespaces, "namespaces", true),
    (Topic::ServiceAccounts, "serviceAccounts", true),
    (Topic::PriorityClasses, "priorityClasses", true),
    (Topic::RuntimeClasses, "runtimeClasses", true),
    (Topic::StorageClasses, "storageClasses", true),
    (Topic::IngressClasses, "ingressClasses", true),
    (Topic::Nodes, "nodes", true),
    (Topic::Claims, "claims", true),
    (Topic::CustomResources, "customResources", true),
    (Topic::OldVersions, "oldVersions", true),
    (Topic::LiveObjects, "liveObjects", true),
    (Topic::Images, "images", true),
    (Topic::HostPaths, "hostPaths", true),
    (Topic::Internet, "internet", true),
    (Topic::Parts, "parts", true),
    (Topic::Secrets, "secrets", false),
    (Topic::ConfigMaps, "configMaps", false),
];

impl Topic {
    /// All topics.
    pub fn all() -> impl Iterator<Item = Self> {
        TOPICS.iter().map(|(topic, _, _)| *topic)
    }
    /// The topic of a key under `assume`.
    pub fn parse(key: &str) -> Option<Self> {
        TOPICS.iter().find(|(_, known, _)| *known == key).map(|(topic, _, _)| *topic)
    }
    /// Its key under `assume`.
    pub fn key(self) -> &'static str {
        TOPICS[self as usize].1
    }
}

/// Which topics are assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assume(u32);

impl Assume {
    /// Nothing: the cluster has only what the text says.
    pub const STRICT: Self = Self(0);

    /// What an ordinary cluster would have.
    pub fn helpful() -> Self {
        TOPICS.iter().fold(Self::STRICT, |all, (topic, _, on)| all.with(*topic, *on))
    }
    /// The word `strict` or `helpful`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "strict" => Some(Self::STRICT),
            "helpful" => Some(Self::helpful()),
            _ => None,
        }
    }
    /// With a topic switched on or off.
    #[must_use]
    pub const fn with(self, topic: Topic, on: bool) -> Self {
        let bit = 1 << topic as u32;
        Self(if on { self.0 | bit } else { self.0 & !bit })
    }
    /// Whether a topic is assumed.
    pub const fn has(self, topic: Topic) -> bool {
        self.0 & (1 << topic as u32) != 0
    }
}

/// Whether a name is that of a host of the internet, which no cluster's DNS makes.
pub fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let labels: Vec<&str> = name.split('.').collect();
    let good = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let Some(last) = labels.last().filter(|_| labels.len() > 1 && labels.iter().all(good)) else {
        return false;
    };
    // Names of two letters are countries', but also those of small namespaces: there has to be more than `db.qa`.
    let country =
        last.len() == 2 && last.bytes().all(|b| b.is_ascii_lowercase()) && labels.len() > 2;
    PUBLIC.contains(last) || country && !name.ends_with(".svc")
}

/// Top-level domains.
const PUBLIC: [&str; 27] = [
    "com", "org", "net", "edu", "gov", "mil", "io", "dev", "app", "ai", "co", "cloud", "sh", "me",
    "info", "biz", "xyz", "tech", "site", "online", "page", "ch", "de", "uk", "fr", "nl", "jp",
];

impl Default for Assume {
    fn default() -> Self {
        Self::helpful()
    }
}

impl fmt::Display for Assume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::STRICT {
            return f.write_str("strict");
        }
        if *self == Self::helpful() {
            return f.write_str("helpful");
        }
        let keys: Vec<&str> =
            Topic::all().filter(|topic| self.has(*topic)).map(Topic::key).collect();
        f.write_str(&keys.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_internet_are_told_from_those_of_a_cluster() {
        let table = [
            ("info.cern.ch", true),
            ("github.com", true),
            ("kubernetes.io.", true),
            ("db.xyz123.eu-west-1.rds.amazonaws.com", true),
            ("web", false),
            ("web.shop", false),
            ("db.qa", false),
            ("web.shop.svc", false),
            ("web.shop.svc.cluster.local", false),
            ("10.0.0.1", false),
        ];
        for (name, expected) in table {
            assert_eq!(is_public_name(name), expected, "{name}");
        }
    }

    #[test]
    fn each_topic_stands_at_its_number_and_has_a_key_of_its_own() {
        for (n, (topic, key, on)) in TOPICS.iter().enumerate() {
            assert_eq!((*topic as usize, Topic::parse(key)), (n, Some(*topic)), "{key}");
            assert_eq!(Assume::helpful().has(*topic), *on, "{key}");
            assert!(!Assume::STRICT.has(*topic) && Assume::STRICT.with(*topic, true).has(*topic));
        }
    }
}
