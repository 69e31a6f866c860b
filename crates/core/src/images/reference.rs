//! Image references: `nginx`, `nginx:1.25`, `registry.k8s.io/pause:3.10`, `repo@sha256:…`.
//!
//! Models `github.com/distribution/reference` ParseNormalizedNamed as the kubelet uses it.

use core::fmt;

/// A normalised reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

const INVALID: &str = "invalid reference format";

impl Reference {
    /// Reads a reference; without tag and digest the tag is `latest`.
    ///
    /// # Errors
    /// The library's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 64
            && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
        {
            return Err(format!(
                "invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
            ));
        }
        let (domain, remainder) = split_domain(text);
        let name = remainder.split([':', '@']).next().unwrap_or_default();
        if name.chars().any(char::is_uppercase) {
            return Err(format!("{INVALID}: repository name ({name}) must be lowercase"));
        }
        let (rest, digest) = match remainder.split_once('@') {
            Some((rest, digest)) if valid_digest(digest) => (rest, Some(digest.to_string())),
            Some(_) => return Err(INVALID.into()),
            None => (remainder.as_str(), None),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) if valid_tag(tag) => (path, Some(tag.to_string())),
            Some(_) => return Err(INVALID.into()),
            None => (rest, None),
        };
        if !path.split('/').all(valid_component) || !valid_domain(&domain) || path.len() > 255 {
            return Err(INVALID.into());
        }
        let tag = tag.or_else(|| digest.is_none().then(|| "latest".to_string()));
        Ok(Self { domain, path: path.to_string(), tag, digest })
    }
    /// Domain and path.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }
    /// The repository as people write it: without what Docker Hub implies.
    pub fn familiar(&self) -> &str {
        match self.domain.as_str() {
            "docker.io" => self.path.strip_prefix("library/").unwrap_or(&self.path),
            _ => &self.path,
        }
    }
    /// The registry's host.
    pub fn domain(&self) -> &str {
        &self.domain
    }
    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain, self.path)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn split_domain(text: &str) -> (String, String) {
    let (domain, rest) = match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(char::is_uppercase) =>
        {
            (first, rest)
        }
        _ => ("docker.io", text),
    };
    let domain = if domain == "index.docker.io" { "docker.io" } else { domain };
    let rest = if domain == "docker.io" && !rest.contains('/') {
        format!("library/{rest}")
    } else {
        rest.to_string()
    };
    (domain.to_string(), rest)
}

fn valid_component(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    edge(text.chars().next())
        && edge(text.chars().last())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-'))
        && !text.contains("..")
        && !text.contains("___")
        && !text.contains("._")
        && !text.contains("_.")
}

fn valid_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128
        && text.chars().next().is_some_and(word)
        && text.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn valid_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.chars().next().is_some_and(|c| c.is_ascii_alphabetic())
            && hex.len() >= 32
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn valid_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    !port.is_empty()
        && port.bytes().all(|b| b.is_ascii_digit())
        && host.split('.').all(|part| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_normalised_or_refused() {
        let cases = [
            ("nginx", Ok("docker.io/library/nginx:latest")),
            ("nginx:1.25", Ok("docker.io/library/nginx:1.25")),
            ("a/b", Ok("docker.io/a/b:latest")),
            ("registry.k8s.io/pause:3.10", Ok("registry.k8s.io/pause:3.10")),
            ("localhost:5000/x", Ok("localhost:5000/x:latest")),
            (
                "Nginx:UPPER CASE",
                Err("invalid reference format: repository name (library/Nginx) must be lowercase"),
            ),
            ("nginx:", Err("invalid reference format")),
            ("", Err("invalid reference format")),
            ("a b", Err("invalid reference format")),
        ];
        for (text, expected) in cases {
            let found = Reference::parse(text).map(|reference| reference.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        }
    }
}
