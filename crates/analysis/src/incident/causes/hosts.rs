//! Hosts that a script waits for.

/// The host that a script asks: behind `nc`, `nslookup`, `wget`, `curl`, `pg_isready -h` and the like.
pub(super) fn host_in(script: &str) -> Option<String> {
    let words: Vec<&str> = script
        .split(|c: char| {
            c.is_whitespace() || matches!(c, ';' | '(' | ')' | '"' | '\'' | '`' | '|' | '&')
        })
        .filter(|word| !word.is_empty())
        .collect();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let program = word.rsplit('/').next().unwrap_or_default();
        let asks = matches!(
            program,
            "nc" | "ncat"
                | "nslookup"
                | "wget"
                | "curl"
                | "getent"
                | "ping"
                | "telnet"
                | "dig"
                | "host"
                | "pg_isready"
                | "mysqladmin"
                | "redis-cli"
                | "mongosh"
                | "wait-for-it.sh"
                | "wait-for-it"
                | "wait-for"
        );
        at += 1;
        if !asks {
            continue;
        }
        let rest = words.get(at..).unwrap_or_default();
        let flagged = rest
            .iter()
            .zip(rest.iter().skip(1))
            .find(|(flag, _)| **flag == "-h")
            .map(|(_, host)| *host);
        let host = flagged.or_else(|| rest.iter().take(8).copied().find(|word| is_host(word)))?;
        let host = host.split("://").last().unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        if !host.is_empty() && !matches!(host, "localhost" | "127.0.0.1") && !host.starts_with('$')
        {
            return Some(host.to_owned());
        }
    }
    None
}

/// Whether a word may be a host: no flag, no number, no redirection.
fn is_host(word: &str) -> bool {
    let address = word.split("://").last().unwrap_or_default();
    !word.starts_with(['-', '>', '<', '$', '/', '{'])
        && address.starts_with(|c: char| c.is_ascii_alphabetic())
        && !matches!(word, "hosts" | "ahosts" | "do" | "then" | "null" | "GET" | "POST" | "2")
        && address.chars().all(|c| c.is_ascii_alphanumeric() || ".-:/_@?=%".contains(c))
}

#[cfg(test)]
mod tests {
    use super::host_in;

    #[test]
    fn hosts_of_scripts_that_wait() {
        let table = [
            ("until nc -z -w 1 postgres 5432; do sleep 2; done", Some("postgres")),
            (
                "until nslookup db.prod.svc.cluster.local; do sleep 1; done",
                Some("db.prod.svc.cluster.local"),
            ),
            ("while ! wget -qO- http://auth:8080/health; do sleep 1; done", Some("auth")),
            ("until pg_isready -h pg -p 5432; do :; done", Some("pg")),
            ("sleep 3600", None),
            ("wget -q http://localhost:80/", None),
        ];
        for (script, expected) in table {
            assert_eq!(host_in(script).as_deref(), expected, "{script}");
        }
    }
}
