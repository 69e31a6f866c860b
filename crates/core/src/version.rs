//! Versions of Kubernetes: a table of what changed between them, with the change upstream behind each entry.
//!
//! The code asks [`Kubernetes::has`] where it behaves in one of two ways; what is not in the table is the same in all.

/// A version that a cluster can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// v1.34.
    V1_34,
    /// v1.36.
    #[default]
    V1_36,
}

impl Version {
    /// All, the oldest first.
    pub const ALL: [Self; 2] = [Self::V1_34, Self::V1_36];

    /// The version of that name: `1.36`, with or without `v` and a patch.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next());
        let patch_is_number = patch.is_none_or(|patch| patch.parse::<u32>().is_ok());
        let known = |version: &&Self| major == "1" && version.minor().to_string() == minor;
        Self::ALL.iter().find(known).copied().filter(|_| patch_is_number && parts.next().is_none())
    }
    /// As people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1_34 => "1.34",
            Self::V1_36 => "1.36",
        }
    }
    /// The release that the node and the API server name.
    pub const fn release(self) -> &'static str {
        match self {
            Self::V1_34 => "v1.34.9",
            Self::V1_36 => "v1.36.2",
        }
    }
    const fn minor(self) -> u32 {
        match self {
            Self::V1_34 => 34,
            Self::V1_36 => 36,
        }
    }
}

/// Something that behaves differently from some version on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// When the kubelet looks again after it has held back a restart.
    RestartWait,
    /// The words for an image that is on the node.
    ImageAccess,
    /// The words for containers that were created and started.
    EventNames,
    /// Restart policies and rules of single containers.
    RestartRules,
    /// A relist right after a sync that changed something.
    RelistOnDemand,
}

/// An entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which difference.
    pub difference: Difference,
    /// Its name.
    pub name: &'static str,
    /// The minor version since when it is so.
    since: u32,
    /// What changed, in a sentence.
    pub what: &'static str,
    /// The change upstream.
    pub upstream: &'static str,
}

/// What changed between the versions.
pub static CHANGES: [Change; 5] = [
    Change {
        difference: Difference::RestartWait,
        name: "restart-wait",
        since: 35,
        what: "a held-back restart is looked at again when its back-off ends, after 1 to 1.5 times what is left of it; before, every 10 to 15 s, each time with an event BackOff",
        upstream: "kubernetes/kubernetes#133066",
    },
    Change {
        difference: Difference::ImageAccess,
        name: "image-access",
        since: 35,
        what: "the event for an image that is on the node adds \"and can be accessed by the pod\"",
        upstream: "feature gate KubeletEnsureSecretPulledImages, beta in 1.35",
    },
    Change {
        difference: Difference::EventNames,
        name: "event-names",
        since: 35,
        what: "the events Created and Started say \"Container created\" and \"Container started\" and no longer name the container",
        upstream: "kubernetes/kubernetes#134043",
    },
    Change {
        difference: Difference::RestartRules,
        name: "restart-rules",
        since: 35,
        what: "containers may have a restartPolicy and restartPolicyRules of their own; before, the API server dropped them",
        upstream: "feature gate ContainerRestartRules, beta in 1.35",
    },
    Change {
        difference: Difference::RelistOnDemand,
        name: "relist-on-demand",
        since: 36,
        what: "after a sync that changed something the kubelet looks at the pod's containers at once; before, with the next relist, up to a second later",
        upstream: "kubernetes/kubernetes#137362, feature gate PLEGOnDemandRelist",
    },
];

impl Difference {
    fn change(self) -> &'static Change {
        let [first, ..] = &CHANGES;
        CHANGES.iter().find(|change| change.difference == self).unwrap_or(first)
    }
}

/// The Kubernetes of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kubernetes {
    /// Its version.
    pub version: Version,
    /// One difference that is taken back, to see what it alone does.
    pub undone: Option<Difference>,
}

impl Kubernetes {
    /// Of a version, as it is.
    pub const fn of(version: Version) -> Self {
        Self { version, undone: None }
    }
    /// Whether it behaves as the table says.
    pub fn has(self, difference: Difference) -> bool {
        self.undone != Some(difference) && difference.change().since <= self.version.minor()
    }
}

/// What is different between two versions, whichever is the older.
pub fn changes(a: Version, b: Version) -> impl Iterator<Item = &'static Change> {
    let (older, newer) = (a.min(b).minor(), a.max(b).minor());
    CHANGES.iter().filter(move |change| older < change.since && change.since <= newer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        for (text, version) in [
            ("1.36", Some(Version::V1_36)),
            ("v1.34", Some(Version::V1_34)),
            ("v1.34.9", Some(Version::V1_34)),
            ("1.35", None),
            ("1.36.x", None),
            ("1", None),
            ("2.36", None),
            ("1.36.2.1", None),
        ] {
            assert_eq!(Version::parse(text), version, "{text}");
        }
    }

    #[test]
    fn each_difference_stands_in_the_table_once() {
        for change in &CHANGES {
            assert_eq!(change.difference.change(), change);
            assert!(!Kubernetes::of(Version::V1_34).has(change.difference), "{}", change.name);
            assert!(Kubernetes::of(Version::V1_36).has(change.difference), "{}", change.name);
        }
        assert_eq!(changes(Version::V1_36, Version::V1_34).count(), CHANGES.len());
    }
}
