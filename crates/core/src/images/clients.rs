//! Client programs of the catalogue, which really ask a server of the run.

mod sql;

use sql::{mysql, psql};

use super::program::Spec;
use super::start::{Start, done, said};
use crate::network::{Answer, Exchange};
use podplay_shell::Behaviour;

/// Whether the name of a kind in the catalogue is one of these.
pub(crate) fn knows(kind: &str) -> bool {
    matches!(kind, "asks" | "redis-cli" | "psql" | "mysql-client" | "kubectl")
}

/// How an attempt to reach a server ended.
enum Reached {
    /// The server's reply.
    Said(String),
    Refused,
    Silent,
    Unresolved,
}

/// Where a client looks for its server.
struct Server {
    /// As it was written.
    host: String,
    address: String,
    port: u16,
    /// By a socket file of its own container.
    local: bool,
}

pub(crate) fn start(start: &mut Start<'_, '_>, kind: &str, spec: &Spec) -> Behaviour {
    match kind {
        "redis-cli" => redis_cli(start),
        "psql" => psql(start),
        "mysql-client" => mysql(start),
        "kubectl" => kubectl(start),
        _ => asks(start, spec),
    }
}

impl Start<'_, '_> {
    /// The server that options and variables name.
    fn server_of(&self, host: Option<String>, port: u16, default: &str) -> Server {
        let host = host.unwrap_or_else(|| default.to_owned());
        let (host, port) = match host.rsplit_once(':') {
            Some((name, text)) if !name.contains(':') || name.contains("://") => {
                (name.to_owned(), text.trim_end_matches('/').parse().unwrap_or(port))
            }
            _ => (host, port),
        };
        let host = host.rsplit_once("://").map_or(host.clone(), |(_, host)| host.to_owned());
        let local = host == "socket" || host.starts_with('/');
        Server { host, address: String::new(), port, local }
    }

    /// Asks a server.
    fn ask(
        &mut self,
        server: &mut Server,
        scheme: &str,
        body: &str,
        headers: &[(String, String)],
    ) -> Reached {
        if server.local {
            if self.own.listener(server.port).is_none() {
                return Reached::Refused;
            }
            server.address = "127.0.0.1".to_owned();
        } else {
            let name = server.host.clone();
            let Some(address) = self.address_of(&name) else { return Reached::Unresolved };
            server.address = address;
        }
        let what = Exchange {
            host: &server.address,
            port: server.port,
            path: "",
            scheme,
            body: body.as_bytes(),
            method: "",
            headers,
            depth: 0,
        };
        match self.host.exchange(self.own, &what) {
            Answer::Open { bytes } => Reached::Said(String::from_utf8_lossy(&bytes).into_owned()),
            Answer::Http { body, .. } => Reached::Said(body.into_owned()),
            Answer::NotTls => Reached::Said(String::new()),
            Answer::Refused | Answer::Unreachable => Reached::Refused,
            Answer::Silent => Reached::Silent,
        }
    }

    /// The value of the first of these options that is there.
    fn option(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.flag(name)).map(str::to_owned)
    }
}

/// A client that its entry describes: whom it asks, and what it says of each outcome.
fn asks(start: &mut Start<'_, '_>, spec: &Spec) -> Behaviour {
    let more = |key: &str| spec.more.get(key).map_or("", String::as_str);
    let names = more("hostFlag").to_owned();
    let names: Vec<&str> = names.split_whitespace().collect();
    let host = start.option(&names).or_else(|| {
        more("hostEnv").split_whitespace().find_map(|name| start.call.env.get(name)).cloned()
    });
    let ports = more("portFlag").to_owned();
    let ports: Vec<&str> = ports.split_whitespace().collect();
    let port = start.option(&ports).and_then(|port| port.parse().ok());
    let default = more("port").parse().unwrap_or(0);
    let mut server = start.server_of(host, port.unwrap_or(default), more("host"));
    let reached = start.ask(&mut server, "tcp", "", &[]);
    let (outcome, code, after) = match reached {
        Reached::Said(_) => ("ok", 0, 30_000_000),
        Reached::Unresolved if !more("unresolved").is_empty() => ("unresolved", 1, 30_000_000),
        Reached::Refused | Reached::Unresolved | Reached::Silent => {
            let patience = super::fields::nanos(more("patience")).unwrap_or(30_000_000);
            ("refused", 1, patience)
        }
    };
    let code =
        spec.more.get(&format!("{outcome}Code")).and_then(|code| code.parse().ok()).unwrap_or(code);
    let text = more(outcome)
        .replace("{server}", &server.host)
        .replace("{port}", &server.port.to_string())
        .replace("{address}", &server.address);
    let text = start.fill(&text);
    let lines: Vec<(u64, String)> = text.lines().map(|line| (after, line.to_owned())).collect();
    let found = Behaviour { exit: Some((after, code)), ..done(code) };
    // Failures go to standard error, unless the entry says that all goes to standard output.
    if outcome == "ok" || more("stream") == "out" {
        Behaviour { log: lines, ..found }
    } else {
        Behaviour { errors: lines, ..found }
    }
}

