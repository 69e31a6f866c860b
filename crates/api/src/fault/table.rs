//! The table of faults: one row each, which feeds the check of a text, the page's palette, completion and the
//! table in `docs/faults.md`.

use super::read::Fields;
use super::{Cut, Exit, Fault, Images, Scarce};

/// A row of the table.
#[derive(Debug)]
pub struct FaultInfo {
    /// Its name, as a Scenario writes it.
    pub name: &'static str,
    /// Whom it hits.
    pub target: Target,
    /// Fields beside the target and `for`.
    pub fields: &'static [FaultField],
    /// Whether it lasts, and so takes `for`; others are a moment.
    pub lasts: bool,
    /// What happens, for the documentation.
    pub what: &'static str,
    pub(super) build: fn(&Fields) -> Fault,
}

impl FaultInfo {
    /// The fields that it takes, the target's first.
    pub fn takes(&self) -> impl Iterator<Item = &'static str> {
        let span: &[&str] = if self.lasts { &["for"] } else { &[] };
        let own = self.fields.iter().map(|field| field.name);
        self.target.fields().iter().chain(span).copied().chain(own)
    }
}

/// A field of a fault.
#[derive(Debug)]
pub struct FaultField {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What stands for a missing one.
    pub missing: Missing,
}

/// What stands for a missing field.
#[derive(Debug)]
pub enum Missing {
    /// It has to be there; the palette writes this.
    Required(&'static str),
    /// The same as this, which the palette writes.
    Default(&'static str),
    /// Nothing, which means what this says.
    Nothing(&'static str),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A length of time.
    Length,
    /// A whole number between these.
    Whole(i64, i64),
    /// A signal, by name or number.
    Signal,
    /// A path of a URL.
    Path,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A name.
    Name,
}

/// Whom a fault hits, and so which fields name its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Containers of a pod, which has to be named, or else a node.
    Container,
    /// Containers of a pod, or of all pods.
    AnyContainer,
    /// A pod, which has to be named, or else a node.
    Pod,
    /// A pod, or all pods.
    AnyPod,
    /// Images: of a pod, or all.
    Image,
    /// A node.
    Node,
    /// A node, or a pod alone.
    NodeOrPod,
    /// Nobody in particular.
    Cluster,
}

/// All fields that can name a target.
pub const TARGETS: [&str; 5] = ["pod", "container", "namespace", "node", "image"];

impl Target {
    /// The fields that name it.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Container | Self::AnyContainer => &["pod", "container", "namespace", "node"],
            Self::Pod | Self::AnyPod | Self::NodeOrPod => &["pod", "namespace", "node"],
            Self::Image => &["image", "pod", "container", "namespace"],
            Self::Node => &["node"],
            Self::Cluster => &[],
        }
    }
    /// Whether a pod, or else a node, has to be named.
    pub const fn needs_pod(self) -> bool {
        matches!(self, Self::Container | Self::Pod)
    }
    /// In the words of the documentation.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Container => "containers of a pod",
            Self::AnyContainer => "containers of a pod, or of all pods",
            Self::Pod => "a pod",
            Self::AnyPod => "a pod, or all pods",
            Self::Image => "an image, a pod's images, or all",
            Self::Node => "a node",
            Self::NodeOrPod => "a node, or a pod alone",
            Self::Cluster => "everything",
        }
    }
}

const fn row(
    name: &'static str,
    target: Target,
    fields: &'static [FaultField],
    lasts: bool,
    what: &'static str,
    build: fn(&Fields) -> Fault,
) -> FaultInfo {
    FaultInfo { name, target, fields, lasts, what, build }
}

const fn field(name: &'static str, holds: Holds, missing: Missing) -> FaultField {
    FaultField { name, holds, missing }
}

const LASTS: bool = true;
const MOMENT: bool = false;

const EXIT: &[FaultField] = &[
    field("exitCode", Holds::Whole(0, 255), Missing::Nothing("1")),
    field("signal", Holds::Signal, Missing::Nothing("none; excludes `exitCode`")),
];
const ANSWER: &[FaultField] = &[
    field("path", Holds::Path, Missing::Nothing("all")),
    field("status", Holds::Whole(100, 599), Missing::Default("500")),
];
const LATER: &[FaultField] = &[field("by", Holds::Length, Missing::Required("5s"))];
const START: &[FaultField] = &[field("by", Holds::Length, Missing::Required("20s"))];
const PULL: &[FaultField] = &[field("by", Holds::Length, Missing::Required("30s"))];
const VOLUME: &[FaultField] = &[field("volume", Holds::Name, Missing::Nothing("each"))];
const SCARCE: &[FaultField] =
    &[field("resource", Holds::Word(&["memory", "disk"]), Missing::Default("memory"))];

