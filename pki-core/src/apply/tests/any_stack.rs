//! Manifests of any stack: several authorities with intermediates, all kinds of
//! keys (RSA of the smallest size), servers with every form of names, clients,
//! edges in circles too. Each is meant to work: every edge holds.

use proptest::prelude::*;
use proptest::sample::select;

/// What `permit` lists where it is set: all that these stacks may name.
const PERMIT: &str = r#"["example", "localhost", "127.0.0.0/8", "10.0.0.0/8", "fd00::/8",
 "s{0...3}", "s{0...3}-client", "s{0...3}-own", "c{0...2}-client", "c{0...2}-own"]"#;

/// Fewer servers than this.
const SERVERS: usize = 4;

#[derive(Clone, Debug)]
struct Authority {
    issuer: Option<usize>,
    key: Option<&'static str>,
    permit: bool,
    publish: bool,
    key_dir: bool,
}

#[derive(Clone, Debug)]
struct Server {
    role: &'static str,
    authority: usize,
    key: Option<&'static str>,
    http: bool,
    /// A range, else a plain name.
    range: bool,
    /// Wildcard, IPv4, IPv6, IDN, one label.
    more: [bool; 5],
    /// `per_host`, chain file, further pair by SNI, peer.
    flags: [bool; 4],
    dials: Dials,
}

#[derive(Clone, Debug)]
struct Client {
    role: &'static str,
    authority: usize,
    password: bool,
    dials: Dials,
}

/// Whom a service dials, and how.
#[derive(Clone, Debug)]
struct Dials {
    to: [bool; SERVERS],
    /// Which of the server's names; past them: no `url`.
    by: [usize; SERVERS],
    /// Whether a pair of its own is presented.
    shows: bool,
    /// A further authority that is trusted.
    trust: Option<usize>,
    lifetime: Option<&'static str>,
}

fn key() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        70 => Just(None),
        29 => select(vec!["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519"]).prop_map(Some),
        1 => Just(Some("rsa-2048")),
    ]
}

fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.25)
}

fn authorities() -> impl Strategy<Value = Vec<Authority>> {
    let one = (
        prop::option::weighted(0.7, 0..3_usize),
        key(),
        seldom(),
        any::<bool>(),
        seldom(),
    )
        .prop_map(|(issuer, key, permit, publish, key_dir)| Authority {
            issuer,
            key,
            permit,
            publish,
            key_dir,
        });
    prop::collection::vec(one, 1..4)
}

fn dials() -> impl Strategy<Value = Dials> {
    let lifetime = prop::option::weighted(0.2, select(vec!["36h", "30d", "2y"]));
    (
        any::<[bool; SERVERS]>(),
        any::<[u8; SERVERS]>(),
        any::<bool>(),
        prop::option::weighted(0.2, 0..3_usize),
        lifetime,
    )
        .prop_map(|(to, by, shows, trust, lifetime)| Dials {
            to,
            by: by.map(|n| usize::from(n) % 10),
            shows,
            trust,
            lifetime,
        })
}

fn server() -> impl Strategy<Value = Server> {
    let role = select(vec![
        "minio", "server", "kes", "sidekick", "vault", "minkms",
    ]);
    (
        role,
        0..3_usize,
        key(),
        prop::bool::weighted(0.1),
        any::<bool>(),
        any::<[bool; 5]>(),
        any::<[bool; 4]>(),
        dials(),
    )
        .prop_map(
            |(role, authority, key, http, range, more, flags, dials)| Server {
                role,
                authority,
                key,
                http,
                range,
                more,
                flags,
                dials,
            },
        )
}

fn client() -> impl Strategy<Value = Client> {
    let role = select(vec!["client", "spark", "python", "curl", "vault-cli"]);
    (role, 0..3_usize, seldom(), dials()).prop_map(|(role, authority, password, dials)| Client {
        role,
        authority,
        password,
        dials,
    })
}

/// A manifest of some authorities, servers and clients.
pub(super) fn manifests() -> impl Strategy<Value = String> {
    (
        authorities(),
        prop::collection::vec(server(), 1..SERVERS),
        prop::collection::vec(client(), 0..3),
    )
        .prop_map(|(authorities, servers, clients)| {
            let mut text =
                "version = 1\n[defaults]\nnames = [\"localhost\", \"127.0.0.1\"]\n".into();
            for (i, authority) in authorities.iter().enumerate() {
                authority.write(i, &mut text);
            }
            for (i, server) in servers.iter().enumerate() {
                server.write(i, authorities.len(), &servers, &mut text);
            }
            for (i, client) in clients.iter().enumerate() {
                client.write(i, authorities.len(), &servers, &mut text);
            }
            text
        })
}

