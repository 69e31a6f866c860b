//! The sentences of "Why?", in English and Korean.

use super::newest_pod;
use super::place::Place;
use crate::run::Run;
use podplay_api::Pod;
use podplay_core::record::{ProcessEffect, ProcessEffectKind, RequestEnd, Stored, Verb};
use podplay_core::{Decision, Record, Subject, What};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The one of two texts that is in this language.
    fn pick(self, en: String, ko: String) -> String {
        match self {
            Self::En => en,
            Self::Ko => ko,
        }
    }
}

/// The words about a place: ` (failureThreshold 3, line 21)`.
pub(super) fn place(place: &Place, lang: Lang) -> String {
    let field = place.path.rsplit('.').next().unwrap_or_default();
    let field = field.split('[').next().unwrap_or_default();
    // Which container it is, and that it runs something, the sentence says already.
    let quiet = ["name", "command", "args", "timeline"].contains(&field);
    let field = if quiet { String::new() } else { field.to_owned() };
    let value = place
        .value
        .as_deref()
        .filter(|_| !field.is_empty())
        .map(|value| format!(" {value}"))
        .unwrap_or_default();
    let line = match lang {
        Lang::En => format!("line {}", place.span.line),
        Lang::Ko => format!("{}행", place.span.line),
    };
    if field.is_empty() { format!(" ({line})") } else { format!(" ({field}{value}, {line})") }
}

/// The sentence about a record.
pub(super) fn of(run: &Run, record: &Record, lang: Lang) -> String {
    let who = who(&record.subject, lang);
    match &record.what {
        What::Started => lang.pick("the run began".into(), "실행이 시작되었습니다".into()),
        What::Command(text, _) => {
            lang.pick(format!("the request: {text}"), format!("요청: {text}"))
        }
        What::Stored(verb, Stored::Pod(pod)) => pod_sentence(*verb, pod, lang),
        What::Stored(verb, Stored::Object(object)) => object_sentence(*verb, object, lang),
        What::Event(event) => {
            let text = format!("{}: {}", event.reason, event.message.trim());
            lang.pick(format!("event {text}"), format!("이벤트 {text}"))
        }
        What::Timer(text) => {
            lang.pick(format!("it was time for: {text}"), format!("예정된 시각: {text}"))
        }
        What::Decision(decided) => decision(&who, decided, lang),
        What::Pull { image, began, error } => pull(image, *began, error.as_deref(), lang),
        What::Sandbox { ready: true } => lang
            .pick(format!("the sandbox of {who} became ready"), format!("{who}: 샌드박스 준비됨")),
        What::Sandbox { ready: false } => lang
            .pick(format!("the sandbox of {who} was stopped"), format!("{who}: 샌드박스 중지됨")),
        What::Created { restart } => lang.pick(
            format!("{who} was created, for restart {restart}"),
            format!("{who}: 생성됨, 재시작 {restart}회째"),
        ),
        What::Running { restart: 0 } => {
            lang.pick(format!("{who} was started"), format!("{who}: 시작됨"))
        }
        What::Running { restart } => lang.pick(
            format!("{who} was started again, restart {restart}"),
            format!("{who}: 다시 시작됨, 재시작 {restart}회째"),
        ),
        What::Exited { code, reason } => exited(&who, *code, reason, lang),
        What::Signal(signal) => signal_sentence(run, record, &who, signal, lang),
        What::Probe { .. } => probe(run, record, &who, lang),
        What::ProbeResult { kind, success } => {
            probe_result(run, record, &who, *kind, *success, lang)
        }
        What::Hook { name, began, error } => hook(&who, name, *began, error.as_deref(), lang),
        What::BackOff { until, delay_seconds } => lang.pick(
            format!("{who} is held back for {delay_seconds} s, until {}", tenths(*until)),
            format!("{who}: {delay_seconds}초 동안 대기, {}까지", tenths(*until)),
        ),
        What::Process(effect) => process(&who, effect, lang),
        What::Fault(timed, true) => lang.pick(
            format!("the fault {} hit {who}", timed.fault.name()),
            format!("장애 {} 발생: {who}", timed.fault.name()),
        ),
        What::Fault(timed, false) => lang.pick(
            format!("the fault {} of {who} ended", timed.fault.name()),
            format!("장애 {} 종료: {who}", timed.fault.name()),
        ),
        What::Request(end) => request(end, lang),
        What::Limit(name) => lang.pick(
            format!("a limit of podplay was reached: {name}"),
            format!("podplay 한도 도달: {name}"),
        ),
    }
}

