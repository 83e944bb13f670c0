//! What the server's or client's own certificate is asked
//! (`sun.security.validator.EndEntityChecker`).

use crate::consumer::rule::Seen;
use crate::consumer::{Through, facts};
use crate::model::usage::Purpose;

/// In a handshake, of a target that is no anchor.
pub(super) fn is_asked(seen: &Seen<'_>) -> bool {
    seen.asked.through == Through::Handshake && seen.path.len() > 1
}

pub(super) fn purpose(seen: &Seen<'_>) -> Option<String> {
    let asked = seen.asked.purpose.clone().unwrap_or(Purpose::ServerAuth);
    if seen.asked.through == Through::Handshake && !is_asked(seen) {
        return None;
    }
    let server = asked != Purpose::ClientAuth;
    let permits = |p: &Purpose| {
        *p == asked || *p == Purpose::Any || (server && facts::SERVER_GATED.contains(&p.oid()))
    };
    // An extension that is not critical and cannot be read is passed over.
    let readable = seen.path[0].purposes().is_some() || facts::purposes_empty(seen.path[0]);
    let listed = facts::purposes(seen.path[0]).filter(|_| readable);
    let refused = listed.is_some_and(|all| !all.iter().any(permits));
    refused.then(|| if server { "server" } else { "client" }.to_owned())
}

pub(super) fn netscape_type(seen: &Seen<'_>) -> Option<String> {
    let bits = facts::netscape_type(seen.path[0]).filter(|_| is_asked(seen))?;
    let (asked, word) = match seen.asked.purpose {
        Some(Purpose::ClientAuth) => (facts::NETSCAPE_CLIENT, "client"),
        _ => (facts::NETSCAPE_SERVER, "server"),
    };
    (bits & asked == 0).then(|| word.to_owned())
}
