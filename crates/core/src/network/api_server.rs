//! The API server, as it answers a process in a pod.

use super::{Answer, Exchange};
use crate::world::World;

/// The paths that anybody may ask for.
///
/// Models the ClusterRoles `system:public-info-viewer` and, with a token, `system:discovery`.
const PUBLIC: [&str; 4] = ["/healthz", "/livez", "/readyz", "/version"];

pub(super) fn answer(_: &World, what: &Exchange<'_>) -> Answer {
    match what.scheme {
        "tcp" => return Answer::Open { bytes: Vec::new() },
        "http" => return Answer::http(400, "Client sent an HTTP request to an HTTPS server.\n"),
        _ => {}
    }
    let path = what.path.split('?').next().unwrap_or("/");
    let bare = path.trim_end_matches('/');
    let token = what.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    if PUBLIC.contains(&bare) {
        return if bare == "/version" { version() } else { Answer::http(200, "ok") };
    }
    // A projected token names its pod; what is no such token is refused altogether.
    let user = match token {
        None => "system:anonymous",
        Some(token) if token.starts_with("token-of-") => "system:serviceaccount:default:default",
        Some(_) => return status(401, "Unauthorized", "Unauthorized"),
    };
    if token.is_some() && matches!(bare, "/api" | "/apis") {
        return Answer::http(
            200,
            "{\n  \"kind\": \"APIVersions\",\n  \"versions\": [\n    \"v1\"\n  ]\n}",
        )
        .with("Content-Type", "application/json");
    }
    let said = match resource(path) {
        Some(resource) => resource.to_string(),
        None => format!("cannot get path \"{path}\""),
    };
    let message = match resource(path) {
        Some(_) => {
            let name = said.split('"').nth(1).unwrap_or_default().to_owned();
            format!("{name} is forbidden: User \"{user}\" {said}")
        }
        None => format!("forbidden: User \"{user}\" {said}"),
    };
    status(403, "Forbidden", &message)
}

/// `cannot list resource "pods" in API group "" in the namespace "default"`.
fn resource(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, rest) = match parts.as_slice() {
        ["api", "v1", rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        rest => (None, rest),
    };
    let (kind, name) = (rest.first()?, rest.get(1));
    let verb = if name.is_some() { "get" } else { "list" };
    let place = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    Some(format!("cannot {verb} resource \"{kind}\" in API group \"{group}\" {place}"))
}

fn version() -> Answer {
    let text = "{\n  \"major\": \"1\",\n  \"minor\": \"36\",\n  \"emulationMajor\": \"1\",\n  \"emulationMinor\": \"36\",\n  \"minCompatibilityMajor\": \"1\",\n  \"minCompatibilityMinor\": \"35\",\n  \"gitVersion\": \"v1.36.2\",\n  \"gitTreeState\": \"clean\",\n  \"compiler\": \"gc\",\n  \"platform\": \"linux/amd64\"\n}";
    Answer::http(200, text).with("Content-Type", "application/json")
}

fn status(code: u16, reason: &str, message: &str) -> Answer {
    let message = message.replace('"', "\\\"");
    let text = format!(
        "{{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {{}},\n  \"status\": \"Failure\",\n  \"message\": \"{message}\",\n  \"reason\": \"{reason}\",\n  \"details\": {{}},\n  \"code\": {code}\n}}"
    );
    Answer::http(code, text).with("Content-Type", "application/json")
}