fn who(subject: &Subject, lang: Lang) -> String {
    match subject {
        Subject::Cluster => lang.pick("the cluster".into(), "클러스터".into()),
        Subject::Node(name) => lang.pick(format!("node {name}"), format!("노드 {name}")),
        Subject::Pod(pod) => lang.pick(format!("pod {}", pod.name), format!("파드 {}", pod.name)),
        Subject::Container(_, name) => {
            lang.pick(format!("container {name}"), format!("컨테이너 {name}"))
        }
        Subject::Object(kind, _, name) => format!("{}/{name}", kind.to_ascii_lowercase()),
    }
}

fn pod_sentence(verb: Verb, pod: &Pod, lang: Lang) -> String {
    let name = &pod.meta.name;
    if verb == Verb::Deleted {
        return lang.pick(format!("pod {name} is gone"), format!("파드 {name}: 삭제 완료"));
    }
    let row = podplay_views::get::row_of_pod(pod);
    let waits = |status: &&podplay_api::ContainerStatus| !status.ready && status.state.is_running();
    let unready: Vec<&str> =
        pod.status.container_statuses.iter().filter(waits).map(|status| &*status.name).collect();
    let because = match unready.as_slice() {
        [] => String::new(),
        [one] => lang.pick(
            format!(", because container {one} is not ready"),
            format!(", 준비되지 않은 컨테이너 {one}"),
        ),
        many => lang.pick(
            format!(", because containers {} are not ready", many.join(", ")),
            format!(", 준비되지 않은 컨테이너 {}", many.join(", ")),
        ),
    };
    let (ready, total, status) = (row.ready, row.total, row.status);
    let restarts = match row.restarts {
        0 => String::new(),
        n => lang.pick(format!(", {}", times(n, "restart")), format!(", 재시작 {n}회")),
    };
    lang.pick(
        format!("pod {name} shows {ready}/{total} {status}{restarts}{because}"),
        format!("파드 {name}: {ready}/{total} {status}{restarts}{because}"),
    )
}

/// `19.8s`: what a sentence needs of a moment.
fn tenths(at: podplay_api::SimTime) -> String {
    let tenths = at.as_millis() / 100;
    format!("{}.{}s", tenths / 10, tenths % 10)
}

