//! The hosts of the internet that the command lines of a text name.

use podplay_api::{Topic, is_public_name};
use serde_json::Value;

use super::Assumption;
use super::templates::Template;
use crate::value::items;

/// One note for all hosts: the first container that asks one.
pub(super) fn hosts(templates: &[Template<'_>]) -> Option<Assumption> {
    templates.iter().find_map(|template| {
        template.containers().find_map(|(list, n, container)| {
            let words = ["command", "args"].into_iter().flat_map(|field| items(container, field));
            let host = words.filter_map(Value::as_str).find_map(host)?;
            let reason = format!(
                "container {} of {} asks it",
                crate::value::text(container, "name"),
                template.who
            );
            let span = template.span(&format!("{list}[{n}]"));
            let subject = format!("the internet answers, {host} among it");
            Some(Assumption::new(Topic::Internet, subject, reason, span))
        })
    })
}

/// The first host of the internet in a URL of a text.
fn host(text: &str) -> Option<String> {
    text.split("://").skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
        let host = &rest[..end.unwrap_or(rest.len())];
        is_public_name(host).then(|| host.to_owned())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_hosts_outside_the_cluster_count() {
        let table = [
            ("wget -O /x http://info.cern.ch", Some("info.cern.ch")),
            ("curl https://api.example.com:8443/v1", Some("api.example.com")),
            ("curl http://web.shop.svc.cluster.local", None),
            ("curl http://web:8080", None),
            ("app.kubernetes.io/name=x", None),
        ];
        for (text, expected) in table {
            assert_eq!(super::host(text).as_deref(), expected, "{text}");
        }
    }
}
