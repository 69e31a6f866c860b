//! Kubernetes Events.

use crate::{Timestamp, raw_enum, raw_object};

raw_enum! {
    /// An event's type.
    pub enum EventType {
        /// For information.
        Normal = "Normal",
        /// Something went wrong.
        Warning = "Warning",
    }
}
raw_object! {
    /// The object that an event is about.
    pub struct ObjectReference {
        /// Its kind.
        pub kind: String = "kind",
        /// Its namespace.
        pub namespace: String = "namespace",
        /// Its name.
        pub name: String = "name",
        /// Its uid.
        pub uid: String = "uid",
        /// Its group and version.
        pub api_version: String = "apiVersion",
        /// A part of it: `spec.containers{app}`.
        pub field_path: String = "fieldPath",
    }
}
raw_object! {
    /// An Event object, repeated ones counted.
    pub struct Event {
        /// The object that it is about.
        pub involved_object: ObjectReference = "involvedObject",
        /// One word.
        pub reason: String = "reason",
        /// A sentence.
        pub message: String = "message",
        /// Normal or Warning.
        pub kind: EventType = "type",
        /// Who reports.
        pub source: String = "reportingComponent",
        /// On which node.
        pub host: String = "reportingInstance",
        /// First seen.
        pub first_timestamp: Option<Timestamp> = "firstTimestamp",
        /// Last seen.
        pub last_timestamp: Option<Timestamp> = "lastTimestamp",
        /// How often.
        pub count: u32 = "count",
    }
}
