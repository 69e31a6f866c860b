//! What lies outside one container: the pod's volumes, the network, and programs of known images.

use crate::fs::Volumes;
use crate::{Nanos, Signal, Userland};
use std::collections::BTreeMap;

/// What is outside of a container, as its processes reach it. Implemented by the simulator's runtime.
pub trait Host {
    /// Storage shared by the containers of the pod (`emptyDir`, config maps, secrets …), by key.
    fn volumes(&mut self) -> &mut Volumes;
    /// A DNS look-up by the pod's resolver, search domains included.
    fn resolve(&mut self, name: &str) -> Lookup;
    /// Sends a request into the pod network (other pods, Services, and this pod's other containers).
    fn request(&mut self, request: &Request) -> Reply;
    /// Programs of the container's image that the shell crate does not implement.
    /// `None`: there is no such file in the image.
    fn program(&mut self, argv: &[String]) -> Option<Behaviour>;
    /// The same with the container that asks, whose own listeners can be reached.
    /// The request's host is an address already.
    fn request_from(&mut self, request: &Request, own: &mut Userland) -> Reply {
        let _ = own;
        self.request(request)
    }
    /// The same with all that a program sees when it starts.
    fn start(&mut self, call: &Call<'_>, own: &mut Userland) -> Option<Behaviour> {
        let _ = own;
        self.program(call.argv)
    }
    /// Whether something outside this container listens on a port of its network namespace.
    fn port_taken(&mut self, port: u16) -> bool {
        let _ = port;
        false
    }
    /// A signal to a process of another container of the same process namespace.
    fn signal_outside(&mut self, pid: u32, signal: Signal) {
        let _ = (pid, signal);
    }
}

/// The start of a program that the shell crate does not implement.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Its arguments, the program's name first.
    pub argv: &'a [String],
    /// Its environment.
    pub env: &'a BTreeMap<String, String>,
    /// Its working directory.
    pub cwd: &'a str,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// The file that was found; empty if there is none.
    pub file: &'a str,
    /// It is what the container runs, or takes the place of that: nothing waits for its end.
    pub lasting: bool,
    /// What came on its standard input; `None`: it has not been read.
    pub stdin: Option<&'a [u8]>,
}

/// The answer of the resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The name exists; `name` is the full name that answered, without the trailing dot.
    Addresses {
        /// The full name.
        name: String,
        /// IPv4 (or IPv6) addresses in the order of the answer.
        addresses: Vec<String>,
    },
    /// The name does not exist.
    NxDomain,
    /// The server does not answer.
    Timeout,
}

/// The protocol of a [`Request`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proto {
    /// A TCP connection; `body` is what is sent on it.
    Tcp,
    /// One HTTP/1.1 exchange.
    Http,
    /// The same over TLS; certificates are not looked at.
    Https,
}

/// One request into the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The protocol.
    pub proto: Proto,
    /// Name or address, as written by the user.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `GET`, `POST` …; empty for TCP.
    pub method: String,
    /// Path and query; empty for TCP.
    pub path: String,
    /// Header names and values, without `Host`.
    pub headers: Vec<(String, String)>,
    /// The request's body, or the bytes sent over TCP.
    pub body: Vec<u8>,
}

/// How a request ended, `after` nanoseconds from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Virtual nanoseconds until the outcome is known.
    pub after: Nanos,
    /// What happened.
    pub outcome: Outcome,
}

/// The end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An HTTP response.
    Http {
        /// Status code.
        status: u16,
        /// Header names and values.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// A TCP connection was made; `bytes` came back before the peer closed it.
    Connected {
        /// What the peer sent.
        bytes: Vec<u8>,
    },
    /// Nobody listens there.
    Refused,
    /// No route to the address.
    Unreachable,
    /// No answer: the client's own time-out decides.
    Timeout,
    /// The peer closed the connection without an answer.
    Reset,
    /// The host's name cannot be resolved.
    BadName,
    /// The server does not use TLS.
    NotTls,
}

/// A program of a known image, described instead of run (a catalogue entry).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// A name for the owner of the catalogue, returned in [`crate::Listener::program`].
    pub tag: String,
    /// TCP ports that it listens on.
    pub ports: Vec<u16>,
    /// Virtual nanoseconds from its start until it listens.
    pub listen_after: Nanos,
    /// When (nanoseconds after its start) and with which status it ends by itself.
    pub exit: Option<(Nanos, u8)>,
    /// Signals that it handles: which, how many nanoseconds later it ends, with which status.
    /// Others have their default action.
    pub on_signal: Vec<(Signal, Nanos, u8)>,
    /// Signals that it handles without ending (nginx's SIGHUP).
    pub ignores: Vec<Signal>,
    /// Lines on standard output, each so many nanoseconds after its start.
    pub log: Vec<(Nanos, String)>,
    /// Lines on standard error in the same way.
    pub errors: Vec<(Nanos, String)>,
    /// How its process is shown, where that is not its arguments.
    pub title: String,
    /// Titles of the child processes that do its work, and end with it.
    pub workers: Vec<String>,
    /// When a port is taken at the time when it wants to listen: lines on standard error, and its end.
    pub in_use: Option<InUse>,
    /// On this signal it asks its owner anew what it is, as at its start.
    pub reload: Option<Signal>,
    /// It reads its standard input to the end, and then asks its owner again.
    pub reads: bool,
    /// Bytes of memory that it takes beyond what every process has.
    pub memory: u64,
}

/// The end of a server whose port is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// What it says, each line so many nanoseconds after it tried; `{port}` stands for the port.
    pub errors: Vec<(Nanos, String)>,
    /// How long after the try it ends.
    pub after: Nanos,
    /// Its exit status.
    pub code: u8,
}
