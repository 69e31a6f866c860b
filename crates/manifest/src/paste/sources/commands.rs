//! Command lines, Terraform files and addresses.

use super::*;

pub(super) fn terraform(pasted: &Pasted<'_>) -> Option<Paste> {
    let block = |line: &str| {
        let mut words = line.split_whitespace();
        let kind = words.next().unwrap_or_default();
        matches!(
            kind,
            "resource"
                | "data"
                | "module"
                | "provider"
                | "variable"
                | "terraform"
                | "locals"
                | "output"
        ) && (line.trim_end().ends_with('{') || line.contains("{ "))
            && (words.next().is_some_and(|word| word.starts_with('"'))
                || matches!(kind, "terraform" | "locals"))
    };
    let (n, line) = pasted.lines.iter().find(|(_, line)| block(line))?;
    let of = line.split('"').nth(1).unwrap_or_default();
    let message = if of.starts_with("kubernetes_") {
        format!(
            "This is Terraform: {} describes an object for a cluster in Terraform's own language",
            quote(of)
        )
    } else {
        "This is Terraform, not a manifest".to_owned()
    };
    let help =
        "Apply it and paste the output of `kubectl get … -o yaml`, or write the object as YAML.";
    Some(paste(PasteKind::Terraform, &message, help, Vec::new(), *n))
}

/// kubectl commands: they can be run here, as the timeline of a Scenario.
pub(super) fn commands(pasted: &Pasted<'_>, whole: Whole<'_>) -> Option<Paste> {
    let all = command_lines(pasted);
    let kubectl = |line: &str| line.starts_with("kubectl ") || line.starts_with("oc ");
    if all.is_empty() || !all.iter().all(|(_, line)| kubectl(&plain(line))) {
        return None;
    }
    let timeline: Vec<Value> = all
        .iter()
        .enumerate()
        .map(|(n, (_, line))| {
            let words = line.split_once(' ').map_or("", |(_, words)| words);
            json!({"at": format!("{n}s"), "kubectl": words})
        })
        .collect();
    let scenario =
        json!({"apiVersion": "podplay/v1", "kind": "Scenario", "spec": {"timeline": timeline}});
    let edit = whole(write::document(&scenario), "Run them in a Scenario");
    let message = match all.len() {
        1 => "This is a kubectl command, not a manifest",
        _ => "These are kubectl commands, not a manifest",
    };
    Some(paste(
        PasteKind::Commands,
        message,
        "They can be typed into the terminal, or stand in the timeline of a Scenario.",
        vec![Action::Make(edit)],
        all[0].0,
    ))
}

pub(super) fn url(pasted: &Pasted<'_>) -> Option<Paste> {
    let (n, line) = pasted.first();
    let line = line.trim();
    let single = pasted.lines.len() == 1 && !line.contains(char::is_whitespace);
    if !single || !(line.starts_with("https://") || line.starts_with("http://")) {
        return None;
    }
    Some(paste(
        PasteKind::Url,
        "This is an address, not a manifest: nothing is fetched from it",
        "Open it and paste the text that it shows.",
        vec![Action::Run(format!("curl -sL {line}"))],
        n,
    ))
}
