//! What lies outside a container, as its processes reach it.

use crate::ids::{At, ContainerIx, Uid};
use crate::images;
use crate::network::{self, From};
use crate::world::World;
use podplay_shell::{Behaviour, Call, Host, Lookup, Outcome, Reply, Request, Userland, Volumes};

/// A pod's surroundings for one of its containers.
pub(crate) struct PodHost<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) volumes: Volumes,
    pub(crate) uid: Uid,
    pub(crate) ix: ContainerIx,
    pub(crate) image: String,
}

impl PodHost<'_> {
    /// Which container that is.
    pub(crate) const fn at(&self) -> At {
        At { uid: self.uid, ix: self.ix }
    }
    /// Does something for which the pod's volumes must be where they belong.
    fn settled<T>(&mut self, act: impl FnOnce(&mut World) -> T) -> T {
        self.swap();
        let result = act(self.world);
        self.swap();
        result
    }
    fn swap(&mut self) {
        if let Some(worker) = self.world.workers.get_mut(&self.uid) {
            std::mem::swap(&mut worker.volumes, &mut self.volumes);
        }
    }
    /// Sends something from a process of this container.
    pub(crate) fn exchange(
        &mut self,
        own: &mut Userland,
        what: &network::Exchange<'_>,
    ) -> network::Answer {
        let at = self.at();
        self.settled(|world| network::exchange(world, From::Process(at, own), what))
    }
}

impl PodHost<'_> {
    /// Remembers the fault that a process met.
    fn meet(&mut self) {
        if let Some(met) = self.world.take_met()
            && let Some(traces) = super::traces_of(self.world, self.uid, self.ix)
        {
            traces.met = Some(met.fault);
        }
    }
    /// Remembers a host that did not answer a process.
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
        self.meet();
        self.note(name, 0, matches!(found, Lookup::Addresses { .. }));
        found
    }
    fn request(&mut self, request: &Request) -> Reply {
        let uid = self.uid;
        let reply = self.settled(|world| network::request(world, From::Pod(uid), request));
        self.meet();
        reply
    }
    fn request_from(&mut self, request: &Request, own: &mut Userland) -> Reply {
        let at = self.at();
        let reply = self.settled(|world| network::request(world, From::Process(at, own), request));
        self.meet();
        let answered = matches!(reply.outcome, Outcome::Http { .. } | Outcome::Connected { .. });
        let named = request.headers.iter().find(|(name, _)| name == "Host");
        let name = named.map_or(&request.host, |(_, name)| name);
        self.note(name, request.port, answered);
        reply
    }
    fn program(&mut self, _: &[String]) -> Option<Behaviour> {
        None
    }
    fn start(&mut self, call: &Call<'_>, own: &mut Userland) -> Option<Behaviour> {
        images::start(self, own, call)
    }
    fn signal_outside(&mut self, pid: u32, signal: podplay_shell::Signal) {
        let (uid, ix) = (self.uid, self.ix);
        self.settled(|world| super::process::signal_neighbour(world, uid, ix, pid, signal));
    }
    fn port_taken(&mut self, port: u16) -> bool {
        network::taken(self.world, self.uid, self.ix, port)
    }
}
