//! What a starting program finds in its container, and how it says that something is missing.

use super::*;
use crate::images::served::Backend;

/// So many files of a mounted directory are looked at.
const MOUNTED_FILES: usize = 40;

/// Whether one of these texts names a port as its own: as a number, not as another host's.
fn names(texts: &[String], port: u16) -> bool {
    let digits = port.to_string();
    let own = |before: &str| match before.strip_suffix(':') {
        Some(host) => {
            let host =
                host.rsplit(|c: char| !(c.is_ascii_alphanumeric() || "._-]:".contains(c))).next();
            let host = host.unwrap_or_default();
            matches!(host, "" | "0.0.0.0" | "localhost" | "127.0.0.1" | "::" | "::]" | "]")
        }
        None => !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_'),
    };
    texts.iter().any(|text| {
        text.match_indices(&digits).any(|(at, _)| {
            let after = text[at + digits.len()..].chars().next();
            own(&text[..at]) && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
        })
    })
}

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
        let mut ports: Vec<u16> = match flag.or_else(env) {
            Some(port) => std::iter::once(port).chain(spec.ports.iter().skip(1).copied()).collect(),
            None => spec.ports.clone(),
        };
        let more = spec.more.get("moreFlags").map_or("", String::as_str).split_whitespace();
        for (n, flag) in more.enumerate() {
            let Some(port) = self.flag(flag).and_then(last) else { continue };
            match ports.get_mut(n + 1) {
                Some(slot) => *slot = port,
                None => ports.push(port),
            }
        }
        let asked = assumed_ports(self.host.world, self.host.uid, self.host.ix);
        let asked = asked.into_iter().filter(|port| !ports.contains(port)).collect::<Vec<_>>();
        if !asked.is_empty() {
            let (texts, open) = self.settings(spec);
            ports.extend(asked.into_iter().filter(|port| open || names(&texts, *port)));
        }
        ports
    }
    /// What it speaks: TLS where nothing switches that off.
    pub(super) fn speaks(&self, spec: &Spec) -> String {
        let off = spec.more.get("tlsUnless").map_or("", String::as_str);
        let set = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            self.call.env.get(name).is_some_and(|found| found == value)
        };
        if off.is_empty() || off.split_whitespace().any(set) {
            spec.speaks.clone()
        } else {
            "tls".to_owned()
        }
    }
    /// The server without which it can only say that it has none: `host:port status text`.
    pub(super) fn backend(&self, spec: &Spec) -> Option<Backend> {
        let text = self.fill(spec.more.get("backend")?);
        let mut parts = text.splitn(3, ' ');
        let (place, status) = (parts.next()?, parts.next()?);
        let (host, port) = match place.split_once(':') {
            // A variable may bring its own port.
            Some((host, rest)) => (host, rest.split(':').next()?),
            None => return None,
        };
        let body = parts.next().unwrap_or_default().to_owned();
        Some(Backend {
            host: host.to_owned(),
            port: port.parse().ok()?,
            status: status.parse().ok()?,
            body,
        })
    }
    /// A path, from the working directory on.
    pub(super) fn absolute(&self, path: String) -> String {
        if path.starts_with('/') {
            return path;
        }
        format!("{}/{path}", self.call.cwd.trim_end_matches('/'))
    }
    /// What decides its ports beside its own options: the words of its command line and its environment, and the files
    /// that are mounted; and whether these do not tell all.
    fn settings(&self, spec: &Spec) -> (Vec<String>, bool) {
        let (world, uid, ix) = (&*self.host.world, self.host.uid, self.host.ix);
        let own = world.workers.get(&uid).and_then(|worker| worker.spec(ix));
        let mut texts: Vec<String> =
            self.call.argv[1..].iter().flat_map(|w| w.split(' ')).map(str::to_owned).collect();
        let named = own.into_iter().flat_map(|own| &own.env);
        texts.extend(named.filter_map(|variable| self.call.env.get(&variable.name)).cloned());
        let mut open = super::super::unknown::has_unknown_files(world, uid, ix);
        let elsewhere = spec.more.get("elsewhere").map_or("", String::as_str);
        for mount in own.into_iter().flat_map(|own| &own.volume_mounts) {
            for text in self.files_of(&mount.mount_path) {
                open |= elsewhere.split_whitespace().any(|word| text.contains(word));
                texts.push(text);
            }
        }
        (texts, open)
    }
    /// The texts of a mounted file, or of the files of a mounted directory.
    fn files_of(&self, path: &str) -> Vec<String> {
        let names = self.own.fs().list(&self.host.volumes, path).unwrap_or_default();
        let inner = names.iter().filter(|name| !name.starts_with(".."));
        let mut paths: Vec<String> =
            inner.map(|name| format!("{}/{name}", path.trim_end_matches('/'))).collect();
        if paths.is_empty() {
            paths.push(path.to_owned());
        }
        paths.iter().take(MOUNTED_FILES).filter_map(|path| self.read(path)).collect()
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
    /// Whether a program that nobody knows may have written the file.
    pub(crate) fn may_be_filled(&self, path: &str) -> bool {
        super::super::unknown::may_be_filled(self.host.world, self.host.uid, self.host.ix, path)
    }
    /// Whether one of these places of its configuration is a volume of which nobody knows what is in it.
    pub(crate) fn configured_elsewhere(&self, places: &[&str]) -> bool {
        let mounts = self.own.fs().mounts().iter().map(|mount| mount.path.trim_end_matches('/'));
        let within = |path: &str, dir: &str| {
            path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut near = mounts
            .filter(|path| places.iter().any(|place| within(path, place) || within(place, path)));
        near.any(|path| self.may_be_filled(path))
    }
    /// Whether an unknown program may have brought this one.
    pub(super) fn brought_along(&self, name: &str) -> bool {
        if name.starts_with('/') {
            return self.may_be_filled(name);
        }
        if name.contains('/') {
            let name = name.strip_prefix("./").unwrap_or(name);
            return self.may_be_filled(&format!("{}/{name}", self.call.cwd.trim_end_matches('/')));
        }
        let dirs = self.call.env.get("PATH").map_or("", String::as_str).split(':');
        let mut dirs = dirs.filter(|dir| dir.starts_with('/'));
        dirs.any(|dir| self.may_be_filled(&format!("{}/{name}", dir.trim_end_matches('/'))))
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
            let (name, default) =
                text[at + 6..at + end].split_once('|').unwrap_or((&text[at + 6..at + end], ""));
            let value = self.flag(name).unwrap_or(default).to_owned();
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

#[cfg(test)]
mod tests {
    #[test]
    fn texts_name_their_own_ports() {
        let table = [
            ("port_value: 9000", 9000, true),
            ("endpoint: 0.0.0.0:4317", 4317, true),
            ("address: \":8000\"", 8000, true),
            ("--listen=[::]:8000", 8000, true),
            ("http://other:8080/", 8080, false),
            ("18080", 8080, false),
            ("8080s", 8080, false),
            ("HTTP_Port 2020", 2020, true),
            ("mysql:3306", 3306, false),
        ];
        for (text, port, expected) in table {
            assert_eq!(super::names(&[text.to_owned()], port), expected, "{text}");
        }
    }
}
