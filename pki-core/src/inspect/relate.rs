//! How the parts of all files belong together: who signed whom, which key is
//! for which certificate.

use std::collections::HashMap;

use super::{CertificatePart, Inspected, Issuer, Order, Part, Place};
use crate::cert::{AuthorityKeyId, Certificate, Crl};
use crate::key::{self, PublicKey, SignatureFault};
use crate::model::dn::Dn;

/// The most signatures that one call verifies. A file of 16 MiB can hold tens
/// of thousands of certificates that all claim the same issuer; the bundles of
/// whole systems have 150.
const MAX_SIGNATURES: usize = 2_000;

/// The most certificates that are said to be for one key.
const MAX_PLACES: usize = 100;

/// Says of each certificate and CRL who signed it, of each key what it is for, and of
/// each file in which order its certificates stand.
pub(super) fn relate(files: &mut [Inspected]) {
    let pool = Pool::of(files);
    let mut budget = MAX_SIGNATURES;
    let issuers: Vec<Issuer> = (0..pool.all.len())
        .map(|child| pool.issuer(child, &mut budget))
        .collect();
    let by_key = pool.by_key();
    let owned = |key: &PublicKey| by_key.get(key.spki()).cloned().unwrap_or_default();
    let mut belongs = Vec::new();
    let mut signers = Vec::new();
    for (file, inspected) in files.iter().enumerate() {
        for (index, part) in inspected.parts.iter().enumerate() {
            if let Part::Crl(part) = part {
                signers.push(pool.signer(&part.crl, file, &mut budget));
            }
            let places = match part {
                Part::Key(key) => key.public.as_ref().map(owned).unwrap_or_default(),
                Part::PublicKey { key, .. } => owned(key),
                Part::Request { request, .. } => owned(request.public_key()),
                _ => continue,
            };
            belongs.push((file, index, places));
        }
    }
    drop(pool);
    for (file, index, places) in belongs {
        if let Some(
            Part::Key(super::KeyPart { certificates, .. })
            | Part::PublicKey { certificates, .. }
            | Part::Request { certificates, .. },
        ) = files[file].parts.get_mut(index)
        {
            *certificates = places;
        }
    }
    let mut issuers = issuers.into_iter();
    let mut signers = signers.into_iter();
    for (file, inspected) in files.iter_mut().enumerate() {
        for part in &mut inspected.parts {
            // As many as there are, in the same order.
            match part {
                Part::Certificate(part) => {
                    part.issuer = issuers.next().unwrap_or(Issuer::Unchecked);
                }
                Part::Crl(part) => {
                    part.issuer = signers.next().unwrap_or(Issuer::Unchecked);
                }
                _ => {}
            }
        }
        inspected.order = order(file, inspected);
    }
}

/// The certificates of all files, and ways to find one.
struct Pool<'a> {
    all: Vec<(Place, &'a Certificate)>,
    by_subject: HashMap<&'a [u8], Vec<usize>>,
    by_key_id: HashMap<&'a [u8], Vec<usize>>,
}

