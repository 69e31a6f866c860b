//! What rules look at: the objects of a text, and the pods that they make.

use podplay_api::{
    Container, FromRaw, IntOrString, LabelSelector, PodSpec, Probe, ProbeKind, RestartPolicy,
    ServiceSpec, StringMap, Value,
};
use podplay_core::{ImageBehaviour, images};
use podplay_manifest::Object;
use podplay_playback::Plan;
use std::time::Duration;

/// A text and everything that was read of it.
pub(crate) struct Context<'a> {
    pub(crate) text: &'a str,
    pub(crate) plan: &'a Plan,
    /// The pods and templates of the text.
    pub(crate) pods: Vec<Pod<'a>>,
}

/// A pod, or the template of many.
pub(crate) struct Pod<'a> {
    pub(crate) object: &'a Object,
    /// The path of the pod spec.
    pub(crate) base: &'static str,
    pub(crate) spec: PodSpec,
    pub(crate) labels: StringMap,
    /// How many of it are wanted.
    pub(crate) replicas: i64,
}

/// A container and where it stands.
pub(crate) struct Part<'a> {
    pub(crate) container: &'a Container,
    pub(crate) path: String,
    /// One of the init containers that must end before the next one starts.
    pub(crate) ends: bool,
}

/// What is known about the program of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    /// The ports that it opens; none if nobody knows.
    pub(crate) ports: Option<Vec<u16>>,
    /// How long it takes to listen; none if nobody knows.
    pub(crate) startup: Option<Duration>,
    /// It serves until it is stopped.
    pub(crate) server: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn new(text: &'a str, plan: &'a Plan) -> Self {
        let pods = plan.reading.objects.iter().filter(|o| o.simulated).filter_map(pod);
        // What is refused for its size has no need of advice, which compares each container with each.
        let most = podplay_manifest::limits::CONTAINERS;
        let pods = pods.filter(|pod| pod.spec.containers.len() <= most).collect();
        Self { text, plan, pods }
    }
    pub(crate) fn objects(&self) -> impl Iterator<Item = &'a Object> {
        self.plan.reading.objects.iter().filter(|object| object.simulated)
    }
    /// Whether the Scenario names an object, and may therefore change what the manifests say.
    pub(crate) fn scenario_mentions(&self, word: &str) -> bool {
        let range =
            self.plan.reading.scenario.as_ref().map(|document| document.start..document.end);
        range.and_then(|range| self.text.get(range)).is_some_and(|text| text.contains(word))
    }
    /// The pods of a namespace.
    pub(crate) fn pods_in(&self, namespace: &str) -> impl Iterator<Item = &Pod<'a>> {
        self.pods.iter().filter(move |pod| pod.object.namespace == namespace)
    }
    /// The Services that select a pod.
    pub(crate) fn services_of(
        &self,
        pod: &Pod<'_>,
    ) -> impl Iterator<Item = (&'a Object, ServiceSpec)> {
        let (labels, namespace) = (pod.labels.clone(), pod.object.namespace.clone());
        let services =
            self.objects().filter(move |o| o.kind == "Service" && o.namespace == namespace);
        services.map(|o| (o, ServiceSpec::from_raw(&o.object["spec"]))).filter(move |(_, spec)| {
            !spec.selector.is_empty() && podplay_api::labels_match(&spec.selector, &labels)
        })
    }
    /// The behaviour that the Scenario gives to an image.
    fn configured(&self, image: &str) -> Option<&'a ImageBehaviour> {
        let bare = image.rsplit_once(':').map_or(image, |(name, _)| name);
        let images = &self.plan.config.images;
        images.get(image).or_else(|| images.get(bare))
    }
    /// What is known about the program of a container.
    pub(crate) fn facts(&self, container: &Container) -> Facts {
        let declared: Vec<u16> = container.ports.iter().map(|port| port.container_port).collect();
        let argv = argv(container);
        let program = argv.first().map_or("", String::as_str);
        if let Some(own) =
            self.configured(&container.image).filter(|_| !podplay_shell::is_tool(program))
        {
            let own_ports: Vec<u16> = own.http.keys().copied().collect();
            let ports = if own_ports.is_empty() { declared } else { own_ports };
            let startup = Some(own.startup.unwrap_or_default());
            return Facts { ports: Some(ports), startup, server: own.exits.is_none() };
        }
        if images::assumed(&container.image, &argv) {
            // Nobody knows on which ports an unknown program listens: what it declares is no proof.
            return Facts::default();
        }
        // What is mounted may be its configuration, and name other ports.
        let moved = container.env.iter().any(|variable| variable.name.ends_with("_PORT"))
            || container
                .volume_mounts
                .iter()
                .any(|mount| !CONTENT.iter().any(|dir| mount.mount_path.starts_with(dir)));
        match images::server(&container.image, &argv) {
            Some((ports, startup)) => {
                Facts { ports: (!moved).then_some(ports), startup: Some(startup), server: true }
            }
            None => Facts::default(),
        }
    }
}

