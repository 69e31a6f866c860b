//! Programs of the catalogue, as their entries describe them.

use super::fields::{Fields, text_of, texts};
use podplay_shell::Signal;
use serde_json::Value;
use std::collections::BTreeMap;

/// A program of an image.
#[derive(Clone, Debug)]
pub(crate) enum Program {
    /// It is there; what it does is assumed: it succeeds after a moment.
    Assumed,
    /// A script.
    Script(String),
    /// A program that the simulator knows by this name, with what the entry says of it.
    Known(String, Spec),
    /// A server that its entry describes.
    Server(Spec),
    /// It says something and ends.
    Says(Spec),
    /// The same as another one of the image.
    Same(String),
}

/// What an entry says of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spec {
    /// Ports that it opens.
    pub(crate) ports: Vec<u16>,
    /// Options whose value is a port or ends in one.
    pub(crate) port_flags: Vec<String>,
    /// Variables whose value is its port.
    pub(crate) port_env: Vec<String>,
    /// Nanoseconds until it listens.
    pub(crate) ready: u64,
    /// `tls` for TLS, `http` for HTTP; else a protocol's name.
    pub(crate) speaks: String,
    /// Answers by path: status and body. `*` at the end of a path stands for anything.
    pub(crate) http: Vec<(String, u16, String)>,
    /// Handled signals: after how many nanoseconds it ends, and how.
    pub(crate) signals: Vec<(Signal, u64, u8)>,
    /// Signals that it handles without ending.
    pub(crate) ignores: Vec<Signal>,
    /// Lines on standard output, and on standard error.
    pub(crate) out: Vec<String>,
    pub(crate) err: Vec<String>,
    /// What must be there.
    pub(crate) needs: Vec<Need>,
    /// Paths that it must be able to write.
    pub(crate) writes: Vec<Need>,
    /// When its port is taken.
    pub(crate) in_use: Option<Failure>,
    /// An option that it does not know.
    pub(crate) unknown: Option<(Failure, Vec<String>)>,
    /// Bytes of memory.
    pub(crate) memory: u64,
    /// When it ends by itself, and how.
    pub(crate) exit: Option<(u64, u8)>,
    /// Files that it makes.
    pub(crate) makes: Vec<(String, String)>,
    /// Titles of its process and of its children.
    pub(crate) title: String,
    pub(crate) workers: Vec<String>,
    /// Everything else, by name.
    pub(crate) more: BTreeMap<String, String>,
}

/// The end of a program that cannot go on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure {
    pub(crate) says: Vec<String>,
    pub(crate) code: u8,
    pub(crate) after: u64,
}

/// Something that a program needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Need {
    /// One of these variables must be set: `NAME`, or `NAME=value`.
    pub(crate) env: Vec<String>,
    /// One of these files must be there.
    pub(crate) file: Vec<String>,
    /// One of these options must be given.
    pub(crate) flag: Vec<String>,
    /// It is not needed if one of these files is there.
    pub(crate) unless: Vec<String>,
    /// This path must be writable.
    pub(crate) path: String,
    pub(crate) failure: Failure,
}

impl Program {
    pub(crate) fn read(name: &str, value: &Value) -> Self {
        if let Some(text) = value.as_str() {
            return match text.strip_prefix('=') {
                Some(other) => Self::Same(other.trim().to_owned()),
                None if text.starts_with("#!") => Self::Script(text.to_owned()),
                None => Self::Known(text.to_owned(), Spec::default()),
            };
        }
        let Some(map) = value.as_object().filter(|map| !map.is_empty()) else {
            return Self::Assumed;
        };
        let spec = Spec::read(value);
        match map.get("is").and_then(Value::as_str) {
            Some(kind) => Self::Known(kind.to_owned(), spec),
            None if map.contains_key("serves") => Self::Server(spec),
            None => Self::Says(Spec { exit: spec.exit.or(Some((0, 0))), ..spec }),
        }
        .named(name)
    }
    fn named(mut self, name: &str) -> Self {
        if let Self::Known(_, spec) | Self::Server(spec) | Self::Says(spec) = &mut self {
            spec.more.entry("name".to_owned()).or_insert_with(|| name.to_owned());
        }
        self
    }
}

impl Spec {
    fn read(value: &Value) -> Self {
        let fields = Fields(value);
        let http = fields.map("http").map(|(path, answer)| {
            let text = text_of(answer);
            let (status, body) = text.split_once(' ').unwrap_or((&text, ""));
            (path.clone(), status.parse().unwrap_or(200), body.to_owned())
        });
        let unknown = &value["unknown"];
        let exit = fields.number("exit").map(|code| {
            (fields.nanos("after").unwrap_or(0), u8::try_from(code & 0xff).unwrap_or(1))
        });
        let more = value.as_object().into_iter().flatten();
        Self {
            ports: fields.numbers("serves"),
            port_flags: fields.words("portFlag"),
            port_env: fields.words("portEnv"),
            ready: fields.nanos("ready").unwrap_or(5_000_000),
            speaks: fields.text("speaks").to_owned(),
            http: http.collect(),
            signals: signals(fields),
            ignores: fields
                .words("ignores")
                .iter()
                .filter_map(|name| Signal::parse(name))
                .collect(),
            out: fields.list("out"),
            err: fields.list("err"),
            needs: needs(&value["needs"]),
            writes: needs(&value["writes"]),
            in_use: value.get("inUse").map(failure),
            unknown: unknown
                .is_object()
                .then(|| (failure(unknown), Fields(unknown).words("known"))),
            memory: fields.bytes("memory"),
            exit,
            makes: fields.pairs("makes"),
            title: fields.text("title").to_owned(),
            workers: fields.list("workers"),
            more: more
                .filter(|(_, value)| !value.is_object() && !value.is_array())
                .map(|(key, value)| (key.clone(), text_of(value)))
                .collect(),
        }
    }
}

/// `{TERM: 0, QUIT: 131}`, or `{TERM: 2s 0}`; without a word, a server ends with 0 when it is asked to.
fn signals(fields: Fields<'_>) -> Vec<(Signal, u64, u8)> {
    let written = fields.0.get("signals").is_some();
    let all = fields.map("signals").filter_map(|(name, value)| {
        let text = text_of(value);
        let (after, code) = text.split_once(' ').unwrap_or(("0ms", &text));
        Some((Signal::parse(name)?, super::fields::nanos(after)?, code.parse().ok()?))
    });
    if written {
        all.collect()
    } else {
        [Signal::TERM, Signal::INT, Signal::QUIT].map(|signal| (signal, 0, 0)).to_vec()
    }
}

fn failure(value: &Value) -> Failure {
    let fields = Fields(value);
    let code = fields.number("code").unwrap_or(1);
    Failure {
        says: fields.list("says"),
        code: u8::try_from(code).unwrap_or(1),
        after: fields.nanos("after").unwrap_or(0),
    }
}

fn needs(value: &Value) -> Vec<Need> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    items
        .iter()
        .map(|item| Need {
            env: texts(&item["env"]),
            file: texts(&item["file"]),
            flag: texts(&item["flag"]),
            unless: texts(&item["unless"]),
            path: text_of(&item["path"]),
            failure: failure(item),
        })
        .collect()
}
