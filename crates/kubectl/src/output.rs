//! `-o`: JSON, YAML, names, templates, columns of one's own.

use crate::failure::Failure;
use crate::flags::Parsed;
use crate::gotemplate;
use crate::jsonpath::{self, Template};
use podplay_api::{Value, json};
use podplay_views::table::Table;

/// A way to print objects that is not the usual table.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    Json,
    Yaml,
    Kyaml,
    Name,
    Jsonpath(Template),
    JsonpathAsJson(Template),
    GoTemplate(gotemplate::Template),
    Columns(Vec<(String, Template)>, bool),
}

const KNOWN: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";
const PLAIN: &str = "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

impl Format {
    /// The format of a command that prints objects as lines otherwise.
    pub(crate) fn of(flags: &Parsed) -> Result<Option<Self>, Failure> {
        match flags.text("output") {
            None | Some("") => Ok(None),
            Some(output) => Self::parse(output, flags, PLAIN).map(Some),
        }
    }
    /// The format of `get`; `None` for its table.
    pub(crate) fn of_get(flags: &Parsed) -> Result<Option<Self>, Failure> {
        match flags.text("output") {
            None | Some("" | "wide") => Ok(None),
            Some(output) => Self::parse(output, flags, KNOWN).map(Some),
        }
    }
    fn parse(output: &str, flags: &Parsed, known: &str) -> Result<Self, Failure> {
        let (name, given) =
            output.split_once('=').map_or((output, None), |(name, given)| (name, Some(given)));
        let given = given.or_else(|| flags.text("template"));
        let needed = || match given {
            Some(given) if !given.is_empty() => Ok(given),
            _ => Err(Failure::error("template format specified but no template given")),
        };
        let path = |text: &str| {
            Template::parse(text)
                .map_err(|why| Failure::error(format!("error parsing jsonpath {text}, {why}")))
        };
        match name {
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            "kyaml" => Ok(Self::Kyaml),
            "name" => Ok(Self::Name),
            "jsonpath" => Ok(Self::Jsonpath(path(needed()?)?)),
            "jsonpath-as-json" => Ok(Self::JsonpathAsJson(path(needed()?)?)),
            "go-template" | "template" => {
                let text = needed()?;
                let template = gotemplate::Template::parse(text);
                template
                    .map(Self::GoTemplate)
                    .map_err(|why| Failure::error(format!("error parsing template {text}, {why}")))
            }
            "custom-columns" if known == KNOWN => {
                Self::columns(given.unwrap_or_default(), flags.on("no-headers"))
            }
            _ => Err(Failure::error(format!(
                "unable to match a printer suitable for the output format \"{output}\", allowed formats are: {known}"
            ))),
        }
    }
    /// Models `kubectl/pkg/cmd/get/customcolumn.go`.
    fn columns(spec: &str, no_headers: bool) -> Result<Self, Failure> {
        if spec.is_empty() {
            return Err(Failure::error(
                "custom-columns format specified but no custom columns given",
            ));
        }
        let mut columns = Vec::new();
        for part in spec.split(',') {
            let Some((header, path)) = part.split_once(':') else {
                return Err(Failure::error(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                )));
            };
            let template = Template::parse(&jsonpath::relaxed(path)).map_err(Failure::error)?;
            columns.push((header.to_owned(), template));
        }
        Ok(Self::Columns(columns, no_headers))
    }
    /// One object.
    pub(crate) fn object(&self, object: &Value, flags: &Parsed) -> Result<String, Failure> {
        let shown = without_managed_fields(object, flags);
        match self {
            Self::Json => Ok(pretty(&shown) + "\n"),
            Self::Yaml | Self::Kyaml => Ok(podplay_manifest::yaml::write::document(&shown)),
            Self::Name => Ok(name_line(object) + "\n"),
            Self::Jsonpath(template) => template.text(&shown).map_err(|why| {
                let (text, shown) = (template.source(), go_map(&shown));
                Failure::error(format!(
                    "error executing jsonpath \"{text}\": Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{shown}\n\n"
                ))
            }),
            Self::JsonpathAsJson(template) => {
                let found = template.values(&shown).map_err(Failure::error)?;
                Ok(pretty(&Value::Array(found)) + "\n")
            }
            Self::GoTemplate(template) => template.text(&shown).map_err(Failure::error),
            Self::Columns(columns, no_headers) => Ok(columns_table(columns, std::slice::from_ref(object)).text(*no_headers)),
        }
    }
    /// Several objects: a List for the formats that print one document.
    pub(crate) fn objects(&self, objects: &[Value], flags: &Parsed) -> Result<String, Failure> {
        match self {
            Self::Name => objects.iter().map(|object| self.object(object, flags)).collect(),
            Self::Columns(columns, no_headers) => {
                Ok(columns_table(columns, objects).text(*no_headers))
            }
            _ => {
                let items: Vec<Value> =
                    objects.iter().map(|object| without_managed_fields(object, flags)).collect();
                let list = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
                self.object(&list, flags)
            }
        }
    }
}

fn columns_table(columns: &[(String, Template)], objects: &[Value]) -> Table {
    let cell = |template: &Template, object: &Value| match template.values(object) {
        Ok(values) if !values.is_empty() => {
            values.iter().map(jsonpath::plain).collect::<Vec<_>>().join(",")
        }
        _ => "<none>".to_owned(),
    };
    let row = |object: &Value| columns.iter().map(|(_, template)| cell(template, object)).collect();
    Table {
        headers: columns.iter().map(|(header, _)| header.clone()).collect(),
        rows: objects.iter().map(row).collect(),
    }
}

fn without_managed_fields(object: &Value, flags: &Parsed) -> Value {
    let mut object = object.clone();
    if !flags.on("show-managed-fields")
        && let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        meta.remove("managedFields");
    }
    object
}

/// `pod/web`
pub(crate) fn name_line(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or_default().to_ascii_lowercase();
    let group = object["apiVersion"]
        .as_str()
        .and_then(|version| version.split_once('/'))
        .map(|(group, _)| group);
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    group.map_or_else(|| format!("{kind}/{name}"), |group| format!("{kind}.{group}/{name}"))
}

/// JSON with four blanks, as kubectl prints it; Go's encoder hides `<`, `>` and `&`.
pub(crate) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    pretty_into(value, 0, &mut out);
    out
}

fn pretty_into(value: &Value, depth: usize, out: &mut String) {
    let indent = |out: &mut String, depth: usize| out.extend(std::iter::repeat_n("    ", depth));
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push_str("{\n");
            for (n, (key, value)) in map.iter().enumerate() {
                indent(out, depth + 1);
                out.push_str(&compact(&Value::from(key.as_str())));
                out.push_str(": ");
                pretty_into(value, depth + 1, out);
                out.push_str(if n + 1 < map.len() { ",\n" } else { "\n" });
            }
            indent(out, depth);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (n, value) in items.iter().enumerate() {
                indent(out, depth + 1);
                pretty_into(value, depth + 1, out);
                out.push_str(if n + 1 < items.len() { ",\n" } else { "\n" });
            }
            indent(out, depth);
            out.push(']');
        }
        other => out.push_str(&compact(other)),
    }
}

/// JSON on one line, as Go's encoder writes it.
pub(crate) fn compact(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A value as Go prints a `map[string]interface {}` with `%#v`.
fn go_map(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key:?}:{}", go_map(value))).collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        Value::Array(items) => format!(
            "[]interface {{}}{{{}}}",
            items.iter().map(go_map).collect::<Vec<_>>().join(", ")
        ),
        Value::Null => "interface {}(nil)".to_owned(),
        other => other.to_string(),
    }
}
