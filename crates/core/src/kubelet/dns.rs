//! What the kubelet says of a pod's resolver configuration.

use crate::events;
use crate::ids::Uid;
use crate::runtime::etc::Dns;
use crate::world::World;
use podplay_api::EventType;

/// Says what of a pod's name servers and search domains was left out.
pub fn complain(world: &mut World, uid: Uid) {
    let Some(worker) = world.workers.get(&uid) else { return };
    for text in Dns::of(worker).complaints {
        events::pod_event(world, uid, None, EventType::Warning, "DNSConfigForming", &text);
    }
}
