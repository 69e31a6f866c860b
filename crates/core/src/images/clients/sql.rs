//! Clients of SQL servers.

use super::*;

/// Where a PostgreSQL client connects to, and as whom.
struct Connection {
    host: Option<String>,
    port: u16,
    user: String,
    password: String,
    database: Option<String>,
}

impl Connection {
    /// From options, environment, and a connection URI, which overrides them.
    fn of(start: &Start<'_, '_>, args: &[String]) -> Self {
        let env = |name: &str| start.call.env.get(name).cloned();
        let port = start.option(&["-p", "--port"]).or_else(|| env("PGPORT"));
        let user = start.option(&["-U", "--username"]).or_else(|| env("PGUSER"));
        let mut connection = Self {
            host: start.option(&["-h", "--host"]).or_else(|| env("PGHOST")),
            port: port.and_then(|port| port.parse().ok()).unwrap_or(5432),
            user: user.unwrap_or_else(|| "root".into()),
            password: env("PGPASSWORD").unwrap_or_default(),
            database: start.option(&["-d", "--dbname"]).or_else(|| env("PGDATABASE")),
        };
        let valued = ["-h", "-p", "-U", "-d", "-c", "-f", "-v", "-o", "-F", "-t"];
        let free = operands(args, &valued).first().cloned();
        let uri = connection.database.clone().or(free);
        if let Some((_, rest)) = uri.as_deref().and_then(|uri| uri.split_once("://")) {
            connection.read(rest);
        }
        connection
    }
    /// `user:password@host:port/database?options`
    fn read(&mut self, uri: &str) {
        let (who, place) = uri.rsplit_once('@').unwrap_or(("", uri));
        if let Some((name, secret)) = who.split_once(':') {
            (self.user, self.password) = (name.to_owned(), secret.to_owned());
        }
        let (authority, name) = place.split_once('/').unwrap_or((place, ""));
        let (host, port) = authority.split_once(':').unwrap_or((authority, "5432"));
        self.host = Some(host.to_owned());
        self.port = port.parse().unwrap_or(5432);
        self.database = Some(name.split('?').next().unwrap_or(name).to_owned());
    }
    fn headers(&self) -> Vec<(String, String)> {
        let database = self.database.clone().unwrap_or_else(|| self.user.clone());
        vec![
            ("user".to_owned(), self.user.clone()),
            ("password".to_owned(), self.password.clone()),
            ("database".to_owned(), database),
        ]
    }
}

pub(super) fn psql(start: &mut Start<'_, '_>) -> Behaviour {
    let args = start.call.argv.get(1..).unwrap_or_default().to_vec();
    let program = start.call.argv[0].rsplit('/').next().unwrap_or("psql").to_owned();
    if args.iter().any(|word| word == "--version") {
        return said(&format!("{program} (PostgreSQL) 16.9"), "", 0);
    }
    let connection = Connection::of(start, &args);
    let statement = start.option(&["-c", "--command"]);
    let script = start.option(&["-f", "--file"]).and_then(|path| start.read(&path));
    let stdin = start.call.stdin.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let body = statement.or(script).or(stdin);
    if body.is_none() && program == "psql" {
        return Behaviour { reads: true, ..done(0) };
    }
    let mut server = start.server_of(connection.host.clone(), connection.port, "socket");
    if program == "pg_isready" {
        let quiet = args.iter().any(|word| word == "-q" || word == "--quiet");
        let reached = start.ask(&mut server, "tcp", "", &connection.headers());
        return is_ready(&server, &reached, quiet);
    }
    let mut headers = connection.headers();
    if server.local || server.host == "127.0.0.1" || server.host == "localhost" {
        // The image's pg_hba.conf believes connections from the same machine.
        headers.push(("local".to_owned(), String::new()));
    }
    let reached = start.ask(&mut server, "sql", &body.unwrap_or_default(), &headers);
    let tuples_only = args.iter().any(|word| {
        word.starts_with('-') && !word.starts_with("--") && word.contains('t') && word.len() <= 4
    });
    match reached {
        Reached::Said(text) if tuples_only && !text.starts_with('!') => said(&tuples(&text), "", 0),
        reached => answered(&program, &server, reached),
    }
}

/// What `pg_isready` prints.
fn is_ready(server: &Server, reached: &Reached, quiet: bool) -> Behaviour {
    let place = if server.local { "/var/run/postgresql" } else { &server.host };
    let (text, code) = match reached {
        Reached::Said(_) => ("accepting connections", 0),
        _ => ("no response", 2),
    };
    let line = format!("{place}:{} - {text}", server.port);
    said(if quiet { "" } else { &line }, "", code)
}

