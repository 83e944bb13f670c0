//! Edges: would this client accept this server, and this server the client?

use std::sync::Arc;

use super::Judge;
use super::clients;
use super::places::Places;
use super::why::{Asked, Given, client, nobody};
use crate::cert::Certificate;
use crate::chain::{self, Anchor, ChainPolicy, Fault, PeerName, Source};
use crate::consumer::{self, Refusal};
use crate::inventory::shown_names;
use crate::model::path::TreePath;
use crate::model::usage::{KeyUsage, Purpose};
use crate::report::consumer::not_covered;
use crate::report::guide::Client;
use crate::report::{Finding, Locator, Severity, rule};
use crate::role::TlsLibrary;
use crate::stack::{Edge, Pair, PairKind, Scheme, Service};

/// What a client refuses before it looks at a chain.
const HANDSHAKE: &[&str] = &[rule::KEY_NOT_FOR_TLS.id, rule::CHAIN_OVER_TEN.id];

/// A finding about an edge, and the places where the same may be told already:
/// then who is hurt is added there, and nothing is said twice.
struct Told {
    finding: Finding,
    places: Vec<Locator>,
    says: Says,
    /// Rules of ours that say the same as the client, of a file.
    ours: &'static [&'static str],
}

/// What the client of an edge makes of a finding.
enum Says {
    /// It was not asked: the edge does not work.
    Nothing,
    /// It refuses for this reason, in these words.
    Refuses(String),
    /// It refuses for another reason, which is told beside this one.
    Other,
    /// It accepts the chain: the edge works, and others would not take it.
    Accepts,
}

/// An edge with what is the same for every name that is dialled.
struct Dialled<'a> {
    edge: &'a Edge,
    from: &'a Service,
    to: &'a Service,
    servers: Vec<(&'a Pair, Option<&'a Certificate>)>,
    anchors: Arc<[Anchor]>,
}

impl<'a> Dialled<'a> {
    /// The pair that a server shows to who asks for this name (RFC 6066 3):
    /// the first that covers it, else the default one.
    fn shown(&self, peer: &PeerName) -> Option<&'a Pair> {
        let covers = |leaf: &Certificate| chain::covers(leaf.names(), peer);
        let mut servers = self.servers.iter();
        let shown = servers.find(|(_, leaf)| leaf.is_some_and(covers));
        shown.or(self.servers.first()).map(|(pair, _)| *pair)
    }
}

impl From<Finding> for Told {
    fn from(finding: Finding) -> Self {
        Self {
            finding,
            places: Vec::new(),
            says: Says::Nothing,
            ours: &[],
        }
    }
}

