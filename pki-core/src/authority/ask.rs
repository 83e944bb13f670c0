//! What is to be asked of a CA elsewhere, which nobody here can make.

use super::at;
use super::profile::{OtherProfile, asks_otherwise};
use crate::cert::{Certificate, CertificateRequest};
use crate::inventory::Inventory;
use crate::model::path::TreePath;
use crate::report::{Finding, rule};
use crate::stack::{Authority, Generation, Origin, Stack};

/// What is to be asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask {
    /// To sign the request.
    Sign,
    /// To sign it once more: what came is no CA, or one that may not.
    AsCa,
    /// Nothing: what it made for the request belongs where another is.
    Made,
}

/// The CA elsewhere that signs an authority of this manifest.
pub fn external_issuer<'s>(authority: &Authority, stack: &'s Stack) -> Option<&'s Authority> {
    let Origin::Issuer(issuer) = &authority.origin else {
        return None;
    };
    stack
        .authority(issuer)
        .filter(|issuer| issuer.origin == Origin::External)
}

/// That something is needed of a CA elsewhere.
pub fn waiting(
    authority: &Authority,
    issuer: &Authority,
    generation: &Generation,
    inventory: &Inventory,
    why: String,
) -> Finding {
    rule::AUTHORITY_WAITING
        .at(at(&generation.certificate))
        .found(why)
        .expected(format!(
            "a CA certificate for `{}`, signed by `{}`, which is not ours",
            authority.subject, issuer.name
        ))
        .fix(ask(authority, issuer, generation, inventory, Ask::Sign))
}

/// That what a CA elsewhere signed is for less, or for other names, than the
/// manifest says. `profile`: how, from [`other_profile`](super::other_profile).
pub fn waiting_for_profile(
    authority: &Authority,
    issuer: &Authority,
    generation: &Generation,
    ca: &Certificate,
    profile: &OtherProfile,
    inventory: &Inventory,
) -> Finding {
    let (found, other) = match profile {
        OtherProfile::PathLength(_) => (profile.to_string(), None),
        OtherProfile::Permit(wanted) => {
            let permitted = ca.name_constraints().and_then(|c| c.permitted.as_ref());
            let name = &authority.name;
            let (there, other) = match permitted.filter(|list| !list.is_empty()) {
                None => (
                    "no name constraints",
                    Some(format!("or take `permit` out of [authority.{name}]")),
                ),
                Some(_) if wanted.is_empty() => (
                    "name constraints",
                    Some(format!(
                        "or write what it permits as `permit` in [authority.{name}]"
                    )),
                ),
                Some(_) => ("other name constraints", None),
            };
            (format!("{there}; {profile}"), other)
        }
    };
    let mut finding = waiting(authority, issuer, generation, inventory, found);
    if let (Some(fix), Some(other)) = (&mut finding.fix, other) {
        *fix = format!("{fix}; {other}");
    }
    finding
}

/// What to do so that the certificate comes.
pub(super) fn ask(
    authority: &Authority,
    issuer: &Authority,
    generation: &Generation,
    inventory: &Inventory,
    what: Ask,
) -> String {
    let (issuer, certificate) = (&issuer.name, &generation.certificate);
    let there =
        |path: &Option<TreePath>| path.as_ref().filter(|p| !inventory.is_missing(p)).cloned();
    let how = match what {
        Ask::AsCa => " as a CA",
        Ask::Sign | Ask::Made => "",
    };
    let request = match (
        there(&authority.request),
        there(&generation.key),
        &generation.key,
    ) {
        (Some(request), None, Some(key)) => {
            return format!("put its key at `{key}`; to begin anew: rm {request} && pki apply");
        }
        // What it says now is not what is to be signed.
        (Some(request), ..) if is_stale(authority, &request, inventory) => Err(" anew"),
        (Some(request), ..) => Ok(request),
        (None, ..) => Err(""),
    };
    let request = match request {
        Ok(request) => request,
        Err(anew) => {
            return format!(
                "pki apply writes `{}.csr`{anew}; have `{issuer}` sign it{how} and put the certificate at `{certificate}`",
                authority.name
            );
        }
    };
    let sign = match what {
        Ask::Sign => format!("have `{issuer}` sign `{request}` and put the certificate"),
        Ask::AsCa => {
            format!("have `{issuer}` sign `{request}` again, as a CA, and put the certificate")
        }
        Ask::Made => format!("put the certificate that `{issuer}` made for `{request}`"),
    };
    format!("{sign} at `{certificate}`, then: pki apply")
}

/// Whether a request is about to be written anew: nobody can read it, or it asks
/// for something else than the manifest.
fn is_stale(authority: &Authority, request: &TreePath, inventory: &Inventory) -> bool {
    let asked = inventory.request(request);
    asked.is_none_or(|asked| asks_otherwise(authority, &asked).is_some())
}

/// What a certificate should be for and is not: the key that is there or, since
/// an encrypted one cannot be compared, the one of the request. `None` too
/// where these two are not one: then nobody knows which is right.
pub(super) fn other_key<'a>(
    authority: &'a Authority,
    key: &'a TreePath,
    ca: &Certificate,
    inventory: &Inventory,
) -> Option<&'a TreePath> {
    let path = authority.request.as_ref()?;
    let file = inventory.key(key)?;
    let asked = inventory.request(path);
    let asked = asked.as_ref().map(CertificateRequest::public_key);
    let (wanted, place) = match (&file.public, asked) {
        (Ok(own), None) => (own, key),
        (Ok(own), Some(asked)) if own == asked => (own, path),
        (Err(_), Some(asked)) if file.is_encrypted() => (asked, path),
        _ => return None,
    };
    (wanted != ca.public_key()).then_some(place)
}
