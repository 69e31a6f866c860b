//! Volumes as a pod's spec declares them.

use crate::{FieldSelector, Quantity, ResourceFieldSelector, raw_object};

raw_object! {
    /// A volume and its one source.
    pub struct Volume {
        /// Unique within the pod.
        pub name: String = "name",
        /// An empty folder that lives as long as the pod.
        pub empty_dir: Option<EmptyDirSource> = "emptyDir",
        /// The keys of a ConfigMap as files.
        pub config_map: Option<ConfigMapSource> = "configMap",
        /// The keys of a Secret as files.
        pub secret: Option<SecretSource> = "secret",
        /// Fields of the pod as files.
        pub downward_api: Option<DownwardApiSource> = "downwardAPI",
        /// Several sources in one folder.
        pub projected: Option<ProjectedSource> = "projected",
        /// A folder of the node.
        pub host_path: Option<HostPathSource> = "hostPath",
        /// A claim.
        pub persistent_volume_claim: Option<ClaimSource> = "persistentVolumeClaim",
    }
}
raw_object! {
    /// `emptyDir`.
    pub struct EmptyDirSource {
        /// `Memory` for a tmpfs.
        pub medium: String = "medium",
        /// Above this the pod is evicted.
        pub size_limit: Option<Quantity> = "sizeLimit",
    }
}
raw_object! {
    /// `configMap`.
    pub struct ConfigMapSource {
        /// The object.
        pub name: String = "name",
        /// Only these keys.
        pub items: Vec<KeyToPath> = "items",
        /// It may be missing.
        pub optional: bool = "optional",
        /// Permissions of the files.
        pub default_mode: Option<i32> = "defaultMode",
    }
}
raw_object! {
    /// `secret`.
    pub struct SecretSource {
        /// The object.
        pub secret_name: String = "secretName",
        /// Only these keys.
        pub items: Vec<KeyToPath> = "items",
        /// It may be missing.
        pub optional: bool = "optional",
        /// Permissions of the files.
        pub default_mode: Option<i32> = "defaultMode",
    }
}
raw_object! {
    /// A key and the file it becomes.
    pub struct KeyToPath {
        /// The key.
        pub key: String = "key",
        /// The file.
        pub path: String = "path",
        /// Its permissions.
        pub mode: Option<i32> = "mode",
    }
}
raw_object! {
    /// `downwardAPI`.
    pub struct DownwardApiSource {
        /// Files.
        pub items: Vec<DownwardApiFile> = "items",
        /// Permissions of the files.
        pub default_mode: Option<i32> = "defaultMode",
    }
}
raw_object! {
    /// A field of the pod as a file.
    pub struct DownwardApiFile {
        /// The file.
        pub path: String = "path",
        /// A field.
        pub field_ref: Option<FieldSelector> = "fieldRef",
        /// A resource.
        pub resource_field_ref: Option<ResourceFieldSelector> = "resourceFieldRef",
        /// Its permissions.
        pub mode: Option<i32> = "mode",
    }
}
raw_object! {
    /// `projected`.
    pub struct ProjectedSource {
        /// The parts.
        pub sources: Vec<Projection> = "sources",
        /// Permissions of the files.
        pub default_mode: Option<i32> = "defaultMode",
    }
}
raw_object! {
    /// One part of a projected volume. A service account token is a file of its own.
    pub struct Projection {
        /// Keys of a ConfigMap.
        pub config_map: Option<ProjectedObject> = "configMap",
        /// Keys of a Secret.
        pub secret: Option<ProjectedObject> = "secret",
        /// Fields of the pod.
        pub downward_api: Option<DownwardApiSource> = "downwardAPI",
        /// A token.
        pub service_account_token: Option<TokenProjection> = "serviceAccountToken",
    }
}
raw_object! {
    /// A ConfigMap or Secret inside a projected volume.
    pub struct ProjectedObject {
        /// The object.
        pub name: String = "name",
        /// Only these keys.
        pub items: Vec<KeyToPath> = "items",
        /// It may be missing.
        pub optional: bool = "optional",
    }
}
raw_object! {
    /// A service account token as a file.
    pub struct TokenProjection {
        /// The file.
        pub path: String = "path",
    }
}
raw_object! {
    /// `hostPath`.
    pub struct HostPathSource {
        /// On the node.
        pub path: String = "path",
        /// What must be there.
        pub kind: String = "type",
    }
}
raw_object! {
    /// `persistentVolumeClaim`.
    pub struct ClaimSource {
        /// The claim.
        pub claim_name: String = "claimName",
        /// Not writable.
        pub read_only: bool = "readOnly",
    }
}
