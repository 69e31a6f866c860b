//! The network: `nslookup`, `wget`, `curl`, `nc`, `ping`, `httpd`, `netstat`.

mod curl;
mod fetch;
mod nc;

use super::{Begun, Cx, Next, Options, Start, Tool, duration};
use crate::kernel::{Io, OpenMode, Served, Wait};
use crate::rope::Rope;
use crate::{Lookup, Nanos, Outcome, Proto, Reply, Request, SECOND};
use curl::curl;
use fetch::wget;
use nc::{httpd, nc};

pub(super) const TOOLS: &[(&str, Start)] = &[
    ("nslookup", Start::Run(nslookup)),
    ("wget", Start::Run(wget)),
    ("curl", Start::Run(curl)),
    ("nc", Start::Run(nc)),
    ("telnet", Start::Run(nc)),
    ("ping", Start::Run(ping)),
    ("httpd", Start::Run(httpd)),
    ("netstat", Start::Now(netstat)),
    ("ifconfig", Start::Now(ifconfig)),
    ("ip", Start::Now(ifconfig)),
];

/// Ends with a text and a status at a time.
#[derive(Clone, Debug)]
struct Later {
    at: Nanos,
    out: String,
    err: String,
    status: u8,
}

impl Tool for Later {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if cx.sys.now() < self.at {
            return Next::Wait(Wait::Until(self.at));
        }
        if !self.err.is_empty() {
            cx.sys.warn(&self.err);
        }
        cx.print(&self.out);
        Next::Exit(self.status)
    }

    boxed!();
}

fn name_server(cx: &mut Cx<'_, '_>) -> String {
    let text = cx.sys.read_all("/etc/resolv.conf").map(|d| d.to_vec()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("nameserver"));
    line.map_or_else(|| "127.0.0.1".to_owned(), |s| s.trim().to_owned())
}

fn nslookup(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let words: Vec<&String> = args[1..].iter().filter(|a| !a.starts_with('-')).collect();
    let Some(name) = words.first() else {
        return Err(
            cx.usage("[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n")
        );
    };
    let server = match words.get(1) {
        Some(server) => (*server).clone(),
        None => name_server(cx),
    };
    let mut later = Later { at: cx.sys.now(), out: String::new(), err: String::new(), status: 0 };
    let head = format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n");
    // DNS only: the hosts file does not count here.
    match cx.sys.host.resolve(name) {
        Lookup::Addresses { name: full, addresses } => {
            later.out = head;
            for address in &addresses {
                later.out += &format!("Name:\t{full}\nAddress: {address}\n");
            }
            // The answer to the AAAA query is empty.
            later.out += "\n\n";
        }
        Lookup::NxDomain => {
            later.out =
                format!("{head}{}", format!("** server can't find {name}: NXDOMAIN\n\n").repeat(2));
            later.status = 1;
        }
        Lookup::Timeout => {
            later.at = cx.sys.after(10 * SECOND);
            later.out = ";; connection timed out; no servers could be reached\n\n".to_owned();
            later.status = 1;
        }
    }
    Ok(Box::new(later))
}

fn address_of(cx: &mut Cx<'_, '_>, host: &str) -> String {
    match cx.sys.resolve(host) {
        Lookup::Addresses { addresses, .. } => addresses.into_iter().next().unwrap_or_default(),
        _ => host.to_owned(),
    }
}

#[derive(Clone, Debug)]
struct Ping {
    host: String,
    address: String,
    count: u64,
    done: u64,
    next: Nanos,
    interval: Nanos,
    quiet: bool,
}

impl Tool for Ping {
    fn step(&mut self, cx: &mut Cx<'_, '_>) -> Next {
        if cx.sys.now() < self.next {
            return Next::Wait(Wait::Until(self.next));
        }
        if self.done == 0 {
            cx.print(&format!("PING {} ({}): 56 data bytes\n", self.host, self.address));
        }
        if !self.quiet {
            cx.print(&format!(
                "64 bytes from {}: seq={} ttl=64 time=0.060 ms\n",
                self.address, self.done
            ));
        }
        self.done += 1;
        if self.done >= self.count {
            cx.print(&format!(
                "\n--- {} ping statistics ---\n{n} packets transmitted, {n} packets received, 0% packet loss\nround-trip min/avg/max = 0.060/0.060/0.060 ms\n",
                self.host, n = self.done
            ));
            return Next::Exit(0);
        }
        let interval = self.interval;
        self.next = cx.sys.after(interval);
        Next::Again
    }

    boxed!();
}

fn ping(cx: &mut Cx<'_, '_>, args: &[String]) -> Begun {
    let options = Options::parse(args, "q46", "ciwWsIt")
        .map_err(|bad| cx.bad_option(&bad, "[OPTIONS] HOST\n"))?;
    let Some(host) = options.operands.first().cloned() else {
        return Err(cx.usage("[OPTIONS] HOST\n\nSend ICMP ECHO_REQUESTs to HOST\n"));
    };
    let Lookup::Addresses { addresses, .. } = cx.sys.resolve(&host) else {
        cx.warn(&format!("bad address '{host}'"));
        return Err(1);
    };
    let count = options.value('c').and_then(|c| c.parse().ok()).unwrap_or(u64::MAX);
    let interval = options.value('i').and_then(duration).unwrap_or(SECOND).max(2_000_000);
    let address = addresses.into_iter().next().unwrap_or_default();
    Ok(Box::new(Ping { host, address, count, done: 0, next: 0, interval, quiet: options.has('q') }))
}

fn netstat(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    cx.print("Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n");
    for port in cx.sys.u.ports.keys().copied().collect::<Vec<_>>() {
        cx.print(&format!(
            "tcp        0      0 {:<23} 0.0.0.0:*               LISTEN      \n",
            format!("0.0.0.0:{port}")
        ));
    }
    0
}

fn ifconfig(cx: &mut Cx<'_, '_>, _: &[String]) -> u8 {
    let host = cx.sys.u.setup.hostname.clone();
    let address = match cx.sys.resolve(&host) {
        Lookup::Addresses { addresses, .. } => addresses.into_iter().next().unwrap_or_default(),
        _ => "127.0.0.1".to_owned(),
    };
    if cx.name == "ip" {
        cx.print(&format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    inet 127.0.0.1/8 scope host lo\n2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue\n    inet {address}/24 scope global eth0\n"
        ));
    } else {
        cx.print(&format!(
            "eth0      Link encap:Ethernet  HWaddr 0A:58:0A:F4:00:05\n          inet addr:{address}  Bcast:10.244.0.255  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1450  Metric:1\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n"
        ));
    }
    0
}
