//! What clients of Services saw of a run: how many requests failed, when and why.

use crate::recording::seconds;
use crate::run::Run;
use podplay_api::{Value, json};
use podplay_core::What;
use podplay_core::record::{Lost, RequestEnd};
use std::collections::BTreeMap;

/// Most moments that are listed for each kind of failure.
pub const MOST_TIMES: usize = 1000;

/// The failed requests of one client, oldest first, each with the record of its end.
pub fn lost(run: &Run, client: u32) -> impl Iterator<Item = (&podplay_core::Record, &RequestEnd)> {
    run.trace().iter().filter_map(move |record| match &record.what {
        What::Request(end) if end.client == client && end.end.is_err() => Some((record, end)),
        _ => None,
    })
}

/// The `requests` of a recording: a list with an entry for each client.
pub fn requests(run: &Run) -> Value {
    let mut failures: BTreeMap<u32, BTreeMap<Lost, Vec<Value>>> = BTreeMap::new();
    for record in run.trace() {
        if let What::Request(RequestEnd { client, end: Err(lost), .. }) = &record.what {
            let times = failures.entry(*client).or_default().entry(*lost).or_default();
            if times.len() < MOST_TIMES {
                times.push(seconds(record.at));
            }
        }
    }
    let mut clients = Vec::new();
    for (number, client) in run.cluster().traffic() {
        let times = failures.remove(&number).unwrap_or_default();
        let times: BTreeMap<String, Vec<Value>> =
            times.into_iter().map(|(lost, times)| (lost.to_string(), times)).collect();
        let service = &client.wants.service;
        clients.push(json!({
            "client": number,
            "service": *service.name,
            "namespace": *service.namespace,
            "sent": client.seen.total(),
            "failed": client.seen.failures(),
            "failures": times,
        }));
    }
    Value::Array(clients)
}
