//! A paste in its parts: commands with their prompts, objects, descriptions, tables, logs.

use super::paste::Line;
use super::yaml::key_of;

/// What a part of a paste is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// YAML documents.
    Yaml,
    /// JSON documents.
    Json,
    /// What `kubectl describe` prints of one object.
    Describe,
    /// A table with a line of titles.
    Table,
    /// Lines of a log.
    Log,
    /// What kubectl or the API server refused.
    Error,
    /// Anything else.
    Other,
}

/// A part of a paste.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) form: Form,
    /// The words of the command that printed it, without the program's name.
    pub(crate) command: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// Titles with which tables of kubectl begin.
const FIRST: [&str; 10] = [
    "NAME",
    "NAMESPACE",
    "LAST SEEN",
    "LASTSEEN",
    "READY",
    "STATUS",
    "TYPE",
    "REASON",
    "KIND",
    "CLUSTER-IP",
];

/// Cuts a paste into its parts.
pub(crate) fn blocks(lines: &[Line]) -> Vec<Block> {
    let mut cutter = Cutter { out: Vec::new(), command: Vec::new() };
    for line in lines {
        cutter.line(line);
    }
    cutter.out.retain(|block| block.lines.iter().any(|line| !line.is_blank()));
    cutter.out
}

struct Cutter {
    out: Vec<Block>,
    command: Vec<String>,
}

impl Cutter {
    fn line(&mut self, line: &Line) {
        if let Some(command) = prompt(&line.text) {
            self.command = command;
            self.begin(if self.logging() { Form::Log } else { Form::Other });
            return;
        }
        let current = self.out.last().map(|block| block.form);
        // What a program logs may look like anything; only the next prompt ends it.
        if current == Some(Form::Log) && self.logging() {
            if let Some(block) = self.out.last_mut() {
                block.lines.push(line.clone());
            }
            return;
        }
        match begins(line, current, self.blank_before()) {
            Some(form) if Some(form) != current || fresh(form, line) => self.begin(form),
            None if self.ends(line, current) => self.begin(Form::Other),
            _ => {}
        }
        if self.out.is_empty() {
            self.begin(Form::Other);
        }
        if let Some(block) = self.out.last_mut() {
            block.lines.push(line.clone());
        }
    }
    /// Whether the last command prints a log.
    fn logging(&self) -> bool {
        self.command.first().is_some_and(|word| word == "logs" || word == "log")
    }
    fn begin(&mut self, form: Form) {
        self.out.push(Block { form, command: self.command.clone(), lines: Vec::new() });
    }
    fn blank_before(&self) -> bool {
        self.out.last().is_none_or(|block| block.lines.last().is_none_or(Line::is_blank))
    }
    /// Whether a line that begins nothing ends what was before it.
    fn ends(&self, line: &Line, current: Option<Form>) -> bool {
        if line.is_blank() || line.indent() > 0 {
            return false;
        }
        match current {
            Some(Form::Table | Form::Error) => self.blank_before(),
            Some(Form::Yaml) => {
                let text = &line.text;
                !(key_of(text).is_some() || text.starts_with(['-', '#', '}', ']', '\'', '"']))
                    && self.blank_before()
            }
            Some(Form::Json) => self.out.last().is_some_and(|block| {
                let lines: Vec<(u32, String)> =
                    block.lines.iter().map(|line| (line.number, line.text.clone())).collect();
                super::flow::closed(&lines)
            }),
            Some(Form::Describe) => self.blank_before() && key_of_description(&line.text).is_none(),
            _ => false,
        }
    }
}

/// Whether a line of this form always begins a part of its own.
fn fresh(form: Form, line: &Line) -> bool {
    match form {
        Form::Describe => line.text.starts_with("Name:"),
        Form::Yaml => line.text.starts_with("apiVersion:") || line.text.starts_with("---"),
        Form::Table | Form::Error => true,
        Form::Json | Form::Log | Form::Other => false,
    }
}

/// What a line begins, if it does.
fn begins(line: &Line, current: Option<Form>, blank_before: bool) -> Option<Form> {
    let text = line.text.as_str();
    if logged(text).is_some() {
        return Some(Form::Log);
    }
    if line.indent() > 0 {
        return (current != Some(Form::Describe) && event_titles(text)).then_some(Form::Table);
    }
    if is_titles(text) {
        return Some(Form::Table);
    }
    if refused(text) {
        return Some(Form::Error);
    }
    let inside = current == Some(Form::Log) && !blank_before;
    if text.starts_with("apiVersion:")
        || text.starts_with("- apiVersion:")
        || (text.starts_with("---") && text.trim_end_matches('-').is_empty())
    {
        return Some(Form::Yaml);
    }
    if text.starts_with("Name:") && !inside {
        return Some(Form::Describe);
    }
    let loose = matches!(current, None | Some(Form::Other | Form::Error))
        || (blank_before && current != Some(Form::Json));
    if loose
        && (text == "{" || text.starts_with("{\"") || text == "[")
        && current != Some(Form::Yaml)
    {
        return Some(Form::Json);
    }
    if matches!(current, None | Some(Form::Other)) {
        if key_of_description(text).is_some() {
            return Some(Form::Describe);
        }
        let key = key_of(text).map(|(key, _)| key);
        let known = ["kind", "metadata", "spec", "status", "items"];
        if key.is_some_and(|key| known.contains(&key.as_str())) {
            return Some(Form::Yaml);
        }
    }
    None
}

