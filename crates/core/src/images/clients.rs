//! Client programs of the catalogue, which really ask a server of the run.

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

fn psql(start: &mut Start<'_, '_>) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let env = |start: &Start<'_, '_>, name: &str| start.call.env.get(name).cloned();
    let program = start.call.argv[0].rsplit('/').next().unwrap_or("psql").to_owned();
    if args.iter().any(|word| word == "--version") {
        return said(&format!("{program} (PostgreSQL) 16.9"), "", 0);
    }
    let mut host = start.option(&["-h", "--host"]).or_else(|| env(start, "PGHOST"));
    let mut port = start
        .option(&["-p", "--port"])
        .or_else(|| env(start, "PGPORT"))
        .and_then(|port| port.parse().ok())
        .unwrap_or(5432);
    let mut user = start
        .option(&["-U", "--username"])
        .or_else(|| env(start, "PGUSER"))
        .unwrap_or_else(|| "root".into());
    let mut password = env(start, "PGPASSWORD").unwrap_or_default();
    let mut database = start.option(&["-d", "--dbname"]).or_else(|| env(start, "PGDATABASE"));
    let valued = ["-h", "-p", "-U", "-d", "-c", "-f", "-v", "-o", "-F", "-t"];
    let free = operands(&args, &valued).first().cloned();
    if let Some(url) = database.clone().or(free).filter(|text| text.contains("://")) {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let (who, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        if let Some((name, secret)) = who.split_once(':') {
            (user, password) = (name.to_owned(), secret.to_owned());
        }
        let (authority, name) = place.split_once('/').unwrap_or((place, ""));
        let (name_of_host, number) = authority.split_once(':').unwrap_or((authority, "5432"));
        host = Some(name_of_host.to_owned());
        port = number.parse().unwrap_or(5432);
        database = Some(name.split('?').next().unwrap_or(name).to_owned());
    }
    let statement = start.option(&["-c", "--command"]);
    let script = start.option(&["-f", "--file"]).and_then(|path| start.read(&path));
    let ready = program == "pg_isready";
    if !ready
        && statement.is_none()
        && script.is_none()
        && start.call.stdin.is_none()
        && program == "psql"
    {
        return Behaviour { reads: true, ..done(0) };
    }
    let stdin = start.call.stdin.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let body = statement.or(script).or(stdin).unwrap_or_default();
    let mut server = start.server_of(host, port, "socket");
    let database = database.unwrap_or_else(|| user.clone());
    let mut headers = vec![
        ("user".to_owned(), user),
        ("password".to_owned(), password),
        ("database".to_owned(), database),
    ];
    if server.local || server.host == "127.0.0.1" || server.host == "localhost" {
        // The image's pg_hba.conf believes connections from the same machine.
        headers.push(("local".to_owned(), String::new()));
    }
    let port = server.port;
    let reached = start.ask(&mut server, if ready { "tcp" } else { "sql" }, &body, &headers);
    if ready {
        let place =
            if server.local { "/var/run/postgresql".to_owned() } else { server.host.clone() };
        let quiet = args.iter().any(|word| word == "-q" || word == "--quiet");
        let (text, code) = match reached {
            Reached::Said(_) => ("accepting connections", 0),
            _ => ("no response", 2),
        };
        return said(
            &if quiet { String::new() } else { format!("{place}:{port} - {text}") },
            "",
            code,
        );
    }
    let place = if server.local {
        format!("on socket \"/var/run/postgresql/.s.PGSQL.{port}\"")
    } else if server.host == server.address {
        format!("at \"{}\", port {port}", server.host)
    } else {
        format!("at \"{}\" ({}), port {port}", server.host, server.address)
    };
    let quiet = args.iter().any(|word| {
        word.starts_with('-') && !word.starts_with("--") && word.contains('t') && word.len() <= 4
    });
    match reached {
        Reached::Said(text) => match text.strip_prefix('!') {
            Some(error) => said(
                "",
                &format!("{program}: error: connection to server {place} failed: {error}"),
                2,
            ),
            None if quiet => said(&tuples(&text), "", 0),
            None => said(&text, "", 0),
        },
        Reached::Unresolved => said(
            "",
            &format!(
                "{program}: error: could not translate host name \"{}\" to address: Name or service not known",
                server.host
            ),
            2,
        ),
        Reached::Refused if server.local => said(
            "",
            &format!(
                "{program}: error: connection to server {place} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?"
            ),
            2,
        ),
        Reached::Refused => said(
            "",
            &format!(
                "{program}: error: connection to server {place} failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
            ),
            2,
        ),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    }
}

