//! Databases of the catalogue: redis, and those that speak SQL.

use super::program::Spec;
use super::served::Served;
use super::start::{Start, in_use};
use crate::network::{Answer, Exchange};
use podplay_shell::{Behaviour, Signal, Userland};
use std::collections::BTreeMap;

/// redis with its keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redis {
    password: Option<String>,
    keys: BTreeMap<String, String>,
    port: u16,
}

/// An SQL database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    /// `postgres` or `mysql`.
    pub(crate) kind: String,
    /// Users and their passwords; an empty one is none at all.
    users: BTreeMap<String, String>,
    databases: Vec<String>,
    /// Everybody is believed.
    trust: bool,
}

/// Whether the name of a kind in the catalogue is one of these.
pub(crate) fn knows(kind: &str) -> bool {
    matches!(kind, "redis" | "postgres" | "mysql")
}

/// Starts a server.
pub(crate) fn start(start: &mut Start<'_, '_>, kind: &str, spec: &Spec) -> Behaviour {
    if let Some(failed) = start.refused(spec) {
        return failed;
    }
    match kind {
        "redis" => start_redis(start, spec),
        _ => start_sql(start, kind, spec),
    }
}

fn start_redis(start: &mut Start<'_, '_>, spec: &Spec) -> Behaviour {
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let args = start.call.argv.get(1..).unwrap_or_default();
    if let Some(file) = args.first().filter(|word| !word.starts_with('-')) {
        let text = start.read(file);
        let unknown = text.is_none() && start.may_be_filled(file);
        let Some(text) = text.or_else(|| unknown.then(String::new)) else {
            let line = format!(
                "1:C # Fatal error, can't open config file '{file}': No such file or directory"
            );
            return super::start::said(&start.fill(&line), "", 1);
        };
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if let Some((key, value)) = line.split_once(char::is_whitespace) {
                settings.insert(key.to_lowercase(), value.trim().trim_matches('"').to_owned());
            }
        }
    }
    let mut words = args.iter().peekable();
    while let Some(word) = words.next() {
        let Some(key) = word.strip_prefix("--") else { continue };
        let mut value: Vec<&str> = Vec::new();
        while let Some(next) = words.next_if(|next| !next.starts_with("--")) {
            value.push(next);
        }
        if !REDIS_SETTINGS.contains(&key.to_lowercase().as_str()) {
            let given = value.iter().map(|value| format!(" \"{value}\"")).collect::<String>();
            let said = format!(
                "\n*** FATAL CONFIG FILE ERROR (Redis 7.2.10) ***\nReading the configuration file, at line 2\n>>> '{key}{given}'\nBad directive or wrong number of arguments"
            );
            return super::start::said("", &said, 1);
        }
        settings.insert(key.to_lowercase(), value.join(" "));
    }
    let port = settings.get("port").and_then(|port| port.parse().ok()).unwrap_or(6379);
    let password = settings.get("requirepass").filter(|text| !text.is_empty()).cloned();
    let served = Served::Redis(Redis { password, keys: BTreeMap::new(), port });
    let tag = start.serve("redis", served);
    let mut found = start.listener(spec, &tag, vec![port]);
    found.on_signal = [Signal::TERM, Signal::INT].map(|signal| (signal, 10_000_000, 0)).to_vec();
    // A daemon's first process ends, and with it the container.
    if settings.get("daemonize").is_some_and(|value| value == "yes") {
        found.exit = Some((20_000_000, 0));
    }
    found
}

