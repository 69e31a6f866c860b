//! `nc` on both sides of a connection, and `httpd`.

use super::*;

/// `nc` as a client: sends what it reads, prints what comes back.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) request: Request,
    pub(super) scan: bool,
    pub(super) verbose: bool,
    pub(super) limit: Option<Nanos>,
    pub(super) sent: bool,
    pub(super) due: Option<(Nanos, Reply)>,
}

impl Tool for Client {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if !self.sent && !self.scan {
            match cx.sys.read(0, 65_536) {
                Io::Ready(data) if data.is_empty() => self.sent = true,
                Io::Ready(data) => {
                    self.request.body.extend(cx.sys.bytes(&data));
                    if !cx.sys.has_room(self.request.body.len()) {
                        return Next::Wait(Wait::Forever);
                    }
                    // A request line is answered without waiting for the end of the input.
                    self.sent = self.request.body.ends_with(b"\n\n")
                        || self.request.body.ends_with(b"\r\n\r\n");
                    return Next::Again;
                }
                Io::Block(wait) if self.request.body.is_empty() => return Next::Wait(wait),
                _ => self.sent = true,
            }
        }
        let Some((at, reply)) = self.due.clone() else {
            self.connect(cx);
            return Next::Again;
        };
        if cx.sys.now() < at {
            return Next::Wait(Wait::Until(at));
        }
        let Request { host, port, .. } = &self.request;
        let address = address_of(cx, host);
        match reply.outcome {
            Outcome::Connected { bytes } => {
                if self.verbose {
                    cx.sys.warn(&format!("{host} ({address}:{port}) open"));
                }
                if !self.scan {
                    cx.write(&bytes);
                }
                Next::Exit(0)
            }
            Outcome::Http { body, .. } => {
                if self.verbose {
                    cx.sys.warn(&format!("{host} ({address}:{port}) open"));
                }
                if !self.scan {
                    cx.write(&body);
                }
                Next::Exit(0)
            }
            Outcome::BadName => {
                cx.warn(&format!("bad address '{host}'"));
                Next::Exit(1)
            }
            Outcome::Reset => Next::Exit(0),
            Outcome::Timeout => {
                cx.warn(if self.limit.is_some() {
                    "timed out"
                } else {
                    "can't connect to remote host: Connection timed out"
                });
                Next::Exit(1)
            }
            failure => {
                if self.verbose || !self.scan {
                    let what = if failure == Outcome::Refused {
                        "Connection refused"
                    } else {
                        "No route to host"
                    };
                    cx.warn(&format!("can't connect to remote host ({address}): {what}"));
                }
                Next::Exit(1)
            }
        }
    }

    boxed!();
}

impl Client {
    pub(super) fn connect(&mut self, cx: &mut Cx<'_, '_>) {
        let reply = match cx.sys.resolve(&self.request.host) {
            Lookup::NxDomain | Lookup::Timeout => Reply { after: 0, outcome: Outcome::BadName },
            Lookup::Addresses { .. } => cx.sys.request(&self.request),
        };
        let limit = self.limit.unwrap_or(127 * SECOND);
        let late = reply.after > limit || reply.outcome == Outcome::Timeout;
        let reply = if late { Reply { after: limit, outcome: Outcome::Timeout } } else { reply };
        let at = cx.sys.after(reply.after);
        self.due = Some((at, reply));
    }
}

/// `nc -l`: one connection (or, with `-k` or `-lk`, many), answered from standard input or a program.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) port: u16,
    pub(super) program: Option<Vec<String>>,
    pub(super) again: bool,
    /// A program that answers, the pipe with its output, and what it said.
    pub(super) child: Option<(u32, u32)>,
}

impl Server {
    pub(super) fn accept(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let Some(connection) = cx.sys.connection(self.port).filter(|c| !c.taken) else {
            return Next::Wait(Wait::Forever);
        };
        connection.taken = true;
        let incoming = std::mem::take(&mut connection.incoming);
        if let Some(program) = self.program.clone() {
            return self.answer(cx, &program, incoming);
        }
        let answer = match cx.sys.read(0, 1 << 20) {
            Io::Ready(data) => cx.sys.bytes(&data),
            _ => Vec::new(),
        };
        if let Some(connection) = cx.sys.connection(self.port) {
            connection.outgoing = answer;
            connection.closed = true;
        }
        cx.out.append(&incoming);
        if self.again { Next::Again } else { Next::Exit(0) }
    }

    pub(super) fn answer(
        &mut self,
        cx: &mut Cx<'_, '_>,
        program: &[String],
        incoming: Rope,
    ) -> Next {
        let env = cx.sys.proc().env.clone();
        let path = env.get("PATH").cloned().unwrap_or_default();
        let Ok(loaded) = cx.sys.load(program, &env, &path) else {
            cx.warn(&format!("can't execute '{}': No such file or directory", program[0]));
            return Next::Exit(127);
        };
        let (read, write) = cx.sys.u.new_pipe();
        let stdin = cx.sys.static_desc(incoming);
        let Some(child) = cx.sys.fork(loaded, program.into(), Some(env)) else {
            return Next::Exit(1);
        };
        cx.sys.child_install(child, 0, stdin);
        cx.sys.child_install(child, 1, write);
        let fd = cx.sys.install_from(3, read);
        self.child = Some((child, fd));
        Next::Again
    }
}

