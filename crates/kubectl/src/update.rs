//! Sending changes to the API server: defaults, the rules for updates, the store; and refusals in its words.

use crate::cx::Cx;
use crate::failure::Failure;
use crate::resources::Target;
use podplay_api::Value;
use podplay_core::apiserver::ApiError;
use podplay_core::{Applied, Command};
use podplay_manifest::apply::DryRun;
use podplay_manifest::schema::KindInfo;
use podplay_manifest::{apply as manifest, defaults, schema, validate};

/// Why the API server does not take an object.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    /// Fields are wrong.
    Invalid { kind: KindInfo, name: String, errors: Vec<String> },
    /// Anything else with a reason.
    Api(ApiError),
    /// The request as such is wrong.
    Request(String),
}

impl Refused {
    /// As kubectl prints it when nothing else failed.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::Invalid { kind, name, errors } => {
                let head = format!("The {} \"{name}\" is invalid: ", kind.kind);
                Failure::plain(match errors.as_slice() {
                    [one] => head + one,
                    many => many.iter().fold(head, |text, error| format!("{text}\n* {error}")),
                })
            }
            Self::Api(error) => error.into(),
            Self::Request(text) => Failure::plain(format!("The request is invalid: {text}")),
        }
    }
    /// As kubectl prints it behind words of its own: `Deployment.apps "x" is invalid: …`.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Invalid { kind, name, errors } => {
                let all = if let [one] = errors.as_slice() {
                    one.clone()
                } else {
                    format!("[{}]", errors.join(", "))
                };
                let group = if kind.group().is_empty() {
                    kind.kind.to_owned()
                } else {
                    format!("{}.{}", kind.kind, kind.group())
                };
                format!("{group} \"{name}\" is invalid: {all}")
            }
            Self::Api(error) => error.message.clone(),
            Self::Request(text) => text.clone(),
        }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// What kubectl needs to know of the cluster to read a text.
pub(crate) struct Server<'a> {
    pub(crate) cluster: &'a podplay_core::Cluster,
    /// Namespaces that the text itself makes.
    pub(crate) coming: Vec<String>,
}

impl manifest::Live for Server<'_> {
    fn get(&self, _: &str, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.cluster.get(kind, namespace, name)
    }
    fn namespace_exists(&self, name: &str) -> bool {
        self.coming.iter().any(|coming| coming == name)
            || self.cluster.get("Namespace", "", name).is_some()
    }
}

/// The messages of findings.
fn messages(errors: Vec<validate::FieldError>) -> Vec<String> {
    errors.into_iter().map(|error| error.message).collect()
}

/// Replaces an object after the checks of the API server; returns it as stored, or as it would be.
pub(crate) fn replace(cx: &mut Cx, target: &Target, mut new: Value) -> Result<Value, Refused> {
    let dry = cx.dry_run().unwrap_or_default();
    if dry == DryRun::Client || new == target.object {
        return Ok(new);
    }
    if let Some(error) = schema::check(target.kind.api_version, target.kind.kind, &new).reported() {
        return Err(Refused::Request(format!("patch: Invalid value: {}", error.message)));
    }
    defaults::apply_defaults(&mut new);
    let errors = messages(validate::validate_update(&target.object, &new));
    if !errors.is_empty() {
        return Err(Refused::Invalid { kind: target.kind, name: target.name.clone(), errors });
    }
    let mut scratch = (dry == DryRun::Server).then(|| cx.cluster.clone());
    match scratch.as_mut().unwrap_or(cx.cluster).apply(Command::Replace(new))? {
        Applied::Object(object) => Ok(object),
        _ => Ok(Value::Null),
    }
}

/// Replaces the status of an object.
pub(crate) fn replace_status(cx: &mut Cx, new: Value) -> Result<Value, Refused> {
    if cx.dry_run().unwrap_or_default() != DryRun::None {
        return Ok(new);
    }
    match cx.cluster.apply(Command::ReplaceStatus(new))? {
        Applied::Object(object) => Ok(object),
        _ => Ok(Value::Null),
    }
}

/// Creates an object that kubectl itself made.
pub(crate) fn create(cx: &mut Cx, object: Value) -> Result<Value, Refused> {
    let dry = cx.dry_run().unwrap_or_default();
    if dry == DryRun::Client {
        return Ok(object);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Some(kind) = schema::find_kind(&text(&object["apiVersion"]), &text(&object["kind"])) else {
        return Ok(object);
    };
    let info = manifest::Info {
        name: text(&object["metadata"]["name"]),
        namespace: cx.scope(&kind),
        document: 0,
        misspelled: None,
        kind,
        object: object.clone(),
    };
    let options = manifest::Options {
        verb: manifest::Verb::Create,
        dry_run: dry,
        ..manifest::Options::default()
    };
    let answer = {
        let live = Server { cluster: cx.cluster, coming: Vec::new() };
        manifest::create(&info, &object, &options, &live)
    };
    for warning in &answer.warnings {
        cx.warn(format!("Warning: {warning}"));
    }
    let accepted = answer.result.map_err(|failure| refused(failure, kind))?;
    if dry == DryRun::Server {
        return Ok(cx.cluster.dry_create(&accepted.object)?);
    }
    match cx.cluster.apply(Command::Create(accepted.object))? {
        Applied::Object(object) => Ok(object),
        _ => Ok(Value::Null),
    }
}

fn refused(failure: manifest::Failure, kind: KindInfo) -> Refused {
    use podplay_core::apiserver::Reason;
    match failure {
        manifest::Failure::Invalid { name, errors, .. } => {
            Refused::Invalid { kind, name, errors: messages(errors) }
        }
        manifest::Failure::Status { reason, message, .. } => Refused::Api(ApiError::new(
            match reason {
                "NotFound" => Reason::NotFound,
                "AlreadyExists" => Reason::AlreadyExists,
                "Forbidden" => Reason::Forbidden,
                _ => Reason::BadRequest,
            },
            message,
        )),
        manifest::Failure::InvalidRequest(text) | manifest::Failure::Plain(text) => {
            Refused::Request(text)
        }
    }
}
