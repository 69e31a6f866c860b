//! What a starting program finds in its container, and how it says that something is missing.

use super::*;

impl Start<'_, '_> {
    pub(super) fn in_use(&self, failure: &Failure) -> InUse {
        InUse {
            errors: failure.says.iter().map(|line| (0, self.fill(line))).collect(),
            after: failure.after,
            code: failure.code,
        }
    }
    /// Its ports: by an option, a variable, or its own.
    pub(crate) fn ports(&self, spec: &Spec) -> Vec<u16> {
        let last = |text: &str| text.rsplit(':').next().and_then(|port| port.parse().ok());
        let flag = spec.port_flags.iter().find_map(|flag| last(self.flag(flag)?));
        let env = || spec.port_env.iter().find_map(|name| last(self.call.env.get(name)?));
        match flag.or_else(env) {
            Some(port) => std::iter::once(port).chain(spec.ports.iter().skip(1).copied()).collect(),
            None => spec.ports.clone(),
        }
    }
    /// The value of an option: `--name value`, `--name=value`, `-nvalue`.
    pub(crate) fn flag(&self, name: &str) -> Option<&str> {
        flag(&self.call.argv[1..], name)
    }
    pub(super) fn missing(&self, needs: &[Need]) -> Option<Behaviour> {
        let need = needs.iter().find(|need| !self.has(need))?;
        Some(self.fails(&need.failure, &[]))
    }
    pub(super) fn has(&self, need: &Need) -> bool {
        let there =
            |path: &String| self.own.fs().exists(&self.host.volumes, &self.fill(path)).is_some();
        let variable = |text: &String| match text.split_once('=') {
            Some((name, value)) => self.call.env.get(name).is_some_and(|found| found == value),
            None => self.call.env.get(text).is_some_and(|value| !value.is_empty()),
        };
        need.unless.iter().any(there)
            || need.env.iter().any(variable)
            || need.file.iter().any(|path| there(path) || self.may_be_filled(&self.fill(path)))
            || need.flag.iter().any(|flag| {
                self.flag(flag).is_some() || self.call.argv.iter().any(|word| word == flag)
            })
    }
    /// Whether a path lies in a volume with nothing in it: an init container whose program nobody knows may have
    /// written it there.
    fn may_be_filled(&self, path: &str) -> bool {
        let mounts = self.own.fs().mounts().iter();
        let above = mounts.filter(|mount| path.starts_with(&format!("{}/", mount.path)));
        above.max_by_key(|mount| mount.path.len()).is_some_and(|mount| {
            let names = self.own.fs().list(&self.host.volumes, &mount.path);
            names.is_ok_and(|names| names.is_empty())
        })
    }
    /// A program that says why it cannot go on, and ends.
    pub(crate) fn fails(&self, failure: &Failure, also: &[(&str, &str)]) -> Behaviour {
        let line = |text: &String| {
            let text = also.iter().fold(text.clone(), |text, (from, to)| text.replace(from, to));
            (0, self.fill(&text))
        };
        Behaviour {
            errors: failure.says.iter().map(line).collect(),
            exit: Some((failure.after.max(BLINK), failure.code)),
            ..Behaviour::default()
        }
    }
    /// Whether the program may write to a path, or make it.
    pub(crate) fn writable(&self, path: &str) -> bool {
        let (uid, gid) = (self.call.uid, self.call.gid);
        let mut path = path.trim_end_matches('/');
        while self.own.fs().exists(&self.host.volumes, path).is_none() {
            match path.rsplit_once('/') {
                Some((parent, _)) if !parent.is_empty() => path = parent,
                _ => {
                    path = "/";
                    break;
                }
            }
        }
        self.own.may(&self.host.volumes, path, uid, gid, 2)
    }
    /// Whether a path cannot be written for lying in a read-only file system.
    pub(crate) fn read_only(&self, path: &str) -> bool {
        let mut path = path.to_owned();
        while self.own.fs().exists(&self.host.volumes, &path).is_none() && path.len() > 1 {
            path = match path.rsplit_once('/') {
                Some((parent, _)) if !parent.is_empty() => parent.to_owned(),
                _ => "/".to_owned(),
            };
        }
        !self.own.may(&self.host.volumes, &path, 0, 0, 2)
    }
    /// A file's text.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let bytes = self.own.fs().read_file(&self.host.volumes, path, 1 << 20).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
    /// The address of a name, by the hosts file and the resolver.
    pub(crate) fn address_of(&mut self, name: &str) -> Option<String> {
        nginx::lookup(self.host, self.own, name)
    }
    /// A text with its placeholders filled: `{env:NAME}`, `{arg}`, `{name}`, `{ip}`, `{time}`, `{date}`, `{version}`.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        while let Some(at) = text.find("{env:") {
            let Some(end) = text[at..].find('}') else { break };
            let (name, default) =
                text[at + 5..at + end].split_once('|').unwrap_or((&text[at + 5..at + end], ""));
            let value = self.call.env.get(name).filter(|value| !value.is_empty());
            let value = value.map_or(default, String::as_str).to_owned();
            text.replace_range(at..=at + end, &value);
        }
        while let Some(at) = text.find("{flag:") {
            let Some(end) = text[at..].find('}') else { break };
            let value = self.flag(&text[at + 6..at + end]).unwrap_or_default().to_owned();
            text.replace_range(at..=at + end, &value);
        }
        if !text.contains('{') {
            return text;
        }
        let iso = self.host.world.wall().to_string();
        let plain = iso.trim_end_matches('Z').replace('T', " ");
        let slashes = plain.replace('-', "/");
        let worker = self.host.world.workers.get(&self.host.uid);
        let ip = worker.and_then(|worker| worker.ip()).map_or("127.0.0.1", |ip| &**ip);
        let program =
            self.call.argv.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
        text.replace("{time}", iso.trim_end_matches('Z'))
            .replace("{date}", &plain)
            .replace("{slashes}", &slashes)
            .replace("{ip}", ip)
            .replace("{host}", self.call.env.get("HOSTNAME").map_or("", String::as_str))
            .replace("{arg}", self.call.argv.get(1).map_or("", String::as_str))
            .replace("{uid}", &self.call.uid.to_string())
            .replace("{name}", program)
    }
}
