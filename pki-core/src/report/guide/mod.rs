//! What every rule is about, for people: whom it hurts and in which words, what
//! a finding of it looks like, and what to do. `pki explain` and `docs/rules.md`
//! are made of it.
//!
//! Data only. A rule that is new needs one [`Guide`] in the file of its area;
//! the test of `verify::reference` says which are missing.

mod authority;
mod chain;
mod form;
mod issuing;
mod pair;
mod revocation;
mod tree;
mod web;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// What a rule is about; rules are listed by it, in this order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Group {
    /// Whether a chain leads to a trusted certificate.
    Trust,
    /// Lives of certificates.
    Time,
    /// Names that are dialled and certified.
    Names,
    /// What a certificate may be used for.
    Uses,
    /// What a CA may sign.
    Issuers,
    /// Certificates that were taken back, and the lists that say so.
    Revocation,
    /// How a certificate is written.
    Form,
    /// The files of a key and its certificate.
    Pairs,
    /// Trust files and other derived files.
    Outputs,
    /// The authorities of a tree.
    Authorities,
    /// Who can read and change the files.
    Access,
    /// Deliveries and what is remembered of them.
    Delivery,
}

impl Group {
    /// All of them, in order.
    pub const ALL: &[Self] = &[
        Self::Trust,
        Self::Time,
        Self::Names,
        Self::Uses,
        Self::Issuers,
        Self::Revocation,
        Self::Form,
        Self::Pairs,
        Self::Outputs,
        Self::Authorities,
        Self::Access,
        Self::Delivery,
    ];
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trust => "trust",
            Self::Time => "time",
            Self::Names => "names",
            Self::Uses => "uses",
            Self::Issuers => "issuers",
            Self::Revocation => "revocation",
            Self::Form => "form of certificates",
            Self::Pairs => "keys and certificates on disk",
            Self::Outputs => "trust files and other derived files",
            Self::Authorities => "authorities",
            Self::Access => "access",
            Self::Delivery => "delivery and records",
        })
    }
}

/// Who is asked: the TLS libraries that programs of a stack use, and programs
/// that load a pair.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Client {
    /// `crypto/x509`: `MinIO`, mc, Sidekick, KES, Vault.
    Go,
    /// JSSE: Spark, S3A.
    Java,
    /// OpenSSL and what rests on its defaults: curl, Python up to 3.12.
    OpenSsl,
    /// Python 3.13, whose default context sets `VERIFY_X509_STRICT`.
    Python313,
    /// rustls with rustls-webpki.
    Rustls,
    /// macOS and iOS.
    Apple,
    /// `MinIO` and Sidekick, when they load their own pair.
    MinioLoads,
    /// KES, when it loads its own pair.
    KesLoads,
}

impl Client {
    /// The TLS libraries that every check of a chain is asked of.
    pub const LIBRARIES: &[Self] = &[
        Self::Go,
        Self::Java,
        Self::OpenSsl,
        Self::Python313,
        Self::Rustls,
    ];

    /// A word for programs.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Java => "java",
            Self::OpenSsl => "openssl",
            Self::Python313 => "python-3.13",
            Self::Rustls => "rustls",
            Self::Apple => "apple",
            Self::MinioLoads => "minio",
            Self::KesLoads => "kes",
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Go => "Go",
            Self::Java => "Java",
            Self::OpenSsl => "OpenSSL, curl, Python before 3.13",
            Self::Python313 => "Python 3.13",
            Self::Rustls => "rustls",
            Self::Apple => "macOS, iOS",
            Self::MinioLoads => "MinIO, Sidekick",
            Self::KesLoads => "KES",
        })
    }
}

/// What a client does about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Says {
    /// It does not mind.
    Accepts,
    /// It refuses, in these words. Measured with Go 1.26, Java 17.0.15, OpenSSL
    /// 3.0.19, Python 3.11 and 3.13.0, and the servers of the lab; rustls by the
    /// names in rustls-webpki 0.103.
    Refuses(&'static str),
}

/// A client and what it does.
pub type Stance = (Client, Says);

