//! DER as no tool writes it.

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const INTEGER: u8 = 0x02;
const NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];

/// One element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    if length < 128 {
        out.push(u8::try_from(length).unwrap());
    } else {
        let octets = u32::try_from(length).unwrap().to_be_bytes();
        let octets: Vec<u8> = octets.into_iter().skip_while(|o| *o == 0).collect();
        out.push(0x80 | u8::try_from(octets.len()).unwrap());
        out.extend(octets);
    }
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

pub(crate) fn integer(number: u64) -> Vec<u8> {
    let mut octets: Vec<u8> = number
        .to_be_bytes()
        .into_iter()
        .skip_while(|o| *o == 0)
        .collect();
    if octets.first().is_none_or(|first| *first >= 0x80) {
        octets.insert(0, 0);
    }
    element(INTEGER, &octets)
}

/// Elements in one another.
pub(crate) fn nested(depth: usize) -> Vec<u8> {
    let mut inner = Vec::new();
    for _ in 0..depth {
        inner = element(SEQUENCE, &inner);
    }
    inner
}

/// A name of so many parts.
pub(crate) fn name(parts: usize) -> Vec<u8> {
    let part = |n: usize| {
        let value = element(12, format!("n{n}").as_bytes());
        element(SET, &sequence(&[NAME, &value]))
    };
    element(SEQUENCE, &(0..parts).flat_map(part).collect::<Vec<u8>>())
}

/// A certificate, as far as anybody reads it, with this subject and these names.
pub(crate) fn certificate(subject: &[u8], names: usize) -> Vec<u8> {
    let ecdsa = sequence(&[&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]]);
    let end = element(0x17, b"300101000000Z");
    let host = |n: usize| element(0x82, format!("h{n}.e").as_bytes());
    let hosts = element(SEQUENCE, &(0..names).flat_map(host).collect::<Vec<u8>>());
    let hosts = sequence(&[&[6, 3, 0x55, 0x1d, 0x11], &element(OCTETS, &hosts)]);
    let key = sequence(&[&ecdsa, &element(3, &[0, 4])]);
    let tbs = sequence(&[
        &element(0xa0, &integer(2)),
        &integer(1),
        &ecdsa,
        &name(1),
        &sequence(&[&end, &end]),
        subject,
        &key,
        &element(0xa3, &element(SEQUENCE, &hosts)),
    ]);
    sequence(&[&tbs, &ecdsa, &element(3, &[0])])
}

/// An encrypted key whose derivation asks for this.
pub(crate) fn encrypted(derivation: &[u8], parameters: &[&[u8]]) -> Vec<u8> {
    let salt = element(OCTETS, b"saltsalt");
    let parameters = element(SEQUENCE, &[&salt[..], &parameters.concat()].concat());
    let kdf = sequence(&[&element(6, derivation), &parameters]);
    let aes = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a];
    let cipher = sequence(&[&element(6, &aes), &element(OCTETS, &[0; 16])]);
    let pbes2 = element(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0d]);
    let scheme = sequence(&[&pbes2, &sequence(&[&kdf, &cipher])]);
    sequence(&[&scheme, &element(OCTETS, &[0; 160])])
}

pub(crate) const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 0x0c];
pub(crate) const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 0x0b];
/// No derivation that anybody knows.
pub(crate) const UNKNOWN: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 0x63];

/// A PKCS#12 store whose check sum asks for so many rounds.
pub(crate) fn store(rounds: u64) -> Vec<u8> {
    let data = element(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
    let content = element(0xa0, &element(OCTETS, &element(SEQUENCE, &[])));
    let sha256 = element(6, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]);
    let digest = sequence(&[&sequence(&[&sha256, &[5, 0]]), &element(OCTETS, &[0; 32])]);
    let mac = sequence(&[&digest, &element(OCTETS, b"saltsalt"), &integer(rounds)]);
    sequence(&[&integer(3), &sequence(&[&data, &content]), &mac])
}