impl Judge<'_> {
    /// Judges one edge, after all files were judged; whether it works.
    pub(super) fn edge(&self, edge: &Edge, report: &mut Places<'_>) -> bool {
        let (Some(from), Some(to)) = (self.stack.service(&edge.from), self.stack.service(&edge.to))
        else {
            return true;
        };
        let Some(trust) = edge
            .trust
            .as_ref()
            .filter(|_| edge.url.scheme != Scheme::Http)
        else {
            return true;
        };
        let anchors = match self.trusted_in(trust) {
            Ok(anchors) => anchors,
            Err(finding) => {
                if !self.is_told_of(trust, edge, report) {
                    unusable(*finding, edge, report);
                }
                return false;
            }
        };
        if to.external {
            report.push(rule::EDGE_UNCHECKED.at(locator(edge)).found(format!(
                "{} trusts {} from {trust}",
                edge.from,
                match anchors.len() {
                    1 => "1 CA certificate".to_owned(),
                    n => format!("{n} CA certificates"),
                }
            )));
            return true;
        }
        let mut good = true;
        let dialled = Dialled {
            edge,
            from,
            to,
            servers: self.servers(&edge.to),
            anchors,
        };
        for host in &edge.hosts {
            match self.host(&dialled, host, report) {
                Some(told) => {
                    for told in told {
                        good &= tell(told, edge, report);
                    }
                }
                None => good = false,
            }
        }
        good & self.client(edge, to, report)
    }

    /// Whether a trust file is not there because an authority in it has no
    /// certificate: told there, who is hurt is added.
    fn is_told_of(&self, trust: &TreePath, edge: &Edge, report: &mut Places<'_>) -> bool {
        let output = self.trust.output(trust);
        let output = output.filter(|_| self.inventory.is_missing(trust));
        let told = output.and_then(|output| self.rests_on_told(output));
        let Some(authority) = told.and_then(|name| self.stack.authority(name)) else {
            return false;
        };
        let places = authority
            .generations
            .iter()
            .map(|g| Locator::File(g.certificate.as_path().to_owned()));
        let places: Vec<Locator> = places.collect();
        let known = report.find(&places, |_| true);
        known.map(|known| hurt(known, edge)).is_some()
    }

    /// What a client finds that dials this name; `None` where the server has
    /// nothing to show, which is told at its files.
    fn host(
        &self,
        dialled: &Dialled<'_>,
        host: &str,
        report: &mut Places<'_>,
    ) -> Option<Vec<Told>> {
        let Dialled { edge, from, to, .. } = dialled;
        let mut all: Vec<Told> = Vec::new();
        let peer = PeerName::parse(host);
        let java = from.role.tls == TlsLibrary::Jsse;
        if java && host.contains('_') {
            let finding = rule::UNDERSCORE_JAVA
                .at(locator(edge))
                .found(host)
                .fix("dial a name without an underscore");
            all.push(finding.into());
        }
        let pair = dialled.shown(&peer)?;
        if self.is_broken(pair, edge, report) {
            return None;
        }
        let leaf = self.inventory.leaf(&pair.files.certificate)?;
        if !chain::covers(leaf.names(), &peer) {
            let finding = name_not_covered(dialled, host, leaf);
            all.push(finding.into());
        }
        self.shown_chain(dialled, pair, leaf, &peer, &mut all);
        // No name at all has a rule of its own.
        if all.iter().any(|t| t.finding.rule == chain::NO_ALT_NAME.id) {
            all.retain(|t| t.finding.rule != rule::NAME_NOT_COVERED.id);
        }
        let ed25519 = Some(crate::model::algorithm::KeyAlgorithm::Ed25519);
        if java && leaf.public_key().algorithm() == ed25519 {
            let finding = rule::ED25519_JAVA
                .at(locator(edge))
                .found(format!("{} has an Ed25519 key", pair.files.certificate))
                .fix(format!("set key = \"ecdsa-p256\" in service.{}", to.name));
            all.push(finding.into());
        }
        Some(all)
    }

    /// What the client of an edge makes of the chain that it is shown.
    fn shown_chain(
        &self,
        dialled: &Dialled<'_>,
        pair: &Pair,
        leaf: &Certificate,
        peer: &PeerName,
        all: &mut Vec<Told>,
    ) {
        let Dialled {
            edge,
            from,
            anchors,
            ..
        } = dialled;
        let java = from.role.tls == TlsLibrary::Jsse;
        let sent = self.inventory.certificates(&pair.files.certificate);
        let policy = server_policy(pair, from.role.tls);
        let outcome = chain::build(
            leaf,
            sent.get(1..).unwrap_or_default(),
            anchors,
            &policy,
            self.now,
        );
        let purpose = Some(&Purpose::ServerAuth);
        let asked = self.asked(edge, &edge.from, purpose, pair, edge.trust.as_ref());
        let who = client(from.role.tls);
        let said = clients::says(from.role.tls, sent, anchors, peer, self.now);
        if said.is_none() {
            // Java and OpenSSL look at the common name where no other is there.
            let missed = |t: &&mut Told| t.finding.rule == rule::NAME_NOT_COVERED.id;
            for told in all.iter_mut().filter(missed) {
                told.says = Says::Accepts;
                told.places = vec![Locator::File(pair.files.certificate.as_path().to_owned())];
            }
        }
        let faults = self.why.faults(&outcome, &asked).into_iter();
        // Java alone asks a server's certificate for digitalSignature.
        let faults = faults.filter(|(fault, _)| {
            java || !(fault.check == chain::KEY_USAGE.id && fault.at.position == Some(0))
        });
        let faults: Vec<(Fault, Finding)> = faults.collect();
        let meaning = |refusal: &Refusal| consumer::meaning(refusal.rule);
        // What is no rule of a client's is one of the handshake.
        let of_handshake = said.as_ref().is_some_and(|r| meaning(r).is_none());
        let ours = said.as_ref().map_or(&[][..], |refusal| {
            meaning(refusal).map_or(HANDSHAKE, |m| m.ours)
        });
        // A name that is not covered is told already.
        let is_told = all.iter().any(|t| ours.contains(&t.finding.rule));
        let meant = faults.iter().position(|(f, _)| ours.contains(&f.check));
        let meant = meant.or((!is_told && !of_handshake).then_some(0));
        for (i, (fault, told)) in faults.into_iter().enumerate() {
            let at_fault = certificate_of(&fault, sent, anchors);
            let by = (edge.from.as_str(), told);
            let told = self.refused(&fault, at_fault, by, pair, edge.trust.as_ref());
            let says = match &said {
                None => Says::Accepts,
                Some(refusal) if meant == Some(i) => {
                    Says::Refuses(format!("refused by {who}: \"{}\"", refusal.text))
                }
                Some(_) => Says::Other,
            };
            all.push(Told { says, ..told });
        }
        let is_told = all
            .iter()
            .any(|t| t.finding.severity == Severity::Error && !matches!(t.says, Says::Accepts));
        if let Some(refusal) = said.filter(|_| !is_told) {
            let mut told = refused_by_client(edge, pair, who, &refusal, ours);
            if self.is_replaced(pair) {
                told.finding = told.finding.fix("pki apply");
            }
            all.push(told);
        }
        if let (Some(trust), Some(held)) = (&edge.trust, outcome.accepted()) {
            let finding = self.rootless(trust, from.role.tls, sent, anchors, held);
            all.extend(finding.map(|finding| Told {
                places: vec![finding.at.clone()],
                says: Says::Nothing,
                finding: finding.affects(named(edge)),
                ours: &[],
            }));
        }
    }

    /// The server's pairs and what they hold, in their order.
    fn servers(&self, to: &str) -> Vec<(&Pair, Option<&Certificate>)> {
        let pairs = self.stack.service(to).into_iter().flat_map(|s| &s.pairs);
        let servers = pairs.filter(|p| p.id.kind == PairKind::Server);
        servers
            .map(|p| (p, self.inventory.leaf(&p.files.certificate)))
            .collect()
    }

    /// The client's own pair, as the server judges it; whether it is accepted.
    fn client(&self, edge: &Edge, to: &Service, report: &mut Places<'_>) -> bool {
        let Some(pair) = edge.client.as_ref().and_then(|id| self.stack.pair(id)) else {
            return true;
        };
        if self.is_broken(pair, edge, report) {
            return false;
        }
        let sent = self.inventory.certificates(&pair.files.certificate);
        let Some((leaf, above)) = sent.split_first() else {
            return false;
        };
        let file = self.trust.of_clients(&to.name);
        // A server without such a file takes any client certificate, or is
        // told elsewhere whom to take.
        let Some(file) = file else { return true };
        let anchors = match self.trusted_in(&file.path) {
            Ok(anchors) => anchors,
            Err(finding) => {
                unusable(*finding, edge, report);
                return false;
            }
        };
        let policy = ChainPolicy::strict(Some(Purpose::ClientAuth)).with_any_anchor();
        let outcome = chain::build(leaf, above, &anchors, &policy, self.now);
        let mut good = true;
        let purpose = Some(&Purpose::ClientAuth);
        let asked = self.asked(edge, &edge.to, purpose, pair, Some(&file.path));
        for (fault, told) in self.why.faults(&outcome, &asked) {
            let at_fault = certificate_of(&fault, sent, &anchors);
            let told = self.refused(&fault, at_fault, (&edge.to, told), pair, Some(&file.path));
            good &= tell(told, edge, report);
        }
        good
    }

    /// What `by` asks of a pair at an edge, and which files it looks at.
    fn asked<'a>(
        &'a self,
        edge: &Edge,
        by: &'a str,
        purpose: Option<&'a Purpose>,
        pair: &'a Pair,
        trust: Option<&'a TreePath>,
    ) -> Asked<'a> {
        let leaf = &pair.files.certificate;
        let sent = self.inventory.certificates(leaf).len();
        let anchor = move |i| trust.map(|file| self.place_in(file, i));
        let given = Given::new(leaf.as_path(), sent, trust.map(TreePath::as_path), anchor);
        Asked {
            at: locator(edge),
            purpose,
            by: Some(by),
            given,
            heard: nobody(),
        }
    }

    /// Whether a program cannot even load a pair: told at its files, who is hurt
    /// is added there.
    fn is_broken(&self, pair: &Pair, edge: &Edge, report: &mut Places<'_>) -> bool {
        const BROKEN: [&rule::Rule; 11] = [
            &rule::CERTIFICATE_MISSING,
            &rule::CERTIFICATE_NOT_PEM,
            &rule::CERTIFICATE_UNREADABLE,
            &rule::CHAIN_ORDER,
            &rule::IN_THE_WAY,
            &rule::KEY_ENCRYPTED,
            &rule::KEY_FORM,
            &rule::KEY_MISMATCH,
            &rule::KEY_MISSING,
            &rule::KEY_NOT_PEM,
            &rule::KEY_UNREADABLE,
        ];
        let files = [&pair.files.certificate, &pair.files.key];
        let barred = files.iter().filter_map(|path| self.inventory.barred(path));
        let places = files.iter().map(|path| path.as_path()).chain(barred);
        let places: Vec<Locator> = places.map(|it| Locator::File(it.to_owned())).collect();
        let known = report.find(&places, |f| BROKEN.iter().any(|rule| rule.id == f.rule));
        known.map(|known| hurt(known, edge)).is_some()
    }

    /// A fault of a chain as a finding of the edge, with the files that it may
    /// be told of already: the pair's, the CA's at fault, the trust file.
    fn refused(
        &self,
        fault: &Fault,
        at_fault: Option<&Certificate>,
        (by, told): (&str, Finding),
        pair: &Pair,
        trust: Option<&TreePath>,
    ) -> Told {
        // When the life of a certificate ends or begins with its issuer's, it
        // is told there.
        let of_issuer = matches!(fault.check, "expired" | "not-yet-valid")
            && self
                .inventory
                .leaf(&pair.files.certificate)
                .is_some_and(|leaf| self.is_life_of_issuer(pair, leaf));
        let issuer = pair.issuer().and_then(|name| self.stack.authority(name));
        let issuer = issuer.filter(|_| of_issuer).into_iter();
        let issuer = issuer.flat_map(|a| a.generations.iter().map(|g| &g.certificate));
        let files = at_fault.map(|ca| self.trust.files(ca)).unwrap_or_default();
        let places = std::iter::once(&pair.files.certificate)
            .chain(issuer)
            .chain(files.iter().copied())
            .chain(trust.filter(|_| fault.check == chain::ISSUER_NOT_FOUND.id))
            .map(|path| Locator::File(path.as_path().to_owned()))
            .collect();
        Told {
            finding: told.affects(format!("{by} refuses {}", pair.files.certificate)),
            places,
            says: Says::Nothing,
            ours: &[],
        }
    }
}