/// `1 restart`, `2 restarts`.
fn times(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// What a component decided, as a plain sentence.
fn decision(who: &str, decided: &Decision, lang: Lang) -> String {
    let bare = |text: &str| text.trim_end().trim_end_matches('.').to_owned();
    match decided {
        Decision::Assigned { node } => lang.pick(
            format!("the scheduler put {who} on {node}"),
            format!("{who}: 스케줄러가 {node}에 배치함"),
        ),
        Decision::NoNode { message } => {
            let text = bare(message);
            lang.pick(
                format!("the scheduler found no node for {who}: {text}"),
                format!("{who}: 스케줄러가 노드를 찾지 못함: {text}"),
            )
        }
        Decision::EvictionAsked => lang
            .pick(format!("{who} was evicted, as was asked"), format!("{who}: 요청에 따라 축출됨")),
        Decision::NodeLost => lang.pick(
            format!("nothing was heard of {who} for too long"),
            format!("{who}에서 너무 오래 소식이 없음"),
        ),
        Decision::Evicted { message } => {
            let text = bare(message);
            lang.pick(
                format!("the kubelet evicted {who}: {text}"),
                format!("{who}: kubelet이 축출함: {text}"),
            )
        }
        Decision::Sync { actions } => lang.pick(
            format!("the kubelet turned to {who}: {}", bare(actions)),
            format!("{who}: kubelet이 처리함: {}", bare(actions)),
        ),
        Decision::Removed => lang.pick(
            format!("the kubelet removed {who}, as all containers of its pod start anew"),
            format!("{who}: 파드의 모든 컨테이너를 다시 시작하므로 kubelet이 제거함"),
        ),
        Decision::Done => lang.pick(
            format!("the kubelet is done with {who}"),
            format!("{who}: kubelet이 처리를 마침"),
        ),
    }
}

fn object_sentence(verb: Verb, object: &podplay_api::Value, lang: Lang) -> String {
    let text = |value: &podplay_api::Value| value.as_str().unwrap_or_default().to_owned();
    let name = format!(
        "{}/{}",
        text(&object["kind"]).to_ascii_lowercase(),
        text(&object["metadata"]["name"])
    );
    match verb {
        Verb::Created => lang.pick(format!("{name} was created"), format!("{name}: 생성됨")),
        Verb::Updated => lang.pick(format!("{name} was changed"), format!("{name}: 변경됨")),
        Verb::StatusUpdated => {
            lang.pick(format!("the status of {name} changed"), format!("{name}: 상태 변경됨"))
        }
        Verb::Deleted => lang.pick(format!("{name} is gone"), format!("{name}: 삭제 완료")),
    }
}

fn pull(image: &str, began: bool, error: Option<&str>, lang: Lang) -> String {
    match (began, error) {
        (true, _) => lang.pick(
            format!("the pull of image {image} began"),
            format!("이미지 {image}: 내려받기 시작"),
        ),
        (false, None) => {
            lang.pick(format!("image {image} was pulled"), format!("이미지 {image}: 내려받기 완료"))
        }
        (false, Some(error)) => lang.pick(
            format!("the pull of image {image} failed: {error}"),
            format!("이미지 {image}: 내려받기 실패: {error}"),
        ),
    }
}

/// Signals by number, for exit codes above 128.
fn signal_name(number: i32) -> Option<&'static str> {
    let known = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (6, "SIGABRT"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (13, "SIGPIPE"),
        (15, "SIGTERM"),
    ];
    known.into_iter().find(|(known, _)| *known == number).map(|(_, name)| name)
}

fn exited(who: &str, code: i32, reason: &str, lang: Lang) -> String {
    let signal = signal_name(code - 128).map(|name| (name, code - 128));
    match (reason, signal) {
        ("OOMKilled", _) => lang.pick(
            format!("{who} was killed for memory: exit code {code}, reason OOMKilled"),
            format!("{who}: 메모리 부족으로 강제 종료, 종료 코드 {code}, OOMKilled"),
        ),
        ("StartError", _) => lang.pick(
            format!("{who} could not be started: exit code {code}"),
            format!("{who}: 시작 실패, 종료 코드 {code}"),
        ),
        (_, Some((name, number))) => lang.pick(
            format!("{who} ended with exit code {code} = 128 + {number}, {name}"),
            format!("{who}: 종료 코드 {code} = 128 + {number}, {name}"),
        ),
        (_, None) => lang
            .pick(format!("{who} ended with exit code {code}"), format!("{who}: 종료 코드 {code}")),
    }
}

