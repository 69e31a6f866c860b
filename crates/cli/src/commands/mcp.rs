//! `podplay mcp`: a server of the Model Context Protocol on standard input and output.
//!
//! Its tools are the steps of `podplay session`. The clusters live on a thread of their own, so that the server
//! answers pings and cancellations while a run is computed.

use super::Outcome;
use crate::clusters::{Ask, Clusters, ask};
use podplay_api::{Value, json};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ContentBlock};
use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};
use tokio::sync::{mpsc, oneshot};

/// Questions that may wait.
const WAITING: usize = 16;

type Asked = (Ask, oneshot::Sender<Result<Value, String>>);

/// The server.
#[derive(Clone)]
pub(crate) struct Server {
    clusters: mpsc::Sender<Asked>,
    tool_router: ToolRouter<Self>,
}

pub(crate) fn run() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| format!("the server cannot start: {error}"))?;
    runtime.block_on(async {
        let running = Server::start().serve(rmcp::transport::stdio()).await;
        let running =
            running.map_err(|error| format!("the client does not begin as it should: {error}"))?;
        running.waiting().await.map_err(|error| error.to_string())?;
        Ok(0)
    })
}

#[tool_router]
impl Server {
    /// A server without clusters.
    pub(crate) fn start() -> Self {
        let (clusters, mut asked) = mpsc::channel::<Asked>(WAITING);
        std::thread::spawn(move || {
            let mut clusters = Clusters::default();
            while let Some((ask, answer)) = asked.blocking_recv() {
                // Who asked may have gone.
                let _ = answer.send(clusters.answer(ask));
            }
        });
        Self { clusters, tool_router: Self::tool_router() }
    }

    async fn ask(&self, ask: Ask) -> CallToolResult {
        let (answer, answered) = oneshot::channel();
        let gone = || Err("the clusters are lost; start the server again".to_owned());
        let result = match self.clusters.send((ask, answer)).await {
            Ok(()) => answered.await.unwrap_or_else(|_| gone()),
            Err(_) => gone(),
        };
        match result {
            Ok(value @ Value::Object(_)) => CallToolResult::structured(value),
            Ok(value) => CallToolResult::structured(json!({"items": value})),
            Err(why) => CallToolResult::error(vec![ContentBlock::text(why)]),
        }
    }

    #[tool(
        description = "Open a cluster from a text of Kubernetes manifests; says what is wrong with the text"
    )]
    async fn open(&self, Parameters(open): Parameters<ask::Open>) -> CallToolResult {
        self.ask(Ask::Open(open)).await
    }
    #[tool(description = "Copy a cluster under another name, to try something in it")]
    async fn fork(&self, Parameters(fork): Parameters<ask::Fork>) -> CallToolResult {
        self.ask(Ask::Fork(fork)).await
    }
    #[tool(description = "List the open clusters and where their clocks stand")]
    async fn list(&self, Parameters(none): Parameters<ask::Nothing>) -> CallToolResult {
        self.ask(Ask::List(none)).await
    }
    #[tool(description = "The whole text of a cluster, with everything that was done in it")]
    async fn text(&self, Parameters(whose): Parameters<ask::Whose>) -> CallToolResult {
        self.ask(Ask::Text(whose)).await
    }
    #[tool(
        description = "What the pods show at a moment, and what holds up whatever does not get on"
    )]
    async fn state(&self, Parameters(state): Parameters<ask::State>) -> CallToolResult {
        self.ask(Ask::State(state)).await
    }
    #[tool(description = "Let virtual time pass, to a moment or by so many seconds")]
    async fn advance(&self, Parameters(advance): Parameters<ask::Advance>) -> CallToolResult {
        self.ask(Ask::Advance(advance)).await
    }
    #[tool(description = "Go back to a moment; what was done after it is undone")]
    async fn rewind(&self, Parameters(rewind): Parameters<ask::Rewind>) -> CallToolResult {
        self.ask(Ask::Rewind(rewind)).await
    }
    #[tool(description = "Run a kubectl command at the cluster's moment")]
    async fn kubectl(&self, Parameters(line): Parameters<ask::Kubectl>) -> CallToolResult {
        self.ask(Ask::Kubectl(line)).await
    }
    #[tool(
        description = "Break something at a moment: a crash, a lost node, a registry that does not answer"
    )]
    async fn fault(&self, Parameters(fault): Parameters<ask::Fault>) -> CallToolResult {
        self.ask(Ask::Fault(fault)).await
    }
    #[tool(
        description = "Why an object does not get on: the cause, the lines of the text, what was seen, what is next"
    )]
    async fn why(&self, Parameters(why): Parameters<ask::Why>) -> CallToolResult {
        self.ask(Ask::Why(why)).await
    }
    #[tool(
        description = "Edits of the text that mend an object, each proved by running it, as differences"
    )]
    async fn remedies(&self, Parameters(why): Parameters<ask::Why>) -> CallToolResult {
        self.ask(Ask::Remedies(why)).await
    }
    #[tool(
        description = "Apply one of the remedies that were told last; the clock goes to when it has helped"
    )]
    async fn apply(&self, Parameters(apply): Parameters<ask::Apply>) -> CallToolResult {
        self.ask(Ask::Apply(apply)).await
    }
    #[tool(
        description = "Judge statements about the whole run, such as: ready deployment/web by 60s"
    )]
    async fn expect(&self, Parameters(expect): Parameters<ask::Expect>) -> CallToolResult {
        self.ask(Ask::Expect(expect)).await
    }
    #[tool(
        description = "Search for faults and moments at which the text fails, each made small; takes some seconds"
    )]
    async fn check(&self, Parameters(check): Parameters<ask::Check>) -> CallToolResult {
        self.ask(Ask::Check(check)).await
    }
}

#[tool_handler(router = self.tool_router, name = "podplay", instructions = "Simulated Kubernetes clusters on virtual time. Open a text of manifests, look with state and kubectl, let time pass with advance, break things with fault, ask why and remedies, apply one, judge with expect; fork and rewind to try something else. Times are seconds since the run began.")]
impl ServerHandler for Server {}

#[cfg(test)]
mod tests;
