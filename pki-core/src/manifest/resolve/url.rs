//! Addresses that a service dials.

use super::Context;
use crate::document::{At, Fault};
use crate::model::san::San;
use crate::stack::{Scheme, Url};

impl Context<'_> {
    /// Reads `https://host[:port]`, and the names its ranges mean.
    pub(super) fn url(&mut self, word: &At<String>) -> Option<(Url, Vec<String>)> {
        let url = match split(word) {
            Ok(url) => url,
            Err((message, help)) => {
                self.fault(
                    Fault::new(word.span(), format!("`{}` {message}", **word), "found").help(help),
                );
                return None;
            }
        };
        let hosts = self.dialled(&At::new(url.host.clone(), word.span()))?;
        Some((url, hosts))
    }

    /// The names that a host means: ranges spelled out, no wildcard.
    pub(super) fn dialled(&mut self, host: &At<String>) -> Option<Vec<String>> {
        let sans = self.san(host);
        let plain = |san: &San| match san {
            San::Dns(name) => !name.is_wildcard(),
            San::Ip(_) => true,
            _ => false,
        };
        if let Some(bad) = sans.iter().find(|san| !plain(san)) {
            self.fault(
                Fault::new(host.span(), format!("`{bad}` cannot be dialled"), "no host")
                    .help("name a host or an address"),
            );
            return None;
        }
        (!sans.is_empty()).then(|| sans.iter().map(ToString::to_string).collect())
    }
}

type Refusal = (&'static str, &'static str);

fn split(text: &str) -> Result<Url, Refusal> {
    const FORM: &str = "for example \"https://server.example.com:8443\"";
    let (scheme, rest) = text.split_once("://").ok_or(("is no URL", FORM))?;
    let (scheme, default) = match scheme {
        "https" => (Scheme::Https, 443),
        "http" => (Scheme::Http, 80),
        _ => return Err(("is neither https nor http", FORM)),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@']) {
        return Err((
            "says more than host and port",
            "leave the path and the rest out",
        ));
    }
    let (host, port) = match rest.strip_prefix('[') {
        Some(v6) => {
            let (host, after) = v6.split_once(']').ok_or(("has no closing `]`", FORM))?;
            (
                host,
                after.strip_prefix(':').or(after.is_empty().then_some("")),
            )
        }
        None => match rest.rsplit_once(':') {
            Some((host, _)) if host.contains(':') => {
                return Err((
                    "is an IPv6 address without brackets",
                    "write \"https://[::1]:8443\"",
                ));
            }
            Some((host, port)) => (host, Some(port)),
            None => (rest, Some("")),
        },
    };
    let port = match port {
        Some("") if !rest.ends_with(':') => default,
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port
            .parse()
            .ok()
            .filter(|p| *p != 0)
            .ok_or(("has no such port", "1 to 65535"))?,
        _ => return Err(("has no such port", "1 to 65535")),
    };
    if host.is_empty() {
        return Err(("has no host", FORM));
    }
    Ok(Url {
        scheme,
        host: host.to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_split() {
        for (text, expected) in [
            ("https://a:7373", "https://a:7373"),
            ("https://a", "https://a:443"),
            ("http://a/", "http://a:80"),
            ("https://node-{1...4}.x:9000", "https://node-{1...4}.x:9000"),
            ("https://[::1]:9000/", "https://[::1]:9000"),
            ("https://[::1]", "https://[::1]:443"),
        ] {
            assert_eq!(
                split(text).map(|u| u.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
        for bad in [
            "",
            "a",
            "a:1",
            "ftp://a",
            "https://",
            "https://:1",
            "https://a:",
            "https://a:0",
            "https://a:65536",
            "https://a:x",
            "https://a:+1",
            "https://::1",
            "https://[::1",
            "https://[::1]x",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