fn signal_sentence(run: &Run, record: &Record, who: &str, signal: &str, lang: Lang) -> String {
    if signal != "SIGKILL" {
        return lang.pick(
            format!("{who} was told to stop with {signal}"),
            format!("{who}: {signal} 신호를 받음"),
        );
    }
    let before = run.trace().partition_point(|other| other.id < record.id);
    let told =
        |other: &&Record| matches!(&other.what, What::Signal(_)) && other.subject == record.subject;
    match run.trace()[..before].iter().rev().find(told) {
        Some(first) => {
            let waited = record.at.since(first.at).as_secs_f32().round();
            lang.pick(
                format!("{who} was killed with SIGKILL, because it had not stopped {waited} s after the stop signal"),
                format!("{who}: 중지 신호 후 {waited}초 동안 멈추지 않아 SIGKILL로 강제 종료됨"),
            )
        }
        None => lang.pick(
            format!("{who} was killed with SIGKILL"),
            format!("{who}: SIGKILL로 강제 종료됨"),
        ),
    }
}

/// `liveness`, and the words of Korean documents.
fn probe_name(kind: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} probe", kind.to_ascii_lowercase()),
        Lang::Ko => format!("{} 프로브", kind.to_ascii_lowercase()),
    }
}

fn probe(run: &Run, record: &Record, who: &str, lang: Lang) -> String {
    let What::Probe { kind, success, message, exit } = &record.what else { return String::new() };
    let name = probe_name(kind.as_str(), lang);
    let said = message
        .as_deref()
        .map(str::trim)
        .filter(|message| !message.is_empty())
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    let exec = settings(run, record, *kind).and_then(|probe| probe.exec.as_ref());
    let ran = exec.zip(*exit).map_or_else(String::new, |(exec, code)| {
        let command = exec.command.join(" ");
        lang.pick(
            format!(": `{command}` exited with {code}"),
            format!(": `{command}` 종료 코드 {code}"),
        )
    });
    if *success {
        return lang.pick(
            format!("the {name} of {who} succeeded{ran}{said}"),
            format!("{who}: {name} 성공{ran}{said}"),
        );
    }
    lang.pick(
        format!("the {name} of {who} failed{ran}{said}"),
        format!("{who}: {name} 실패{ran}{said}"),
    )
}

/// A probe as the pod's spec says at a record.
fn settings<'a>(
    run: &'a Run,
    record: &Record,
    kind: podplay_api::ProbeKind,
) -> Option<&'a podplay_api::Probe> {
    let pod = newest_pod(run, record.id, &record.subject.pod()?.uid)?;
    kind.of(pod.spec.container(record.subject.container()?)?)
}

/// How often in a row a probe had that outcome, this instance of the container only.
fn in_a_row(run: &Run, record: &Record, kind: podplay_api::ProbeKind, wanted: bool) -> usize {
    let before = run.trace().partition_point(|other| other.id < record.id);
    let own = run.trace()[..before].iter().rev().filter(|other| other.subject == record.subject);
    own.take_while(|other| !matches!(other.what, What::Running { .. }))
        .filter_map(|other| match &other.what {
            What::Probe { kind: of, success, .. } if *of == kind => Some(*success),
            _ => None,
        })
        .take_while(|success| *success == wanted)
        .count()
}

fn probe_result(
    run: &Run,
    record: &Record,
    who: &str,
    kind: podplay_api::ProbeKind,
    success: bool,
    lang: Lang,
) -> String {
    let name = probe_name(kind.as_str(), lang);
    match (in_a_row(run, record, kind, success), success) {
        (0, false) => lang.pick(
            format!("{who} does not count until its {name} has succeeded"),
            format!("{who}: {name}가 성공할 때까지는 준비되지 않은 것으로 봄"),
        ),
        (0, true) => lang.pick(
            format!("{who} counts as healthy until its {name} fails"),
            format!("{who}: {name}가 실패할 때까지는 정상으로 봄"),
        ),
        (1, true) => {
            lang.pick(format!("the {name} of {who} succeeded"), format!("{who}: {name} 성공"))
        }
        (1, false) => lang.pick(
            format!("the {name} of {who} failed, and one failure is enough"),
            format!("{who}: {name} 실패, 한 번이면 충분"),
        ),
        (n, true) => lang.pick(
            format!("the {name} of {who} succeeded {n} times in a row"),
            format!("{who}: {name} 연속 {n}회 성공"),
        ),
        (n, false) => lang.pick(
            format!("the {name} of {who} failed {n} times in a row"),
            format!("{who}: {name} 연속 {n}회 실패"),
        ),
    }
}