impl Tool for Server {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        let Some((child, fd)) = self.child else { return self.accept(cx) };
        match cx.sys.read(fd, 65_536) {
            Io::Ready(data) if !data.is_empty() => {
                let bytes = cx.sys.bytes(&data);
                if let Some(connection) = cx.sys.connection(self.port) {
                    connection.outgoing.extend(bytes);
                    let length = connection.outgoing.len();
                    if !cx.sys.has_room(length) {
                        return Next::Wait(Wait::Forever);
                    }
                }
                Next::Again
            }
            Io::Block(wait) => Next::Wait(wait),
            _ => {
                if cx.sys.reap(child).is_none() {
                    return Next::Wait(Wait::Child);
                }
                cx.sys.close(fd);
                self.child = None;
                if self.again { Next::Again } else { Next::Exit(0) }
            }
        }
    }

    boxed!();
}

pub(super) fn nc(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let usage = "[-iN] [-wN] [-l] [-p PORT] [-f FILE|IPADDR PORT] [-e PROG]\n\nOpen a pipe to IP:PORT or FILE\n";
    let split = args.iter().position(|a| {
        a == "-e" || (a.starts_with('-') && a.ends_with('e') && !a.starts_with("--"))
    });
    let (head, program) = match split {
        Some(at) => {
            let mut head = args[..at].to_vec();
            let letters = args[at].trim_end_matches('e');
            if letters.len() > 1 {
                head.push(letters.to_owned());
            }
            (head, Some(args[at + 1..].to_vec()).filter(|p| !p.is_empty()))
        }
        None => (args.to_vec(), None),
    };
    let options =
        Options::parse(&head, "lzvkuntN46", "pwisq").map_err(|bad| cx.bad_option(&bad, usage))?;
    let port_of = |text: Option<&String>| text.and_then(|t| t.parse::<u16>().ok());
    if options.has('l') {
        let own = options.value('p').map(str::to_owned);
        let port = port_of(own.as_ref()).or_else(|| port_of(options.operands.last()));
        let Some(port) = port else { return Err(cx.usage(usage)) };
        if !cx.sys.listen(port, "nc", Served::Raw) {
            cx.warn("bind: Address already in use");
            return Err(1);
        }
        return Ok(Box::new(Server { port, program, again: options.has('k'), child: None }));
    }
    let (Some(host), Some(port)) = (
        options.operands.first(),
        port_of(options.operands.get(1)).or(if cx.name == "telnet" { Some(23) } else { None }),
    ) else {
        return Err(cx.usage(usage));
    };
    let request = Request {
        proto: Proto::Tcp,
        host: host.clone(),
        port,
        method: String::new(),
        path: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let limit = options.value('w').and_then(duration).filter(|t| *t > 0);
    Ok(Box::new(Client {
        request,
        scan: options.has('z'),
        verbose: options.has('v'),
        limit,
        sent: false,
        due: None,
    }))
}

/// `httpd`: serves files until it is stopped.
#[derive(Clone, Debug)]
pub(super) struct Httpd;

impl Tool for Httpd {
    fn step(&mut self, _: &mut Cx<'_, '_>) -> Next {
        Next::Wait(Wait::Forever)
    }

    boxed!();
}

pub(super) fn httpd(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "ifv", "pucrhdme").map_err(|bad| {
        cx.bad_option(
            &bad,
            "[-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]\n",
        )
    })?;
    let port = options.value('p').and_then(|p| p.rsplit(':').next()).unwrap_or("80");
    let Ok(port) = port.parse::<u16>() else {
        cx.warn(&format!("bad port '{port}'"));
        return Err(1);
    };
    let root = cx.sys.absolute(options.value('h').unwrap_or("."));
    if cx.sys.stat(&root, true).is_err() {
        cx.warn(&format!("can't change directory to '{root}': No such file or directory"));
        return Err(1);
    }
    if !cx.sys.listen(port, "httpd", Served::Files(root.into())) {
        cx.warn("bind: Address already in use");
        return Err(1);
    }
    if options.has('f') {
        return Ok(Box::new(Httpd));
    }
    // Without -f it goes to the background: a child serves, the parent ends.
    let mut argv = args.to_vec();
    argv.insert(1, "-f".to_owned());
    let env = cx.sys.proc().env.clone();
    let path = env.get("PATH").cloned().unwrap_or_default();
    let Ok(program) = cx.sys.load(&argv, &env, &path) else { return Err(1) };
    if let Some(child) = cx.sys.fork(program, argv.into(), None) {
        cx.sys.give_port(port, child);
    }
    Err(0)
}
