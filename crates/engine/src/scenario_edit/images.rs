//! Writing down how an image behaves, which nobody but the person can know.

use super::{append, indent_of, insert_line, line_end, line_start};
use crate::assume::bare;

/// The text with an entry for the image under `images`, and the line where the entry stands.
pub(crate) fn assume(text: &str, image: &str, port: Option<u16>) -> (String, u32) {
    let scenario = podplay_manifest::read(text).scenario;
    let known = scenario.as_ref().and_then(|scenario| {
        let spans = &scenario.spans;
        let own = spans.get(&format!("spec.images.{image}"));
        own.or_else(|| spans.get(&format!("spec.images.{}", bare(image))))
            .and_then(|place| place.key)
    });
    if let Some(key) = known {
        return (text.to_owned(), line_of(text, key.start));
    }
    let name = bare(image);
    let out = match scenario.as_ref().map(|scenario| &scenario.spans) {
        None => append(text, &format!("spec:\n  images:\n{}", entry(name, port, "    "))),
        Some(spans) => {
            let key =
                |path: &str| spans.get(path).and_then(|place| Some((place.key?, place.value)));
            let end = scenario.as_ref().map_or(text.len(), |scenario| scenario.end);
            match (key("spec.images"), key("spec")) {
                (Some((key, value)), _) => {
                    below(text, key.end, value.start, |indent| entry(name, port, indent))
                }
                (None, Some((key, value))) => below(text, key.end, value.start, |indent| {
                    format!("{indent}images:\n{}", entry(name, port, &format!("{indent}  ")))
                }),
                (None, None) => {
                    let mut out = text.to_owned();
                    let block = format!("spec:\n  images:\n{}", entry(name, port, "    "));
                    insert_line(&mut out, text[..end].trim_end().len(), block.trim_end());
                    out
                }
            }
        }
    };
    let line = out.find(&format!("{name}:\n")).map_or(1, |at| line_of(&out, at));
    (out, line)
}

/// The entry, with what is assumed without it.
fn entry(name: &str, port: Option<u16>, indent: &str) -> String {
    let port = port.unwrap_or(80);
    format!(
        "{indent}{name}:\n{indent}  startup: 0s\n{indent}  http: {{{port}: {{\"*\": 200}}}}\n{indent}  onSigterm: {{exitAfter: 0s, code: 0}}\n"
    )
}

/// Inserts lines below a key whose value is a block mapping; a flow mapping is left, and the lines would not fit in.
fn below(text: &str, key: usize, value: usize, lines: impl Fn(&str) -> String) -> String {
    let mut out = text.to_owned();
    let own = indent_of(text, line_start(text, key)).len();
    let first = line_start(text, value);
    if first > line_start(text, key) {
        out.insert_str(first, &lines(&indent_of(text, first)));
    } else {
        // An empty or a flow mapping: block lines take the place of the empty one, or stand before the others.
        let rest = text[key..].split('\n').next().unwrap_or_default();
        let flow = rest.trim_start_matches(':').trim();
        let block = lines(&" ".repeat(own + 2));
        let end = line_end(text, key);
        if flow.is_empty() || flow == "{}" {
            out.replace_range(key..end, &format!(":\n{block}"));
        }
    }
    out
}

fn line_of(text: &str, at: usize) -> u32 {
    let lines = text[..at.min(text.len())].matches('\n').count() + 1;
    u32::try_from(lines).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: app, image: 'example.org/shop:1.4'}\n";
    const HEAD: &str = "---\napiVersion: podplay/v1\nkind: Scenario\n";

    #[test]
    fn an_entry_is_written_wherever_there_is_room_for_it() {
        let table = [
            "",
            HEAD,
            "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  seed: 7\n",
            "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n    timeline:\n    - {at: 5s, kubectl: get pods}\n",
            "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  images:\n    other: {startup: 1s}\n  seed: 7\n",
            "---\napiVersion: podplay/v1\nkind: Scenario\nspec:\n  images: {}\n  seed: 7\n",
        ];
        for scenario in table {
            let before = format!("{POD}{scenario}");
            let (after, line) = assume(&before, "example.org/shop:1.4", Some(8080));
            let plan = podplay_playback::Plan::read(&after);
            assert!(!plan.has_errors(), "{after}\n{:?}", plan.reading.diagnostics);
            let behaviour = plan.config.images.get("example.org/shop").expect("it is read back");
            assert!(behaviour.http.contains_key(&8080), "{after}");
            let there = after.lines().nth(line as usize - 1).unwrap_or_default();
            assert_eq!(there.trim(), "example.org/shop:", "{after}");
            assert_eq!(
                assume(&after, "example.org/shop:1.4", None),
                (after.clone(), line),
                "once is enough"
            );
        }
    }
}
