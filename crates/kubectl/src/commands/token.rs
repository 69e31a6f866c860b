//! `kubectl create token`: a token of a service account, which opens nothing here.
//!
//! Models `kubectl/pkg/cmd/create/create_token.go`, and `pkg/registry/core/serviceaccount/storage/token.go` with
//! `pkg/apis/authentication/validation` for what the server refuses.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::flags::Span;
use podplay_core::random;
use std::time::Duration;

/// Kinds to which a token can be bound.
const BOUND: &[&str] = &["Node", "Pod", "Secret"];
/// The shortest and the longest life that the server grants.
const SHORTEST: Duration = Duration::from_secs(600);
const LONGEST: u64 = 1 << 32;

pub(crate) fn run(cx: &mut Cx) -> Outcome {
    let [name] = cx.flags.words.as_slice() else {
        return Err(Failure::usage(
            &cx.command,
            format!("exactly one NAME is required, got {}", cx.flags.words.len()),
        ));
    };
    let name = name.clone();
    let life = life(cx)?;
    binding(cx)?;
    let failed = |why: String| Failure::error(format!("failed to create token: {why}"));
    if cx.cluster.get("ServiceAccount", cx.namespace(), &name).is_none() {
        return Err(failed(format!("serviceaccounts \"{name}\" not found")));
    }
    let refused = match life {
        Some(life) if life < SHORTEST => Some("may not specify a duration less than 10 minutes"),
        Some(life) if life.as_secs() > LONGEST => {
            Some("may not specify a duration larger than 2^32 seconds")
        }
        _ => None,
    };
    if let (Some(why), Some(life)) = (refused, life) {
        return Err(failed(format!(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {}: {why}",
            life.as_secs()
        )));
    }
    let part = |what: &str, length| random::hex(0, what, &name, length);
    cx.say(format!("ey{}.ey{}.{}", part("head", 96), part("claims", 480), part("signature", 340)));
    Ok(Next::Done)
}

/// `--duration`: none, or whole seconds.
fn life(cx: &Cx) -> Result<Option<Duration>, Failure> {
    match cx.flags.time("duration") {
        None => Ok(None),
        Some(Span::Before) => Err(Failure::error("expiration must be greater than or equal to 0")),
        Some(Span::For(life)) if life.subsec_nanos() > 0 => {
            Err(Failure::error("expiration cannot be expressed in units less than seconds"))
        }
        Some(Span::For(life)) => Ok(Some(life).filter(|life| !life.is_zero())),
    }
}

/// The object to which the token is bound goes with its kind and name.
fn binding(cx: &Cx) -> Result<(), Failure> {
    let given = |flag: &str| cx.flags.text(flag).is_some_and(|text| !text.is_empty());
    let kind = cx.flags.text("bound-object-kind").unwrap_or_default();
    let wrong = |text: String| Err(Failure::error(text));
    if kind.is_empty() {
        for flag in ["bound-object-name", "bound-object-uid"] {
            if given(flag) {
                return wrong(format!(
                    "--{flag} can only be set if --bound-object-kind is provided"
                ));
            }
        }
        return Ok(());
    }
    if !BOUND.contains(&kind) {
        return wrong(format!("supported --bound-object-kind values are {}", BOUND.join(", ")));
    }
    if !given("bound-object-name") {
        return wrong("--bound-object-name is required if --bound-object-kind is provided".into());
    }
    Ok(())
}
