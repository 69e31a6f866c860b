//! The files that the kubelet and the runtime put into every container: `/etc/hosts`, `/etc/resolv.conf`, `/etc/hostname`.
//!
//! Models `pkg/kubelet/kubelet_pods.go` managedHostsFileContent, GeneratePodHostNameAndDomain, and
//! `pkg/kubelet/network/dns/dns.go`.

use crate::kubelet::worker::Worker;
use podplay_api::PodDnsOption;
use std::fmt::Write as _;

/// The address of the cluster's DNS.
pub const CLUSTER_DNS: &str = "10.96.0.10";
/// The name server that a node itself uses.
const NODE_DNS: &str = "10.99.0.254";
/// Longest host name.
const HOST_NAME: usize = 63;
/// Most name servers in a `resolv.conf`.
const SERVERS: usize = 3;
/// Most search domains, and most characters of them.
const SEARCHES: (usize, usize) = (32, 2048);

const MANAGED: &str = "# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
";
const OF_NODE: &str = "# Kubernetes-managed hosts file (host network).
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
";

/// The pod's host name.
pub fn hostname(worker: &Worker) -> String {
    let spec = &worker.pod.spec;
    if spec.host_network {
        return worker.node.to_string();
    }
    let short = short_name(worker);
    match domain(worker) {
        Some(domain) if spec.set_hostname_as_fqdn => format!("{short}.{domain}"),
        _ => short,
    }
}

fn short_name(worker: &Worker) -> String {
    let own = &worker.pod.spec.hostname;
    let name = if own.is_empty() { &worker.pod.meta.name } else { own };
    let cut: String = name.chars().take(HOST_NAME).collect();
    if cut.len() < name.len() { cut.trim_end_matches(['-', '.']).to_owned() } else { cut }
}

fn domain(worker: &Worker) -> Option<String> {
    let subdomain = &worker.pod.spec.subdomain;
    let namespace = &worker.pod.meta.namespace;
    (!subdomain.is_empty()).then(|| format!("{subdomain}.{namespace}.svc.cluster.local"))
}

/// `/etc/hosts`.
pub fn hosts(worker: &Worker) -> String {
    let spec = &worker.pod.spec;
    let mut text = String::from(if spec.host_network { OF_NODE } else { MANAGED });
    if let Some(ip) = worker.ip().filter(|_| !spec.host_network) {
        let short = short_name(worker);
        let _ = match domain(worker) {
            Some(domain) => writeln!(text, "{ip}\t{short}.{domain}\t{short}"),
            None => writeln!(text, "{ip}\t{short}"),
        };
    }
    if !spec.host_aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in &spec.host_aliases {
        let _ = writeln!(text, "{}\t{}", alias.ip, alias.hostnames.join("\t"));
    }
    text
}

/// How a pod's processes resolve names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dns {
    /// Name servers.
    pub servers: Vec<String>,
    /// Search domains.
    pub searches: Vec<String>,
    options: Vec<String>,
    pub(crate) complaints: Vec<String>,
}