fn hook(who: &str, name: &str, began: bool, error: Option<&str>, lang: Lang) -> String {
    match (began, error) {
        (true, _) => {
            lang.pick(format!("the {name} hook of {who} began"), format!("{who}: {name} 훅 시작"))
        }
        (false, None) => {
            lang.pick(format!("the {name} hook of {who} ended"), format!("{who}: {name} 훅 종료"))
        }
        (false, Some(error)) => lang.pick(
            format!("the {name} hook of {who} failed: {error}"),
            format!("{who}: {name} 훅 실패: {error}"),
        ),
    }
}

fn process(who: &str, effect: &ProcessEffect, lang: Lang) -> String {
    let command = &effect.command;
    let ran = match (lang, effect.line) {
        (Lang::En, 0) => format!("`{command}` was run in {who} from outside"),
        (Lang::En, _) => format!("`{command}` was run by the script of {who}"),
        (Lang::Ko, 0) => format!("밖에서 {who} 안에 실행한 `{command}`"),
        (Lang::Ko, _) => format!("{who}의 스크립트가 실행한 `{command}`"),
    };
    match &effect.kind {
        ProcessEffectKind::Out(text) | ProcessEffectKind::Err(text) => {
            let text = text.trim_end();
            lang.pick(format!("{ran} and printed {text:?}"), format!("{ran}: 출력 {text:?}"))
        }
        ProcessEffectKind::Wrote(path) => {
            lang.pick(format!("{ran} and wrote {path}"), format!("{ran}: {path} 파일을 씀"))
        }
        ProcessEffectKind::Removed(path) => {
            lang.pick(format!("{ran} and removed {path}"), format!("{ran}: {path} 파일을 지움"))
        }
        ProcessEffectKind::Listening(port) => lang
            .pick(format!("{who} listens on port {port}"), format!("{who}: 포트 {port} 대기 시작")),
        ProcessEffectKind::Handled(signal) => lang.pick(
            format!("the script of {who} handled {signal}"),
            format!("{who}의 스크립트가 {signal} 신호를 처리함"),
        ),
        ProcessEffectKind::Sent(signal) => {
            lang.pick(format!("{ran} and sent {signal}"), format!("{ran}: {signal} 신호를 보냄"))
        }
        ProcessEffectKind::Busy => {
            lang.pick(format!("{who} computes without rest"), format!("{who}: 쉬지 않고 계산 중"))
        }
    }
}

fn request(end: &RequestEnd, lang: Lang) -> String {
    let pod = end.pod.as_ref().map(|pod| pod.name.as_str());
    match (&end.end, pod) {
        (Ok(()), Some(pod)) => {
            lang.pick(format!("a request was answered by {pod}"), format!("요청 응답: {pod}"))
        }
        (Ok(()), None) => lang.pick("a request was answered".into(), "요청 응답".into()),
        (Err(lost), None) => {
            lang.pick(format!("a request failed: {lost}"), format!("요청 실패: {lost}"))
        }
        (Err(lost), Some(pod)) if end.stale => lang.pick(
            format!("a request to {pod} failed: {lost}. The client's node still led to it, though it was no longer ready"),
            format!("{pod}(으)로 보낸 요청 실패: {lost}. 더 이상 준비 상태가 아니지만 클라이언트의 노드가 아직 그 파드로 보냄"),
        ),
        (Err(lost), Some(pod)) => lang.pick(
            format!("a request to {pod} failed: {lost}"),
            format!("{pod}(으)로 보낸 요청 실패: {lost}"),
        ),
    }
}
