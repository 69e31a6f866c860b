//! "What next?": the wakeups that are due, in plain words.

use super::Lang;
use podplay_api::SimTime;
use podplay_core::queue::Timer;
use podplay_core::{Cluster, World};

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: SimTime,
    /// What, in a sentence.
    pub text: String,
}

/// The next `limit` things that are due in a cluster.
pub fn next(cluster: &Cluster, limit: usize, lang: Lang) -> Vec<Due> {
    let world = cluster.world();
    cluster
        .wakeups()
        .take(limit)
        .map(|(at, timer)| Due { at, text: words(world, timer, lang) })
        .collect()
}

fn words(world: &World, timer: &Timer, lang: Lang) -> String {
    let pod = timer
        .pod()
        .and_then(|uid| world.pod_ref(uid))
        .map(|pod| pod.name.clone())
        .unwrap_or_default();
    let container = container(world, timer);
    let (en, ko) = match timer {
        Timer::Schedule(_) => ("the scheduler looks at pod {pod}", "스케줄러가 파드 {pod} 확인"),
        Timer::PodSync(_) => ("the kubelet syncs pod {pod}", "kubelet이 파드 {pod} 동기화"),
        Timer::PodRequeue(_) => {
            ("the kubelet looks at pod {pod} again", "kubelet이 파드 {pod} 다시 확인")
        }
        Timer::PodTask(_) => {
            ("the kubelet goes on with pod {pod}", "kubelet이 파드 {pod} 작업 계속")
        }
        Timer::Kill(..) => {
            ("the stop of {container} in pod {pod} goes on", "파드 {pod}의 {container} 중지 계속")
        }
        Timer::Volumes(_) => {
            ("the volumes of pod {pod} are tried again", "파드 {pod} 볼륨 마운트 재시도")
        }
        Timer::Relist(_) => ("the kubelet lists its containers", "kubelet이 컨테이너 목록 확인"),
        Timer::Probe(..) => {
            ("a probe of {container} in pod {pod} ticks", "파드 {pod}의 {container} 프로브 실행")
        }
        Timer::ProbeAnswer(..) => (
            "a probe of {container} in pod {pod} is answered",
            "파드 {pod}의 {container} 프로브 응답",
        ),
        Timer::Process(..) => (
            "the process of {container} in pod {pod} goes on",
            "파드 {pod}의 {container} 프로세스 계속",
        ),
        Timer::ExecTimeout(..) => (
            "the time of a command in {container} of pod {pod} is over",
            "파드 {pod}의 {container} 명령 시간 초과",
        ),
        Timer::ActiveDeadline(_) => {
            ("the deadline of pod {pod} is over", "파드 {pod} 활성 기한 도달")
        }
        Timer::PodGone(_) => ("pod {pod} is removed", "파드 {pod} 제거"),
        Timer::Eviction(_) => ("the kubelet looks for pods to evict", "kubelet이 축출할 파드 확인"),
        Timer::FaultEnd(_) => ("a fault ends", "장애 종료"),
        Timer::NodeMonitor => ("the leases of the nodes are checked", "노드 리스 확인"),
        Timer::TaintEviction(_) => ("pod {pod} is evicted for a taint", "테인트로 파드 {pod} 축출"),
        Timer::KubeletUp(_) => ("the kubelet comes back", "kubelet 복귀"),
        Timer::Controller(kind, _, name) => {
            return match lang {
                Lang::En => format!("the controller looks at {}/{name}", kind.to_ascii_lowercase()),
                Lang::Ko => format!("컨트롤러가 {}/{name} 확인", kind.to_ascii_lowercase()),
            };
        }
        Timer::Traffic(_) => ("a client sends a request", "클라이언트가 요청 전송"),
        Timer::Answer(..) => ("the answer to a request comes", "요청의 응답 도착"),
    };
    let text = if lang == Lang::En { en } else { ko };
    text.replace("{pod}", &pod).replace("{container}", &container)
}

fn container(world: &World, timer: &Timer) -> String {
    let (uid, ix) = match timer {
        Timer::Kill(uid, ix)
        | Timer::Probe(uid, ix, _)
        | Timer::ProbeAnswer(uid, ix, _)
        | Timer::Process(uid, ix)
        | Timer::ExecTimeout(uid, ix, _) => (*uid, *ix),
        _ => return String::new(),
    };
    let pod = world.store.pod(uid);
    pod.and_then(|pod| {
        pod.spec.all_containers().nth(usize::from(ix)).map(|container| container.name.clone())
    })
    .unwrap_or_default()
}