/// The settings that redis knows.
const REDIS_SETTINGS: &[&str] = &[
    "port",
    "bind",
    "protected-mode",
    "requirepass",
    "masterauth",
    "appendonly",
    "appendfsync",
    "save",
    "dir",
    "dbfilename",
    "maxmemory",
    "maxmemory-policy",
    "loglevel",
    "logfile",
    "databases",
    "timeout",
    "tcp-keepalive",
    "tcp-backlog",
    "daemonize",
    "supervised",
    "pidfile",
    "replicaof",
    "slaveof",
    "replica-announce-ip",
    "replica-announce-port",
    "cluster-enabled",
    "cluster-config-file",
    "cluster-node-timeout",
    "user",
    "aclfile",
    "io-threads",
    "lazyfree-lazy-eviction",
    "rename-command",
    "tls-port",
    "tls-cert-file",
    "tls-key-file",
    "tls-ca-cert-file",
    "notify-keyspace-events",
    "maxclients",
    "hz",
    "repl-diskless-sync",
    "min-replicas-to-write",
    "loadmodule",
    "unixsocket",
    "always-show-logo",
    "stop-writes-on-bgsave-error",
    "rdbcompression",
    "include",
    "appenddirname",
    "appendfilename",
    "auto-aof-rewrite-percentage",
    "auto-aof-rewrite-min-size",
    "sentinel",
    "replica-read-only",
    "slave-read-only",
    "activedefrag",
    "latency-monitor-threshold",
    "slowlog-max-len",
    "slowlog-log-slower-than",
    "cluster-announce-ip",
    "cluster-require-full-coverage",
    "repl-timeout",
    "enable-debug-command",
];

impl Redis {
    /// Answers the commands of one connection, one a line; a header `auth` is the password that it gives.
    pub(crate) fn answer(&mut self, process: &mut Userland, what: &Exchange<'_>) -> Answer {
        let raw = what.scheme == "tcp";
        if !raw && what.scheme != "redis" {
            return Answer::Open { bytes: Vec::new() };
        }
        let text = String::from_utf8_lossy(what.body).into_owned();
        let mut known = self.password.is_none();
        let mut out = String::new();
        if let Some(given) = what.header("auth") {
            match &self.password {
                None => {
                    out += "AUTH failed: ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\n"
                }
                Some(own) if own == given => known = true,
                Some(_) => {
                    out += "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n"
                }
            }
        }
        for line in
            text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty())
        {
            let words = words(line);
            let said = self.command(&words, &mut known, process);
            out += &if raw { resp(&said) } else { format!("{said}\n") };
        }
        Answer::Open { bytes: out.into_bytes() }
    }

    fn command(&mut self, words: &[String], known: &mut bool, process: &mut Userland) -> String {
        let name = words.first().map_or(String::new(), |word| word.to_uppercase());
        let arg = |n: usize| words.get(n).cloned().unwrap_or_default();
        if name == "AUTH" {
            *known = self.password.as_deref() == Some(&arg(words.len().saturating_sub(1)));
            let wrong = "WRONGPASS invalid username-password pair or user is disabled.";
            return if *known { "OK".into() } else { wrong.into() };
        }
        if !*known {
            return "NOAUTH Authentication required.".into();
        }
        match name.as_str() {
            "PING" if words.len() > 1 => arg(1),
            "PING" => "PONG".into(),
            "ECHO" => arg(1),
            "SET" => {
                self.keys.insert(arg(1), arg(2));
                "OK".into()
            }
            "GET" => self.keys.get(&arg(1)).cloned().unwrap_or_default(),
            "INCR" | "DECR" => {
                let step = if name == "INCR" { 1 } else { -1 };
                let slot = self.keys.entry(arg(1)).or_insert_with(|| "0".into());
                let Ok(old) = slot.parse::<i64>() else {
                    return "ERR value is not an integer or out of range".into();
                };
                *slot = old.saturating_add(step).to_string();
                slot.clone()
            }
            "DEL" | "UNLINK" => {
                let count = words[1..].iter().filter(|key| self.keys.remove(*key).is_some()).count();
                count.to_string()
            }
            "EXISTS" => usize::from(self.keys.contains_key(&arg(1))).to_string(),
            "KEYS" => self.keys.keys().cloned().collect::<Vec<_>>().join("\n"),
            "DBSIZE" => self.keys.len().to_string(),
            "FLUSHALL" | "FLUSHDB" => {
                self.keys.clear();
                "OK".into()
            }
            "INFO" => "# Server\nredis_version:7.2.10\nredis_mode:standalone\n\n# Clients\nconnected_clients:1\n\n# Replication\nrole:master\nconnected_slaves:0\nmaster_link_status:up".into(),
            "ROLE" => "master\n0".into(),
            "CONFIG" | "SELECT" | "SAVE" | "CLIENT" | "BGSAVE" | "EXPIRE" => "OK".into(),
            "SHUTDOWN" => {
                if let Some(pid) = process.listener(self.port).map(|found| found.pid) {
                    process.kill(pid, Signal::TERM);
                }
                String::new()
            }
            "LASTSAVE" => (process.unix_nanos() / 1_000_000_000).to_string(),
            "" => String::new(),
            _ => format!("ERR unknown command '{}', with args beginning with: ", words[0]),
        }
    }
}

