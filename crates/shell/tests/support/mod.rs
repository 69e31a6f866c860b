//! A container for tests: runs commands to their end on virtual time.
#![allow(dead_code)]

use podplay_shell::{
    Behaviour, EffectKind, Fs, Host, Lookup, Nanos, Outcome, Proto, Reply, Request, Session,
    SessionState, Setup, SpawnOptions, Stream, Userland, Volumes,
};
use std::collections::BTreeMap;

/// A small world: names, HTTP pages and programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub volumes: Volumes,
    pub names: BTreeMap<String, Vec<String>>,
    pub pages: BTreeMap<String, (u16, Vec<u8>)>,
    pub programs: BTreeMap<String, Behaviour>,
    pub requests: Vec<Request>,
}

impl Host for World {
    fn volumes(&mut self) -> &mut Volumes {
        &mut self.volumes
    }

    fn resolve(&mut self, name: &str) -> Lookup {
        if name.starts_with("slow") {
            return Lookup::Timeout;
        }
        match self.names.get(name) {
            Some(addresses) => {
                Lookup::Addresses { name: name.to_owned(), addresses: addresses.clone() }
            }
            None => Lookup::NxDomain,
        }
    }

    fn request(&mut self, request: &Request) -> Reply {
        self.requests.push(request.clone());
        let after = 1_000_000;
        let known = self.names.contains_key(&request.host)
            || request.host.parse::<std::net::IpAddr>().is_ok()
            || request.host == "localhost";
        if !known {
            return Reply { after, outcome: Outcome::BadName };
        }
        if request.port == 81 {
            return Reply { after: 0, outcome: Outcome::Timeout };
        }
        let server = format!("{}:{}/", request.host, request.port);
        let key = format!("{server}{}", request.path.trim_start_matches('/'));
        let outcome = match (request.proto, self.pages.get(&key)) {
            (Proto::Tcp, _) if self.pages.keys().any(|page| page.starts_with(&server)) => {
                Outcome::Connected { bytes: Vec::new() }
            }
            (Proto::Tcp, _) | (_, None) => Outcome::Refused,
            (_, Some((status, body))) => {
                let headers = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
                Outcome::Http { status: *status, headers, body: body.clone() }
            }
        };
        Reply { after, outcome }
    }

    fn request_from(&mut self, request: &Request, _: &mut Userland) -> Reply {
        let named = |(_, addresses): &(&String, &Vec<String>)| addresses.contains(&request.host);
        let name = self.names.iter().find(named).map(|(name, _)| name.clone());
        let mut request = request.clone();
        request.headers.retain(|(header, _)| header != "Host");
        request.host = name.unwrap_or(request.host);
        self.request(&request)
    }

    fn program(&mut self, argv: &[String]) -> Option<Behaviour> {
        self.programs.get(argv.first()?).cloned()
    }
}

/// A container and its world.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub userland: Userland,
    pub world: World,
    pub now: Nanos,
    pub out: String,
    pub err: String,
    /// Instants at which the budget was spent.
    pub busy: u32,
}

impl Machine {
    pub(crate) fn new(setup: Setup) -> Self {
        Self::with(setup, Fs::busybox(), World::default())
    }

    pub(crate) fn with(setup: Setup, fs: Fs, world: World) -> Self {
        let userland = Userland::new(setup, fs);
        Self { userland, world, now: 0, out: String::new(), err: String::new(), busy: 0 }
    }

    pub(crate) fn spawn(&mut self, argv: &[&str]) -> Session {
        let argv: Vec<String> = argv.iter().map(|a| (*a).to_owned()).collect();
        self.userland
            .spawn(self.now, &argv, SpawnOptions::default(), &mut self.world)
            .expect("the program exists")
    }

    pub(crate) fn sh(&mut self, script: &str) -> Session {
        self.spawn(&["sh", "-c", script])
    }

    /// Runs up to a time.
    pub(crate) fn run_until(&mut self, until: Nanos) {
        loop {
            self.instant();
            match self.userland.next_wakeup() {
                Some(at) if at <= until => self.now = at.max(self.now),
                _ => break,
            }
        }
        self.now = until;
    }

    pub(crate) fn instant(&mut self) {
        let mut budget = podplay_shell::limits::STEPS_PER_INSTANT;
        self.userland.run(self.now, &mut self.world, &mut budget);
        for effect in self.userland.take_effects() {
            match effect.kind {
                EffectKind::Output { stream: Stream::Stdout, bytes } => {
                    self.out += &String::from_utf8_lossy(&bytes);
                }
                EffectKind::Output { stream: Stream::Stderr, bytes } => {
                    self.err += &String::from_utf8_lossy(&bytes);
                }
                EffectKind::Busy => self.busy += 1,
                _ => {}
            }
        }
    }

    /// Runs until a session's root ends, at most `limit`; its status and the time.
    pub(crate) fn finish(&mut self, session: Session, limit: Nanos) -> Option<(u8, Nanos)> {
        let end = self.now + limit;
        loop {
            self.instant();
            if let SessionState::Exited { status, at, .. } = self.userland.session(session) {
                return Some((status.code(), at));
            }
            match self.userland.next_wakeup() {
                Some(at) if at <= end => self.now = at.max(self.now),
                _ => return None,
            }
        }
    }

    pub(crate) fn drained(&self, session: Session) -> bool {
        matches!(self.userland.session(session), SessionState::Exited { drained: true, .. })
    }
}
