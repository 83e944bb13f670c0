//! Whether an authority, or the request for it, says what the manifest says.

use std::fmt;

use crate::cert::{BasicConstraints, Certificate, CertificateRequest, NameConstraints};
use crate::model::san::{GeneralName, permitted_forms};
use crate::stack::Authority;

/// How the profile of a CA is not what the manifest says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OtherProfile {
    /// Too short a path length for what is below, and the one that is wanted.
    PathLength([u32; 2]),
    /// Other names than these of `permit`, as written; none: any name.
    Permit(Vec<String>),
}

/// `path length 0 → 1`, `permit: example.com`
impl fmt::Display for OtherProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PathLength([found, wanted]) => write!(f, "path length {found} → {wanted}"),
            Self::Permit(names) if names.is_empty() => f.write_str("permit: any name"),
            Self::Permit(names) => write!(f, "permit: {}", names.join(", ")),
        }
    }
}

/// Too short a path length for what is below, or another `permit`.
pub fn other_profile(authority: &Authority, ca: &Certificate) -> Option<OtherProfile> {
    profile(authority, ca.basic_constraints(), ca.name_constraints())
}

/// The same of what a CA elsewhere is asked for.
pub fn asks_otherwise(authority: &Authority, request: &CertificateRequest) -> Option<OtherProfile> {
    profile(
        authority,
        request.basic_constraints(),
        request.name_constraints(),
    )
}

fn profile(
    authority: &Authority,
    basic: Option<&BasicConstraints>,
    constraints: Option<&NameConstraints>,
) -> Option<OtherProfile> {
    let found = basic.and_then(|b| b.path_length);
    if let (Some(found), Some(wanted)) = (found, authority.path_length)
        && found < u32::from(wanted)
    {
        return Some(OtherProfile::PathLength([found, wanted.into()]));
    }
    let permitted = constraints.and_then(|c| c.permitted.as_ref());
    let permitted = permitted.map(|list| list.iter().map(|s| &s.base).collect());
    let permitted: Vec<&GeneralName> = permitted.unwrap_or_default();
    let wanted = permitted_forms(&authority.permit);
    let wanted: Vec<GeneralName> = wanted.iter().map(GeneralName::from).collect();
    if permitted.into_iter().eq(&wanted) {
        return None;
    }
    let names = authority.permit.iter().map(ToString::to_string).collect();
    Some(OtherProfile::Permit(names))
}
