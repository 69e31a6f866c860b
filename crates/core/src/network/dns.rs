//! Cluster DNS: Services, headless Services' pods, and names of the world outside.

use crate::ids::Uid;
use crate::runtime::etc::{CLUSTER_DNS, Dns};
use crate::world::World;
use podplay_api::{ServiceSpec, Topic};
use podplay_shell::Lookup;

const DOMAIN: &str = "svc.cluster.local";

/// Resolves a name as a pod's resolver does, search domains included.
pub fn resolve(world: &mut World, uid: Uid, name: &str) -> Lookup {
    if let Some(fault) = world.faults.dns_down() {
        world.meet(fault, false);
        return Lookup::Timeout;
    }
    let name = name.trim_end_matches('.');
    let internet = world.config.assume.has(Topic::Internet) && podplay_api::is_public_name(name);
    let outside = || Lookup::Addresses { name: name.to_owned(), addresses: vec![address(name)] };
    let Some(worker) = world.workers.get(&uid) else { return Lookup::NxDomain };
    let dns = Dns::of(worker);
    if !dns.servers.iter().any(|server| server == CLUSTER_DNS) {
        return if internet { outside() } else { Lookup::NxDomain };
    }
    let searched = dns.searches.iter().map(|domain| format!("{name}.{domain}"));
    let candidates: Vec<String> = searched.chain([name.to_string()]).collect();
    for candidate in candidates {
        if let Some(addresses) = lookup(world, &candidate) {
            return Lookup::Addresses { name: candidate, addresses };
        }
    }
    if internet { outside() } else { Lookup::NxDomain }
}

/// An address of the internet: of the block for documentation, as every host has one of its own.
fn address(name: &str) -> String {
    format!("203.0.113.{}", 1 + crate::random::draw(0, "address", name, 0) % 254)
}

fn lookup(world: &World, full: &str) -> Option<Vec<String>> {
    let of_cluster = full.strip_suffix(DOMAIN)?.strip_suffix('.')?;
    let parts: Vec<&str> = of_cluster.split('.').collect();
    let (host, service, namespace) = match parts.as_slice() {
        [service, namespace] => (None, *service, *namespace),
        [host, service, namespace] => (Some(*host), *service, *namespace),
        _ => return None,
    };
    let resource = world.store.resource("Service", namespace, service)?;
    let spec: ServiceSpec = resource.typed_spec();
    if spec.cluster_ip != "None" {
        return host.is_none().then(|| vec![spec.cluster_ip]);
    }
    let key = crate::apiserver::store::Key::new("Service", namespace, service);
    let pods = crate::network::endpoints::published(world, &key, &spec);
    let named = |uid: &Uid| {
        host.is_none_or(|host| {
            world.workers.get(uid).is_some_and(|worker| {
                worker.pod.spec.hostname == host
                    || (worker.pod.spec.hostname.is_empty() && worker.pod.meta.name == host)
            })
        })
    };
    let addresses: Vec<String> = pods
        .iter()
        .filter(|uid| named(uid))
        .filter_map(|uid| {
            world.workers.get(uid).and_then(|worker| worker.ip().map(|ip| ip.to_string()))
        })
        .collect();
    (!addresses.is_empty()).then_some(addresses)
}