/// Every fault, in the order of the palette and of the documentation.
#[rustfmt::skip]
pub static FAULTS: [FaultInfo; 22] = [
    row("Crash", Target::Container, EXIT, MOMENT, "the main process ends with that code, or with 128 + the signal",
        |f| Fault::Crash { at: f.whom(), exit: f.signal("signal").map_or_else(|| Exit::Code(f.whole("exitCode").unwrap_or(1)), Exit::Signal) }),
    row("OOMKill", Target::Container, &[], MOMENT, "the kernel kills it for memory: reason `OOMKilled`, exit code 137",
        |f| Fault::OOMKill { at: f.whom() }),
    row("Hang", Target::Container, &[], LASTS, "alive, but answers nothing: connections and execs get no reply",
        |f| Fault::Hang { at: f.whom() }),
    row("Slow", Target::Container, LATER, LASTS, "answers over the network come later by that much",
        |f| Fault::Slow { at: f.whom(), by: f.length("by") }),
    row("FailHTTP", Target::Container, ANSWER, LASTS, "HTTP requests to the path are answered with the status",
        |f| Fault::FailHTTP { at: f.whom(), path: f.text("path"), status: f.whole("status").unwrap_or(500) }),
    row("RefuseConnections", Target::Container, &[], LASTS, "nothing listens: connections are refused",
        |f| Fault::RefuseConnections { at: f.whom() }),
    row("IgnoreSigterm", Target::Container, &[], LASTS, "no signal but SIGKILL is noticed, so a stop takes the whole grace period",
        |f| Fault::IgnoreSigterm { at: f.whom() }),
    row("SlowStart", Target::AnyContainer, START, LASTS, "the next starts take longer until something listens; not for a server that a script starts",
        |f| Fault::SlowStart { at: f.whom(), by: f.length("by") }),
    row("HookFails", Target::Container, &[], LASTS, "lifecycle hooks fail",
        |f| Fault::HookFails { at: f.whom() }),
    row("HookHangs", Target::Container, &[], LASTS, "lifecycle hooks never end",
        |f| Fault::HookHangs { at: f.whom() }),
    row("ConfigMissing", Target::AnyPod, &[], LASTS, "its ConfigMap and Secret volumes cannot be mounted",
        |f| Fault::ConfigMissing { at: f.whom() }),
    row("DiskFull", Target::Pod, VOLUME, LASTS, "the volume has no room left: what would make its files grow fails with \"No space left on device\"",
        |f| Fault::DiskFull { at: f.whom(), volume: f.text("volume") }),
    row("SandboxLost", Target::Pod, &[], MOMENT, "its sandbox dies, and with it all containers; the kubelet makes a new one",
        |f| Fault::SandboxLost { at: f.whom() }),
    row("ImageMissing", Target::Image, &[], LASTS, "the nodes lose the image and the registry does not know it",
        |f| Fault::ImageMissing { of: images(f) }),
    row("RegistryDown", Target::Image, &[], LASTS, "pulls fail with \"connection refused\"",
        |f| Fault::RegistryDown { of: images(f) }),
    row("SlowPull", Target::Image, PULL, LASTS, "pulls take longer",
        |f| Fault::SlowPull { of: images(f), by: f.length("by") }),
    row("KubeletRestart", Target::Node, &[], MOMENT, "the kubelet stops and is back two seconds later; containers go on",
        |f| Fault::KubeletRestart { node: f.text("node") }),
    row("KubeletDown", Target::Node, &[], LASTS, "the kubelet is stopped; containers go on",
        |f| Fault::KubeletDown { node: f.text("node") }),
    row("NodeDown", Target::Node, &[], LASTS, "the node is off, and its containers with it",
        |f| Fault::NodeDown { node: f.text("node") }),
    row("NodePressure", Target::Node, SCARCE, LASTS, "memory or disk runs short: the condition, the taint, and one pod is evicted",
        |f| Fault::NodePressure { node: f.text("node"), resource: scarce(f) }),
    row("Partition", Target::NodeOrPod, &[], LASTS, "the node cannot reach the API server, or nobody reaches the pod",
        |f| Fault::Partition { of: if f.text("pod").is_some() { Cut::Pod(f.whom()) } else { Cut::Node(f.text("node")) } }),
    row("DNSDown", Target::Cluster, &[], LASTS, "names do not resolve", |_| Fault::DNSDown),
];

fn images(fields: &Fields) -> Images {
    match (fields.text("image"), fields.text("pod")) {
        (Some(image), _) => Images::Named(image),
        (None, Some(_)) => Images::Of(fields.whom()),
        (None, None) => Images::All,
    }
}

fn scarce(fields: &Fields) -> Scarce {
    if fields.text("resource").as_deref() == Some("disk") { Scarce::Disk } else { Scarce::Memory }
}

/// The table of `docs/faults.md`.
pub fn documentation() -> String {
    let mut out =
        "| kind | hits | further fields | what happens |\n|---|---|---|---|\n".to_string();
    for info in &FAULTS {
        let mut fields: Vec<String> = info.fields.iter().map(described).collect();
        fields.extend(info.lasts.then(|| "`for`".to_string()));
        let (name, hits, what) = (info.name, info.target.words(), info.what);
        out += &format!("| `{name}` | {hits} | {} | {what} |\n", fields.join(", "));
    }
    out
}

fn described(field: &FaultField) -> String {
    let name = field.name;
    let words = match field.holds {
        Holds::Word(words) => format!("`{}`", words.join("` or `")),
        _ => String::new(),
    };
    match (&field.missing, words.is_empty()) {
        (Missing::Required(_), true) => format!("`{name}` (required)"),
        (Missing::Required(_), false) => format!("`{name}` (required: {words})"),
        (Missing::Default(usual) | Missing::Nothing(usual), true) => format!("`{name}` ({usual})"),
        (Missing::Default(usual) | Missing::Nothing(usual), false) => {
            format!("`{name}` ({words}; {usual})")
        }
    }
}