/// What libpq's clients print of an answer, or of none.
fn answered(program: &str, server: &Server, reached: Reached) -> Behaviour {
    let port = server.port;
    let place = if server.local {
        format!("on socket \"/var/run/postgresql/.s.PGSQL.{port}\"")
    } else if server.host == server.address {
        format!("at \"{}\", port {port}", server.host)
    } else {
        format!("at \"{}\" ({}), port {port}", server.host, server.address)
    };
    let failed = |why: &str| {
        said("", &format!("{program}: error: connection to server {place} failed: {why}"), 2)
    };
    match reached {
        Reached::Said(text) => match text.strip_prefix('!') {
            Some(error) => failed(error),
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
        Reached::Refused if server.local => failed(
            "No such file or directory\n\tIs the server running locally and accepting connections on that socket?",
        ),
        Reached::Refused => failed(
            "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
        ),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    }
}

/// The rows of a table without head and foot.
pub(super) fn tuples(text: &str) -> String {
    let rows = text.lines().skip(2).filter(|line| !line.starts_with('('));
    rows.map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Where MySQL's clients look for the local server.
const MYSQL_SOCKET: &str = "/var/run/mysqld/mysqld.sock";

pub(super) fn mysql(start: &mut Start<'_, '_>) -> Behaviour {
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
    let operand = operands(&argv[1..], &valued).first().cloned();
    let database = start.option(&["-D", "--database"]).or_else(|| operand.clone());
    let headers = vec![
        ("user".to_owned(), user),
        ("password".to_owned(), password),
        ("database".to_owned(), database.filter(|_| !admin).unwrap_or_default()),
    ];
    let reached = start.ask(&mut server, "sql", &body, &headers);
    let found = if admin {
        mysqladmin(start, &program, &server, &operand.unwrap_or_default(), reached)
    } else {
        mysql_answered(&server, reached)
    };
    let warning = format!(
        "{program}: [Warning] Using a password on the command line interface can be insecure."
    );
    let errors = warns.then_some((0, warning)).into_iter().chain(found.errors).collect();
    Behaviour { errors, ..found }
}

/// What the `mysql` client prints of an answer, or of none.
fn mysql_answered(server: &Server, reached: Reached) -> Behaviour {
    let (host, port) = (&server.host, server.port);
    let failed = |text: &str| said("", text, 1);
    match reached {
        Reached::Said(text) => match text.strip_prefix('!') {
            Some(error) => failed(error),
            None => said(&text, "", 0),
        },
        Reached::Unresolved => {
            failed(&format!("ERROR 2005 (HY000): Unknown MySQL server host '{host}' (-2)"))
        }
        Reached::Refused if server.local => failed(&format!(
            "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '{MYSQL_SOCKET}' (2)"
        )),
        Reached::Refused => failed(&format!(
            "ERROR 2003 (HY000): Can't connect to MySQL server on '{host}:{port}' (111)"
        )),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    }
}

/// What `mysqladmin COMMAND` does and prints.
fn mysqladmin(
    start: &mut Start<'_, '_>,
    program: &str,
    server: &Server,
    command: &str,
    reached: Reached,
) -> Behaviour {
    let (host, port) = (&server.host, server.port);
    let failed = |place: &str, error: &str, hint: &str, code: u8| {
        let line =
            format!("{program}: connect to server at '{place}' failed\nerror: '{error}'{hint}");
        said("", &line, code)
    };
    let telnet = format!(
        "\nCheck that mysqld is running on {host} and that the port is {port}.\nYou can check this by doing 'telnet {host} {port}'"
    );
    match reached {
        Reached::Said(text) => match (command, text.strip_prefix('!')) {
            // A server that refuses the user is alive all the same.
            ("ping", Some(error)) => {
                failed("localhost", error.split_once("): ").map_or(error, |(_, text)| text), "", 0)
            }
            ("ping", None) => said("mysqld is alive", "", 0),
            ("status", None) => said(
                "Uptime: 60  Threads: 2  Questions: 5  Slow queries: 0  Opens: 119  Flush tables: 3  Open tables: 38  Queries per second avg: 0.083",
                "",
                0,
            ),
            (_, Some(error)) => failed("localhost", error, "", 1),
            ("shutdown", None) => {
                if let Some(pid) = start.own.listener(port).map(|found| found.pid) {
                    start.own.kill(pid, podplay_shell::Signal::TERM);
                }
                done(0)
            }
            _ => done(0),
        },
        Reached::Unresolved => {
            failed(host, &format!("Unknown MySQL server host '{host}' (-2)"), &telnet, 1)
        }
        Reached::Refused if server.local => failed(
            "localhost",
            &format!("Can't connect to local MySQL server through socket '{MYSQL_SOCKET}' (2)"),
            &format!(
                "\nCheck that mysqld is running and that the socket: '{MYSQL_SOCKET}' exists!"
            ),
            1,
        ),
        Reached::Refused => failed(
            host,
            &format!("Can't connect to MySQL server on '{host}:{port}' (111)"),
            &telnet,
            1,
        ),
        Reached::Silent => Behaviour { exit: None, ..done(0) },
    }
}
