//! When nothing in a paste says what is wrong: the faults that leave no trace in it, the likeliest first.
//!
//! A paste is made because something is wrong. What fails with an event or a state has been looked for before; what
//! is left are the faults of which neither tells.

use super::life::seconds;
use super::{Certainty, Found, Pod, View};
use crate::verdict::Cause;

/// The faults that are left for what the paste shows.
pub(super) fn likely(view: &View<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = view.pods.iter().filter_map(stopped).collect();
    if out.is_empty() {
        out.extend(unselected(view));
    }
    if out.is_empty() {
        out.extend(unready(view));
    }
    if out.is_empty() {
        out.extend(healthy(view));
    }
    out
}

/// Objects that are all as they should be: what is left are requests that were lost, or a change that never came.
fn healthy(view: &View<'_>) -> Option<Found> {
    let deployment = view.observed.of_kind("Deployment").next();
    let row = view.observed.rows.iter().find(|row| row.kind == "Deployment");
    let name = deployment.map(|seen| &seen.name).or_else(|| row.map(|row| &row.name))?;
    if view.pods.is_empty() || !view.pods.iter().all(|pod| pod.ready() == Some(true)) {
        return None;
    }
    let line =
        deployment.map(|seen| seen.line).or_else(|| row.map(|row| row.row.line)).unwrap_or(0);
    let service = view.observed.of_kind("Service").find(|seen| seen.name != "kubernetes");
    let found = match service {
        Some(service) => lost(view, &service.name),
        None => refused(name),
    };
    Some(found.at(line, "").only(Certainty::Likely))
}

/// A Service whose pods are all ready: requests are lost while pods come, or while they go.
fn lost(view: &View<'_>, service: &str) -> Found {
    let unprobed = view.pods.iter().find_map(|pod| {
        let main = |c: &&super::view::Container| !c.init && pod.of(c, "readinessProbe").is_null();
        pod.containers.iter().find(main).map(|container| container.name.clone())
    });
    let subject = format!("service/{service}");
    match unprobed {
        Some(container) => {
            let cause = Cause::RequestsLostNotReady {
                service: service.to_owned(),
                failed: 0,
                total: 0,
                container: container.clone(),
            };
            Found::new(subject, cause).saying(
                format!("Nothing here fails. If requests to Service {service} fail while pods start: container {container} has no readinessProbe and counts as ready before it answers."),
                format!("여기서 실패한 것은 없습니다. 파드가 시작될 때 서비스 {service}의 요청이 실패한다면, 컨테이너 {container}에 readinessProbe가 없어 응답하기 전부터 준비된 것으로 취급되기 때문입니다."),
            )
        }
        None => {
            let cause =
                Cause::RequestsLostOnRollout { service: service.to_owned(), failed: 0, total: 0 };
            Found::new(subject, cause).saying(
                format!("Nothing here fails. If requests to Service {service} fail during a rollout: its pods are stopped while requests still come (lifecycle.preStop)."),
                format!("여기서 실패한 것은 없습니다. 배포 중에 서비스 {service}의 요청이 실패한다면, 요청이 아직 오는 동안 파드가 종료되기 때문입니다(lifecycle.preStop)."),
            )
        }
    }
}

/// A Deployment that is whole: if a new version does not come, it was never accepted.
fn refused(name: &str) -> Found {
    let object = format!("deployment/{name}");
    let cause = Cause::RolloutRefused {
        object: object.clone(),
        field: "spec.selector".to_owned(),
        message: "field is immutable".to_owned(),
    };
    Found::new(object, cause).saying(
        format!("Nothing here fails: Deployment {name} is whole. If a new version does not come, it was refused when it was applied, most often because spec.selector is immutable."),
        format!("여기서 실패한 것은 없습니다. 디플로이먼트 {name}은(는) 온전합니다. 새 버전이 반영되지 않는다면 적용할 때 거부된 것이며, 흔히 spec.selector가 변경 불가(immutable)이기 때문입니다."),
    )
}

/// A pod of which the last that is known is that it was stopped: had it gone, nobody would ask.
fn stopped(pod: &Pod<'_>) -> Option<Found> {
    let event = pod.events.iter().rfind(|event| {
        event.reason == "Killing" && event.message.starts_with("Stopping container")
    })?;
    if pod.seen.is_some() || !pod.with("Completed").is_empty() {
        return None;
    }
    let ago = event.often.last?.least;
    // The default grace period tells the two apart: behind it the container is gone, whatever it does.
    let found = if ago >= 30 {
        Found::new(pod.subject(), Cause::FinalizerHolds { finalizers: Vec::new() }).saying(
            format!("Pod {} was stopped {ago} s ago, which is longer than the grace period; if it is still there, a finalizer holds it (metadata.finalizers).", pod.name),
            format!("파드 {}은(는) {ago}초 전에 종료 요청을 받았고 유예 기간이 지났습니다. 아직 남아 있다면 파이널라이저(metadata.finalizers)가 붙잡고 있는 것입니다.", pod.name),
        )
    } else {
        let cause = Cause::IgnoresSigterm {
            container: pod.container_name(event),
            signal: "SIGTERM".to_owned(),
            grace: seconds(30),
        };
        Found::new(pod.subject(), cause)
    };
    Some(found.at(event.line, "").because(&event.message).only(Certainty::Likely))
}

