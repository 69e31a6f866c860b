//! Changing what a page names: inline scripts become files, so that it works under a strict
//! Content-Security-Policy, and style sheets become one.

/// A page without inline scripts, and the files that hold them now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// The page.
    pub(crate) html: String,
    /// File names, relative to the page, with their text.
    pub(crate) scripts: Vec<(String, String)>,
}

/// Puts each inline script into a file named after its content.
pub(crate) fn without_inline_scripts(html: &str) -> Page {
    let mut page = Page { html: String::with_capacity(html.len()), scripts: Vec::new() };
    let mut rest = html;
    while let Some((before, attributes, script, after)) = next_script(rest) {
        page.html.push_str(before);
        if attributes.contains("src=") || is_data(attributes) || script.trim().is_empty() {
            page.html.push_str(&rest[before.len()..rest.len() - after.len()]);
        } else {
            let text = knows_its_own_address(script.trim());
            let name = format!("script-{:016x}.js", fingerprint(text.as_bytes()));
            page.html.push_str(&format!("<script{attributes} src=\"./{name}\"></script>"));
            page.scripts.push((name, text));
        }
        rest = after;
    }
    page.html.push_str(rest);
    page
}

/// A page with a `<meta>` more in its head.
pub(crate) fn with_meta(html: &str, name: &str, content: &str) -> String {
    html.replacen("</head>", &format!("<meta name=\"{name}\" content=\"{content}\"></head>"), 1)
}

/// Where wasm-bindgen puts the scripts that crates bring along.
pub(crate) const SNIPPETS: &str = "snippets";

/// A page with one style sheet, and those that it had.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Styled {
    /// The page.
    pub(crate) html: String,
    /// The sheets' names, relative to the page, in their order.
    pub(crate) sheets: Vec<String>,
}

/// Puts one style sheet in the place of all; what announced scripts of crates is gone as well.
pub(crate) fn with_one_style_sheet(html: &str, name: &str) -> Styled {
    let mut styled = Styled { html: String::with_capacity(html.len()), sheets: Vec::new() };
    let mut rest = html;
    while let Some(start) = rest.find("<link ") {
        let (before, tag) = rest.split_at(start);
        let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
        styled.html.push_str(before);
        let href = tag.split("href=\"").nth(1).and_then(|text| text.split('"').next());
        let href = href.unwrap_or_default().trim_start_matches("./");
        if tag.contains("\"stylesheet\"") {
            if styled.sheets.is_empty() {
                styled.html.push_str(&format!("<link rel=\"stylesheet\" href=\"./{name}\">"));
            }
            styled.sheets.push(href.to_owned());
        } else if !href.starts_with(SNIPPETS) {
            styled.html.push_str(tag);
        }
        rest = after;
    }
    styled.html.push_str(rest);
    styled
}

/// Whether Trunk's server sends this page, which reloads itself after each build.
pub(crate) fn is_live(html: &str) -> bool {
    html.contains("__TRUNK_")
}

/// What a strict policy refuses and cannot be moved: inline styles and handlers.
pub(crate) fn refused(html: &str) -> Option<&'static str> {
    ["<style", " style=", " onclick=", " onload=", " onerror=", "javascript:"]
        .into_iter()
        .find(|what| html.contains(what))
}

/// The text before the next script, its attributes, its body, and the text after it.
fn next_script(html: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, tag) = html.split_once("<script")?;
    let (attributes, body) = tag.split_once('>')?;
    let (script, after) = body.split_once("</script>")?;
    Some((before, attributes, script, after))
}

fn is_data(attributes: &str) -> bool {
    attributes.contains("application/json") || attributes.contains("application/ld+json")
}

/// Trunk's server fills the address into its live-reload script while it sends the page;
/// in a file of its own the script must ask the browser.
fn knows_its_own_address(script: &str) -> String {
    script
        .replace("'{{__TRUNK_ADDRESS__}}'", "window.location.host")
        .replace("`{{__TRUNK_ADDRESS__}}`", "window.location.host")
        .replace("{{__TRUNK_WS_PROTOCOL__}}", "")
        .replace("{{__TRUNK_WS_BASE__}}", "/")
}

/// FNV-1a: a name that changes with the content, nothing more.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_live, refused, with_meta, with_one_style_sheet, without_inline_scripts};

    #[test]
    fn inline_scripts_become_files() {
        let page =
            without_inline_scripts("<p>a</p><script type=\"module\">\nlet a = 1;\n</script>b");
        let [(name, text)] = page.scripts.as_slice() else { panic!("{page:?}") };
        assert_eq!(text, "let a = 1;");
        let expected = format!("<p>a</p><script type=\"module\" src=\"./{name}\"></script>b");
        assert_eq!(page.html, expected);
    }

    #[test]
    fn everything_else_stays() {
        for html in [
            "",
            "<p>text</p>",
            "<script src=\"./a.js\"></script>",
            "<script type=\"application/json\">{}</script>",
            "<script></script>x",
            "<script>never closed",
        ] {
            let page = without_inline_scripts(html);
            assert_eq!((page.html.as_str(), page.scripts.len()), (html, 0));
        }
    }

    #[test]
    fn the_live_reload_script_asks_the_browser_for_the_address() {
        let page = without_inline_scripts(
            "<script>const a = '{{__TRUNK_ADDRESS__}}', b = '{{__TRUNK_WS_BASE__}}';</script>",
        );
        assert_eq!(page.scripts[0].1, "const a = window.location.host, b = '/';");
    }

    #[test]
    fn style_sheets_become_one() {
        let page = "<link rel=\"icon\" href=\"./i.svg\"><link rel=\"stylesheet\" href=\"./a.css\"/>\n\
                    <link rel=\"stylesheet\" href=\"b.css\">\
                    <link rel=\"modulepreload\" href=\"./snippets/x/js/a.js\"><p>text</p>";
        let styled = with_one_style_sheet(page, "all.css");
        assert_eq!(styled.sheets, ["a.css", "b.css"]);
        let expected = "<link rel=\"icon\" href=\"./i.svg\">\
                        <link rel=\"stylesheet\" href=\"./all.css\">\n<p>text</p>";
        assert_eq!(styled.html, expected);
    }

    #[test]
    fn a_page_gets_another_meta() {
        let page = with_meta("<head></head><body></head>", "a", "b");
        assert_eq!(page, "<head><meta name=\"a\" content=\"b\"></head><body></head>");
        assert!(is_live("<script>'{{__TRUNK_ADDRESS__}}'</script>") && !is_live(&page));
    }

    #[test]
    fn inline_styles_are_refused() {
        assert_eq!(refused("<p class=\"style\">"), None);
        assert_eq!(refused("<p style=\"a\">"), Some(" style="));
        assert_eq!(refused("<style>p{}</style>"), Some("<style"));
    }
}
