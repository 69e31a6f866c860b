//! Tables of `kubectl get`: rows with their cells, whatever the widths.

use super::paste::Line;

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands.
    pub line: u32,
    /// Cells by title, such as `STATUS`.
    pub cells: Vec<(String, String)>,
}

impl Row {
    /// The cell under a title, or an empty text.
    pub fn cell(&self, title: &str) -> &str {
        self.cells.iter().find(|(name, _)| name == title).map_or("", |(_, cell)| cell)
    }
}

/// A title and where its column begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Title {
    name: String,
    start: usize,
}

/// Titles of two words.
const PAIRS: [&str; 12] = [
    "LAST SEEN",
    "FIRST SEEN",
    "LAST SCHEDULE",
    "NOMINATED NODE",
    "READINESS GATES",
    "ACCESS MODES",
    "RECLAIM POLICY",
    "NODE SELECTOR",
    "STORAGE CLASS",
    "MIN AVAILABLE",
    "MAX UNAVAILABLE",
    "ALLOWED DISRUPTIONS",
];

/// Reads the rows of a table whose first line is its titles. Lines that are no rows are given to `odd`.
pub(crate) fn rows(lines: &[Line], mut odd: impl FnMut(&Line)) -> Vec<Row> {
    let mut lines = lines.iter().filter(|line| !line.is_blank());
    let Some(head) = lines.next() else { return Vec::new() };
    let titles = titles(&head.text);
    let mut out: Vec<Row> = Vec::new();
    for line in lines {
        match cells(&titles, &line.text) {
            Some(cells) => out.push(Row { line: line.number, cells }),
            None => odd(line),
        }
    }
    out
}

fn titles(text: &str) -> Vec<Title> {
    let mut out: Vec<Title> = Vec::new();
    for (start, word) in positions(text) {
        if let Some(last) = out.last_mut() {
            let both = format!("{} {word}", last.name);
            if PAIRS.contains(&both.as_str()) {
                last.name = both;
                continue;
            }
        }
        out.push(Title { name: word.to_owned(), start });
    }
    out
}

/// Words of a line with the column (in characters) at which they begin.
pub(crate) fn positions(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        if !word.is_empty() {
            out.push((at, word));
        }
        at += word.chars().count() + 1;
    }
    out
}

/// The cells of a row: by the columns where they fit, else by its words.
fn cells(titles: &[Title], text: &str) -> Option<Vec<(String, String)>> {
    by_columns(titles, text).or_else(|| by_gaps(titles, text)).or_else(|| by_words(titles, text))
}

fn named(titles: &[Title], cells: Vec<String>) -> Option<Vec<(String, String)>> {
    if cells.len() > titles.len() || cells.first().is_none_or(String::is_empty) {
        return None;
    }
    Some(titles.iter().map(|title| title.name.clone()).zip(cells).collect())
}

/// Cells cut where the titles begin; a word across a border means that the columns moved.
fn by_columns(titles: &[Title], text: &str) -> Option<Vec<(String, String)>> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    for (number, title) in titles.iter().enumerate() {
        let end = titles.get(number + 1).map_or(chars.len(), |next| next.start);
        let start = title.start.min(chars.len());
        let end = end.min(chars.len());
        if start > 0 && start < chars.len() && chars.get(start - 1).is_some_and(|c| *c != ' ') {
            return None;
        }
        let cell: String = chars.get(start..end)?.iter().collect();
        // Two columns in one: the row is narrower than its titles.
        if number + 1 < titles.len() && cell.trim().contains("  ") {
            return None;
        }
        out.push(cell.trim().to_owned());
    }
    named(titles, out)
}

/// Cells between gaps of two blanks and more.
fn by_gaps(titles: &[Title], text: &str) -> Option<Vec<(String, String)>> {
    let cells: Vec<String> = text
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(str::to_owned)
        .collect();
    (cells.len() == titles.len()).then(|| named(titles, cells))?
}

/// Cells as words; `(40s ago)` belongs to the word before it.
fn by_words(titles: &[Title], text: &str) -> Option<Vec<(String, String)>> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split_whitespace() {
        match out.last_mut() {
            Some(last) if open || word.starts_with('(') => {
                last.push(' ');
                last.push_str(word);
                open = !word.ends_with(')');
            }
            _ => out.push(word.to_owned()),
        }
    }
    (out.len() == titles.len()).then(|| named(titles, out))?
}

/// The kind behind `deployment.apps/web`, `po/web`, and the name.
pub(crate) fn kind_and_name(text: &str) -> Option<(&'static str, &str)> {
    let (resource, name) = text.split_once('/')?;
    let resource = resource.split('.').next().unwrap_or_default();
    Some((kind_of(resource)?, name))
}

