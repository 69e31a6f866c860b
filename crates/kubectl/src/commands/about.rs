//! `kubectl version`, `api-resources`, `api-versions`, `explain`: what the cluster knows about itself.

use crate::cx::Cx;
use crate::failure::{Failure, Next, Outcome};
use crate::resources::{lookup, short_names};
use podplay_manifest::schema::{self, KindInfo, all_kinds};
use podplay_views::table::Table;

const CLIENT: &str = "v1.36.4";

pub(crate) fn version(cx: &mut Cx) -> Outcome {
    cx.say(format!("Client Version: {CLIENT}"));
    cx.say("Kustomize Version: v5.8.1");
    if !cx.flags.on("client") {
        let server = cx.cluster.kubernetes().version.release();
        cx.say(format!("Server Version: {server}"));
    }
    Ok(Next::Done)
}

pub(crate) fn versions(cx: &mut Cx) -> Outcome {
    let mut names: Vec<&str> = all_kinds().map(|kind| kind.api_version).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        cx.say(name);
    }
    Ok(Next::Done)
}

pub(crate) fn resources(cx: &mut Cx) -> Outcome {
    let group = cx.flags.text("api-group").map(str::to_owned);
    let scope = cx.flags.given("namespaced").then(|| cx.flags.on("namespaced"));
    let shown = |kind: &KindInfo| {
        group.as_deref().is_none_or(|group| group == kind.group())
            && scope.is_none_or(|scope| scope == kind.namespaced)
    };
    let mut kinds: Vec<KindInfo> = Vec::new();
    for kind in all_kinds().filter(shown) {
        let key = |kind: &KindInfo| (kind.group(), kind.plural);
        if let Err(place) = kinds.binary_search_by_key(&key(&kind), key) {
            kinds.insert(place, kind);
        }
    }
    if cx.flags.text("output") == Some("name") {
        for kind in &kinds {
            cx.say(kind.resource());
        }
        return Ok(Next::Done);
    }
    let headers =
        ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"].map(str::to_owned).to_vec();
    let row = |kind: &KindInfo| {
        vec![
            kind.plural.to_owned(),
            short_names(kind).join(","),
            kind.api_version.to_owned(),
            kind.namespaced.to_string(),
            kind.kind.to_owned(),
        ]
    };
    let text =
        Table { headers, rows: kinds.iter().map(row).collect() }.text(cx.flags.on("no-headers"));
    cx.out.stdout.push_str(&text);
    Ok(Next::Done)
}

pub(crate) fn explain(cx: &mut Cx) -> Outcome {
    let Some(word) = cx.flags.words.first().cloned() else {
        return Err(Failure::error(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    };
    let (name, path) = word.split_once('.').unwrap_or((&word, ""));
    let kind = lookup(name)
        .map_err(|failure| Failure::plain(failure.message.trim_start_matches("error: ")))?;
    if !kind.group().is_empty() {
        cx.say(format!("GROUP:      {}", kind.group()));
    }
    cx.say(format!("KIND:       {}", kind.kind));
    cx.say(format!("VERSION:    {}", kind.version()));
    cx.say("");
    if !path.is_empty() {
        let found = schema::field_at(kind.api_version, kind.kind, path);
        let last = path.rsplit('.').next().unwrap_or_default();
        let Some((owner, field)) = found else {
            return Err(Failure::error(format!("field \"{last}\" does not exist")));
        };
        cx.say(format!("FIELD: {last} <{}>", schema::type_word(&field.shape)));
        let doc = schema::doc(owner.short(), last);
        if !doc.is_empty() {
            cx.say(format!("\nDESCRIPTION:\n    {doc}"));
        }
        let values = schema::values(kind.api_version, kind.kind, path);
        if !values.is_empty() {
            cx.say("ENUM:");
            for value in values {
                cx.say(format!("    {value}"));
            }
        }
        cx.say("");
    }
    let fields = schema::candidates(kind.api_version, kind.kind, path);
    if !fields.is_empty() {
        cx.say("FIELDS:");
    }
    for field in fields {
        cx.say(format!("  {}\t<{}>", field.name, field.holds));
        if !field.doc.is_empty() {
            cx.say(format!("    {}", field.doc));
        }
    }
    Ok(Next::Done)
}
