//! A line typed into the page's terminal: which command it is, and what a pipe makes of kubectl's output.

use crate::jq;
use podplay_kubectl::{is_command, words};
use podplay_shell::{
    Behaviour, EffectKind, Fs, Host, Lookup, Outcome, Reply, Request, SessionState, Setup,
    SpawnOptions, Stream, Tools, Userland, Volumes,
};

/// Steps that a pipe's program may take.
const STEPS: u64 = 400_000;
/// Moments at which it may go on.
const MOMENTS: usize = 2_000;
/// Largest output of a pipe's program, in bytes.
const OUTPUT: usize = 1 << 20;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Nothing.
    Empty,
    /// The screen is emptied.
    Clear,
    /// What can be typed.
    Help,
    /// What was typed.
    History,
    /// A kubectl command: its words, and the programs that its output goes through.
    Kubectl(Vec<String>, Vec<String>),
    /// It cannot be done here.
    Refused(Refusal),
}

/// Why a line cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It goes to or comes from a file.
    Redirect,
    /// Several commands in one line.
    Several,
    /// The shell would have to put something in.
    Substitution,
    /// Another program than kubectl.
    Program(String),
    /// A quote is not closed.
    Quote(char),
}

/// What a line says.
pub fn read(line: &str) -> Line {
    let parts = match parts(line) {
        Ok(parts) => parts,
        Err(refusal) => return Line::Refused(refusal),
    };
    let Some((first, pipe)) = parts.split_first() else { return Line::Empty };
    let mut argv = match words::split(first) {
        Ok(argv) => argv,
        Err(unclosed) => return Line::Refused(Refusal::Quote(unclosed.quote())),
    };
    let Some(program) = argv.first().cloned() else { return Line::Empty };
    match (program.as_str(), argv.len()) {
        ("clear" | "cls", 1) => return Line::Clear,
        ("help" | "?", 1) => return Line::Help,
        ("history", 1) => return Line::History,
        _ => {}
    }
    let prompted = argv.iter().take_while(|word| matches!(word.as_str(), "kubectl" | "k" | "$"));
    let prompted = prompted.count();
    argv.drain(..prompted);
    if prompted == 0 && !is_command(&program) && podplay_shell::is_tool(&program) {
        return Line::Refused(Refusal::Program(program));
    }
    if argv.first().is_some_and(|word| word == "help") {
        argv.remove(0);
        argv.push("--help".to_owned());
    }
    Line::Kubectl(argv, pipe.to_vec())
}

/// The parts of a line between unquoted bars.
fn parts(line: &str) -> Result<Vec<String>, Refusal> {
    let mut parts = vec![String::new()];
    let mut chars = line.trim().chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '|') if chars.peek() == Some(&'|') => return Err(Refusal::Several),
            (None, '|') => {
                parts.push(String::new());
                continue;
            }
            (None, ';' | '&') => return Err(Refusal::Several),
            (None, '<' | '>') => return Err(Refusal::Redirect),
            (None | Some('"'), '`') => return Err(Refusal::Substitution),
            (None | Some('"'), '$') if chars.peek() == Some(&'(') => {
                return Err(Refusal::Substitution);
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        let Some(part) = parts.last_mut() else { continue };
        part.push(c);
        if c == '\\' && quote != Some('\'') {
            part.extend(chars.next());
        }
    }
    if let Some(open) = quote {
        return Err(Refusal::Quote(open));
    }
    parts.iter_mut().for_each(|part| *part = part.trim().to_owned());
    // Nothing at all is nothing; nothing behind a bar is a line that goes on.
    if parts.iter().all(String::is_empty) {
        return Ok(Vec::new());
    }
    if parts.iter().any(String::is_empty) {
        return Err(Refusal::Several);
    }
    Ok(parts)
}

/// What the programs of a pipe make of an output.
pub fn piped(output: &str, pipe: &[String]) -> String {
    let mut text = output.to_owned();
    let mut errors = String::new();
    for program in pipe {
        let argv = words::split(program).unwrap_or_default();
        let (out, err) = match argv.first().map(String::as_str) {
            Some("jq") => jq::run(&argv[1..], &text),
            _ => shell(program, &text),
        };
        text = out;
        errors.push_str(&err);
    }
    errors + &text
}

