//! What a manifest says, word by word. The texts are what editors show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::At;
use crate::model::algorithm::KeyAlgorithm;

/// Tables by name, in no order of their own: see [`in_order`].
pub(super) type Tables<T> = BTreeMap<At<String>, T>;

/// The tables in the order of the text.
pub(super) fn in_order<T>(tables: &Tables<T>) -> Vec<(&At<String>, &T)> {
    let mut list: Vec<_> = tables.iter().collect();
    list.sort_by_key(|(name, _)| name.span().start);
    list
}

/// The desired state of a stack of services: who signs, who serves, who dials.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pki.toml")]
pub(super) struct Manifest {
    /// The version of this format: 1.
    #[schemars(extend("const" = 1))]
    #[expect(dead_code, reason = "judged before the rest is read")]
    pub(super) version: u32,
    /// What holds where a table says nothing.
    #[serde(default)]
    pub(super) defaults: Defaults,
    /// The CAs.
    #[serde(default)]
    pub(super) authority: Tables<Authority>,
    /// The programs.
    #[serde(default)]
    pub(super) service: Tables<Service>,
}

/// What holds where a table says nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    /// Who signs. Not needed where there is one authority.
    pub(super) authority: Option<At<String>>,
    /// The folder that holds one folder per service; `certs`.
    #[schemars(example = &"certs")]
    pub(super) directory: Option<At<String>>,
    /// Keys of leaves and authorities: ecdsa-p256 (the default), ecdsa-p384,
    /// ecdsa-p521, ed25519, rsa-2048 … rsa-8192.
    #[schemars(example = &"ecdsa-p256", extend("enum" = KeyAlgorithm::WORDS))]
    pub(super) key: Option<At<String>>,
    /// How long leaves live: a number with h, d, w or y; 365d.
    #[schemars(example = &"365d")]
    pub(super) lifetime: Option<At<String>>,
    /// When a leaf is due: a part of its life left ("1/3", the default) or a
    /// span left ("30d").
    #[schemars(example = &"1/3")]
    pub(super) renew: Option<At<String>>,
    /// Names added to every server's default pair.
    #[serde(default)]
    #[schemars(extend("examples" = [["localhost", "127.0.0.1"]]))]
    pub(super) names: Vec<At<String>>,
}

/// A CA.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Authority {
    /// Its name in certificates, most specific part first (RFC 4514);
    /// `CN=NAME CA`.
    #[schemars(example = &"CN=Example Root CA, O=Example")]
    pub(super) subject: Option<At<String>>,
    /// The authority that vouches for it. Without: a root.
    pub(super) issuer: Option<At<String>>,
    /// The PEM file of a CA that is not ours: to be trusted, never to sign.
    #[schemars(example = &"corp-root.pem")]
    pub(super) external: Option<At<String>>,
    /// Kind of key.
    #[schemars(example = &"ecdsa-p256", extend("enum" = KeyAlgorithm::WORDS))]
    pub(super) key: Option<At<String>>,
    /// How long it lives; 10y.
    #[schemars(example = &"10y")]
    pub(super) lifetime: Option<At<String>>,
    /// When it is due; "1/3".
    #[schemars(example = &"1/3")]
    pub(super) renew: Option<At<String>>,
    /// Where its certificate is put for everyone.
    #[schemars(example = &"certs/ca/ca.crt")]
    pub(super) publish: Option<At<String>>,
    /// The folder of its keys; without: `authorities`.
    #[schemars(example = &"/secure")]
    pub(super) key_dir: Option<At<String>>,
    /// Whether its key is stored encrypted.
    pub(super) encrypted: Option<At<bool>>,
    /// Names, networks and domains that it may vouch for; nothing else.
    #[schemars(extend("examples" = [["example.com", "127.0.0.0/8"]]))]
    pub(super) permit: Option<At<Vec<At<String>>>>,
}

