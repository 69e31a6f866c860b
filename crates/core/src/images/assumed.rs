//! What is assumed of a program that is not known, so that what the text says of it holds.
//!
//! A container that is probed on a port listens there; one that a Service or a neighbour talks to
//! listens where they look; one that has to end, ends.

use podplay_api::{Container, IntOrString, PodSpec, Probe, ProbeKind, ServiceSpec};
use std::time::Duration;

/// How long a program that has to end takes.
pub(super) const MOMENT: Duration = Duration::from_secs(1);
/// The user of an image that must not run as root.
pub const USER: u32 = 65_532;

/// The ports on which container `ix` listens, beside those that it declares.
pub(super) fn ports(
    spec: &PodSpec,
    ix: usize,
    services: &[ServiceSpec],
    unknown: impl Fn(&Container) -> bool,
) -> Vec<u16> {
    let Some(own) = spec.all_containers().nth(ix) else { return Vec::new() };
    let mut out: Vec<u16> = own.ports.iter().map(|port| port.container_port).collect();
    let others = || spec.all_containers().enumerate().filter(move |(n, _)| *n != ix);
    let taken = |port: u16| {
        others().any(|(_, other)| other.ports.iter().any(|known| known.container_port == port))
    };
    let mut add = |port: Option<u16>| {
        if let Some(port) = port.filter(|port| *port > 0 && !taken(*port))
            && !out.contains(&port)
        {
            out.push(port);
        }
    };
    for kind in ProbeKind::ALL {
        add(kind.of(own).and_then(probe_port).and_then(|port| number(spec, &port)));
    }
    words(own).filter_map(listens).for_each(|port| add(Some(port)));
    // What others look for is the business of the first container that may have it.
    let first = spec.containers.iter().find(|container| unknown(container));
    if first.is_some_and(|first| first.name == own.name) {
        for service in services {
            for port in &service.ports {
                let target = match &port.target_port {
                    IntOrString::Int(0) => IntOrString::Int(i64::from(port.port)),
                    other => other.clone(),
                };
                add(number(spec, &target));
            }
        }
        others()
            .flat_map(|(_, other)| words(other))
            .filter_map(asks)
            .for_each(|port| add(Some(port)));
    }
    out
}

fn words(container: &Container) -> impl Iterator<Item = &str> {
    container.command.iter().chain(&container.args).map(String::as_str)
}

fn probe_port(probe: &Probe) -> Option<IntOrString> {
    let here = |host: &str| matches!(host, "" | "127.0.0.1" | "localhost");
    if let Some(http) = probe.http_get.as_ref().filter(|http| here(&http.host)) {
        return Some(http.port.clone());
    }
    if let Some(tcp) = probe.tcp_socket.as_ref().filter(|tcp| here(&tcp.host)) {
        return Some(tcp.port.clone());
    }
    probe.grpc.as_ref().map(|grpc| IntOrString::Int(grpc.port))
}

/// The number of a port; none for a name that nobody declares.
fn number(spec: &PodSpec, port: &IntOrString) -> Option<u16> {
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::Text(name) => spec
            .all_containers()
            .flat_map(|container| &container.ports)
            .find(|declared| declared.name == *name)
            .map(|declared| declared.container_port),
    }
}

/// The port that a word of a command line tells its own program to listen on.
fn listens(word: &str) -> Option<u16> {
    let (flag, value) = word.rsplit_once('=').unwrap_or(("", word));
    let flag = flag.trim_start_matches('-').to_ascii_lowercase();
    let (host, port) = value.rsplit_once(':').unwrap_or(("", value));
    let everywhere = matches!(host, "" | "0.0.0.0" | "[::]" | "*");
    let told = ["port", "listen", "bind", "addr"].iter().any(|part| flag.contains(part));
    let local = matches!(host, "127.0.0.1" | "localhost");
    let meant = (everywhere && value.contains(':')) || (told && (everywhere || local));
    port.parse().ok().filter(|_| meant)
}

/// The port of this pod that a word of a command line talks to.
fn asks(word: &str) -> Option<u16> {
    let at = ["127.0.0.1:", "localhost:"]
        .iter()
        .find_map(|host| word.find(host).map(|at| at + host.len()))?;
    if listens(word).is_some() {
        return None;
    }
    let rest = word.get(at..)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::{FromRaw, json};

    #[test]
    fn command_lines_name_ports() {
        let table = [
            ("--port=8080", Some(8080), None),
            ("--metrics-bind-address=:8443", Some(8443), None),
            ("--listen=127.0.0.1:9090", Some(9090), None),
            (":7070", Some(7070), None),
            ("0.0.0.0:7071", Some(7071), None),
            ("--upstream=http://127.0.0.1:8080/", None, Some(8080)),
            ("http://localhost:3000", None, Some(3000)),
            ("--replicas=3", None, None),
            ("--image=nginx:1", None, None),
            ("12", None, None),
        ];
        for (word, own, other) in table {
            assert_eq!((listens(word), asks(word)), (own, other), "{word}");
        }
    }

    #[test]
    fn a_port_that_a_neighbour_declares_is_the_neighbours() {
        let spec = PodSpec::from_raw(&json!({"containers": [
            {"name": "app", "image": "a", "livenessProbe": {"tcpSocket": {"port": 9000}},
                "readinessProbe": {"httpGet": {"path": "/", "port": 13133}}},
            {"name": "side", "image": "b", "ports": [{"containerPort": 9000}], "args": ["--to=http://127.0.0.1:5000"]},
        ]}));
        let service = ServiceSpec::from_raw(&json!({"ports": [{"port": 80, "targetPort": 8081}]}));
        let found = ports(&spec, 0, std::slice::from_ref(&service), |_| true);
        assert_eq!(found, [13133, 8081, 5000]);
        assert_eq!(ports(&spec, 1, &[service], |_| true), [9000]);
    }
}
