//! "Did you mean": what an unknown field was probably meant to be, and where it belongs.

use super::table::{Type, table};

/// A guess about an unknown field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// The same place has a field that is written nearly so.
    Rename(&'static str),
    /// The name is right, the place is not: it is a field of this other type.
    Elsewhere {
        /// The type that has the field.
        owner: &'static str,
        /// Where that type stands in a manifest, in words.
        place: &'static str,
    },
}

/// Names that people bring from other tools, or remember almost.
const HABITS: &[(&str, &str, &str)] = &[
    ("Container", "cmd", "command"),
    ("Container", "entrypoint", "command"),
    ("Container", "commands", "command"),
    ("Container", "environment", "env"),
    ("Container", "port", "ports"),
    ("Container", "pullPolicy", "imagePullPolicy"),
    ("Container", "mounts", "volumeMounts"),
    ("Container", "healthcheck", "livenessProbe"),
    ("Container", "startup", "startupProbe"),
    ("ContainerPort", "port", "containerPort"),
    ("ContainerPort", "targetPort", "containerPort"),
    ("EnvVar", "key", "name"),
    ("EnvVar", "val", "value"),
    ("EnvVarSource", "configMapRef", "configMapKeyRef"),
    ("EnvVarSource", "secretRef", "secretKeyRef"),
    ("ObjectFieldSelector", "path", "fieldPath"),
    ("Probe", "http", "httpGet"),
    ("Probe", "tcp", "tcpSocket"),
    ("Probe", "interval", "periodSeconds"),
    ("Probe", "intervalSeconds", "periodSeconds"),
    ("Probe", "retries", "failureThreshold"),
    ("Probe", "command", "exec"),
    ("HTTPGetAction", "url", "path"),
    ("HTTPGetAction", "headers", "httpHeaders"),
    ("ExecAction", "cmd", "command"),
    ("PodSpec", "restart", "restartPolicy"),
    ("PodSpec", "gracePeriodSeconds", "terminationGracePeriodSeconds"),
    ("PodSpec", "volume", "volumes"),
    ("PodReadinessGate", "type", "conditionType"),
    ("SecretVolumeSource", "name", "secretName"),
    ("ConfigMapVolumeSource", "configMapName", "name"),
    ("PersistentVolumeClaimVolumeSource", "name", "claimName"),
    ("VolumeMount", "volumeName", "name"),
    ("VolumeMount", "path", "mountPath"),
    ("EmptyDirVolumeSource", "size", "sizeLimit"),
    ("ServiceSpec", "port", "ports"),
    ("JobSpec", "ttlSeconds", "ttlSecondsAfterFinished"),
];

/// Types that are looked through for a misplaced field, with where they stand.
const PLACES: &[(&str, &str)] = &[
    ("Container", "a container (`spec.containers[]`)"),
    ("PodSpec", "the pod's `spec`"),
    ("Probe", "a probe"),
    ("ObjectMeta", "`metadata`"),
    ("Lifecycle", "a container's `lifecycle`"),
    ("ContainerPort", "a container's `ports[]`"),
    ("HTTPGetAction", "`httpGet`"),
    ("SecurityContext", "a container's `securityContext`"),
    ("PodSecurityContext", "the pod's `securityContext`"),
    ("ResourceRequirements", "a container's `resources`"),
    ("DeploymentSpec", "a Deployment's `spec`"),
    ("JobSpec", "a Job's `spec`"),
    ("CronJobSpec", "a CronJob's `spec`"),
    ("ServiceSpec", "a Service's `spec`"),
    ("ServicePort", "a Service's `ports[]`"),
    ("StatefulSetSpec", "a StatefulSet's `spec`"),
    ("PodTemplateSpec", "a pod template"),
    ("Pod", "the top of the object"),
    ("Secret", "the top of a Secret"),
];

/// The best guess for an unknown field of a type.
#[must_use]
pub fn suggest(owner: &str, name: &str) -> Option<Suggestion> {
    let table = table();
    let of = table.by_short_name(owner)?;
    if let Some((_, _, meant)) = HABITS.iter().find(|(o, n, _)| *o == owner && *n == name) {
        return Some(Suggestion::Rename(meant));
    }
    if let Some(found) = closest(of, name) {
        return Some(Suggestion::Rename(found));
    }
    PLACES
        .iter()
        .filter(|(other, _)| *other != owner)
        .find(|(other, _)| table.by_short_name(other).is_some_and(|t| t.field(name).is_some()))
        .map(|(owner, place)| Suggestion::Elsewhere { owner, place })
}

fn closest(of: &'static Type, name: &str) -> Option<&'static str> {
    nearest(name, of.fields.iter().map(|f| f.name))
}

/// The name that is nearest to what was written, when it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    let allowed = match lower.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let candidates: Vec<&'a str> = among.collect();
    let by_distance = candidates
        .iter()
        .map(|c| (distance(&lower, &c.to_ascii_lowercase()), *c))
        .filter(|(d, _)| *d <= allowed)
        .min();
    if let Some((_, found)) = by_distance {
        return Some(found);
    }
    // `timeout` for `timeoutSeconds`, `initialDelay` for `initialDelaySeconds`.
    candidates
        .iter()
        .find(|c| lower.len() >= 5 && c.to_ascii_lowercase().starts_with(&lower))
        .copied()
}

/// Edits between two words; swapping neighbours counts as one.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let width = b.len() + 1;
    let mut rows = vec![vec![0_usize; width]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..width {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best =
                (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses() {
        for (owner, name, want) in [
            ("Container", "livenesProbe", "livenessProbe"),
            ("Container", "Image", "image"),
            ("Container", "comand", "command"),
            ("Container", "environment", "env"),
            ("Probe", "timeout", "timeoutSeconds"),
            ("PodSpec", "restartpolicy", "restartPolicy"),
            ("DeploymentSpec", "replica", "replicas"),
        ] {
            assert_eq!(suggest(owner, name), Some(Suggestion::Rename(want)), "{name}");
        }
        assert!(matches!(
            suggest("PodSpec", "livenessProbe"),
            Some(Suggestion::Elsewhere { owner: "Container", .. })
        ));
        assert_eq!(suggest("Container", "zzzzzz"), None);
    }
}
