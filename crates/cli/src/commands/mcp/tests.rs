//! A client of the same SDK, over a pipe in memory: open, break, ask why, mend, see it ready.

use super::Server;
use podplay_api::{Value, json};
use rmcp::model::CallToolRequestParams;
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt};

const MISSPELT: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db-password}\nstringData: {password: s3cret}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: app\n    image: nginx:1.27\n    env:\n    - name: PASSWORD\n      valueFrom: {secretKeyRef: {name: db-pasword, key: password}}\n";

type Client = RunningService<RoleClient, ()>;

async fn call(client: &Client, tool: &'static str, arguments: Value) -> Result<Value, String> {
    let arguments = arguments.as_object().cloned().expect("arguments are an object");
    let params = CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = client.call_tool(params).await.expect("the server answers");
    match result.structured_content {
        Some(value) if result.is_error != Some(true) => Ok(value),
        _ => Err(result
            .content
            .iter()
            .filter_map(|one| one.as_text())
            .map(|one| one.text.clone())
            .collect()),
    }
}

#[tokio::test]
async fn a_client_breaks_a_cluster_asks_why_and_mends_it() {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = tokio::spawn(async move {
        let running = Server::start().serve(theirs).await.expect("a client comes");
        running.waiting().await
    });
    let client = ().serve(ours).await.expect("a server is there");
    let tools = client.list_all_tools().await.expect("tools are listed");
    assert_eq!(tools.len(), 14);

    let opened = call(&client, "open", json!({"text": MISSPELT})).await.expect("it opens");
    assert_eq!((&opened["cluster"], &opened["objects"]), (&json!("main"), &json!(2)));
    let state = call(&client, "advance", json!({"to": 20})).await.expect("time passes");
    assert_eq!(state["troubled"][0]["object"], "pod/web");
    let why = call(&client, "why", json!({})).await.expect("there is a cause");
    assert!(
        why["verdicts"][0]["sentence"].as_str().is_some_and(|text| text.contains("db-pasword")),
        "{why}"
    );

    let remedies = call(&client, "remedies", json!({})).await.expect("there is a remedy");
    let diff = remedies["remedies"][0]["diff"].as_str().unwrap_or_default();
    assert!(diff.contains("+") && diff.contains("db-password"), "{remedies}");
    call(&client, "fork", json!({"name": "broken"})).await.expect("it is copied");
    let mended = call(&client, "apply", json!({"remedy": 1})).await.expect("it is applied");
    assert!(
        mended["pods"][1]
            .as_str()
            .is_some_and(|row| row.contains("1/1") && row.contains("Running")),
        "{mended}"
    );
    let expected = json!({"that": ["ready pod/web by 60s"]});
    assert_eq!(
        call(&client, "expect", expected.clone()).await.expect("it is judged")["holds"],
        true
    );
    let fork = json!({"that": expected["that"], "cluster": "broken"});
    assert_eq!(call(&client, "expect", fork).await.expect("it is judged")["holds"], false);

    let checked = call(&client, "check", json!({"runs": 5})).await.expect("it is checked");
    assert_eq!(checked["coverage"]["runs"], 5);

    let none = call(&client, "apply", json!({"remedy": 1, "cluster": "broken"})).await;
    assert!(none.is_err_and(|why| why.contains("ask for `remedies` first")));
    let nobody = call(&client, "state", json!({"cluster": "elsewhere"})).await;
    assert_eq!(nobody, Err("no cluster is called elsewhere; there are: broken, main".to_owned()));
    client.cancel().await.expect("the client leaves");
    assert!(server.await.is_ok());
}
