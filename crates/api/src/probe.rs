//! Probes and lifecycle hooks.

use crate::{IntOrString, raw_object};

raw_object! {
    /// A liveness, readiness or startup probe.
    pub struct Probe {
        /// Run a command.
        pub exec: Option<ExecAction> = "exec",
        /// Ask over HTTP.
        pub http_get: Option<HttpGetAction> = "httpGet",
        /// Open a connection.
        pub tcp_socket: Option<TcpSocketAction> = "tcpSocket",
        /// Ask the gRPC health service.
        pub grpc: Option<GrpcAction> = "grpc",
        /// Seconds after the container's start before the first probe.
        pub initial_delay_seconds: i64 = "initialDelaySeconds",
        /// Seconds before an attempt counts as failed; 0 stands for 1.
        pub timeout_seconds: i64 = "timeoutSeconds",
        /// Seconds between attempts; 0 stands for 10.
        pub period_seconds: i64 = "periodSeconds",
        /// Successes in a row that count; 0 stands for 1.
        pub success_threshold: i64 = "successThreshold",
        /// Failures in a row that count; 0 stands for 3.
        pub failure_threshold: i64 = "failureThreshold",
        /// Grace period of the kill that this probe causes, in seconds.
        pub termination_grace_period_seconds: Option<i64> = "terminationGracePeriodSeconds",
    }
}

impl Probe {
    /// Seconds between attempts, at least 1.
    pub fn period(&self) -> u64 {
        positive(self.period_seconds, 10)
    }
    /// Seconds an attempt may take, at least 1.
    pub fn timeout(&self) -> u64 {
        positive(self.timeout_seconds, 1)
    }
    /// Failures in a row that count, at least 1.
    pub fn failures(&self) -> u64 {
        positive(self.failure_threshold, 3)
    }
    /// Successes in a row that count, at least 1.
    pub fn successes(&self) -> u64 {
        positive(self.success_threshold, 1)
    }
}

fn positive(value: i64, default: u64) -> u64 {
    u64::try_from(value).ok().filter(|&n| n > 0).unwrap_or(default)
}

raw_object! {
    /// A command in the container, without a shell.
    pub struct ExecAction {
        /// The program and its arguments.
        pub command: Vec<String> = "command",
    }
}
raw_object! {
    /// An HTTP GET to the container.
    pub struct HttpGetAction {
        /// Path and query.
        pub path: String = "path",
        /// Port by number or name.
        pub port: IntOrString = "port",
        /// Host, empty for the pod's address.
        pub host: String = "host",
        /// `HTTP` or `HTTPS`.
        pub scheme: String = "scheme",
        /// Extra headers.
        pub http_headers: Vec<HttpHeader> = "httpHeaders",
    }
}
raw_object! {
    /// One header.
    pub struct HttpHeader {
        /// Its name.
        pub name: String = "name",
        /// Its value.
        pub value: String = "value",
    }
}
raw_object! {
    /// A TCP connection to the container.
    pub struct TcpSocketAction {
        /// Port by number or name.
        pub port: IntOrString = "port",
        /// Host, empty for the pod's address.
        pub host: String = "host",
    }
}
raw_object! {
    /// A call of `grpc.health.v1.Health/Check`.
    pub struct GrpcAction {
        /// Port number.
        pub port: i64 = "port",
        /// The service to ask about.
        pub service: String = "service",
    }
}
raw_object! {
    /// A pause in place of a command.
    pub struct SleepAction {
        /// How long, in seconds.
        pub seconds: i64 = "seconds",
    }
}
raw_object! {
    /// What a hook does.
    pub struct LifecycleHandler {
        /// Run a command.
        pub exec: Option<ExecAction> = "exec",
        /// Ask over HTTP.
        pub http_get: Option<HttpGetAction> = "httpGet",
        /// Refused at run time, kept for old manifests.
        pub tcp_socket: Option<TcpSocketAction> = "tcpSocket",
        /// Pause.
        pub sleep: Option<SleepAction> = "sleep",
    }
}
raw_object! {
    /// Hooks of a container.
    pub struct Lifecycle {
        /// Right after the start, beside the entrypoint.
        pub post_start: Option<LifecycleHandler> = "postStart",
        /// Before the stop signal.
        pub pre_stop: Option<LifecycleHandler> = "preStop",
        /// Accepted and dropped with default feature gates.
        pub stop_signal: Option<String> = "stopSignal",
    }
}
