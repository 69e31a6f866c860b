//! What a command works with: its flags, the cluster, files, and where its words go.

use crate::failure::Failure;
use crate::files::Files;
use crate::flags::Parsed;
use crate::resources::Target;
use crate::selector::Selector;
use crate::task::Output;
use podplay_api::{Timestamp, Value};
use podplay_core::Cluster;
use podplay_core::apiserver::{ApiError, Reason};
use podplay_manifest::apply::DryRun;
use podplay_manifest::schema::KindInfo;

/// The surroundings of a command.
pub(crate) struct Cx<'a> {
    /// The command's words: `get`, `create deployment`, `rollout status`.
    pub(crate) command: String,
    pub(crate) flags: Parsed,
    pub(crate) cluster: &'a mut Cluster,
    pub(crate) stdin: &'a [u8],
    pub(crate) files: &'a dyn Files,
    pub(crate) out: &'a mut Output,
}

/// A text that `-f` names.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// The name that messages show: `web.yaml`, `STDIN`.
    pub(crate) shown: String,
    pub(crate) bytes: Vec<u8>,
}

impl Cx<'_> {
    /// The namespace that is spoken of.
    pub(crate) fn namespace(&self) -> &str {
        self.flags.text("namespace").filter(|name| !name.is_empty()).unwrap_or("default")
    }
    /// `-A`.
    pub(crate) fn all_namespaces(&self) -> bool {
        self.flags.on("all-namespaces")
    }
    /// The wall clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.cluster.wall_clock()
    }
    /// The namespace of an object of `kind`.
    pub(crate) fn scope(&self, kind: &KindInfo) -> String {
        if kind.namespaced { self.namespace().to_owned() } else { String::new() }
    }
    /// The object of that name.
    pub(crate) fn get(&self, kind: &KindInfo, name: &str) -> Result<Target, Failure> {
        self.get_in(kind, &self.scope(kind), name)
    }
    /// The object of that name in a namespace.
    pub(crate) fn get_in(
        &self,
        kind: &KindInfo,
        namespace: &str,
        name: &str,
    ) -> Result<Target, Failure> {
        let namespace = if kind.namespaced { namespace } else { "" };
        let missing = || Failure::from(ApiError::not_found(&kind.resource(), name));
        let object = self.find(kind, namespace, name).ok_or_else(missing)?;
        Ok(Target { kind: *kind, namespace: namespace.to_owned(), name: name.to_owned(), object })
    }
    fn find(&self, kind: &KindInfo, namespace: &str, name: &str) -> Option<Value> {
        let made = match kind.kind {
            "Event" => crate::event_objects::list(self.cluster, Some(namespace)),
            "Endpoints" => crate::endpoints::list(self.cluster, Some(namespace)),
            kind => return self.cluster.get(kind, namespace, name),
        };
        made.into_iter().find(|object| object["metadata"]["name"] == name)
    }
    /// The objects of a kind in the namespaces that are spoken of, sorted by namespace and name.
    pub(crate) fn list(
        &self,
        kind: &KindInfo,
        selector: Option<&Selector>,
    ) -> Result<Vec<Value>, Failure> {
        if let Some(selector) = selector {
            selector.check(kind)?;
        }
        let namespace = (kind.namespaced && !self.all_namespaces()).then(|| self.namespace());
        let mut objects = match kind.kind {
            "Event" => crate::event_objects::list(self.cluster, namespace),
            "Endpoints" => crate::endpoints::list(self.cluster, namespace),
            kind => self.cluster.list(kind, namespace),
        };
        if let Some(selector) = selector {
            objects.retain(|object| selector.matches(object));
        }
        Ok(objects)
    }
    /// Writes a line to standard output.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        self.out.say(line);
    }
    /// Writes a line to standard error.
    pub(crate) fn warn(&mut self, line: impl AsRef<str>) {
        self.out.warn(line);
    }
    /// `--dry-run`.
    pub(crate) fn dry_run(&self) -> Result<DryRun, Failure> {
        match self.flags.text("dry-run") {
            None | Some("none" | "false") => Ok(DryRun::None),
            Some("client" | "unchanged" | "true") => Ok(DryRun::Client),
            Some("server") => Ok(DryRun::Server),
            Some(other) => Err(Failure::error(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }
    /// Whether anything is really done.
    pub(crate) fn for_real(&self) -> Result<bool, Failure> {
        Ok(self.dry_run()? == DryRun::None)
    }
    /// What `-f` names, read.
    pub(crate) fn texts(&self) -> Result<Vec<Text>, Failure> {
        let mut texts = Vec::new();
        for path in self.flags.list("filename") {
            if path == "-" {
                texts.push(Text { shown: "STDIN".to_owned(), bytes: self.stdin.to_vec() });
            } else {
                self.read_path(path, true, &mut texts)?;
            }
        }
        Ok(texts)
    }
    fn read_path(&self, path: &str, top: bool, texts: &mut Vec<Text>) -> Result<(), Failure> {
        if let Some(names) = self.files.list(path) {
            let recursive = self.flags.on("recursive");
            let folder = path.trim_end_matches('/');
            let readable =
                |name: &String| [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end));
            let before = texts.len();
            for name in
                names.iter().filter(|name| readable(name) || (recursive && name.ends_with('/')))
            {
                self.read_path(&format!("{folder}/{}", name.trim_end_matches('/')), false, texts)?;
            }
            if top && texts.len() == before {
                let message = format!(
                    "error reading [{path}]: recognized file extensions are [.json .yaml .yml]"
                );
                return Err(Failure::error(message));
            }
            return Ok(());
        }
        match self.files.read(path) {
            Ok(bytes) => texts.push(Text { shown: path.to_owned(), bytes }),
            Err(_) => return Err(Failure::error(format!("the path \"{path}\" does not exist"))),
        }
        Ok(())
    }
    /// A file that a flag names.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == "-" { Ok(self.stdin.to_vec()) } else { self.files.read(path) }
    }
    /// Prints an object as `-o` asks, or the line.
    pub(crate) fn print(&mut self, object: &Value, line: &str) -> Result<(), Failure> {
        let text = match crate::output::Format::of(&self.flags)? {
            None => format!("{line}\n"),
            Some(format) => format.object(object, &self.flags)?,
        };
        self.out.stdout.push_str(&text);
        Ok(())
    }
}

/// The API server's error about a subresource that a kind does not have.
pub(crate) fn no_subresource() -> Failure {
    ApiError::new(Reason::NotFound, "the server could not find the requested resource").into()
}
