//! What a client would say of a server, before it is started.

use std::path::{Path, PathBuf};

use super::handshake;
use crate::cert::Certificate;
use crate::chain::{Anchor, PeerName};
use crate::clock::Timestamp;
use crate::consumer::{self, Asked, Consumer, Refusal, Release, Through};
use crate::inventory::{Inventory, shown_names};
use crate::model::usage::Purpose;
use crate::report::consumer::not_covered;
use crate::report::guide::Client;
use crate::role::TlsLibrary;

/// The consumer that Python 3.13 is.
const PYTHON: &str = "python-strict";

/// What clients are asked about files.
#[derive(Debug)]
pub struct Question<'a> {
    /// What they trust, in the order of its file.
    pub anchors: &'a [Anchor],
    /// The name that is dialled.
    pub name: Option<&'a PeerName>,
    /// What the certificates are used for; `None`: as servers, unless they are
    /// for clients alone.
    pub purpose: Option<Purpose>,
    /// The clients.
    pub clients: &'a [&'static Consumer],
    /// Their clock.
    pub now: Timestamp,
}

/// What clients say of one file, shown by a peer as it stands.
#[derive(Debug)]
pub struct Answers {
    /// The file.
    pub file: PathBuf,
    /// Whom the first certificate of the file names: the one that is judged.
    pub subject: String,
    /// What the certificate was taken to be used for.
    pub purpose: Purpose,
    /// One for each client, in the order in which they were asked.
    pub answers: Vec<Answer>,
}

/// What one client says.
#[derive(Debug)]
pub struct Answer {
    /// The client.
    pub client: &'static Consumer,
    /// The release whose behaviour this is: the newest that is known.
    pub release: &'static Release,
    /// Why it refuses, if it does.
    pub refusal: Option<Refusal>,
}

/// Asks every client about every file. A file that holds no certificate is left
/// out of the answer.
pub fn verify_as(files: &[PathBuf], inventory: &Inventory, by: &Question<'_>) -> Vec<Answers> {
    let answers = |path: &PathBuf| answers(path, inventory, by);
    files.iter().filter_map(answers).collect()
}

fn answers(path: &Path, inventory: &Inventory, by: &Question<'_>) -> Option<Answers> {
    let (leaf, above) = inventory.item_at(path)?.certificates().split_first()?;
    let (purpose, answers) = ask(leaf, above, by);
    Some(Answers {
        file: path.to_owned(),
        subject: called(leaf),
        purpose,
        answers,
    })
}

/// What each client says of a chain as it is sent, and the use that it was
/// asked about.
pub(super) fn ask(
    leaf: &Certificate,
    above: &[Certificate],
    by: &Question<'_>,
) -> (Purpose, Vec<Answer>) {
    let purpose = by.purpose.clone().unwrap_or_else(|| used_for(leaf));
    let asked = Asked {
        target: leaf,
        pool: above,
        anchors: by.anchors,
        peer: by.name,
        purpose: Some(purpose.clone()),
        now: by.now,
        within_second: false,
        max_depth: None,
        through: Through::Handshake,
    };
    let answer = |client: &&'static Consumer| Answer {
        client,
        release: client.newest(),
        refusal: said(client, &asked),
    };
    let answers = by.clients.iter().map(answer).collect();
    (purpose, answers)
}

/// Its subject, else its first name.
fn called(leaf: &Certificate) -> String {
    match leaf.names().first() {
        Some(name) if leaf.subject().is_empty() => name.to_string(),
        _ => leaf.subject().to_string(),
    }
}

/// A server, unless the certificate is for clients alone.
fn used_for(leaf: &Certificate) -> Purpose {
    match leaf.purposes() {
        Some(all) if all.contains(&Purpose::ClientAuth) && !all.contains(&Purpose::ServerAuth) => {
            Purpose::ClientAuth
        }
        _ => Purpose::ServerAuth,
    }
}

/// The client that a consumer is, as guides name it.
pub(super) fn known(consumer: &str) -> Option<Client> {
    Some(match consumer {
        "go" => Client::Go,
        "jsse" => Client::Java,
        "openssl" => Client::OpenSsl,
        "python-strict" => Client::Python313,
        "rustls" => Client::Rustls,
        _ => return None,
    })
}

/// The consumer that a program's TLS library is.
pub(super) fn of(library: TlsLibrary) -> &'static Consumer {
    let id = match library {
        TlsLibrary::Go => "go",
        TlsLibrary::Jsse => "jsse",
        TlsLibrary::OpenSsl => "openssl",
        TlsLibrary::Python => PYTHON,
        TlsLibrary::Rustls => "rustls",
    };
    // A test looks that each is there.
    consumer::find(id).unwrap_or(consumer::CONSUMERS[0])
}

/// What the client of an edge would say, in its newest release.
pub(super) fn says(
    library: TlsLibrary,
    shown: &[Certificate],
    anchors: &[Anchor],
    peer: &PeerName,
    now: Timestamp,
) -> Option<Refusal> {
    let (leaf, above) = shown.split_first()?;
    let question = Question {
        anchors,
        name: Some(peer),
        purpose: Some(Purpose::ServerAuth),
        clients: &[of(library)],
        now,
    };
    let (_, answers) = ask(leaf, above, &question);
    answers.into_iter().find_map(|answer| answer.refusal)
}

/// Why a client refuses in its newest release, as its program prints it: the
/// `ssl` module of Python says of a name what its library does not.
fn said(client: &Consumer, asked: &Asked<'_>) -> Option<Refusal> {
    let (leaf, above) = (asked.target, asked.pool.len());
    let ended = known(client.id).and_then(|who| handshake::refusal(leaf, above, who));
    if ended.is_some() {
        return ended;
    }
    let refusal = client.predict(client.newest(), asked).err()?;
    match asked.peer {
        Some(peer) if client.id == PYTHON && refusal.rule == "openssl/name" => {
            let found = shown_names(asked.target);
            let text = not_covered(Client::Python313, &peer.to_string(), &found);
            Some(Refusal { text, ..refusal })
        }
        _ => Some(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::CONSUMERS;

    #[test]
    fn every_library_is_a_consumer() {
        for (library, id) in [
            (TlsLibrary::Go, "go"),
            (TlsLibrary::Jsse, "jsse"),
            (TlsLibrary::OpenSsl, "openssl"),
            (TlsLibrary::Python, "python-strict"),
            (TlsLibrary::Rustls, "rustls"),
        ] {
            assert_eq!(of(library).id, id);
        }
    }

    #[test]
    fn every_consumer_has_its_name_in_the_guides() {
        let known: Vec<_> = CONSUMERS.iter().map(|c| known(c.id).unwrap()).collect();
        assert_eq!(known, Client::LIBRARIES);
    }
}
