//! What a directive refers to: upstream servers, certificates, targets.

use super::*;

impl<'a, 's, 'h> Reader<'a, 's, 'h> {
    pub(super) fn upstream_server(
        &mut self,
        words: &Words,
        place: &str,
        into: &mut Into<'_>,
    ) -> Read<()> {
        let (host, port) = host_port(&words[1], 80);
        if !words[1].starts_with("unix:") && self.start.address_of(&host).is_none() {
            return Err(format!("host not found in upstream \"{}\" in {place}", words[1]));
        }
        if let Into::Upstream(name) = into
            && let Some(servers) = self.config.upstreams.get_mut(name)
        {
            servers.push((host, port));
        }
        Ok(())
    }
    /// The host of `proxy_pass` is looked up at the start, unless a variable stands in it.
    pub(super) fn check_pass(&mut self, words: &Words, place: &str, context: Context) -> Read<()> {
        let target = words[1].clone();
        if target.contains('$') || target.starts_with("unix:") {
            return Ok(());
        }
        let rest = match target.split_once("://") {
            Some((_, rest)) => rest,
            None if words[0] == "proxy_pass" && context != Context::Stream => {
                return Err(format!("invalid URL prefix in {place}"));
            }
            None => &target,
        };
        let authority = rest.split('/').next().unwrap_or(rest);
        let (host, _) = host_port(authority, 80);
        // A group may stand below; then its name is no host's.
        if self.config.upstreams.contains_key(authority) || self.start.address_of(&host).is_some() {
            return Ok(());
        }
        Err(format!("host not found in upstream \"{host}\" in {place}"))
    }
    pub(super) fn check_certificate(&self, words: &Words, place: &str) -> Read<()> {
        let path = &words[1];
        let full = if path.starts_with('/') { path.clone() } else { format!("/etc/nginx/{path}") };
        if path.contains('$') || self.start.read(&full).is_some() || self.start.may_be_filled(&full)
        {
            return Ok(());
        }
        let what = if words[0].ends_with("_key") { "certificate key" } else { "certificate" };
        let _ = place;
        Err(format!(
            "cannot load {what} \"{full}\": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen({full}, r) error:10000080:BIO routines::no such file)"
        ))
    }
}