/// The rows of a table without head and foot.
fn tuples(text: &str) -> String {
    let rows = text.lines().skip(2).filter(|line| !line.starts_with('('));
    rows.map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn mysql(start: &mut Start<'_, '_>) -> Behaviour {
    let argv = start.call.argv.to_vec();
    let program = argv[0].rsplit('/').next().unwrap_or("mysql").to_owned();
    let admin = program.ends_with("admin");
    let env = |start: &Start<'_, '_>, name: &str| start.call.env.get(name).cloned();
    let host = start.option(&["-h", "--host"]).or_else(|| env(start, "MYSQL_HOST"));
    let port = start.option(&["-P", "--port"]).and_then(|port| port.parse().ok()).unwrap_or(3306);
    let user = start.option(&["-u", "--user"]).unwrap_or_else(|| "root".into());
    // A password is never a word of its own: `-psecret`, `--password=secret`.
    let given = argv.iter().skip(1).find_map(|word| {
        word.strip_prefix("--password=")
            .or_else(|| word.strip_prefix("-p"))
            .filter(|_| !word.starts_with("-P"))
    });
    let warns = given.is_some_and(|text| !text.is_empty()) && !program.starts_with("maria");
    let password = given.map(str::to_owned).or_else(|| env(start, "MYSQL_PWD")).unwrap_or_default();
    let statement = start.option(&["-e", "--execute"]);
    if !admin && statement.is_none() && start.call.stdin.is_none() {
        return Behaviour { reads: true, ..done(0) };
    }
    let stdin = start.call.stdin.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let body = statement.or(stdin).unwrap_or_default();
    let host = host.filter(|host| host != "localhost");
    let mut server = start.server_of(host, port, "socket");
    let valued = ["-h", "-P", "-u", "-e", "--host", "--port", "--user", "--execute"];
    let database = start
        .option(&["-D", "--database"])
        .or_else(|| operands(&argv[1..], &valued).first().cloned());
    let database = database.filter(|_| !admin).unwrap_or_default();
    let headers = vec![
        ("user".to_owned(), user),
        ("password".to_owned(), password),
        ("database".to_owned(), database),
    ];
    let command = operands(&argv[1..], &valued).first().cloned().unwrap_or_default();
    let reached = start.ask(&mut server, "sql", &body, &headers);
    let socket = "/var/run/mysqld/mysqld.sock";
    let found = match reached {
        Reached::Said(text) if admin => match (command.as_str(), text.strip_prefix('!')) {
            // A server that refuses the user is alive all the same.
            ("ping", Some(error)) => said(
                "",
                &format!(
                    "{program}: connect to server at 'localhost' failed\nerror: '{}'",
                    error.split_once("): ").map_or(error, |(_, text)| text)
                ),
                0,
            ),
            ("ping", None) => said("mysqld is alive", "", 0),
            ("status", None) => said(
                "Uptime: 60  Threads: 2  Questions: 5  Slow queries: 0  Opens: 119  Flush tables: 3  Open tables: 38  Queries per second avg: 0.083",
                "",
                0,
            ),
            (_, Some(error)) => said(
                "",
                &format!("{program}: connect to server at 'localhost' failed\nerror: '{error}'"),
                1,
            ),
            ("shutdown", None) => {
                if let Some(pid) = start.own.listener(port).map(|found| found.pid) {
                    start.own.kill(pid, podplay_shell::Signal::TERM);
                }
                done(0)
            }
            _ => done(0),
        },
        Reached::Said(text) => match text.strip_prefix('!') {
            Some(error) => said("", error, 1),
            None => said(&text, "", 0),
        },
        Reached::Unresolved if admin => said(
            "",
            &format!(
                "{program}: connect to server at '{}' failed\nerror: 'Unknown MySQL server host '{}' (-2)'\nCheck that mysqld is running on {} and that the port is {port}.\nYou can check this by doing 'telnet {} {port}'",
                server.host, server.host, server.host, server.host
            ),
            1,
        ),
        Reached::Unresolved => said(
            "",
            &format!("ERROR 2005 (HY000): Unknown MySQL server host '{}' (-2)", server.host),
            1,
        ),
        Reached::Refused if admin && server.local => said(
            "",
            &format!(
                "{program}: connect to server at 'localhost' failed\nerror: 'Can't connect to local MySQL server through socket '{socket}' (2)'\nCheck that mysqld is running and that the socket: '{socket}' exists!"
            ),
            1,
        ),
        Reached::Refused if admin => said(
            "",
            &format!(
                "{program}: connect to server at '{}' failed\nerror: 'Can't connect to MySQL server on '{}:{port}' (111)'\nCheck that mysqld is running on {} and that the port is {port}.\nYou can check this by doing 'telnet {} {port}'",
                server.host, server.host, server.host, server.host
            ),
            1,
        ),
        Reached::Refused if server.local => said(
            "",
            &format!(
                "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '{socket}' (2)"
            ),
            1,
        ),
        Reached::Refused => said(
            "",
            &format!(
                "ERROR 2003 (HY000): Can't connect to MySQL server on '{}:{port}' (111)",
                server.host
            ),
            1,
        ),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    };
    let warning = format!(
        "{program}: [Warning] Using a password on the command line interface can be insecure."
    );
    let errors = warns.then_some((0, warning)).into_iter().chain(found.errors).collect();
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