/// No name of the server's certificate is the one that is dialled.
fn name_not_covered(dialled: &Dialled<'_>, host: &str, leaf: &Certificate) -> Finding {
    let Dialled { edge, from, to, .. } = dialled;
    let who = client(from.role.tls);
    rule::NAME_NOT_COVERED
        .at(locator(edge))
        .found(super::names(leaf))
        .expected(host)
        .affects(format!(
            "{} ({}): \"{}\"",
            edge.from,
            who,
            not_covered(who, host, &shown_names(leaf))
        ))
        .fix(if to.uncovered(&[host.to_owned()]).is_empty() {
            "pki apply".to_owned()
        } else {
            format!(
                "add \"{host}\" to service.{}.hosts, or dial one of the names found",
                to.name
            )
        })
}

/// What the client refuses for that nothing here finds wrong.
fn refused_by_client(
    edge: &Edge,
    pair: &Pair,
    who: Client,
    refusal: &Refusal,
    ours: &'static [&'static str],
) -> Told {
    let certificate = &pair.files.certificate;
    let finding = rule::REFUSED_BY_CLIENT
        .at(locator(edge))
        .found(format!("{who}: \"{}\"", refusal.text))
        .expected(format!("a chain that {} takes", edge.from))
        .affects(format!("{} refuses {certificate}", edge.from))
        .fix(format!("pki explain {}", refusal.rule));
    let files = std::iter::once(certificate).chain(&edge.trust);
    let places = files.map(|path| Locator::File(path.as_path().to_owned()));
    Told {
        finding,
        places: places.collect(),
        says: Says::Refuses(format!("refused by {who}: \"{}\"", refusal.text)),
        ours,
    }
}