/// Where servers have their data, not their configuration.
const CONTENT: [&str; 12] = [
    "/usr/share/",
    "/usr/local/apache2/htdocs",
    "/var/lib/",
    "/var/www",
    "/var/log",
    "/var/cache",
    "/var/run",
    "/run",
    "/data",
    "/tmp",
    "/cache",
    "/bitnami",
];

/// What a container runs.
pub(crate) fn argv(container: &Container) -> Vec<String> {
    images::command_line(&container.image, container.command.clone(), container.args.clone())
}

impl Pod<'_> {
    /// Init containers, then regular ones.
    pub(crate) fn parts(&self) -> Vec<Part<'_>> {
        let of = |list: &str, n: usize| format!("{}.{list}[{n}]", self.base);
        let init = self.spec.init_containers.iter().enumerate().map(|(n, container)| Part {
            container,
            path: of("initContainers", n),
            ends: !container.is_sidecar(),
        });
        let regular = self.spec.containers.iter().enumerate().map(|(n, container)| Part {
            container,
            path: of("containers", n),
            ends: false,
        });
        init.chain(regular).collect()
    }
    /// Whether its containers are meant to end by themselves.
    pub(crate) fn is_task(&self) -> bool {
        matches!(self.object.kind.as_str(), "Job" | "CronJob")
            || self.spec.restart_policy != RestartPolicy::Always
    }
    /// The path of a field of the pod spec.
    pub(crate) fn at(&self, field: &str) -> String {
        format!("{}.{field}", self.base)
    }
    /// The number behind a port's number or name; none for a name that no container declares.
    pub(crate) fn port(&self, port: &IntOrString) -> Option<u16> {
        match port {
            IntOrString::Int(number) => u16::try_from(*number).ok(),
            IntOrString::Text(name) => self
                .spec
                .all_containers()
                .flat_map(|container| &container.ports)
                .find(|declared| declared.name == *name)
                .map(|declared| declared.container_port),
        }
    }
    /// All ports on which something listens; none if one container's are not known.
    pub(crate) fn listening(&self, cx: &Context<'_>) -> Option<Vec<u16>> {
        let sidecars = self.spec.init_containers.iter().filter(|container| container.is_sidecar());
        let mut all = Vec::new();
        for container in self.spec.containers.iter().chain(sidecars) {
            all.extend(cx.facts(container).ports?);
        }
        Some(all)
    }
}

/// The port that a probe asks.
pub(crate) fn probe_port(probe: &Probe) -> Option<IntOrString> {
    if let Some(http) = probe.http_get.as_ref().filter(|http| http.host.is_empty()) {
        return Some(http.port.clone());
    }
    if let Some(tcp) = probe.tcp_socket.as_ref().filter(|tcp| tcp.host.is_empty()) {
        return Some(tcp.port.clone());
    }
    probe.grpc.as_ref().map(|grpc| IntOrString::Int(grpc.port))
}

/// The probes of a container, with the names of their fields.
pub(crate) fn probes(container: &Container) -> impl Iterator<Item = (&'static str, &Probe)> {
    ProbeKind::ALL.into_iter().filter_map(|kind| {
        let field = match kind {
            ProbeKind::Liveness => "livenessProbe",
            ProbeKind::Readiness => "readinessProbe",
            ProbeKind::Startup => "startupProbe",
        };
        kind.of(container).map(|probe| (field, probe))
    })
}

/// The pods that an object makes.
fn pod(object: &Object) -> Option<Pod<'_>> {
    let value = &object.object;
    let (template, base) = match object.kind.as_str() {
        "Pod" => (value, "spec"),
        "Deployment"
        | "ReplicaSet"
        | "ReplicationController"
        | "StatefulSet"
        | "DaemonSet"
        | "Job" => (&value["spec"]["template"], "spec.template.spec"),
        "CronJob" => (
            &value["spec"]["jobTemplate"]["spec"]["template"],
            "spec.jobTemplate.spec.template.spec",
        ),
        _ => return None,
    };
    if !template["spec"].is_object() {
        return None;
    }
    let scaled = matches!(
        object.kind.as_str(),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet"
    );
    let replicas = value["spec"]["replicas"].as_i64().filter(|_| scaled).unwrap_or(1);
    let spec = PodSpec::from_raw(&template["spec"]);
    let labels = StringMap::from_raw(&template["metadata"]["labels"]);
    Some(Pod { object, base, spec, labels, replicas })
}

/// The selector of a workload, whatever its kind.
pub(crate) fn selector(object: &Object) -> Option<(LabelSelector, &'static str)> {
    let selector: &Value = &object.object["spec"]["selector"];
    match object.kind.as_str() {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => {
            Some((LabelSelector::from_raw(selector), "spec.selector.matchLabels"))
        }
        "ReplicationController" => {
            let match_labels = StringMap::from_raw(selector);
            Some((LabelSelector { match_labels, ..LabelSelector::default() }, "spec.selector"))
        }
        _ => None,
    }
}
