//! Which directives there are, where they may stand, and how many arguments they take.

use super::*;

pub(super) fn listen(words: &Words, place: &str) -> Read<Listen> {
    let value = &words[1];
    let options = &words[2..];
    let (host, port) = match value.rsplit_once(':') {
        Some((host, port)) => (host.to_owned(), port.to_owned()),
        None if value.chars().all(|c| c.is_ascii_digit()) => ("0.0.0.0".into(), value.clone()),
        None if value.contains('.') || value == "localhost" || value.starts_with('[') => {
            (value.clone(), "80".into())
        }
        None => {
            return Err(format!(
                "host not found in \"{value}\" of the \"listen\" directive in {place}"
            ));
        }
    };
    let Some(port) = port.parse::<u16>().ok().filter(|port| *port > 0) else {
        return Err(format!("invalid port in \"{value}\" of the \"listen\" directive in {place}"));
    };
    let host = if host == "*" { "0.0.0.0".to_owned() } else { host };
    let host = if host == "localhost" { "127.0.0.1".to_owned() } else { host };
    let known = |word: &str| {
        LISTEN.contains(&word.split('=').next().unwrap_or(word)) || word.starts_with("so_keepalive")
    };
    if let Some(wrong) = options.iter().find(|word| !known(word)) {
        return Err(format!("invalid parameter \"{wrong}\" in {place}"));
    }
    let has = |name: &str| options.iter().any(|word| word == name);
    Ok(Listen {
        address: format!("{host}:{port}"),
        port,
        tls: has("ssl") || has("quic"),
        default: has("default_server") || has("default"),
    })
}

pub(super) const LISTEN: [&str; 16] = [
    "ssl",
    "http2",
    "default_server",
    "default",
    "proxy_protocol",
    "reuseport",
    "backlog",
    "ipv6only",
    "deferred",
    "fastopen",
    "bind",
    "quic",
    "rcvbuf",
    "sndbuf",
    "setfib",
    "udp",
];

pub(super) fn check_return(words: &Words, place: &str) -> Read<()> {
    let code = &words[1];
    if code.parse::<u16>().is_ok_and(|code| code <= 999) {
        return Ok(());
    }
    let url = code.starts_with("http://") || code.starts_with("https://") || code.starts_with('$');
    if words.len() == 2 && url {
        return Ok(());
    }
    Err(format!("invalid return code \"{code}\" in {place}"))
}

/// Whether a directive is known, and whether it has a block.
pub(super) fn known(name: &str) -> Option<bool> {
    if matches!(
        name,
        "events"
            | "http"
            | "server"
            | "location"
            | "upstream"
            | "map"
            | "geo"
            | "types"
            | "if"
            | "limit_except"
            | "split_clients"
            | "stream"
            | "mail"
            | "match"
    ) {
        return Some(true);
    }
    let plain = DIRECTIVES.split_whitespace().any(|known| known == name);
    let family = [
        "proxy_",
        "fastcgi_",
        "uwsgi_",
        "scgi_",
        "grpc_",
        "ssl_",
        "gzip",
        "limit_",
        "mp4_",
        "memcached_",
        "auth_",
        "sub_filter",
        "random_",
        "image_filter",
        "dav_",
        "http2_",
        "http3_",
        "quic_",
        "zone_sync",
        "health_check",
        "js_",
        "perl_",
        "slice",
    ];
    let family = family.iter().any(|prefix| name.starts_with(prefix))
        && name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
    (plain || family).then_some(false)
}

/// Whether a directive may stand in a context.
pub(super) fn allowed(name: &str, context: Context) -> bool {
    use Context::{Condition, Events, Http, Location, Main, Server, Stream, Upstream};
    match name {
        "include" => true,
        "events"
        | "http"
        | "stream"
        | "mail"
        | "daemon"
        | "pid"
        | "user"
        | "worker_processes"
        | "load_module"
        | "worker_rlimit_nofile"
        | "master_process" => context == Main,
        "worker_connections" | "use" | "multi_accept" | "accept_mutex" => context == Events,
        "server" => matches!(context, Http | Upstream | Stream),
        "location" => matches!(context, Server | Location),
        "upstream" | "map" | "geo" | "split_clients" => matches!(context, Http | Stream),
        "listen" => matches!(context, Server | Stream),
        "server_name" => context == Server,
        "try_files" => matches!(context, Server | Location),
        "return" | "rewrite" | "set" | "break" => {
            matches!(context, Server | Location | Condition | Stream)
        }
        "if" => matches!(context, Server | Location),
        "proxy_pass" => matches!(context, Location | Condition | Stream),
        "alias" | "stub_status" | "internal" => matches!(context, Location | Server),
        "root" | "index" | "error_page" | "add_header" | "autoindex" => {
            matches!(context, Http | Server | Location | Condition)
        }
        "keepalive" | "least_conn" | "ip_hash" | "hash" | "zone" => {
            matches!(context, Upstream)
        }
        "error_log" => true,
        _ => {
            !matches!(context, Events | Upstream) && context != Main
                || name == "env"
                || name == "thread_pool"
                || name == "pcre_jit"
                || name == "timer_resolution"
                || name.starts_with("worker_")
                || name.starts_with("ssl_")
                || name.starts_with("keepalive")
                || name == "resolver"
                || name == "queue"
                || name == "sticky"
                || name == "random"
                || name == "ntlm"
        }
    }
}