/// Kinds by the words that are typed for them.
const KINDS: [(&str, &[&str]); 20] = [
    ("Pod", &["pod", "pods", "po"]),
    ("Deployment", &["deployment", "deployments", "deploy"]),
    ("ReplicaSet", &["replicaset", "replicasets", "rs"]),
    ("StatefulSet", &["statefulset", "statefulsets", "sts"]),
    ("DaemonSet", &["daemonset", "daemonsets", "ds"]),
    ("Job", &["job", "jobs"]),
    ("CronJob", &["cronjob", "cronjobs", "cj"]),
    ("Service", &["service", "services", "svc"]),
    ("Node", &["node", "nodes", "no"]),
    ("PersistentVolumeClaim", &["persistentvolumeclaim", "persistentvolumeclaims", "pvc"]),
    ("PersistentVolume", &["persistentvolume", "persistentvolumes", "pv"]),
    ("ConfigMap", &["configmap", "configmaps", "cm"]),
    ("Secret", &["secret", "secrets"]),
    ("Endpoints", &["endpoints", "ep"]),
    ("EndpointSlice", &["endpointslice", "endpointslices"]),
    ("ReplicationController", &["replicationcontroller", "replicationcontrollers", "rc"]),
    ("PodDisruptionBudget", &["poddisruptionbudget", "poddisruptionbudgets", "pdb"]),
    ("HorizontalPodAutoscaler", &["horizontalpodautoscaler", "horizontalpodautoscalers", "hpa"]),
    ("Ingress", &["ingress", "ingresses", "ing"]),
    ("Namespace", &["namespace", "namespaces", "ns"]),
];

/// The kind behind a word such as `deploy`.
pub(crate) fn kind_of(resource: &str) -> Option<&'static str> {
    let resource = resource.to_ascii_lowercase();
    KINDS.iter().find(|(_, words)| words.contains(&resource.as_str())).map(|(kind, _)| *kind)
}

/// The kind that a table is of, by its titles.
pub(crate) fn kind_by_titles(row: &Row) -> Option<&'static str> {
    let has = |title: &str| row.cells.iter().any(|(name, _)| name == title);
    let all = |titles: &[&str]| titles.iter().all(|title| has(title));
    let table: [(&'static str, &[&str]); 13] = [
        ("Pod", &["READY", "STATUS", "RESTARTS"]),
        ("Deployment", &["READY", "UP-TO-DATE", "AVAILABLE"]),
        ("Deployment", &["DESIRED", "CURRENT", "UP-TO-DATE", "AVAILABLE"]),
        ("DaemonSet", &["DESIRED", "CURRENT", "READY", "UP-TO-DATE"]),
        ("ReplicaSet", &["DESIRED", "CURRENT", "READY"]),
        ("CronJob", &["SCHEDULE", "SUSPEND"]),
        ("Job", &["COMPLETIONS", "DURATION"]),
        ("Service", &["CLUSTER-IP", "PORT(S)"]),
        ("Node", &["STATUS", "ROLES"]),
        ("PersistentVolumeClaim", &["STATUS", "VOLUME", "CAPACITY"]),
        ("PersistentVolume", &["CAPACITY", "CLAIM"]),
        ("Endpoints", &["ENDPOINTS"]),
        ("StatefulSet", &["READY", "AGE"]),
    ];
    table.iter().find(|(_, titles)| all(titles)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::paste;

    #[test]
    fn rows_of_every_width() {
        let wide = "NAME    READY   STATUS             RESTARTS      AGE\n\
                    web-a   0/1     CrashLoopBackOff   2 (40s ago)   3m\nweb-b   1/1     Running            0             3m\n";
        let narrow = "NAME READY STATUS RESTARTS AGE\nweb-a 0/1 CrashLoopBackOff 2 (40s ago) 3m\nweb-b 1/1 Running 0 3m\n";
        let moved = "NAME    READY   STATUS   RESTARTS   AGE\n\
                     web-a   0/1     CrashLoopBackOff   2 (40s ago)   3m\nweb-b   1/1     Running   0   3m\n";
        for text in [wide, narrow, moved] {
            let rows = rows(&paste::lines(text), |line| panic!("{line:?}"));
            let seen: Vec<[&str; 3]> = rows
                .iter()
                .map(|row| [row.cell("NAME"), row.cell("STATUS"), row.cell("RESTARTS")])
                .collect();
            assert_eq!(
                seen,
                [["web-a", "CrashLoopBackOff", "2 (40s ago)"], ["web-b", "Running", "0"]],
                "{text}"
            );
            assert_eq!(rows.first().and_then(kind_by_titles), Some("Pod"));
        }
    }
}