/// A program of the stack.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// What kind of program it is: minio, sidekick, kes, …
    #[schemars(example = &"server")]
    pub(super) role: At<String>,
    /// Who signs its certificates.
    pub(super) authority: Option<At<String>>,
    /// The names it is dialled by, `{1...4}` ranges included.
    #[schemars(extend("examples" = [["server.example.com"]]))]
    pub(super) hosts: Option<At<Vec<At<String>>>>,
    /// One pair per name of the ranges, in a folder each.
    pub(super) per_host: Option<At<bool>>,
    /// Subject of the default pair; CN = the first name.
    #[schemars(example = &"CN=server.example.com")]
    pub(super) subject: Option<At<String>>,
    /// File names in its folder, where the role's are not right.
    pub(super) files: Option<Files>,
    /// The services it dials.
    #[serde(default)]
    #[schemars(extend("examples" = [["server"]]))]
    pub(super) connects: Vec<At<String>>,
    /// More about the services it dials.
    #[serde(default)]
    pub(super) to: Tables<To>,
    /// "http": no TLS in front, so no pair.
    #[schemars(example = &"http", extend("enum" = ["http", "https"]))]
    pub(super) serves: Option<At<String>>,
    /// The machine it runs on: its files are made below out/HOST/.
    #[schemars(example = &"node1")]
    pub(super) host: Option<At<String>>,
    /// Exists elsewhere: only dialled, nothing is made for it.
    pub(super) external: Option<At<bool>>,
    /// Authorities it trusts besides those its edges need; "system" for the
    /// machine's own CAs.
    #[serde(default)]
    #[schemars(extend("examples" = [["system"]]))]
    pub(super) trust: Vec<At<String>>,
    /// Owner of its files, a name or a number.
    #[schemars(example = &"root")]
    pub(super) owner: Option<At<String>>,
    /// Group of its files, a name or a number.
    #[schemars(example = &"minio")]
    pub(super) group: Option<At<String>>,
    /// Mode of its keys: "0600" or, for a group, "0640".
    #[schemars(example = &"0640")]
    pub(super) key_mode: Option<At<String>>,
    /// Mode of its other files; "0644".
    #[schemars(example = &"0644")]
    pub(super) cert_mode: Option<At<String>>,
    /// Kind of key of its pairs.
    #[schemars(example = &"ecdsa-p256", extend("enum" = KeyAlgorithm::WORDS))]
    pub(super) key: Option<At<String>>,
    /// How long its certificates live.
    #[schemars(example = &"365d")]
    pub(super) lifetime: Option<At<String>>,
    /// When they are due.
    #[schemars(example = &"1/3")]
    pub(super) renew: Option<At<String>>,
    /// When a renewal makes a new key: "never" (the default), "always", "2y".
    #[schemars(example = &"never")]
    pub(super) rekey: Option<At<String>>,
    /// Its folder; relative to this file, or absolute.
    #[schemars(example = &"/etc/sidekick/certs")]
    pub(super) directory: Option<At<String>>,
    /// Where the program sees its folder (a container's mount), for the texts
    /// that name its files.
    #[schemars(example = &"/certs")]
    pub(super) mount: Option<At<String>>,
    /// Password of its truststore. A truststore holds no secret: only old
    /// programs ask for one.
    #[schemars(example = &"changeit")]
    pub(super) truststore_password: Option<At<String>>,
    /// "peer": its default pair may dial too.
    #[schemars(example = &"peer", extend("enum" = ["server", "peer"]))]
    pub(super) profile: Option<At<String>>,
    /// Where its default pair comes from, made elsewhere: `lineage:` and a folder
    /// that holds fullchain.pem and privkey.pem, as certbot does. It is verified
    /// and delivered, never issued here. The CA behind it is `authority` where
    /// that is external, else one of the machine's own.
    #[schemars(example = &"lineage:/etc/letsencrypt/live/s3.example.com")]
    pub(super) source: Option<At<String>>,
    /// Further pairs that it shows, in a folder each.
    #[serde(default)]
    pub(super) server: Tables<Server>,
    /// Pairs that it presents where it dials.
    #[serde(default)]
    pub(super) client: Tables<Client>,
}

/// File names in a service's folder.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{ "cert": "server.crt", "key": "server.key" }]))]
pub(super) struct Files {
    /// Certificate of the default pair: leaf, then intermediates.
    pub(super) cert: Option<At<String>>,
    /// Key of the default pair.
    pub(super) key: Option<At<String>>,
    /// Intermediates alone.
    pub(super) chain: Option<At<String>>,
    /// The CAs handed to those who dial it.
    pub(super) issuer: Option<At<String>>,
    /// The CAs it accepts where it dials.
    pub(super) trust: Option<At<String>>,
    /// The CAs it accepts from those who dial it.
    pub(super) client_trust: Option<At<String>>,
}

/// How a service is dialled.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    /// The address really dialled; without: the server's first host and its
    /// role's port.
    #[schemars(example = &"https://server.example.com:8443")]
    pub(super) url: Option<At<String>>,
    /// Which of its client pairs is presented.
    #[schemars(example = &"client")]
    pub(super) client: Option<At<String>>,
}

/// A further pair that a service shows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Server {
    /// Its names, ranges included.
    #[schemars(extend("examples" = [["s3.example.com"]]))]
    pub(super) hosts: Option<At<Vec<At<String>>>>,
    /// Its subject; CN = the first name.
    #[schemars(example = &"CN=s3.example.com")]
    pub(super) subject: Option<At<String>>,
    /// "peer": it may dial too.
    #[schemars(example = &"peer", extend("enum" = ["server", "peer"]))]
    pub(super) profile: Option<At<String>>,
    /// Kind of key.
    #[schemars(example = &"ecdsa-p256", extend("enum" = KeyAlgorithm::WORDS))]
    pub(super) key: Option<At<String>>,
    /// How long its certificates live.
    #[schemars(example = &"365d")]
    pub(super) lifetime: Option<At<String>>,
    /// When they are due.
    #[schemars(example = &"1/3")]
    pub(super) renew: Option<At<String>>,
    /// When a renewal makes a new key.
    #[schemars(example = &"never")]
    pub(super) rekey: Option<At<String>>,
}

/// A pair that a service presents where it dials.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    /// Its names; without: its CN, where that is a DNS name.
    #[schemars(extend("examples" = [["client.example.com"]]))]
    pub(super) hosts: Option<At<Vec<At<String>>>>,
    /// Its subject; CN = SERVICE-NAME.
    #[schemars(example = &"CN=client")]
    pub(super) subject: Option<At<String>>,
    /// Kind of key.
    #[schemars(example = &"ecdsa-p256", extend("enum" = KeyAlgorithm::WORDS))]
    pub(super) key: Option<At<String>>,
    /// How long its certificates live.
    #[schemars(example = &"365d")]
    pub(super) lifetime: Option<At<String>>,
    /// When they are due.
    #[schemars(example = &"1/3")]
    pub(super) renew: Option<At<String>>,
    /// When a renewal makes a new key.
    #[schemars(example = &"never")]
    pub(super) rekey: Option<At<String>>,
}
