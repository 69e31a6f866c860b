//! What lies outside a container, as its processes reach it.

use crate::images;
use crate::network;
use crate::queue::ContainerIx;
use crate::world::{Uid, World};
use podplay_shell::{Behaviour, Host, Lookup, Outcome, Reply, Request, Volumes};

/// A pod's surroundings for one of its containers.
pub(super) struct PodHost<'a> {
    pub(super) world: &'a mut World,
    pub(super) volumes: Volumes,
    pub(super) uid: Uid,
    pub(super) ix: ContainerIx,
    pub(super) image: String,
}

impl PodHost<'_> {
    /// Remembers whom a process asked in vain.
    fn note(&mut self, host: &str, port: u16, answered: bool) {
        let worker = self.world.workers.get_mut(&self.uid);
        if let Some(instance) = worker.and_then(|worker| worker.newest_mut(self.ix)) {
            instance.asked = (!answered).then(|| (host.to_owned(), port));
        }
    }
}

impl Host for PodHost<'_> {
    fn volumes(&mut self) -> &mut Volumes {
        &mut self.volumes
    }
    fn resolve(&mut self, name: &str) -> Lookup {
        let found = network::dns::resolve(self.world, self.uid, name);
        self.note(name, 0, matches!(found, Lookup::Addresses { .. }));
        found
    }
    fn request(&mut self, request: &Request) -> Reply {
        let reply = network::request(self.world, Some(self.uid), request);
        let answered = matches!(reply.outcome, Outcome::Http { .. } | Outcome::Connected { .. });
        self.note(&request.host, request.port, answered);
        reply
    }
    fn program(&mut self, argv: &[String]) -> Option<Behaviour> {
        images::program(self.world, self.uid, self.ix, &self.image, argv)
    }
}