impl Authority {
    fn write(&self, i: usize, text: &mut String) {
        *text += &format!("[authority.a{i}]\n");
        // Only earlier ones: no circles.
        if let Some(issuer) = self.issuer.filter(|issuer| *issuer < i) {
            *text += &format!("issuer = \"a{issuer}\"\n");
        }
        if let Some(key) = self.key {
            *text += &format!("key = \"{key}\"\n");
        }
        if self.permit {
            *text += &format!("permit = {PERMIT}\n");
        }
        if self.publish {
            *text += &format!("publish = \"public/a{i}.crt\"\n");
        }
        if self.key_dir {
            *text += "key_dir = \"secure\"\n";
        }
    }
}

impl Server {
    /// The names as the manifest lists them.
    fn hosts(&self, i: usize) -> Vec<String> {
        let first = if self.range {
            format!("s{i}-{{1...2}}.example")
        } else {
            format!("s{i}.example")
        };
        let more = [
            format!("*.s{i}.example"),
            format!("10.0.0.{i}"),
            format!("fd00::{i}"),
            format!("b\u{fc}cher{i}.example"),
            format!("s{i}"),
        ];
        let more = more
            .into_iter()
            .zip(self.more)
            .filter(|(_, wanted)| *wanted);
        std::iter::once(first)
            .chain(more.map(|(host, _)| host))
            .collect()
    }

    /// The names it can be dialled by.
    fn dialled(&self, i: usize) -> Vec<String> {
        let mut names: Vec<String> = self
            .hosts(i)
            .into_iter()
            .map(|host| match host.strip_prefix('*') {
                Some(rest) => format!("any{rest}"),
                None if host.contains(':') => format!("[{host}]"),
                None => host,
            })
            .collect();
        if self.flags[2] && !self.http {
            names.push(format!("further{i}.example"));
        }
        names
    }

    fn write(&self, i: usize, authorities: usize, servers: &[Self], text: &mut String) {
        let [per_host, chain, further, peer] = self.flags;
        let hosts: Vec<String> = self.hosts(i).iter().map(|h| format!("\"{h}\"")).collect();
        *text += &format!(
            "[service.s{i}]\nrole = \"{}\"\nauthority = \"a{}\"\nhosts = [{}]\n",
            self.role,
            self.authority % authorities,
            hosts.join(", ")
        );
        if self.http {
            *text += "serves = \"http\"\n";
        } else {
            if let Some(key) = self.key {
                *text += &format!("key = \"{key}\"\n");
            }
            if per_host && self.range {
                *text += "per_host = true\n";
            }
            if chain {
                *text += "files = { chain = \"chain.pem\" }\n";
            }
            if peer {
                *text += "profile = \"peer\"\n";
            }
        }
        self.dials
            .write(&format!("s{i}"), Some(i), authorities, servers, text);
        if further && !self.http {
            *text += &format!("[service.s{i}.server.further]\nhosts = [\"further{i}.example\"]\n");
        }
    }
}

impl Client {
    fn write(&self, i: usize, authorities: usize, servers: &[Server], text: &mut String) {
        *text += &format!(
            "[service.c{i}]\nrole = \"{}\"\nauthority = \"a{}\"\n",
            self.role,
            self.authority % authorities
        );
        if self.password && self.role == "spark" {
            *text += "truststore_password = \"changeit\"\n";
        }
        self.dials
            .write(&format!("c{i}"), None, authorities, servers, text);
    }
}

impl Dials {
    fn write(
        &self,
        name: &str,
        own: Option<usize>,
        authorities: usize,
        servers: &[Server],
        text: &mut String,
    ) {
        let servers = servers.iter().enumerate();
        let to: Vec<(usize, &Server)> = servers
            .filter(|(j, _)| self.to[*j] && own != Some(*j))
            .collect();
        let names: Vec<String> = to.iter().map(|(j, _)| format!("\"s{j}\"")).collect();
        *text += &format!("connects = [{}]\n", names.join(", "));
        if let Some(trust) = self.trust {
            *text += &format!("trust = [\"a{}\"]\n", trust % authorities);
        }
        if let Some(lifetime) = self.lifetime {
            *text += &format!("lifetime = \"{lifetime}\"\n");
        }
        for (j, server) in to {
            let url = server.dialled(j).get(self.by[j]).map(|host| {
                let scheme = if server.http { "http" } else { "https" };
                format!("url = \"{scheme}://{host}:1234\"\n")
            });
            let client = (self.shows && !server.http).then(|| "client = \"own\"\n".to_owned());
            if url.is_some() || client.is_some() {
                *text += &format!("[service.{name}.to.s{j}]\n");
                *text += &url.unwrap_or_default();
                *text += &client.unwrap_or_default();
            }
        }
    }
}
