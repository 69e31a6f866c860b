//! Simulated clients of Services: requests at a steady rate, and what became of each.
//!
//! A request is sent to an endpoint that the client's side knows at that moment, is in flight for a while, and is
//! answered, refused, cut off or given up. Clients in the cluster go through kube-proxy, whose rules lag behind the
//! slices; clients outside come through an Ingress or load balancer, which learns of endpoints with a delay of its own
//! and connects to pods itself.

mod endpoints;
mod request;
pub mod state;

pub use state::{Client, Seen, State, Wants};

pub(crate) use request::{answer, send};

use crate::apiserver::error::{ApiError, Reason};
use crate::limits;
use crate::queue::Timer;
use crate::world::World;
use std::collections::BTreeMap;
use std::time::Duration;

/// Most requests of one client in a second.
pub const MOST_PER_SECOND: u32 = 1000;
/// Most connections that a client keeps open.
pub const MOST_CONNECTIONS: u32 = 1000;
/// How long a client waits for an answer if it does not say, as `curl -m 10` in many examples.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Starts a client; its first request comes after `after`.
///
/// # Errors
/// `BadRequest` for no or too many requests a second, or too many connections.
pub fn begin(world: &mut World, wants: Wants, after: Duration) -> Result<u32, ApiError> {
    let bad = |message: String| Err(ApiError::new(Reason::BadRequest, message));
    if wants.rps == 0 || wants.rps > MOST_PER_SECOND {
        return bad(format!("rps must be between 1 and {MOST_PER_SECOND}"));
    }
    if wants.connections > MOST_CONNECTIONS {
        return bad(format!("connections must be at most {MOST_CONNECTIONS}"));
    }
    let others = world.traffic.clients.values().map(|client| &client.wants);
    let going = others.filter(|other| other.until.is_none_or(|until| until > world.now));
    let sum = going.map(|other| other.rps).sum::<u32>() + wants.rps;
    if sum > limits::REQUESTS_PER_SECOND {
        let most = limits::REQUESTS_PER_SECOND;
        return bad(format!("podplay sends at most {most} requests a second altogether"));
    }
    let number = world.count("traffic");
    let client = Client {
        wants,
        seen: Seen::default(),
        sent: 0,
        flights: BTreeMap::new(),
        open: BTreeMap::new(),
        affinity: None,
        history: Vec::new(),
    };
    world.traffic.clients.insert(number, client);
    world.arm_in(Timer::Traffic(number), after);
    Ok(number)
}
