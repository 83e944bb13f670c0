//! What of an authority is not as the manifest says.

use super::Reason;
use crate::cert::Certificate;
use crate::model::san::{GeneralName, permitted_forms};
use crate::stack::Authority;

/// Too short a path length for what is below, or another `permit`.
pub fn of_authority(authority: &Authority, ca: &Certificate) -> Option<Reason> {
    let found = ca.basic_constraints().and_then(|b| b.path_length);
    if let (Some(found), Some(wanted)) = (found, authority.path_length)
        && found < u32::from(wanted)
    {
        return Some(Reason::Profile(format!("path length {found} → {wanted}")));
    }
    let permitted = ca.name_constraints().and_then(|c| c.permitted.as_ref());
    let permitted = permitted.map(|list| list.iter().map(|s| &s.base).collect());
    let permitted: Vec<&GeneralName> = permitted.unwrap_or_default();
    let wanted = permitted_forms(&authority.permit);
    let wanted: Vec<GeneralName> = wanted.iter().map(GeneralName::from).collect();
    if permitted.into_iter().eq(&wanted) {
        return None;
    }
    let names: Vec<String> = authority.permit.iter().map(ToString::to_string).collect();
    Some(Reason::Profile(if names.is_empty() {
        "permit: any name".to_owned()
    } else {
        format!("permit: {}", names.join(", "))
    }))
}