/// What a client asks of a server's chain. Of what is made here, all that any
/// client asks: who dials today is not who dials tomorrow. Of what others make,
/// what this client asks: Python 3.13 has strict checks, Java wants
/// digitalSignature.
fn server_policy(pair: &Pair, client: TlsLibrary) -> ChainPolicy {
    let purpose = Some(Purpose::ServerAuth);
    if pair.lineage().is_none() || client == TlsLibrary::Python {
        return ChainPolicy::strict(purpose).with_any_anchor();
    }
    let mut policy = ChainPolicy::common(purpose);
    policy.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE);
    policy
}

/// The certificate that a fault is about, out of what a chain was built from.
fn certificate_of<'a>(
    fault: &Fault,
    sent: &'a [Certificate],
    anchors: &'a [Anchor],
) -> Option<&'a Certificate> {
    match fault.at.source {
        Source::Target => sent.first(),
        Source::Pool(i) => sent.get(1..)?.get(i),
        Source::Anchor(i) => anchors.get(i).map(Anchor::certificate),
    }
}

/// Adds a finding to the report, or who is hurt to the one that says the same
/// of a file. Whether the edge works all the same.
fn tell(told: Told, edge: &Edge, report: &mut Places<'_>) -> bool {
    let Told {
        mut finding,
        places,
        says,
        ours,
    } = told;
    let bad = finding.severity == Severity::Error && !matches!(says, Says::Accepts);
    let is_same = |f: &Finding| is_same(f.rule, finding.rule) || ours.contains(&f.rule);
    let Some(known) = report.find(&places, is_same) else {
        match says {
            Says::Refuses(words) if finding.rule != rule::REFUSED_BY_CLIENT.id => {
                finding.affects.push(words);
            }
            // Whoever else dials there is hurt, not this one.
            Says::Accepts => {
                finding.affects.clear();
                finding.at = places.into_iter().next().unwrap_or(finding.at);
            }
            Says::Refuses(_) | Says::Other | Says::Nothing => {}
        }
        report.push(finding);
        return !bad;
    };
    known.severity = known.severity.max(finding.severity);
    match says {
        Says::Nothing => {
            hurt(known, edge);
        }
        Says::Refuses(words) => {
            let is_new = hurt(known, edge);
            if let Some(told) = known.affects.last_mut().filter(|_| is_new) {
                told.push_str(&format!("   {words}"));
            }
        }
        Says::Other | Says::Accepts => {}
    }
    !bad
}