impl<'a> Pool<'a> {
    fn of(files: &'a [Inspected]) -> Self {
        let all: Vec<_> = files
            .iter()
            .enumerate()
            .flat_map(|(file, inspected)| {
                (1..)
                    .zip(inspected.certificates())
                    .map(move |(number, part)| (Place { file, number }, &part.certificate))
            })
            .collect();
        let mut by_subject: HashMap<_, Vec<usize>> = HashMap::new();
        let mut by_key_id: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, (_, certificate)) in all.iter().enumerate() {
            by_subject
                .entry(certificate.subject().raw())
                .or_default()
                .push(index);
            if let Some(id) = certificate.subject_key_id() {
                by_key_id.entry(id).or_default().push(index);
            }
        }
        Self {
            all,
            by_subject,
            by_key_id,
        }
    }

    /// The places of the certificates for each key, [`MAX_PLACES`] at most.
    fn by_key(&self) -> HashMap<&'a [u8], Vec<Place>> {
        let mut found: HashMap<_, Vec<Place>> = HashMap::new();
        for (place, certificate) in &self.all {
            let key = certificate.public_key().spki();
            let places = found.entry(key).or_default();
            if places.len() < MAX_PLACES {
                places.push(*place);
            }
        }
        found
    }

    fn issuer(&self, child: usize, budget: &mut usize) -> Issuer {
        let (place, certificate) = self.all[child];
        let by = (certificate.issuer(), certificate.authority_key_id());
        let candidates = self.candidates(by, place.file, Some(child));
        let signed = |key: &PublicKey| {
            key::verify(
                certificate.algorithm_identifier(),
                key,
                certificate.tbs(),
                certificate.signature(),
            )
        };
        self.first(candidates, Some(certificate), signed, budget)
    }

    /// Who signed a list of file `file`.
    fn signer(&self, crl: &Crl, file: usize, budget: &mut usize) -> Issuer {
        let by = (crl.issuer(), crl.authority_key_id());
        let candidates = self.candidates(by, file, None);
        self.first(candidates, None, |key| crl.verify_signature(key), budget)
    }

    /// The first of `candidates` whose key signed; `child` is the certificate that
    /// they may have signed.
    fn first(
        &self,
        candidates: impl Iterator<Item = (usize, bool)>,
        child: Option<&Certificate>,
        signed: impl Fn(&PublicKey) -> Result<(), SignatureFault>,
        budget: &mut usize,
    ) -> Issuer {
        let mut claimed = None;
        if *budget == 0 {
            return Issuer::Unchecked;
        }
        for (candidate, same_name) in candidates {
            if *budget == 0 {
                return Issuer::Unchecked;
            }
            *budget -= 1;
            let (at, issuer) = self.all[candidate];
            match signed(issuer.public_key()) {
                Ok(()) if child == Some(issuer) => return Issuer::Itself,
                Ok(()) => return Issuer::Here { at, same_name },
                Err(why) => claimed = claimed.or(Some(Issuer::Claimed { at, why })),
            }
        }
        claimed.unwrap_or(Issuer::Elsewhere)
    }

    /// Those that may have signed what names `issuer` and a key id and stands in
    /// file `file`, with whether the names agree: itself first, where it is the
    /// certificate `child`, then those of its own file. By key id only where no
    /// name agrees.
    fn candidates(
        &self,
        (issuer, key_id): (&Dn, Option<&AuthorityKeyId>),
        file: usize,
        child: Option<usize>,
    ) -> impl Iterator<Item = (usize, bool)> {
        let named = self.by_subject.get(issuer.raw());
        let by_id = || self.by_key_id.get(key_id?.key_id.as_deref()?);
        let same_name = named.is_some();
        let found: &[usize] = named.or_else(by_id).map_or(&[], Vec::as_slice);
        let rank = move |index: usize| match self.all[index].0 {
            _ if Some(index) == child => 0,
            at if at.file == file => 1,
            _ => 2,
        };
        // Not sorted: of a hostile file each certificate may claim all others,
        // and only so many are asked for.
        (0..3)
            .flat_map(move |now| found.iter().filter(move |&&index| rank(index) == now))
            .map(move |&index| (index, same_name))
    }
}

/// How the certificates of file `file` stand to each other.
fn order(file: usize, inspected: &Inspected) -> Option<Order> {
    let issuers: Vec<Option<usize>> = inspected
        .certificates()
        .map(|part| issuer_in(file, part))
        .collect();
    if issuers.len() < 2 {
        return None;
    }
    let last = issuers.len() - 1;
    let each_followed = (1..)
        .zip(&issuers[..last])
        .all(|(number, issuer)| *issuer == Some(number + 1));
    Some(if each_followed && issuers[last].is_none() {
        Order::Chain
    } else if issuers.iter().all(Option::is_none) {
        Order::Bundle
    } else {
        Order::Mixed
    })
}

/// The number of the issuer within its own file.
fn issuer_in(file: usize, part: &CertificatePart) -> Option<usize> {
    match &part.issuer {
        Issuer::Here { at, .. } if at.file == file => Some(at.number),
        _ => None,
    }
}
