//! A manifest as a value: what is edited, its text, and what it asks for, told
//! by itself: files, pairs and their names, what derives from which CA.

mod any;
mod text;

pub(super) use any::{authority, manifests, service};

use std::collections::BTreeSet;

use crate::model::validity::DAY;

/// So many authorities, and so many services, there may be.
pub(super) const AUTHORITIES: usize = 4;
pub(super) const SERVICES: usize = 5;

/// A place in a manifest.
pub(super) type Slot = usize;

#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) authorities: [Option<Authority>; AUTHORITIES],
    pub(super) services: [Option<Service>; SERVICES],
}

#[derive(Clone, Debug)]
pub(super) struct Authority {
    pub(super) issuer: Option<Slot>,
    pub(super) key: Key,
    pub(super) days: i64,
    pub(super) permit: bool,
    pub(super) publish: bool,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of the manifest"
)]
pub(super) struct Service {
    /// By which of its two names it goes.
    pub(super) renamed: bool,
    pub(super) role: Role,
    pub(super) authority: Slot,
    /// Which first name it has.
    pub(super) host: bool,
    /// Wildcard, IPv4, a further name.
    pub(super) more: [bool; 3],
    /// A range of two nodes; with a pair for each.
    pub(super) nodes: Nodes,
    /// Further pair by SNI, chain file, peer, plain HTTP.
    pub(super) further: bool,
    pub(super) chain: bool,
    pub(super) peer: bool,
    pub(super) http: bool,
    pub(super) key: Key,
    pub(super) days: i64,
    pub(super) rekey: Rekey,
    /// A group of its own that reads the key.
    pub(super) group: bool,
    pub(super) password: Option<bool>,
    pub(super) to: [bool; SERVICES],
    /// Whether a pair of its own is presented.
    pub(super) shows: bool,
    pub(super) trust: Option<Slot>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Nodes {
    None,
    Range,
    PerHost,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rekey {
    Never,
    Always,
    After400Days,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Key {
    P256,
    P384,
    Ed25519,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    Minio,
    Server,
    Kes,
    Sidekick,
    Client,
    Spark,
    Python,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Profile {
    Server,
    Peer,
    Client,
}

/// What a role says.
struct Files {
    word: &'static str,
    cert: &'static str,
    key: &'static str,
    issuer: Option<&'static str>,
    trust: &'static str,
    client_trust: Option<&'static str>,
}

impl Role {
    fn files(self) -> Files {
        let files = |word, cert, key, issuer, trust, client_trust| Files {
            word,
            cert,
            key,
            issuer,
            trust,
            client_trust,
        };
        let (public, private, clients) = ("public.crt", "private.key", Some("clients.crt"));
        match self {
            Self::Minio => files("minio", public, private, None, "CAs/ca.crt", None),
            Self::Server => files(
                "server",
                "server.crt",
                "server.key",
                Some("ca.crt"),
                "trust.crt",
                clients,
            ),
            Self::Kes => files("kes", public, private, None, "trust.crt", clients),
            Self::Sidekick => files(
                "sidekick",
                public,
                private,
                Some("ca.crt"),
                "trust.crt",
                None,
            ),
            Self::Client => files("client", "", "", None, "trust.crt", None),
            Self::Spark => files("spark", "", "", None, "truststore.p12", None),
            Self::Python => files("python", "", "", None, "ca-bundle.crt", None),
        }
    }

    fn serves(self) -> bool {
        !matches!(self, Self::Client | Self::Spark | Self::Python)
    }
}

impl Key {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::P256 => "ecdsa-p256",
            Self::P384 => "ecdsa-p384",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A pair that the manifest asks for.
#[derive(Clone, Debug)]
pub(super) struct WantedPair {
    pub(super) id: String,
    pub(super) service: Slot,
    pub(super) authority: Slot,
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) chain: Option<String>,
    pub(super) names: BTreeSet<String>,
    pub(super) subject: String,
    pub(super) profile: Profile,
    pub(super) kind: Key,
    pub(super) seconds: i64,
    pub(super) rekey: Rekey,
    pub(super) key_mode: u32,
}

/// A derived file that the manifest asks for.
#[derive(Clone, Debug)]
pub(super) struct WantedOutput {
    pub(super) path: String,
    pub(super) service: Option<Slot>,
    pub(super) authorities: Vec<Slot>,
    pub(super) form: Form,
    pub(super) mode: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Form {
    Bundle,
    Truststore(Option<bool>),
    /// What the text depends on.
    Text(String),
}

pub(super) fn authority_name(slot: Slot) -> String {
    format!("a{slot}")
}

impl Manifest {
    pub(super) fn authority(&self, slot: Slot) -> &Authority {
        self.authorities[slot].as_ref().unwrap()
    }

    pub(super) fn present(&self) -> impl Iterator<Item = (Slot, &Service)> {
        let services = self.services.iter().enumerate();
        services.filter_map(|(slot, service)| Some((slot, service.as_ref()?)))
    }

    /// An authority and those above it, the root last.
    pub(super) fn line(&self, slot: Slot) -> Vec<Slot> {
        std::iter::successors(Some(slot), |slot| self.authority(*slot).issuer).collect()
    }

    fn root(&self, slot: Slot) -> Slot {
        *self.line(slot).last().unwrap()
    }

    /// How many CAs may stand below one.
    pub(super) fn depth(&self, slot: Slot) -> u32 {
        let below = |(i, a): (Slot, &Option<Authority>)| {
            let is_below = a.as_ref().is_some_and(|a| a.issuer == Some(slot));
            is_below.then(|| 1 + self.depth(i))
        };
        let below = self.authorities.iter().enumerate().filter_map(below);
        below.max().unwrap_or(0)
    }

    /// The servers that one dials over TLS.
    fn dials<'a>(&'a self, slot: Slot, service: &'a Service) -> Vec<(Slot, &'a Service)> {
        let servers = self.present();
        let dialled = servers.filter(|(i, s)| *i != slot && service.to[*i] && s.role.serves());
        dialled.filter(|(_, s)| !s.http).collect()
    }

    /// The name of the pair that one presents to another.
    fn presented(service: &Service, server: &Service) -> Option<&'static str> {
        match server.role {
            _ if service.shows => Some("own"),
            Role::Kes => Some("client"),
            _ => None,
        }
    }

    /// Whether an authority is left to itself: nothing needs it.
    pub(super) fn is_unused(&self, slot: Slot) -> bool {
        let mut authorities = self.authorities.iter().flatten();
        !authorities.any(|a| a.issuer == Some(slot))
            && !self
                .present()
                .any(|(_, s)| s.authority == slot || s.trust == Some(slot))
    }

    pub(super) fn pairs(&self) -> Vec<WantedPair> {
        self.present()
            .flat_map(|(slot, service)| self.of_service(slot, service))
            .collect()
    }

    fn of_service(&self, slot: Slot, service: &Service) -> Vec<WantedPair> {
        let (name, files) = (service.name(slot), service.role.files());
        let dir = format!("certs/{name}");
        let pair = |id: String, cert: String, key: String, names: &[String], profile| WantedPair {
            id: format!("{name}.{id}"),
            service: slot,
            authority: service.authority,
            certificate: cert,
            key,
            chain: None,
            subject: format!("CN={}", names[0]),
            names: names.iter().cloned().collect(),
            profile,
            kind: service.key,
            seconds: service.days * DAY,
            rekey: service.rekey,
            key_mode: service.key_mode(),
        };
        let server = |id: String, folder: String, names: &[String], peer: bool| WantedPair {
            chain: service.chain.then(|| format!("{folder}/chain.pem")),
            ..pair(
                format!("server.{id}"),
                format!("{folder}/{}", files.cert),
                format!("{folder}/{}", files.key),
                names,
                if peer { Profile::Peer } else { Profile::Server },
            )
        };
        let mut pairs = Vec::new();
        if service.is_tls() {
            let local = ["localhost", "127.0.0.1"].map(str::to_owned);
            let plain = service.plain(slot);
            if service.nodes == Nodes::PerHost {
                for node in service.firsts(slot) {
                    let (id, dir) = (format!("default[{node}]"), format!("{dir}/{node}"));
                    let names = [&[node], &plain[..], &local].concat();
                    pairs.push(server(id, dir, &names, service.peer));
                }
            } else {
                let names = [&service.firsts(slot)[..], &plain, &local].concat();
                pairs.push(server("default".into(), dir.clone(), &names, service.peer));
            }
            if service.further {
                let names = [format!("further{slot}.example")];
                let further = server("further".into(), format!("{dir}/further"), &names, false);
                // The role's own files alone: `files` names the default pair's.
                pairs.push(WantedPair {
                    chain: None,
                    ..further
                });
            }
        }
        let shown = self.dials(slot, service);
        let shown: BTreeSet<&str> = shown
            .iter()
            .filter_map(|(_, s)| Self::presented(service, s))
            .collect();
        for own in shown {
            pairs.push(pair(
                format!("client.{own}"),
                format!("{dir}/{own}.crt"),
                format!("{dir}/{own}.key"),
                &[format!("{name}-{own}")],
                Profile::Client,
            ));
        }
        pairs
    }

    pub(super) fn outputs(&self) -> Vec<WantedOutput> {
        let mut outputs = Vec::new();
        for (slot, authority) in self.authorities.iter().enumerate() {
            if authority.as_ref().is_some_and(|a| a.publish) {
                outputs.push(WantedOutput {
                    path: format!("public/a{slot}.crt"),
                    service: None,
                    authorities: vec![slot],
                    form: Form::Bundle,
                    mode: 0o644,
                });
            }
        }
        for (slot, service) in self.present() {
            outputs.extend(self.derived(slot, service));
        }
        outputs
    }

    fn derived(&self, slot: Slot, service: &Service) -> Vec<WantedOutput> {
        let mut outputs = Vec::new();
        let files = service.role.files();
        let dir = format!("certs/{}", service.name(slot));
        let mut folders = vec![dir.clone()];
        if service.is_tls() && service.nodes == Nodes::PerHost {
            folders.extend(service.firsts(slot).iter().map(|n| format!("{dir}/{n}")));
        }
        let mut add = |file: &str, mut authorities: Vec<Slot>, form: Form, mode: u32| {
            let mut seen = BTreeSet::new();
            authorities.retain(|a| seen.insert(*a));
            outputs.extend(folders.iter().map(|folder| WantedOutput {
                path: format!("{folder}/{file}"),
                service: Some(slot),
                authorities: authorities.clone(),
                form: form.clone(),
                mode,
            }));
        };
        if let Some(file) = files.issuer.filter(|_| service.is_tls()) {
            add(
                file,
                vec![self.root(service.authority)],
                Form::Bundle,
                0o644,
            );
        }
        let dialled = self.dials(slot, service);
        let mut trusted: Vec<Slot> = dialled
            .iter()
            .map(|(_, s)| self.root(s.authority))
            .collect();
        trusted.extend(service.trust.map(|t| self.root(t)));
        let trusts = !trusted.is_empty();
        if trusts {
            let form = match service.role {
                Role::Spark => Form::Truststore(service.password),
                _ => Form::Bundle,
            };
            add(files.trust, trusted, form, 0o644);
        }
        let clients = self.present().filter(|(i, from)| {
            let dials = self.dials(*i, from).into_iter().any(|(to, _)| to == slot);
            dials && Self::presented(from, service).is_some()
        });
        let clients: Vec<Slot> = clients.map(|(_, from)| self.root(from.authority)).collect();
        if let Some(file) = files.client_trust.filter(|_| !clients.is_empty()) {
            add(file, clients, Form::Bundle, 0o644);
        }
        if service.role == Role::Spark && trusts {
            let first = dialled.first();
            let first = first.map(|(to, server)| (server.firsts(*to).remove(0), server.role));
            let text = format!("{dir} {first:?} {:?}", service.password);
            let mode = match service.password {
                Some(_) => service.key_mode(),
                None => 0o644,
            };
            add("spark-defaults.conf", Vec::new(), Form::Text(text), mode);
        }
        outputs
    }
}

/// The authority that keeps its key elsewhere.
pub(super) const SECURE: Slot = 2;

impl Service {
    pub(super) fn name(&self, slot: Slot) -> String {
        format!("{}{slot}", if self.renamed { "t" } else { "s" })
    }

    fn is_tls(&self) -> bool {
        self.role.serves() && !self.http
    }

    fn key_mode(&self) -> u32 {
        if self.group { 0o640 } else { 0o600 }
    }

    fn first(&self, slot: Slot) -> String {
        format!("{}{slot}", if self.host { "g" } else { "h" })
    }

    /// Its first host, or the nodes.
    fn firsts(&self, slot: Slot) -> Vec<String> {
        let first = self.first(slot);
        match self.nodes {
            Nodes::None => vec![format!("{first}.example")],
            _ => [1, 2].map(|n| format!("{first}-{n}.example")).into(),
        }
    }

    /// The other hosts.
    fn plain(&self, slot: Slot) -> Vec<String> {
        let more = [
            format!("*.w{slot}.example"),
            format!("10.0.0.{slot}"),
            format!("more{slot}.example"),
        ];
        let more = more.into_iter().zip(self.more);
        more.filter(|(_, wanted)| *wanted).map(|(h, _)| h).collect()
    }
}