/// What a line of the shell makes of its input, apart what it says on standard error.
fn shell(line: &str, input: &str) -> (String, String) {
    let mut host = Nowhere(Volumes::default());
    let setup = Setup { tools: Tools::Debian, ..Setup::default() };
    let mut machine = Userland::new(setup, Fs::debian());
    let argv = ["sh", "-c", line].map(str::to_owned);
    let options = SpawnOptions { stdin: Some(input.as_bytes().to_vec()), ..Default::default() };
    let Ok(session) = machine.spawn(0, &argv, options, &mut host) else {
        return (String::new(), String::new());
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut now = 0;
    let mut budget = STEPS;
    for _ in 0..MOMENTS {
        machine.run(now, &mut host, &mut budget);
        for effect in machine.take_effects() {
            if let EffectKind::Output { stream, bytes } = effect.kind {
                match stream {
                    Stream::Stdout => out.extend(bytes),
                    Stream::Stderr => err.extend(bytes),
                }
            }
        }
        let ended = !matches!(machine.session(session), SessionState::Running);
        let next = machine.next_wakeup();
        if ended || budget == 0 || out.len() > OUTPUT {
            break;
        }
        let Some(next) = next else { break };
        now = next.max(now);
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(out), text(err))
}

/// The machine on which a pipe's programs run has no network and nothing installed.
struct Nowhere(Volumes);

impl Host for Nowhere {
    fn volumes(&mut self) -> &mut Volumes {
        &mut self.0
    }
    fn resolve(&mut self, _: &str) -> Lookup {
        Lookup::NxDomain
    }
    fn request(&mut self, _: &Request) -> Reply {
        Reply { after: 0, outcome: Outcome::BadName }
    }
    fn program(&mut self, _: &[String]) -> Option<Behaviour> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Refusal, piped, read};

    fn kubectl(argv: &[&str], pipe: &[&str]) -> Line {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Line::Kubectl(owned(argv), owned(pipe))
    }

    #[test]
    fn lines_as_people_type_them() {
        let table = [
            ("", Line::Empty),
            ("  ", Line::Empty),
            ("clear", Line::Clear),
            ("help", Line::Help),
            ("history", Line::History),
            ("kubectl", kubectl(&[], &[])),
            ("k", kubectl(&[], &[])),
            ("get pods", kubectl(&["get", "pods"], &[])),
            ("k get po -w", kubectl(&["get", "po", "-w"], &[])),
            ("$ kubectl kubectl get pods", kubectl(&["get", "pods"], &[])),
            ("kubectl help get", kubectl(&["get", "--help"], &[])),
            (
                "kubectl get pods | grep web|wc -l",
                kubectl(&["get", "pods"], &["grep web", "wc -l"]),
            ),
            (
                "kubectl exec web -- sh -c 'ls | head; echo $(date) > f'",
                kubectl(&["exec", "web", "--", "sh", "-c", "ls | head; echo $(date) > f"], &[]),
            ),
            (
                "k get po -o jsonpath=\"{.items[*].x}\"",
                kubectl(&["get", "po", "-o", "jsonpath={.items[*].x}"], &[]),
            ),
            ("k get po > file", Line::Refused(Refusal::Redirect)),
            ("k apply -f - <<EOF", Line::Refused(Refusal::Redirect)),
            ("k get po; k get svc", Line::Refused(Refusal::Several)),
            ("k get po && k get svc", Line::Refused(Refusal::Several)),
            ("k get po |", Line::Refused(Refusal::Several)),
            ("k delete pod $(k get po -o name)", Line::Refused(Refusal::Substitution)),
            ("k get po 'web", Line::Refused(Refusal::Quote('\''))),
            ("ls -l", Line::Refused(Refusal::Program("ls".into()))),
            ("gte pods", kubectl(&["gte", "pods"], &[])),
        ];
        for (line, expected) in table {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn what_goes_through_a_pipe() {
        let output = "NAME   READY\nweb-1   1/1\nweb-2   0/1\ndb-0   1/1\n";
        let json = "{\"items\": [{\"metadata\": {\"name\": \"web\"}, \"n\": 1}, {\"metadata\": {\"name\": \"db\"}, \"n\": 2}]}";
        let table = [
            (output, "grep web", "web-1   1/1\nweb-2   0/1\n"),
            (output, "grep -v READY|wc -l", "3\n"),
            (output, "head -1", "NAME   READY\n"),
            (output, "tail -n +2|awk '{print $2}'|sort|uniq -c", "      1 0/1\n      2 1/1\n"),
            (output, "grep nothing", ""),
            (output, "nope", "sh: 1: nope: not found\n"),
            (json, "jq -r .items[].metadata.name", "web\ndb\n"),
            (json, "jq '.items[0].metadata.name'", "\"web\"\n"),
            (json, "jq '.items | length'", "2\n"),
            (json, "jq -c '.items[] | .metadata'", "{\"name\":\"web\"}\n{\"name\":\"db\"}\n"),
            (json, "jq .nope", "null\n"),
            (
                json,
                "jq 'map(.x)'",
                "jq: only paths such as .items[].metadata.name, length, keys and | are known here\n",
            ),
            ("no json", "jq .", "jq: error: the input is not JSON; ask kubectl for -o json\n"),
        ];
        for (input, pipe, expected) in table {
            let stages: Vec<String> = pipe.split('|').map(str::to_owned).collect();
            let stages = if pipe.contains("jq") { vec![pipe.to_owned()] } else { stages };
            assert_eq!(piped(input, &stages), expected, "{pipe}");
        }
    }
}
