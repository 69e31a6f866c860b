//! Clients of SQL servers.

use super::*;

pub(super) fn psql(start: &mut Start<'_, '_>) -> Behaviour {
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
pub(super) fn tuples(text: &str) -> String {
    let rows = text.lines().skip(2).filter(|line| !line.starts_with('('));
    rows.map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

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