/// A title of a description: `Start Time:   Sun…`, `Containers:`.
pub(crate) fn key_of_description(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once(':')?;
    let named = key.starts_with(|c: char| c.is_ascii_uppercase())
        && key.len() <= 50
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/'))
        && key.split(' ').all(|word| !word.is_empty());
    (named && (rest.is_empty() || rest.starts_with(' '))).then(|| (key, rest.trim()))
}

/// Whether a line is the titles of a table: words in capitals, the first of them one of kubectl's.
pub(crate) fn is_titles(text: &str) -> bool {
    let first = FIRST
        .iter()
        .any(|title| text.strip_prefix(title).is_some_and(|rest| rest.starts_with(' ')));
    let capitals = text
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || " -_().%/".contains(c));
    first && capitals && text.split_whitespace().count() >= 2
}

/// The titles of the events in a description.
pub(crate) fn event_titles(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.contains(&"Type") && words.contains(&"Reason") && words.contains(&"Message")
}

/// Whether kubectl or the API server refuses something here.
fn refused(text: &str) -> bool {
    let server = text.starts_with("Error from server") || text.starts_with("error: ");
    let invalid = text.starts_with("The ") && text.contains(" is invalid:");
    server || invalid || text.starts_with("error when evicting ")
}

/// `[pod/NAME/CONTAINER] text`.
pub(crate) fn logged(text: &str) -> Option<(&str, &str, &str)> {
    let (whom, text) = text.strip_prefix("[pod/")?.split_once(']')?;
    let (pod, container) = whom.split_once('/')?;
    Some((pod, container, text.strip_prefix(' ').unwrap_or(text)))
}

/// The words of a kubectl command behind a prompt.
pub(crate) fn prompt(text: &str) -> Option<Vec<String>> {
    let found = ["kubectl ", "oc ", "k ", "kubectl.exe "].iter().find_map(|program| {
        let at = text.find(program)?;
        let before = text.get(..at)?.trim_end();
        let prompt = before.is_empty()
            || (before.ends_with(['$', '#', '%', '>', '❯', '➜', 'λ', '»']) && before.len() < 80);
        let own = !before.is_empty() || *program != "k ";
        (prompt && own).then(|| text.get(at + program.len()..))?
    });
    let words = |rest: &str| rest.split_whitespace().map(str::to_owned).collect();
    match found {
        Some(rest) => Some(words(rest)),
        // Another command ends what the last one printed.
        None => text.strip_prefix("$ ").map(|_| Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::paste;

    #[test]
    fn a_session_falls_into_its_parts() {
        let text = "me@host:~$ kubectl get pods\nNAME   READY   STATUS\nweb    0/1     Error\n\n\
                    $ kubectl describe pod web\nName:  web\nContainers:\n  a:\n    Image: x\n\n\nName: b\n\
                    $ kubectl logs web -p\nName: not a description\n$ kubectl get pod -o yaml\napiVersion: v1\n\
                    kind: Pod\n---\napiVersion: v1\nError from server (NotFound): pods \"x\" not found\n{\n  \"a\": 1\n}\n";
        let forms: Vec<Form> =
            blocks(&paste::lines(text)).into_iter().map(|block| block.form).collect();
        assert_eq!(
            forms,
            [
                Form::Table,
                Form::Describe,
                Form::Describe,
                Form::Log,
                Form::Yaml,
                Form::Yaml,
                Form::Yaml,
                Form::Error,
                Form::Json
            ]
        );
    }

    #[test]
    fn prompts_of_several_shells() {
        let table = [
            ("$ kubectl get po", true),
            ("[me@host ~]# kubectl get po", true),
            ("PS C:\\Users\\me> kubectl get po", true),
            ("kubectl get po", true),
            ("➜  app git:(main) k get po", false),
            ("❯ k get po", true),
            ("- kubectl get po", false),
            ("use kubectl to look", false),
        ];
        for (text, expected) in table {
            assert_eq!(prompt(text).is_some(), expected, "{text}");
        }
    }
}