/// A reply as the protocol writes it.
fn resp(said: &str) -> String {
    let error =
        said.split(' ').next().is_some_and(|word| matches!(word, "ERR" | "NOAUTH" | "WRONGPASS"));
    match (error, said) {
        (true, _) => format!("-{said}\r\n"),
        (_, "PONG" | "OK") => format!("+{said}\r\n"),
        _ => format!("${}\r\n{said}\r\n", said.len()),
    }
}

/// Words with quotes taken off.
pub(super) fn words(line: &str) -> Vec<String> {
    let (mut all, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => all.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    all
}

/// The server refuses to be root's: its image's entrypoint would have changed the user, but the container's own command
/// takes its place.
fn refuses_root(start: &Start<'_, '_>, kind: &str) -> Option<Behaviour> {
    let worker = start.host.world.workers.get(&start.host.uid)?;
    let own = worker.spec(start.host.ix)?.command.first()?;
    let own = own.rsplit('/').next().unwrap_or(own);
    if start.call.uid != 0 || !matches!(own, "postgres" | "mysqld" | "mariadbd") {
        return None;
    }
    let line = if kind == "postgres" {
        "\"root\" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server."
    } else {
        "[ERROR] [MY-010123] [Server] Fatal error: Please read \"Security\" section of the manual to find out how to run mysqld as root!\n[ERROR] [MY-010119] [Server] Aborting"
    };
    Some(super::start::said("", line, 1))
}

fn start_sql(start: &mut Start<'_, '_>, kind: &str, spec: &Spec) -> Behaviour {
    if let Some(refused) = refuses_root(start, kind) {
        return refused;
    }
    let env = |name: &str| start.call.env.get(name).filter(|value| !value.is_empty()).cloned();
    let file = |name: &str| {
        env(name).or_else(|| {
            start.read(&env(&format!("{name}_FILE"))?).map(|text| text.trim().to_owned())
        })
    };
    let mut sql = Sql { kind: kind.to_owned(), ..Sql::default() };
    if kind == "postgres" {
        let user = file("POSTGRES_USER").unwrap_or_else(|| "postgres".into());
        sql.databases =
            vec!["postgres".into(), file("POSTGRES_DB").unwrap_or_else(|| user.clone())];
        sql.users.insert(user, file("POSTGRES_PASSWORD").unwrap_or_default());
        sql.trust = env("POSTGRES_HOST_AUTH_METHOD").as_deref() == Some("trust");
    } else {
        let both = |name: &str| {
            file(&format!("MYSQL_{name}")).or_else(|| file(&format!("MARIADB_{name}")))
        };
        sql.users.insert("root".into(), both("ROOT_PASSWORD").unwrap_or_default());
        if let Some(user) = both("USER") {
            sql.users.insert(user, both("PASSWORD").unwrap_or_default());
        }
        sql.databases = ["information_schema", "mysql", "performance_schema", "sys"]
            .map(str::to_owned)
            .to_vec();
        sql.databases.extend(both("DATABASE"));
    }
    let ports = start.ports(spec);
    // A data directory that has been set up before is ready sooner.
    let data = spec.more.get("data").map(|path| start.fill(path));
    let again = data
        .as_ref()
        .is_some_and(|path| start.own.fs().exists(&start.host.volumes, path).is_some());
    if let Some(path) = &data {
        let _ = start.own.fs_mut().write_file(&mut start.host.volumes, path, b"16\n", 0o600);
    }
    let tag = start.serve(kind, Served::Sql(sql));
    let mut found = start.listener(spec, &tag, ports);
    if again {
        let sooner = spec.more.get("again").and_then(|text| super::fields::nanos(text));
        found.listen_after = sooner.unwrap_or(spec.ready / 3);
        for (at, _) in found.errors.iter_mut().chain(&mut found.log) {
            *at = found.listen_after;
        }
    }
    if spec.in_use.is_none() {
        found.in_use = Some(in_use("could not bind: Address already in use", 1));
    }
    found
}

impl Sql {
    /// Answers a statement; headers give user, password, database and whether the client is in the same container.
    pub(crate) fn answer(&self, what: &Exchange<'_>) -> Answer {
        if what.scheme != "sql" {
            return Answer::Open { bytes: Vec::new() };
        }
        let user = what.header("user").unwrap_or_default();
        let password = what.header("password").unwrap_or_default();
        let local = what.header("local").is_some();
        let database = what.header("database").unwrap_or_default();
        let text = String::from_utf8_lossy(what.body).into_owned();
        let refused = self.refuses(user, password, database, local);
        let said = match refused {
            Some(error) => format!("!{error}"),
            None => self.run(&text),
        };
        Answer::Open { bytes: said.into_bytes() }
    }

    fn refuses(&self, user: &str, password: &str, database: &str, local: bool) -> Option<String> {
        let postgres = self.kind == "postgres";
        let own = self.users.get(user);
        let right = own.is_some_and(|own| own == password);
        if postgres {
            if !(self.trust || local || right) {
                return Some(if password.is_empty() {
                    "fe_sendauth: no password supplied".into()
                } else {
                    format!("FATAL:  password authentication failed for user \"{user}\"")
                });
            }
            if own.is_none() {
                return Some(format!("FATAL:  role \"{user}\" does not exist"));
            }
            let known = database.is_empty() || self.databases.iter().any(|name| name == database);
            return (!known).then(|| format!("FATAL:  database \"{database}\" does not exist"));
        }
        let using = if password.is_empty() { "NO" } else { "YES" };
        if !right {
            return Some(format!(
                "ERROR 1045 (28000): Access denied for user '{user}'@'localhost' (using password: {using})"
            ));
        }
        let known = database.is_empty() || self.databases.iter().any(|name| name == database);
        (!known).then(|| format!("ERROR 1049 (42000): Unknown database '{database}'"))
    }

    fn run(&self, text: &str) -> String {
        let mut out = String::new();
        for statement in text.split(';').map(str::trim).filter(|text| !text.is_empty()) {
            out += &self.statement(statement);
        }
        out
    }

    fn statement(&self, text: &str) -> String {
        let upper = text.to_uppercase();
        let postgres = self.kind == "postgres";
        let first = upper.split_whitespace().next().unwrap_or_default().to_owned();
        let value = match upper.as_str() {
            "SELECT 1" => Some(("?column?", "1")),
            "SELECT VERSION()" => Some((
                "version",
                if postgres {
                    "PostgreSQL 16.9 (Debian 16.9-1.pgdg120+1) on x86_64-pc-linux-gnu"
                } else {
                    "8.0.43"
                },
            )),
            "SELECT NOW()" => Some(("now", "2026-01-01 00:00:00+00")),
            _ => None,
        };
        if let Some((name, value)) = value {
            let name = if postgres { name.to_owned() } else { text[7..].to_owned() };
            return if postgres {
                table(&name, &[value.to_owned()])
            } else {
                format!("{name}\n{value}\n")
            };
        }
        if upper == "SHOW DATABASES" {
            return format!("Database\n{}\n", self.databases.join("\n"));
        }
        if matches!(text, "\\l" | "\\list" | "\\dt" | "\\conninfo") {
            return table("Name", &self.databases);
        }
        if !postgres {
            return String::new();
        }
        match first.as_str() {
            "SELECT" => table("?column?", &[]),
            "CREATE" | "DROP" | "ALTER" => {
                let object = upper.split_whitespace().nth(1).unwrap_or_default();
                format!("{first} {object}\n")
            }
            "INSERT" => "INSERT 0 1\n".into(),
            "" => String::new(),
            other => format!("{other}\n"),
        }
    }
}

/// A table of one column as psql prints it.
fn table(name: &str, rows: &[String]) -> String {
    let width = rows.iter().map(String::len).chain([name.len()]).max().unwrap_or(0);
    let left = (width - name.len()) / 2;
    let right = width - name.len() - left;
    let numeric = rows.iter().all(|row| row.parse::<i64>().is_ok());
    let mut text =
        format!(" {}{name}{} \n{}\n", " ".repeat(left), " ".repeat(right), "-".repeat(width + 2));
    for row in rows {
        text += &if numeric { format!(" {row:>width$}\n") } else { format!(" {row}\n") };
    }
    let count = rows.len();
    text + &format!("({count} row{})\n\n", if count == 1 { "" } else { "s" })
}
