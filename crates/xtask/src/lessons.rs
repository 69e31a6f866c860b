//! The lessons of `www/lessons` as the page fetches them: one file for each, with its words as HTML,
//! and an index with the titles. `docs/lessons.md` describes the sources.

use crate::ctx::Ctx;
use crate::failure::{Failure, Result};
use crate::markdown;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Where the lessons are, from the root.
const SOURCES: &str = "www/lessons";
/// The languages.
const LANGUAGES: [&str; 2] = ["en", "ko"];

/// Writes the lessons of a build into `folder`.
pub(crate) fn write(ctx: &Ctx, folder: &Path) -> Result {
    let sources = ctx.at(SOURCES);
    let target = folder.join("lessons");
    ctx.shell.create_dir(&target)?;
    let list = ctx.read(&sources.join("index.txt"))?;
    let names =
        list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut index = Vec::new();
    for name in names {
        let file = |file: &str| ctx.read(&sources.join(name).join(file));
        let mut lesson = Map::new();
        let mut titles = json!({"name": name});
        for language in LANGUAGES {
            let source = file(&format!("{language}.md"))?;
            let words = words(&source).map_err(|what| {
                Failure::new(
                    format!("{SOURCES}/{name}/{language}.md: {what}"),
                    "docs/lessons.md says what a lesson may have",
                )
            })?;
            titles[language] = words["title"].clone();
            lesson.insert(language.to_owned(), words);
        }
        for (key, from) in
            [("manifest", "manifest.yaml"), ("answer", "answer.yaml"), ("check", "check.txt")]
        {
            lesson.insert(key.to_owned(), file(from)?.into());
        }
        index.push(titles);
        let text = Value::Object(lesson).to_string();
        ctx.shell.write_file(target.join(format!("{name}.json")), text)?;
    }
    Ok(ctx.shell.write_file(target.join("index.json"), Value::Array(index).to_string())?)
}

/// A text's title as it is, and its parts as HTML.
fn words(source: &str) -> std::result::Result<Value, String> {
    let mut parts = source.split("\n## ");
    let first = parts.next().unwrap_or_default();
    let (title, intro) = first
        .strip_prefix("# ")
        .and_then(|first| first.split_once('\n'))
        .ok_or("it does not begin with `# Title`")?;
    let mut words = json!({"title": title.trim(), "intro": markdown::html(intro)?});
    for part in parts {
        let (name, body) = part.split_once('\n').ok_or("a section without words")?;
        words[name.trim()] = markdown::html(body)?.into();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::words;
    use serde_json::json;

    #[test]
    fn sections_become_html() {
        let source = "# A & B\n\nOne.\n\n## look\n\nTwo.\n\n## try\n\nThree.\n";
        let expected = json!({"title": "A & B", "intro": "<p>One.</p>", "look": "<p>Two.</p>", "try": "<p>Three.</p>"});
        assert_eq!(words(source), Ok(expected));
        assert!(words("Title\n").is_err());
    }
}