/// Whether a finding of a file says what a check of the chain says.
fn is_same(of_file: &str, check: &str) -> bool {
    of_file == check
        || (check == chain::KEY_USAGE.id && of_file == rule::KU_NO_SIGNATURE.id)
        || (check == chain::ISSUER_NOT_FOUND.id && of_file == rule::OUTPUT_STALE.id)
        || (check == chain::ISSUER_NOT_FOUND.id && of_file == rule::PAIR_FOREIGN.id)
}

/// Says of a finding that this edge is hurt; whether that was not said yet.
fn hurt(finding: &mut Finding, edge: &Edge) -> bool {
    let who = named(edge);
    let is_told = |known: &String| {
        known
            .strip_prefix(&who)
            .is_some_and(|rest| matches!(rest.as_bytes(), [] | [b' ', ..]))
    };
    let is_new = !finding.affects.iter().any(is_told);
    if is_new {
        finding.affects.push(who);
    }
    is_new
}

/// A trust file that its reader sees nothing in: in place of what is said of
/// the file as an output.
fn unusable(finding: Finding, edge: &Edge, report: &mut Places<'_>) {
    let known = report.find(std::slice::from_ref(&finding.at), |f| {
        f.rule == finding.rule
            || f.rule == rule::OUTPUT_STALE.id
            || f.rule == rule::OUTPUT_MISSING.id
    });
    match known {
        // It says more than this one.
        Some(known) if finding.rule == rule::IN_THE_WAY.id => {
            hurt(known, edge);
        }
        Some(known) => {
            let mut affects = finding.affects.clone();
            let told = std::mem::take(&mut known.affects).into_iter();
            let told: Vec<String> = told.filter(|who| !affects.contains(who)).collect();
            affects.extend(told);
            *known = Finding { affects, ..finding };
            hurt(known, edge);
        }
        None => report.push(finding),
    }
}

fn named(edge: &Edge) -> String {
    format!("{} → {}", edge.from, edge.to)
}

fn locator(edge: &Edge) -> Locator {
    Locator::Edge {
        from: edge.from.clone(),
        to: edge.to.clone(),
        url: edge.url.to_string(),
    }
}
