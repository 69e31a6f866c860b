//! Traffic of the last moments: which pods answered the clients of a Service, and how much of it failed.

use podplay_api::SimTime;
use podplay_core::{Record, Subject, What};
use podplay_protocol::Flow;
use podplay_protocol::frame::FLOW_WINDOW;
use std::sync::Arc;

/// Most records that are looked at.
const REACH: usize = 6_000;

/// The flows of the last two seconds before `at`; `trace` ends there.
pub(crate) fn flows(trace: &[Record], at: SimTime) -> Vec<Flow> {
    let mut flows: Vec<Flow> = Vec::new();
    let recent =
        trace.iter().rev().take(REACH).take_while(|record| at.since(record.at) < FLOW_WINDOW);
    for record in recent {
        let (Subject::Object(_, namespace, service), What::Request(request)) =
            (&record.subject, &record.what)
        else {
            continue;
        };
        let found =
            flows.iter().position(|flow| flow.service == *service && flow.namespace == *namespace);
        let index = found.unwrap_or_else(|| {
            flows.push(Flow {
                namespace: Arc::clone(namespace),
                service: Arc::clone(service),
                pods: Vec::new(),
                total: 0,
                failed: 0,
                error: None,
            });
            flows.len() - 1
        });
        let flow = &mut flows[index];
        flow.total += 1;
        let failed = request.end.is_err();
        flow.failed += u32::from(failed);
        if flow.error.is_none() {
            flow.error = request.end.err().map(|lost| lost.to_string().into());
        }
        if let Some(pod) = &request.pod {
            let own = match flow.pods.iter().position(|(name, _, _)| **name == *pod.name) {
                Some(own) => own,
                None => {
                    flow.pods.push((pod.name.as_str().into(), 0, 0));
                    flow.pods.len() - 1
                }
            };
            flow.pods[own].1 += 1;
            flow.pods[own].2 += u32::from(failed);
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::{Flow, flows};
    use podplay_api::SimTime;
    use podplay_playback::Run;

    const SHOP: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: shop\n  labels: {app: shop}\nspec:\n  containers:\n  - name: app\n    image: nginx:1.27\n    ports: [{containerPort: 80}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec:\n  selector: {app: shop}\n  ports: [{port: 80}]\n---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  duration: 1m\n  traffic:\n  - {service: shop, rps: 10}\n  timeline:\n  - {at: 30s, fault: {pod: shop, kind: FailHTTP, status: 500}}\n";

    #[test]
    fn requests_are_counted_by_pod_and_failure() {
        let mut run = Run::new(SHOP);
        run.finish();
        let at = |seconds| {
            let at = SimTime::from_secs(seconds);
            flows(&run.trace()[..run.records_until(at)], at).remove(0)
        };
        let [early, fine, broken] = [at(1), at(25), at(40)];
        assert_eq!((early.percent(), early.pods.len()), (100, 0), "nobody answers yet");
        assert_eq!((Flow::rate(fine.total), fine.percent()), (10, 0));
        assert_eq!(&*fine.pods[0].0, "shop");
        assert_eq!((broken.percent(), broken.error.as_deref()), (100, Some("HTTP 500")));
    }
}
