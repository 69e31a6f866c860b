//! What lies outside of the container: ports, names, requests.

use super::*;

impl Sys<'_> {
    pub(crate) fn listen(&mut self, port: u16, program: &str, served: Served) -> bool {
        if let Some(bound) = self.u.ports.get(&port) {
            return bound.listener.pid == self.pid;
        }
        if self.host.port_taken(port) {
            return false;
        }
        let (since, pid) = (self.u.now, self.pid);
        let listener = Listener { port, since, pid, program: program.into() };
        self.u.ports.insert(port, Bound { listener, served });
        self.effect(EffectKind::Listening { port });
        true
    }
    /// Hands an open port over to a child.
    pub(crate) fn give_port(&mut self, port: u16, child: u32) {
        if let Some(bound) = self.u.ports.get_mut(&port) {
            bound.listener.pid = child;
        }
    }
    /// The resolver: numbers, `/etc/hosts`, then DNS.
    pub(crate) fn resolve(&mut self, name: &str) -> Lookup {
        let found = |address: &str| Lookup::Addresses {
            name: name.to_owned(),
            addresses: vec![address.to_owned()],
        };
        if is_address(name) {
            return found(name);
        }
        let hosts = self.u.fs.read_file(self.host.volumes(), "/etc/hosts", 1 << 16);
        for line in String::from_utf8_lossy(&hosts.unwrap_or_default()).lines() {
            let mut words = line.split('#').next().unwrap_or("").split_whitespace();
            if let Some(address) = words.next()
                && words.any(|word| word.eq_ignore_ascii_case(name))
            {
                return found(address);
            }
        }
        self.host.resolve(name)
    }
    /// Whether a host name leads to an address.
    pub(crate) fn resolves(&mut self, name: &str) -> bool {
        matches!(self.resolve(name), Lookup::Addresses { .. })
    }
    /// A request into the network, or to a server in this container.
    pub(crate) fn request(&mut self, request: &Request) -> Reply {
        let address = match self.resolve(&request.host) {
            Lookup::Addresses { addresses, .. } => addresses.into_iter().next(),
            Lookup::NxDomain | Lookup::Timeout => None,
        };
        let Some(address) = address else { return self.host.request(request) };
        let local = address == "::1" || address == "0.0.0.0" || address.starts_with("127.");
        if local
            && request.proto == Proto::Http
            && let Some(bound) = self.u.ports.get(&request.port)
            && let Served::Files(root) = bound.served.clone()
        {
            let reply =
                super::super::http::serve(self.u, self.host, &root, &request.method, &request.path);
            return Reply {
                after: 0,
                outcome: Outcome::Http {
                    status: reply.status,
                    headers: reply.headers,
                    body: reply.body,
                },
            };
        }
        let mut resolved = request.clone();
        let named = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        if request.host != address && request.proto != Proto::Tcp && !named {
            resolved.headers.push(("Host".to_owned(), request.host.clone()));
        }
        resolved.host = address;
        self.host.request_from(&resolved, self.u)
    }
}
