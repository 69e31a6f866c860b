//! Connections to servers that run in the container: busybox `httpd` and `nc -l`.

use super::sys::Sys;
use super::userland::{Connection, Served};
use crate::fs::{Kind, normalise};
use crate::rope::Rope;
use crate::{Accept, Host, Userland, limits};

/// What `httpd` answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 | 302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        501 => "Not Implemented",
        _ => "Internal Server Error",
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ext)| ext) {
        Some("html" | "htm") => "text/html",
        Some("txt" | "h" | "c") => "text/plain",
        Some("css") => "text/css",
        Some("js") => "application/x-javascript",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

fn failure(status: u16) -> Answer {
    let title = format!("{status} {}", reason(status));
    let text = match status {
        404 => "The requested URL was not found",
        501 => "The requested method is not recognized",
        _ => "Unsupported method",
    };
    let body = format!(
        "<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\n{text}\n</BODY></HTML>\n"
    );
    let headers = vec![("Content-type".to_owned(), "text/html".to_owned())];
    Answer { status, headers, body: body.into_bytes() }
}

/// A file below `root`, as busybox `httpd` serves it.
pub(crate) fn serve(
    userland: &Userland,
    host: &mut dyn Host,
    root: &str,
    method: &str,
    target: &str,
) -> Answer {
    if method != "GET" && method != "HEAD" {
        return failure(501);
    }
    let path = normalise(target.split(['?', '#']).next().unwrap_or("/"));
    let mut full = format!("{}{path}", root.trim_end_matches('/'));
    if userland.fs.exists(host.volumes(), &full) == Some(true) {
        full = format!("{}/index.html", full.trim_end_matches('/'));
    }
    let Ok(found) = userland.fs.look_up(host.volumes(), "/", &full, true) else {
        return failure(404);
    };
    match userland.fs.node(&found, host.volumes()).map(|node| &node.kind) {
        Some(Kind::File(rope)) => {
            let body = rope.slice(0, 1 << 22).to_vec();
            let headers = vec![
                ("Content-type".to_owned(), content_type(&full).to_owned()),
                ("Content-Length".to_owned(), rope.len().to_string()),
            ];
            let body = if method == "HEAD" { Vec::new() } else { body };
            Answer { status: 200, headers, body }
        }
        _ => failure(404),
    }
}

impl Answer {
    fn into_bytes(self) -> Vec<u8> {
        let mut text = format!("HTTP/1.0 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "Connection: close\r\n\r\n";
        let mut bytes = text.into_bytes();
        bytes.extend(self.body);
        bytes
    }
}

impl Userland {
    pub(crate) fn accept_connection(
        &mut self,
        port: u16,
        payload: &[u8],
        host: &mut dyn Host,
    ) -> Accept {
        let Some(bound) = self.ports.get(&port) else { return Accept::Refused };
        let pid = bound.listener.pid;
        if self.procs.get(&pid).is_none_or(|p| p.stopped) {
            return Accept::NoAnswer;
        }
        match bound.served.clone() {
            Served::Outside => Accept::NoAnswer,
            Served::Files(root) => {
                let text = String::from_utf8_lossy(payload);
                let mut words = text.split_whitespace();
                match (words.next(), words.next()) {
                    (Some(method), Some(path)) => {
                        let answer = serve(self, host, &root, method, path);
                        Accept::Answered(answer.into_bytes())
                    }
                    _ => Accept::NoAnswer,
                }
            }
            Served::Raw => self.accept_raw(port, pid, payload, host),
        }
    }

    /// Hands the bytes to the listening process and lets it run at this instant.
    fn accept_raw(&mut self, port: u16, pid: u32, payload: &[u8], host: &mut dyn Host) -> Accept {
        let incoming = Rope::from(payload);
        self.connections.insert(port, Connection { incoming, ..Connection::default() });
        if let Some(process) = self.procs.get_mut(&pid) {
            process.kicked = true;
        }
        let mut budget = limits::STEPS_PER_INSTANT;
        self.schedule(host, &mut budget);
        match self.connections.remove(&port) {
            Some(connection) if !connection.outgoing.is_empty() => {
                Accept::Answered(connection.outgoing)
            }
            _ => Accept::NoAnswer,
        }
    }
}

impl Sys<'_> {
    /// The connection that waits on a raw listener.
    pub(crate) fn connection(&mut self, port: u16) -> Option<&mut Connection> {
        self.u.connections.get_mut(&port)
    }
}