/// What is to be said of one rule.
#[derive(Clone, Copy, Debug)]
pub struct Guide {
    /// The rule's id.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// One sentence; `None` where the rule's own in [`super::rule::RULES`] is it.
    pub meaning: Option<&'static str>,
    /// What clients do; empty where it is no client's business.
    pub clients: &'static [Stance],
    /// What a finding of it shows as found.
    pub example: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl Guide {
    /// Of a rule that says itself what it means.
    const fn of(group: Group, id: &'static str, example: &'static str, fix: &'static str) -> Self {
        Self {
            id,
            group,
            meaning: None,
            clients: &[],
            example,
            fix,
        }
    }

    const fn means(self, meaning: &'static str) -> Self {
        Self {
            meaning: Some(meaning),
            ..self
        }
    }

    const fn clients(self, clients: &'static [Stance]) -> Self {
        Self { clients, ..self }
    }

    /// What this client says of it.
    pub fn words(&self, client: Client) -> Option<&'static str> {
        let mut said = self.clients.iter().filter(|(who, _)| *who == client);
        said.find_map(|(_, says)| match says {
            Says::Refuses(words) => Some(*words),
            Says::Accepts => None,
        })
    }

    /// Who refuses it, in their words; see [`quoted`].
    pub fn hurts(&self) -> Vec<String> {
        let refusals = self.clients.iter().filter_map(|(client, says)| match says {
            Says::Refuses(words) => Some((*client, *words)),
            Says::Accepts => None,
        });
        let accepts = |(_, says): &Stance| *says == Says::Accepts;
        let refusals: Vec<(Client, &str)> = refusals.collect();
        quoted(&refusals, !self.clients.iter().any(accepts))
    }
}

/// Who refuses, in their words: `Java: "…"`, one line for those who say the same.
/// Where that is everybody it is one line, with the words of the first two.
pub fn quoted<W: AsRef<str>>(refusals: &[(Client, W)], everybody: bool) -> Vec<String> {
    if everybody && !refusals.is_empty() {
        let said = refusals.iter().take(2);
        let said = said.map(|(client, words)| format!("{client}: \"{}\"", words.as_ref()));
        let said: Vec<String> = said.collect();
        return vec![format!("every client ({})", said.join("; "))];
    }
    let mut said: Vec<(&str, Vec<String>)> = Vec::new();
    for (client, words) in refusals {
        let words = words.as_ref();
        match said.iter_mut().find(|(known, _)| *known == words) {
            Some((_, clients)) => clients.push(client.to_string()),
            None => said.push((words, vec![client.to_string()])),
        }
    }
    said.iter()
        .map(|(words, clients)| format!("{}: \"{words}\"", clients.join(", ")))
        .collect()
}

/// It refuses, in these words.
const fn no(client: Client, words: &'static str) -> Stance {
    (client, Says::Refuses(words))
}

/// It does not mind.
const fn yes(client: Client) -> Stance {
    (client, Says::Accepts)
}

/// Every guide, by area.
pub fn all() -> impl Iterator<Item = &'static Guide> {
    let areas = [
        chain::GUIDES,
        issuing::GUIDES,
        revocation::GUIDES,
        form::GUIDES,
        pair::GUIDES,
        authority::GUIDES,
        tree::GUIDES,
        web::GUIDES,
    ];
    areas.into_iter().flatten()
}

/// How soon a rule is told: by its group, and there as the guides stand. What has
/// none comes last.
pub(super) fn rank(id: &str) -> (Option<Group>, usize) {
    static RANKS: LazyLock<HashMap<&str, (Option<Group>, usize)>> = LazyLock::new(|| {
        let guides = all().enumerate();
        guides
            .map(|(at, guide)| (guide.id, (Some(guide.group), at)))
            .collect()
    });
    let last = (Group::ALL.last().copied(), usize::MAX);
    RANKS.get(id).copied().unwrap_or(last)
}

/// The guide of a rule.
pub fn find(id: &str) -> Option<&'static Guide> {
    all().find(|guide| guide.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_guide_for_a_rule_and_no_empty_word() {
        let mut ids: Vec<_> = all().map(|g| g.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for guide in all() {
            assert!(
                !guide.example.is_empty() && !guide.fix.is_empty(),
                "{}",
                guide.id
            );
            assert!(
                guide.meaning.is_none_or(|m| m.ends_with('.')),
                "{}",
                guide.id
            );
            let said = guide.clients.iter().map(|(client, _)| client);
            let said: std::collections::BTreeSet<_> = said.collect();
            assert_eq!(said.len(), guide.clients.len(), "{}", guide.id);
        }
    }

    #[test]
    fn who_is_hurt_is_said_where_others_are_not() {
        let hurts = |id: &str| find(id).unwrap().hurts();
        assert_eq!(
            hurts("ca-without-key-usage"),
            ["Python 3.13: \"CA cert does not include key usage extension\""]
        );
        let all = "every client (Go: \"x509: certificate has expired or is not yet valid\"; \
                   Java: \"PKIX path validation failed: validity check failed: NotAfter: …\")";
        assert_eq!(hurts("expired"), [all]);
        assert_eq!(hurts("due"), [""; 0]);
    }
}