/// Workloads whose pods were all started and of which nothing failed: what is asked then is why nobody answers.
fn unselected(view: &View<'_>) -> Option<Found> {
    let healthy = |pod: &Pod<'_>| {
        pod.ready() == Some(true)
            || (pod.seen.is_none() && pod.row.is_none() && !pod.with("Started").is_empty())
    };
    let shown = !view.observed.rows.is_empty() || !view.observed.objects.is_empty();
    let owned = (!shown && view.observed.events.iter().any(|event| event.kind == "ReplicaSet"))
        || view.observed.rows.iter().any(|row| row.kind == "Service" && row.name != "kubernetes");
    if view.pods.is_empty() || !view.pods.iter().all(healthy) || !owned {
        return None;
    }
    if view.observed.of_kind("Service").next().is_some() {
        return None;
    }
    let row =
        view.observed.rows.iter().find(|row| row.kind == "Service" && row.name != "kubernetes");
    let workload = view.observed.events.iter().find(|event| event.kind == "Deployment");
    let of_row = view.observed.rows.iter().find(|row| row.kind == "Deployment");
    let name = row
        .map(|row| row.name.clone())
        .or_else(|| workload.map(|event| event.name.clone()))
        .or_else(|| of_row.map(|row| row.name.clone()))
        .or_else(|| view.pods.first().map(|pod| pod.name.clone()))?;
    let labels = view.pods.iter().find_map(|pod| {
        let map = pod.get("metadata.labels").as_object()?;
        let own = map.iter().find(|(key, _)| *key != "pod-template-hash")?;
        Some(format!("{}={}", own.0, own.1.as_str()?))
    });
    let label = labels.unwrap_or_else(|| "the pods' labels".to_owned());
    let line = row.map_or_else(|| workload.map_or(0, |event| event.line), |row| row.row.line);
    let cause = Cause::SelectorMatchesNothing { selector: name.clone(), nearest: None };
    let found = Found::new(format!("service/{name}"), cause).at(line, "").saying(
        format!("Nothing here fails: every pod of {name} runs. If nobody gets an answer, compare the Service's selector (such as app=…) with {label}; that fault leaves no event."),
        format!("여기서 실패한 것은 없습니다. {name}의 파드는 모두 실행 중입니다. 응답이 없다면 서비스의 셀렉터(예: app=…)를 {label}와(과) 비교하십시오. 이 오류는 이벤트를 남기지 않습니다."),
    );
    Some(found.only(Certainty::Likely))
}

/// A pod that was started once and of which nothing else is known.
fn unready(view: &View<'_>) -> Option<Found> {
    let pod = view.pods.iter().find(|pod| {
        pod.seen.is_none() && pod.ready() != Some(true) && pod.with("Started").len() == 1
    })?;
    let event = pod.with("Started").last().copied()?;
    let neighbour = view.pods.iter().find(|other| other.name != pod.name);
    let found = match neighbour {
        // Something else was applied with it, which it may wait for.
        Some(other) => {
            let cause = Cause::InitWaitsForService {
                container: pod.container_name(event),
                host: other.name.clone(),
                exists: false,
                nearest: None,
            };
            Found::new(pod.subject(), cause).saying(
                format!("Only one container of pod {} was started and nothing failed: it likely waits for something, such as an init container for a Service (of {}); that leaves no event.", pod.name, other.name),
                format!("파드 {}에서는 컨테이너 하나만 시작되었고 실패한 것은 없습니다. 초기화 컨테이너가 서비스({} 등)를 기다리는 것 같습니다. 이런 대기는 이벤트를 남기지 않습니다.", pod.name, other.name),
            )
        }
        None => {
            let cause = Cause::PostStartHangs {
                container: pod.container_name(event),
                asked: "lifecycle.postStart".to_owned(),
            };
            Found::new(pod.subject(), cause).saying(
                format!("Pod {} was started and nothing failed since: what holds a pod up without an event is a postStart hook that does not end.", pod.name),
                format!("파드 {}은(는) 시작되었고 그 뒤로 실패한 것이 없습니다. 이벤트 없이 파드를 붙잡는 것은 끝나지 않는 postStart 훅입니다.", pod.name),
            )
        }
    };
    Some(found.at(event.line, "").because(&event.message).only(Certainty::Likely))
}
