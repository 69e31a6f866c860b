//! Requests of one-liners, which really ask a server of the run.

use super::forms::{after, argument};
use super::{End, Program, SECOND};
use crate::images::nginx;
use crate::network::{Answer, Exchange};

impl Program<'_, '_, '_> {
    /// `urlopen('http://…')`, `requests.get(…)`, `socket.create_connection(('db', 5432))`.
    pub(super) fn asks(&mut self, text: &str) -> Option<End> {
        let url = ["urlopen('", "urlopen(\"", "requests.get('", "requests.get(\""]
            .iter()
            .find_map(|form| after(text, form).and_then(|rest| rest.split(['\'', '"']).next()));
        let place = ["create_connection((", ".connect(("].iter().find_map(|form| after(text, form));
        let (host, port, path, scheme) = match (url, place) {
            (Some(url), _) => parts(url)?,
            (None, Some(rest)) => {
                let (host, rest) = rest.split_once(',')?;
                let host = self.text(host)?;
                (
                    host,
                    argument(rest).trim_end_matches(')').trim().parse().ok()?,
                    String::new(),
                    "tcp".to_owned(),
                )
            }
            _ => return None,
        };
        let failed = |reason: &str, url: bool, name: &str| {
            if url {
                format!("urllib.error.URLError: <urlopen error {reason}>")
            } else {
                format!("{name}: {reason}")
            }
        };
        let Some(address) = nginx::lookup(self.start.host, self.start.own, &host) else {
            let line =
                failed("[Errno -2] Name or service not known", url.is_some(), "socket.gaierror");
            return Some(self.error(&line));
        };
        let what = Exchange {
            host: &address,
            port,
            path: &path,
            scheme: &scheme,
            body: &[],
            method: if scheme == "tcp" { "" } else { "GET" },
            headers: &[],
            depth: 0,
        };
        match self.start.host.exchange(self.start.own, &what) {
            Answer::Http { status, .. } if status >= 400 && text.contains("urlopen") => {
                Some(self.error(&format!("urllib.error.HTTPError: HTTP Error {status}")))
            }
            Answer::Http { .. } | Answer::Open { .. } => None,
            Answer::Silent => {
                self.now += 127 * SECOND;
                let line =
                    failed("[Errno 110] Connection timed out", url.is_some(), "TimeoutError");
                Some(self.error(&line))
            }
            _ => {
                let line = failed(
                    "[Errno 111] Connection refused",
                    url.is_some(),
                    "ConnectionRefusedError",
                );
                Some(self.error(&line))
            }
        }
    }
}

/// Host, port, path and scheme of an address.
fn parts(url: &str) -> Option<(String, u16, String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let usual = if scheme == "https" { "443" } else { "80" };
    let (host, port) = authority.split_once(':').unwrap_or((authority, usual));
    let path = if path.is_empty() { "/" } else { path };
    Some((host.to_owned(), port.parse().ok()?, path.to_owned(), scheme.to_owned()))
}
