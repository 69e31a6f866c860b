//! The sentences of "Why?", in English and Korean.

use super::place::Place;
use super::{newest_pod, shown};
use crate::run::Run;
use podplay_api::Pod;
use podplay_core::record::{ProcessEffect, ProcessEffectKind, Stored, Verb};
use podplay_core::{Record, Subject, What};

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
    let field = if field == "name" { String::new() } else { field.to_owned() };
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
        What::Command(text) => lang.pick(format!("the request: {text}"), format!("요청: {text}")),
        What::Stored(verb, Stored::Pod(pod)) => pod_sentence(*verb, pod, lang),
        What::Stored(verb, Stored::Object(object)) => object_sentence(*verb, object, lang),
        What::Event(event) => {
            let text = format!("{}: {}", event.reason, event.message.trim());
            lang.pick(format!("event {text}"), format!("이벤트 {text}"))
        }
        What::Timer(text) => {
            lang.pick(format!("it was time for: {text}"), format!("예정된 시각: {text}"))
        }
        What::Decision(text) => lang.pick(format!("decision: {text}"), format!("결정: {text}")),
        What::Pull { image, began, error } => pull(image, *began, error.as_deref(), lang),
        What::Sandbox { ready: true } => lang
            .pick(format!("the sandbox of {who} became ready"), format!("{who}: 샌드박스 준비됨")),
        What::Sandbox { ready: false } => lang
            .pick(format!("the sandbox of {who} was stopped"), format!("{who}: 샌드박스 중지됨")),
        What::Created { restart } => lang.pick(
            format!("{who} was created (restart {restart})"),
            format!("{who}: 생성됨 (재시작 {restart})"),
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
        What::Probe { kind, success, message } => {
            probe(&who, kind.as_str(), *success, message.as_deref(), lang)
        }
        What::ProbeResult { kind, success } => {
            probe_result(run, record, &who, *kind, *success, lang)
        }
        What::Hook { name, began, error } => hook(&who, name, *began, error.as_deref(), lang),
        What::BackOff { until, delay_seconds } => lang.pick(
            format!("{who} is held back for {delay_seconds} s, until {until}"),
            format!("{who}: {delay_seconds}초 동안 대기, {until}까지"),
        ),
        What::Process(effect) => process(&who, effect, lang),
        What::Fault(fault, true) => lang.pick(
            format!("the fault {} hit {who}", fault.kind),
            format!("장애 {} 발생: {who}", fault.kind),
        ),
        What::Fault(fault, false) => lang.pick(
            format!("the fault {} of {who} ended", fault.kind),
            format!("장애 {} 종료: {who}", fault.kind),
        ),
        What::Request { answered_by, error } => {
            request(answered_by.as_deref(), error.as_deref(), lang)
        }
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
        Subject::Object(kind, _, name) => format!("{}/{name}", kind.to_lowercase()),
    }
}

fn pod_sentence(verb: Verb, pod: &Pod, lang: Lang) -> String {
    let name = &pod.meta.name;
    if verb == Verb::Deleted {
        return lang.pick(format!("pod {name} is gone"), format!("파드 {name}: 삭제 완료"));
    }
    let row = shown(verb, pod);
    let unready: Vec<&str> = pod
        .status
        .container_statuses
        .iter()
        .filter(|status| !status.ready)
        .map(|status| status.name.as_str())
        .collect();
    let because = if unready.is_empty() || pod.status.container_statuses.is_empty() {
        String::new()
    } else {
        let list = unready.join(", ");
        lang.pick(
            format!(", because not ready: {list}"),
            format!(", 준비되지 않은 컨테이너: {list}"),
        )
    };
    lang.pick(
        format!("pod {name} shows {row}{because}"),
        format!("파드 {name} 표시: {row}{because}"),
    )
}

fn object_sentence(verb: Verb, object: &podplay_api::Value, lang: Lang) -> String {
    let text = |value: &podplay_api::Value| value.as_str().unwrap_or_default().to_owned();
    let name =
        format!("{}/{}", text(&object["kind"]).to_lowercase(), text(&object["metadata"]["name"]));
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
        Lang::En => format!("{} probe", kind.to_lowercase()),
        Lang::Ko => format!("{} 프로브", kind.to_lowercase()),
    }
}

fn probe(who: &str, kind: &str, success: bool, message: Option<&str>, lang: Lang) -> String {
    let name = probe_name(kind, lang);
    let said = message
        .map(str::trim)
        .filter(|message| !message.is_empty())
        .map(|message| format!(": {message}"))
        .unwrap_or_default();
    if success {
        return lang.pick(
            format!("the {name} of {who} succeeded{said}"),
            format!("{who}: {name} 성공{said}"),
        );
    }
    lang.pick(format!("the {name} of {who} failed{said}"), format!("{who}: {name} 실패{said}"))
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
    let pod = record.subject.pod().and_then(|pod| newest_pod(run, record.id, &pod.uid));
    let container =
        pod.zip(record.subject.container()).and_then(|(pod, name)| pod.spec.container(name));
    let settings = container.and_then(|container| kind.of(container));
    let count =
        settings.map_or(1, |probe| if success { probe.successes() } else { probe.failures() });
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times in a row") };
    if success {
        return lang.pick(
            format!("the {name} of {who} succeeded {times}"),
            format!("{who}: {name} 연속 {count}회 성공"),
        );
    }
    lang.pick(
        format!("the {name} of {who} failed {times}"),
        format!("{who}: {name} 연속 {count}회 실패"),
    )
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
    let (line, command) = (effect.line, &effect.command);
    let script = match (lang, line) {
        (Lang::En, 0) => format!("the command `{command}` in {who}"),
        (Lang::En, line) => format!("line {line} of the script of {who}, `{command}`,"),
        (Lang::Ko, 0) => format!("{who}에서 실행한 명령 `{command}`:"),
        (Lang::Ko, line) => format!("{who}의 스크립트 {line}행 `{command}`:"),
    };
    match &effect.kind {
        ProcessEffectKind::Out(text) | ProcessEffectKind::Err(text) => {
            let text = text.trim_end();
            lang.pick(format!("{script} printed {text:?}"), format!("{script} 출력 {text:?}"))
        }
        ProcessEffectKind::Wrote(path) => {
            lang.pick(format!("{script} wrote {path}"), format!("{script} {path} 파일을 씀"))
        }
        ProcessEffectKind::Removed(path) => {
            lang.pick(format!("{script} removed {path}"), format!("{script} {path} 파일을 지움"))
        }
        ProcessEffectKind::Listening(port) => lang
            .pick(format!("{who} listens on port {port}"), format!("{who}: 포트 {port} 대기 시작")),
        ProcessEffectKind::Handled(signal) => lang
            .pick(format!("{script} handled {signal}"), format!("{script} {signal} 신호를 처리함")),
        ProcessEffectKind::Sent(signal) => {
            lang.pick(format!("{script} sent {signal}"), format!("{script} {signal} 신호를 보냄"))
        }
        ProcessEffectKind::Busy => {
            lang.pick(format!("{who} computes without rest"), format!("{who}: 쉬지 않고 계산 중"))
        }
    }
}

fn request(answered_by: Option<&str>, error: Option<&str>, lang: Lang) -> String {
    match (answered_by, error) {
        (_, Some(error)) => {
            lang.pick(format!("a request failed: {error}"), format!("요청 실패: {error}"))
        }
        (Some(pod), None) => {
            lang.pick(format!("a request was answered by {pod}"), format!("요청 응답: {pod}"))
        }
        (None, None) => lang.pick("a request was answered".into(), "요청 응답".into()),
    }
}
