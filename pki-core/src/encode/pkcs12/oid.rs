//! Object identifiers of PKCS#12 and PKCS#5, as the content octets of their DER.

/// A table entry: constant, dotted text, content octets.
macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident $text:literal = $octets:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: &[u8] = &$octets;)*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &[u8])] = &[$(($text, $name)),*];
    };
}

oids! {
    /// PKCS#7 `data` (RFC 2315 14).
    DATA "1.2.840.113549.1.7.1" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    /// PKCS#7 `encryptedData`.
    ENCRYPTED_DATA "1.2.840.113549.1.7.6" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 6];
    /// `keyBag` (RFC 7292 4.2).
    KEY_BAG "1.2.840.113549.1.12.10.1.1" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 1];
    /// `pkcs8ShroudedKeyBag`.
    SHROUDED_KEY_BAG "1.2.840.113549.1.12.10.1.2" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 2];
    /// `certBag`.
    CERT_BAG "1.2.840.113549.1.12.10.1.3" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, 3];
    /// `x509Certificate`, the kind of a `CertBag`.
    X509_CERTIFICATE "1.2.840.113549.1.9.22.1" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];
    /// `friendlyName` (RFC 2985 5.5.1).
    FRIENDLY_NAME "1.2.840.113549.1.9.20" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 20];
    /// `trustedKeyUsage` of Oracle (JDK, `PKCS12KeyStore.java`).
    TRUSTED_KEY_USAGE "2.16.840.1.113894.746875.1.1" = [0x60, 0x86, 0x48, 1, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 1, 1];
    /// `anyExtendedKeyUsage` (RFC 5280 4.2.1.12).
    ANY_EXTENDED_KEY_USAGE "2.5.29.37.0" = [0x55, 0x1d, 37, 0];
    /// PBES2 (RFC 8018 A.4).
    PBES2 "1.2.840.113549.1.5.13" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
    /// PBKDF2 (RFC 8018 A.2).
    PBKDF2 "1.2.840.113549.1.5.12" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
    /// HMAC with SHA-1 (RFC 8018 B.1.1).
    HMAC_SHA1 "1.2.840.113549.2.7" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 7];
    /// HMAC with SHA-256.
    HMAC_SHA256 "1.2.840.113549.2.9" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 9];
    /// HMAC with SHA-384.
    HMAC_SHA384 "1.2.840.113549.2.10" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 10];
    /// HMAC with SHA-512.
    HMAC_SHA512 "1.2.840.113549.2.11" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 11];
    /// AES-128-CBC (RFC 8018 B.2.5).
    AES128_CBC "2.16.840.1.101.3.4.1.2" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 2];
    /// AES-192-CBC.
    AES192_CBC "2.16.840.1.101.3.4.1.22" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 22];
    /// AES-256-CBC.
    AES256_CBC "2.16.840.1.101.3.4.1.42" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42];
    /// DES-EDE3-CBC (RFC 8018 B.2.2).
    DES_EDE3_CBC "1.2.840.113549.3.7" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, 7];
    /// `pbeWithSHAAnd3-KeyTripleDES-CBC` (RFC 7292 C).
    PBE_SHA1_3DES "1.2.840.113549.1.12.1.3" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3];
    /// `pbeWithSHAAnd128BitRC2-CBC`.
    PBE_SHA1_RC2_128 "1.2.840.113549.1.12.1.5" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 5];
    /// `pbeWithSHAAnd40BitRC2-CBC`: the certificates of Java before 8u301 and of `openssl pkcs12 -legacy`.
    PBE_SHA1_RC2_40 "1.2.840.113549.1.12.1.6" = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 6];
    /// SHA-1 (RFC 8017 B.1).
    SHA1 "1.3.14.3.2.26" = [0x2b, 14, 3, 2, 26];
    /// SHA-256.
    SHA256 "2.16.840.1.101.3.4.2.1" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    /// SHA-384.
    SHA384 "2.16.840.1.101.3.4.2.2" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
    /// SHA-512.
    SHA512 "2.16.840.1.101.3.4.2.3" = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
}
