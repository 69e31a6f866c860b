//! Which endpoint a request goes to: what kube-proxy or a load balancer knows at that moment.

use crate::ids::Uid;
use crate::network::endpoints as routes;
use crate::traffic::state::Client;
use crate::world::World;
use podplay_api::{ServiceSpec, SimTime, Value};
use std::time::Duration;

/// How long `sessionAffinity: ClientIP` lasts by default, in seconds.
///
/// Models `pkg/apis/core/v1/defaults.go` DefaultClientIPServiceAffinitySeconds.
const AFFINITY_SECONDS: u64 = 10_800;

/// The endpoints that a client's side knows now.
pub(super) fn known(world: &mut World, number: u32, spec: &ServiceSpec) -> Vec<Uid> {
    let Some(client) = world.traffic.clients.get(&number) else { return Vec::new() };
    let key = client.wants.service.clone();
    if let Some(delay) = client.wants.outside {
        let now = world.now;
        let ready = routes::ready(world, &key);
        let Some(client) = world.traffic.clients.get_mut(&number) else { return Vec::new() };
        return remembered(client, ready, now, delay);
    }
    let mut found = routes::backends(world, &key);
    if spec.internal_traffic_policy == "Local" {
        let node = client.wants.node.clone().or_else(|| world.nodes.keys().next().cloned());
        found.retain(|uid| {
            world.workers.get(uid).is_some_and(|worker| Some(&worker.node) == node.as_ref())
        });
    }
    found
}

/// What was ready so long ago; at first what is ready now.
fn remembered(client: &mut Client, ready: Vec<Uid>, now: SimTime, delay: Duration) -> Vec<Uid> {
    let history = &mut client.history;
    if history.last().is_none_or(|(_, last)| *last != ready) {
        history.push((now, ready));
    }
    let old = history.iter().rposition(|(since, _)| *since + delay <= now).unwrap_or(0);
    history.drain(..old);
    history.first().map(|(_, list)| list.clone()).unwrap_or_default()
}

/// One of the endpoints: the one that affinity leads to, or any.
///
/// Models the statistic rules of `pkg/proxy/iptables/proxier.go`, and its `recent` rules for affinity.
pub(super) fn pick(
    world: &mut World,
    number: u32,
    spec: &ServiceSpec,
    endpoints: &[Uid],
) -> Option<Uid> {
    let sticky = spec.session_affinity == "ClientIP";
    let (now, client) = (world.now, world.traffic.clients.get(&number)?);
    let key = client.wants.service.clone();
    let kept = client.affinity.filter(|(uid, used)| {
        sticky && endpoints.contains(uid) && now.since(*used) <= affinity(spec)
    });
    let uid = match kept {
        Some((uid, _)) => uid,
        None => {
            let n = u64::from(world.count("service pick"));
            let draw = world.draw("service pick", &key.name, n);
            let count = u64::try_from(endpoints.len()).ok().filter(|count| *count > 0)?;
            *endpoints.get(usize::try_from(draw % count).ok()?)?
        }
    };
    if sticky && let Some(client) = world.traffic.clients.get_mut(&number) {
        client.affinity = Some((uid, now));
    }
    Some(uid)
}

fn affinity(spec: &ServiceSpec) -> Duration {
    let config = spec.session_affinity_config.pointer("/clientIP/timeoutSeconds");
    Duration::from_secs(config.and_then(Value::as_u64).unwrap_or(AFFINITY_SECONDS))
}