impl Dns {
    /// The configuration that the pod's policy and its own settings make.
    pub fn of(worker: &Worker) -> Self {
        let spec = &worker.pod.spec;
        let mut dns = Self::default();
        match spec.dns_policy.as_str() {
            "None" => {}
            "ClusterFirstWithHostNet" => dns.of_cluster(&worker.pod.meta.namespace),
            "Default" => dns.servers.push(NODE_DNS.into()),
            _ if spec.host_network => dns.servers.push(NODE_DNS.into()),
            _ => dns.of_cluster(&worker.pod.meta.namespace),
        }
        let own = &spec.dns_config;
        add(&mut dns.servers, &own.nameservers);
        add(&mut dns.searches, &own.searches);
        for option in &own.options {
            dns.option(option);
        }
        dns.fit();
        dns
    }
    fn of_cluster(&mut self, namespace: &str) {
        self.servers.push(CLUSTER_DNS.into());
        let domain = "cluster.local";
        self.searches =
            vec![format!("{namespace}.svc.{domain}"), format!("svc.{domain}"), domain.into()];
        self.options.push("ndots:5".into());
    }
    fn option(&mut self, option: &PodDnsOption) {
        let text = match &option.value {
            Some(value) if !value.is_empty() => format!("{}:{value}", option.name),
            _ => option.name.clone(),
        };
        let same = |known: &&mut String| known.split(':').next() == Some(&option.name);
        match self.options.iter_mut().find(same) {
            Some(known) => *known = text,
            None => self.options.push(text),
        }
    }
    fn fit(&mut self) {
        if self.servers.len() > SERVERS {
            self.servers.truncate(SERVERS);
            self.complaints.push(format!("Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {}", self.servers.join(" ")));
        }
        let before = self.searches.len();
        self.searches.truncate(SEARCHES.0);
        while self.searches.join(" ").len() > SEARCHES.1 {
            self.searches.pop();
        }
        if self.searches.len() < before {
            self.complaints.push(format!("Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {}", self.searches.join(" ")));
        }
    }
    /// As `/etc/resolv.conf`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if !self.searches.is_empty() {
            let _ = writeln!(text, "search {}", self.searches.join(" "));
        }
        for server in &self.servers {
            let _ = writeln!(text, "nameserver {server}");
        }
        if !self.options.is_empty() {
            let _ = writeln!(text, "options {}", self.options.join(" "));
        }
        text
    }
}

fn add(list: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Uid;
    use podplay_api::{Pod, json};
    use std::sync::Arc;

    fn worker(spec: &podplay_api::Value) -> Worker {
        let pod =
            Pod::from_object(&json!({"metadata": {"name": "p", "namespace": "ns"}, "spec": spec}));
        let identity = crate::record::PodIdentity {
            namespace: "ns".into(),
            name: "p".into(),
            uid: String::new(),
        };
        let mut worker = Worker::new(Uid(1), Arc::new(identity), Arc::new(pod));
        worker.sandboxes =
            vec![crate::kubelet::Sandbox { attempt: 0, ready: true, ip: "10.1.0.2".into() }];
        worker
    }

    #[test]
    fn hosts_names_the_pod_and_its_aliases() {
        for (spec, tail) in [
            (json!({}), "10.1.0.2\tp\n"),
            (json!({"hostname": "a", "subdomain": "b"}), "10.1.0.2\ta.b.ns.svc.cluster.local\ta\n"),
            (
                json!({"hostAliases": [{"ip": "1.2.3.4", "hostnames": ["x", "y"]}]}),
                "10.1.0.2\tp\n\n# Entries added by HostAliases.\n1.2.3.4\tx\ty\n",
            ),
        ] {
            assert_eq!(hosts(&worker(&spec)).strip_prefix(MANAGED), Some(tail), "{spec}");
        }
    }

    #[test]
    fn resolv_conf_follows_the_policy() {
        let cluster = "search ns.svc.cluster.local svc.cluster.local cluster.local";
        for (spec, expected) in [
            (json!({}), format!("{cluster}\nnameserver 10.96.0.10\noptions ndots:5\n")),
            (json!({"dnsPolicy": "Default"}), "nameserver 10.99.0.254\n".to_owned()),
            (
                json!({"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"], "searches": ["my.x"], "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}}),
                "search my.x\nnameserver 1.1.1.1\noptions ndots:2 edns0\n".to_owned(),
            ),
            (
                json!({"dnsConfig": {"searches": ["my.x"], "options": [{"name": "ndots", "value": "2"}]}}),
                format!("{cluster} my.x\nnameserver 10.96.0.10\noptions ndots:2\n"),
            ),
        ] {
            assert_eq!(Dns::of(&worker(&spec)).text(), expected, "{spec}");
        }
    }
}
