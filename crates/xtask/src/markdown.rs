//! The little Markdown that lessons are written in, as HTML: paragraphs, lists, bold, emphasis, code, and links
//! within the page. Anything else is refused, so that a build never shows a stray mark.

/// The HTML of a text, or what is wrong with it.
pub(crate) fn html(text: &str) -> Result<String, String> {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(block).collect()
}

fn block(text: &str) -> Result<String, String> {
    if let Some(mark) =
        ["#", "```", ">", "|", "1. ", "* ", "    "].into_iter().find(|mark| text.starts_with(mark))
    {
        return Err(format!("`{mark}` begins a kind of block that lessons do not have"));
    }
    if !text.starts_with("- ") {
        return Ok(format!("<p>{}</p>", inline(&text.replace('\n', " "))?));
    }
    let items = format!("\n{text}");
    let items = items
        .split("\n- ")
        .skip(1)
        .map(|item| Ok::<_, String>(format!("<li>{}</li>", inline(&item.replace('\n', " "))?)));
    Ok(format!("<ul>{}</ul>", items.collect::<Result<String, _>>()?))
}

/// What stands in a line. Marks are looked for from the left; what they hold may have marks of its own.
fn inline(text: &str) -> Result<String, String> {
    let Some(at) = text.find(['`', '*', '[']) else { return Ok(escaped(text)) };
    let (before, rest) = text.split_at(at);
    let open = |mark: &str| format!("`{mark}` is opened and not closed: {rest}");
    let between = |mark: &'static str| {
        rest.strip_prefix(mark).map(|rest| rest.split_once(mark).ok_or_else(|| open(mark)))
    };
    let (html, rest) = if let Some(code) = between("`") {
        let (code, rest) = code?;
        (format!("<code>{}</code>", escaped(code)), rest)
    } else if let Some(bold) = between("**") {
        let (bold, rest) = bold?;
        (format!("<strong>{}</strong>", inline(bold)?), rest)
    } else if let Some(emphasis) = between("*") {
        let (emphasis, rest) = emphasis?;
        (format!("<em>{}</em>", inline(emphasis)?), rest)
    } else {
        let (words, rest) = rest[1..].split_once("](").ok_or_else(|| open("["))?;
        let (target, rest) = rest.split_once(')').ok_or_else(|| open("("))?;
        if !target.starts_with('#') {
            return Err(format!("the link to {target} leads out of the lesson"));
        }
        (format!("<a href=\"{}\">{}</a>", escaped(target), inline(words)?), rest)
    };
    Ok(format!("{}{html}{}", escaped(before), inline(rest)?))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn marks_become_elements() {
        let table = [
            ("One\nline.\n\nTwo.", "<p>One line.</p><p>Two.</p>"),
            (
                "a **b *c* d** `x < *y*`",
                "<p>a <strong>b <em>c</em> d</strong> <code>x &lt; *y*</code></p>",
            ),
            ("- a\n- `b`\n  c", "<ul><li>a</li><li><code>b</code>   c</li></ul>"),
            (
                "[at `9s`](#t=9s&pod=a/b)",
                "<p><a href=\"#t=9s&amp;pod=a/b\">at <code>9s</code></a></p>",
            ),
            ("<script>", "<p>&lt;script&gt;</p>"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(html(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_lesson_markdown_is_refused() {
        for text in [
            "### Deep",
            "```\ncode\n```",
            "[out](https://example.com)",
            "a ` b",
            "**b",
            "[x",
            "> q",
            "1. a",
        ] {
            assert!(html(text).is_err(), "{text}");
        }
    }
}
