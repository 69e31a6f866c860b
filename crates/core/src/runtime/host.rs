//! What lies outside a container, as its processes reach it.

use crate::images;
use crate::network;
use crate::queue::ContainerIx;
use crate::world::{Uid, World};
use podplay_shell::{Behaviour, Host, Lookup, Reply, Request, Volumes};

/// A pod's surroundings for one of its containers.
pub(super) struct PodHost<'a> {
    pub(super) world: &'a mut World,
    pub(super) volumes: Volumes,
    pub(super) uid: Uid,
    pub(super) ix: ContainerIx,
    pub(super) image: String,
}

impl Host for PodHost<'_> {
    fn volumes(&mut self) -> &mut Volumes {
        &mut self.volumes
    }
    fn resolve(&mut self, name: &str) -> Lookup {
        network::dns::resolve(self.world, self.uid, name)
    }
    fn request(&mut self, request: &Request) -> Reply {
        network::request(self.world, Some(self.uid), request)
    }
    fn program(&mut self, argv: &[String]) -> Option<Behaviour> {
        images::program(self.world, self.uid, self.ix, &self.image, argv)
    }
}
