//! Whether an authority, or the request for it, says what the manifest says.

use crate::cert::{BasicConstraints, Certificate, CertificateRequest, NameConstraints};
use crate::model::san::{GeneralName, permitted_forms};
use crate::stack::Authority;

/// Too short a path length for what is below, or another `permit`, in words.
pub fn other_profile(authority: &Authority, ca: &Certificate) -> Option<String> {
    profile(authority, ca.basic_constraints(), ca.name_constraints())
}

/// The same of what a CA elsewhere is asked for.
pub fn asks_otherwise(authority: &Authority, request: &CertificateRequest) -> Option<String> {
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
) -> Option<String> {
    let found = basic.and_then(|b| b.path_length);
    if let (Some(found), Some(wanted)) = (found, authority.path_length)
        && found < u32::from(wanted)
    {
        return Some(format!("path length {found} → {wanted}"));
    }
    let permitted = constraints.and_then(|c| c.permitted.as_ref());
    let permitted = permitted.map(|list| list.iter().map(|s| &s.base).collect());
    let permitted: Vec<&GeneralName> = permitted.unwrap_or_default();
    let wanted = permitted_forms(&authority.permit);
    let wanted: Vec<GeneralName> = wanted.iter().map(GeneralName::from).collect();
    if permitted.into_iter().eq(&wanted) {
        return None;
    }
    let names: Vec<String> = authority.permit.iter().map(ToString::to_string).collect();
    Some(if names.is_empty() {
        "permit: any name".to_owned()
    } else {
        format!("permit: {}", names.join(", "))
    })
}
