//! What had to be assumed about a container, and what its manifest says without effect.

use podplay_api::{Container, Pod, ProbeKind};
use podplay_core::images;
use podplay_playback::Plan;
use podplay_protocol::Assumption;

/// Most fields without effect that are shown on a container.
const FIELDS: usize = 3;

/// The assumptions about a container of a pod.
pub(crate) fn about(plan: &Plan, pod: &Pod, container: &Container) -> Vec<Assumption> {
    let image = &container.image;
    let mut found = Vec::new();
    // Without a command the image's own program is run, which is known only to the catalogue.
    let program =
        if container.command.is_empty() { vec![String::new()] } else { container.command.clone() };
    let written =
        plan.config.images.contains_key(image) || plan.config.images.contains_key(bare(image));
    if written {
        found.push(Assumption::Written(image.clone()));
    } else if images::assumed(image, &program) {
        found.push(Assumption::Image(image.clone()));
        let exec = |kind: &ProbeKind| kind.of(container).is_some_and(|probe| probe.exec.is_some());
        if ProbeKind::ALL.iter().any(exec) {
            found.push(Assumption::ExecProbe(image.clone()));
        }
    }
    found.extend(without_effect(plan, pod, &container.name).take(FIELDS));
    found
}

/// An image's name without tag and digest.
pub(crate) fn bare(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    }
}

fn without_effect<'a>(
    plan: &'a Plan,
    pod: &'a Pod,
    container: &'a str,
) -> impl Iterator<Item = Assumption> + 'a {
    let reading = &plan.reading;
    reading.not_simulated.iter().filter_map(move |field| {
        let object = reading.objects.get(field.object)?;
        let own = if object.kind == "Pod" {
            object.name == pod.meta.name
        } else {
            pod.meta.name.starts_with(&object.name)
        };
        let (spec, rest) = split(&field.path)?;
        let pointer = format!("/{}/name", spec.replace(['.', '['], "/").replace(']', ""));
        let name = object.submitted.pointer(&pointer)?.as_str()?;
        let line = u32::try_from(field.span.line).unwrap_or(1);
        (own && name == container).then(|| Assumption::NoEffect(rest.to_owned(), line))
    })
}

/// The path of a container, and what follows it.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.find("ontainers[")?;
    let end = at + path[at..].find("].")? + 1;
    Some((&path[..end], &path[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use podplay_api::SimTime;
    use podplay_playback::Run;

    fn of(text: &str) -> Vec<Assumption> {
        let mut run = Run::new(text);
        run.finish();
        let moment = run.seek(SimTime::from_secs(20), None);
        let pod = moment.cluster().pods().next().expect("there is a pod").clone();
        about(run.plan(), &pod, &pod.spec.containers[0])
    }

    fn pod(image: &str, more: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec:\n  containers:\n  - name: app\n    image: {image}\n{more}"
        )
    }

    #[test]
    fn what_nobody_can_know_is_assumed() {
        let exec = "    livenessProbe: {exec: {command: [/check]}}\n";
        let written = "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  images:\n    example.org/shop: {startup: 1s}\n";
        let image = || "example.org/shop:1.4".to_owned();
        let table = [
            (pod("nginx:1.27", ""), vec![]),
            (pod("example.org/shop:1.4", ""), vec![Assumption::Image(image())]),
            (pod("example.org/shop:1.4", "    command: [sleep, '600']\n"), vec![]),
            (
                pod("example.org/shop:1.4", exec),
                vec![Assumption::Image(image()), Assumption::ExecProbe(image())],
            ),
            (pod("example.org/shop:1.4", written), vec![Assumption::Written(image())]),
        ];
        for (text, expected) in table {
            assert_eq!(of(&text), expected, "{text}");
        }
    }

    #[test]
    fn names_lose_their_tags() {
        for (image, name) in
            [("a", "a"), ("a:1", "a"), ("h:5/a", "h:5/a"), ("h:5/a:1@sha256:0", "h:5/a")]
        {
            assert_eq!(bare(image), name);
        }
    }
}