/// Whether a directive takes so many arguments.
pub(super) fn arguments(name: &str, count: usize) -> bool {
    match name {
        "events" | "http" | "stream" => count == 0,
        "server" => true,
        "root"
        | "alias"
        | "daemon"
        | "pid"
        | "worker_processes"
        | "worker_connections"
        | "proxy_pass"
        | "upstream"
        | "include"
        | "default_type"
        | "autoindex"
        | "sendfile"
        | "client_max_body_size"
        | "server_tokens"
        | "ssl_certificate"
        | "ssl_certificate_key"
        | "proxy_http_version" => count == 1,
        "listen" | "server_name" | "index" | "error_log" | "access_log" => count >= 1,
        "return" | "location" => (1..=2).contains(&count),
        "try_files" | "error_page" => count >= 2,
        "rewrite" => (2..=3).contains(&count),
        "proxy_set_header" | "set" => count == 2,
        "add_header" => (2..=3).contains(&count),
        _ => true,
    }
}

/// Directives without a block, besides families such as `proxy_…`.
pub(super) const DIRECTIVES: &str = "absolute_redirect accept_mutex access_log add_after_body add_before_body add_header \
add_trailer addition_types aio aio_write alias allow ancient_browser api autoindex autoindex_exact_size \
autoindex_format autoindex_localtime break charset charset_map charset_types chunked_transfer_encoding \
client_body_buffer_size client_body_in_file_only client_body_in_single_buffer client_body_temp_path \
client_body_timeout client_header_buffer_size client_header_timeout client_max_body_size connection_pool_size \
create_full_put_path daemon debug_connection debug_points default_type deny directio disable_symlinks empty_gif env \
error_log error_page etag expires f4f flv hash if_modified_since ignore_invalid_headers include index internal \
ip_hash keepalive keepalive_disable keepalive_min_timeout keepalive_requests keepalive_time keepalive_timeout \
large_client_header_buffers least_conn least_time lingering_close lingering_time lingering_timeout \
listen load_module lock_file log_format log_not_found log_subrequest map_hash_bucket_size map_hash_max_size \
master_process max_ranges merge_slashes min_delete_depth mirror mirror_request_body modern_browser msie_padding \
msie_refresh multi_accept ntlm open_file_cache open_file_cache_errors open_file_cache_min_uses open_file_cache_valid \
open_log_file_cache output_buffers override_charset pcre_jit pid port_in_redirect postpone_output preread_buffer_size \
preread_timeout random read_ahead real_ip_header real_ip_recursive recursive_error_pages referer_hash_max_size \
request_pool_size reset_timedout_connection resolver resolver_timeout return rewrite rewrite_log root satisfy \
secure_link secure_link_md5 send_lowat send_timeout sendfile sendfile_max_chunk server_name server_name_in_redirect \
server_names_hash_bucket_size server_names_hash_max_size server_tokens set set_real_ip_from source_charset ssi \
state status_zone sticky stub_status subrequest_output_buffer_size tcp_nodelay tcp_nopush thread_pool timer_resolution \
try_files types_hash_bucket_size types_hash_max_size underscores_in_headers uninitialized_variable_warn use user \
userid valid_referers variables_hash_bucket_size variables_hash_max_size worker_aio_requests worker_connections \
worker_cpu_affinity worker_priority worker_processes worker_rlimit_core worker_rlimit_nofile \
worker_shutdown_timeout working_directory xclient xslt_stylesheet zone set_hash_bucket_size map_ volatile hostnames \
least_time queue brotli brotli_static brotli_types more_set_headers server_name_hash http2 http3 early_hints ssl";