/// The words of a command line that are no options and no values of these options.
fn operands(args: &[String], valued: &[&str]) -> Vec<String> {
    let mut rest = args.iter();
    let mut found = Vec::new();
    while let Some(word) = rest.next() {
        if !found.is_empty() || !word.starts_with('-') {
            found.push(word.clone());
        } else if valued.contains(&word.as_str()) {
            rest.next();
        }
    }
    found
}

fn redis_cli(start: &mut Start<'_, '_>) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let valued = [
        "-h", "-p", "-a", "-n", "-u", "-r", "-i", "-s", "--user", "--pass", "-t", "--cacert",
        "--cert", "--key",
    ];
    // `-h` stands before the command; what follows the command is the command's.
    let commands = operands(&args, &valued);
    if args.iter().any(|word| matches!(word.as_str(), "--version" | "-v")) {
        return said("redis-cli 7.2.10", "", 0);
    }
    let before = args.len() - commands.len();
    let option = |name: &str| super::start::flag(&args[..before], name).map(str::to_owned);
    let host = option("-h");
    let port = option("-p").and_then(|port| port.parse().ok()).unwrap_or(6379);
    let password = option("-a").or_else(|| option("--pass"));
    let warns = password.is_some() && !args.iter().any(|word| word == "--no-auth-warning");
    let password = password.or_else(|| start.call.env.get("REDISCLI_AUTH").cloned());
    if commands.is_empty() && start.call.stdin.is_none() {
        return Behaviour { reads: true, ..done(0) };
    }
    let body = match start.call.stdin {
        Some(bytes) if commands.is_empty() => String::from_utf8_lossy(bytes).into_owned(),
        _ => commands
            .iter()
            .map(|word| if word.contains(' ') { format!("\"{word}\"") } else { word.clone() })
            .collect::<Vec<_>>()
            .join(" "),
    };
    let headers: Vec<_> = password.iter().map(|text| ("auth".to_owned(), text.clone())).collect();
    let mut server = start.server_of(host, port, "127.0.0.1");
    let found = match start.ask(&mut server, "redis", &body, &headers) {
        Reached::Said(text) => said(&text, "", 0),
        Reached::Unresolved => said(
            "",
            &format!(
                "Could not connect to Redis at {}:{}: Name or service not known",
                server.host, server.port
            ),
            1,
        ),
        Reached::Refused => said(
            "",
            &format!(
                "Could not connect to Redis at {}:{}: Connection refused",
                server.host, server.port
            ),
            1,
        ),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    };
    let warning = "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.";
    let errors = warns.then(|| (0, warning.to_owned())).into_iter().chain(found.errors).collect();
    Behaviour { errors, ..found }
}

/// kubectl from inside the cluster, with the pod's service account: what no role gives is forbidden.
fn kubectl(start: &mut Start<'_, '_>) -> Behaviour {
    let words = operands(&start.call.argv[1..], &["-n", "--namespace", "-o", "-l"]);
    let first = words.first().map_or("", String::as_str);
    if matches!(first, "version" | "" | "config" | "completion" | "options" | "help") {
        return said("Client Version: v1.36.2\nKustomize Version: v5.7.1", "", 0);
    }
    let Some(worker) = start.host.world.workers.get(&start.host.uid) else { return done(1) };
    let (own, account) =
        (worker.pod.meta.namespace.clone(), worker.pod.spec.service_account_name.clone());
    let token = start.read("/var/run/secrets/kubernetes.io/serviceaccount/token").is_some();
    if !token {
        return said(
            "",
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            1,
        );
    }
    let subject = |binding: &serde_json::Map<String, serde_json::Value>| {
        let subjects = binding.get("subjects").and_then(serde_json::Value::as_array);
        subjects.into_iter().flatten().any(|subject| {
            subject["kind"] == "ServiceAccount" && subject["name"] == account.as_str()
        })
    };
    let store = &start.host.world.store;
    let bound = ["RoleBinding", "ClusterRoleBinding"]
        .into_iter()
        .any(|kind| store.resources(kind).any(|(_, resource)| subject(&resource.body)));
    if bound {
        return done(0);
    }
    let verb = match first {
        "get" | "describe" | "logs" | "wait" | "rollout" | "top" => "list",
        "apply" | "create" | "run" | "expose" => "create",
        "patch" | "label" | "annotate" | "scale" | "set" => "patch",
        "delete" => "delete",
        other => other,
    };
    let kind = words.get(1).map_or("pods", |word| word.split('/').next().unwrap_or(word));
    let plural = match kind {
        "pod" | "po" => "pods",
        "deployment" | "deploy" => "deployments.apps",
        "service" | "svc" => "services",
        "job" => "jobs.batch",
        "secret" => "secrets",
        "node" | "no" => "nodes",
        "configmap" | "cm" => "configmaps",
        other => other,
    };
    let (resource, group) = plural.split_once('.').unwrap_or((plural, ""));
    let namespace = start.option(&["-n", "--namespace"]).unwrap_or(own.clone());
    let line = format!(
        "Error from server (Forbidden): {plural} is forbidden: User \"system:serviceaccount:{own}:{account}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" in the namespace \"{namespace}\""
    );
    said("", &line, 1)
}
