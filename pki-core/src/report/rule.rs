//! Every rule that a finding can name, in one place: its id, its weight, what
//! it rests on and what it means. Ids are stable.
//!
//! Checks of the chain engine bring their own ids and clauses; they are not
//! repeated here.

use super::{Finding, Locator, Severity};

/// What a judgement rests on.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Kebab-case, stable.
    pub id: &'static str,
    /// How much a finding of it weighs.
    pub severity: Severity,
    /// Clause, or program and version.
    pub citation: &'static str,
    /// One sentence for people.
    pub meaning: &'static str,
}

impl Rule {
    /// A finding of this rule.
    pub fn at(&self, at: Locator) -> Finding {
        let finding = Finding::new(self.id, self.severity, at);
        if self.citation.is_empty() {
            finding
        } else {
            finding.citation(self.citation)
        }
    }
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $citation:literal, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub const $name: Rule = Rule {
                id: $id,
                severity: Severity::$severity,
                citation: $citation,
                meaning: $meaning,
            };
        )*

        /// All of them, by id.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    ANCHOR_NO_ROOT = "anchor-is-no-root", Warning, "OpenSSL 3 X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT (2)",
        "The trusted CA is no root and its root is not trusted beside it, as clients without partial chains want it.";
    ATTRIBUTE_LOST = "attribute-not-kept", Warning, "",
        "The access control list or SELinux label of a replaced file could not be given to the new one.";
    AUTHORITY_ABANDONED = "authority-abandoned", Info, "",
        "The manifest no longer names an authority whose files are still here.";
    AUTHORITY_DIFFERS = "authority-differs", Info, "",
        "An authority exists and is not what the manifest would make today.";
    AUTHORITY_FOREIGN = "authority-not-issued-here", Warning, "",
        "The certificate of an authority was made elsewhere, so it is not renewed here.";
    AUTHORITY_IS_NO_CA = "authority-is-no-ca", Error, "RFC 5280 4.2.1.9",
        "The certificate of an authority is not a CA certificate.";
    AUTHORITY_ISSUER = "authority-issuer", Error, "RFC 5280 6.1.3(a)(1)",
        "The certificate of an authority is not signed by the authority that should have.";
    AUTHORITY_KEY_MISMATCH = "authority-key-mismatch", Error, "",
        "The key of an authority does not belong to its certificate.";
    AUTHORITY_KEY_MISSING = "authority-key-missing", Warning, "",
        "The key of an authority is not here: what exists works, nothing new can be signed.";
    AUTHORITY_KEY_PLAIN = "authority-key-not-encrypted", Warning, "",
        "The manifest asks for an encrypted CA key and the key on disk is not.";
    AUTHORITY_KEY_UNUSABLE = "authority-key-unusable", Error, "",
        "The key of an authority cannot be read as a private key.";
    AUTHORITY_MISPLACED = "authority-misplaced", Error, "",
        "In the place of an authority stands the CA of another one.";
    AUTHORITY_MISSING = "authority-missing", Error, "",
        "The certificate of an authority is not there.";
    AUTHORITY_NO_SIGNER = "authority-without-signer", Error, "",
        "The state says of no generation of an authority that it signs.";
    AUTHORITY_SURPLUS = "authority-surplus", Warning, "",
        "The file of an authority holds certificates that are not above it; they are not trusted.";
    AUTHORITY_UNFIT = "authority-unfit", Error, "",
        "A CA from elsewhere cannot vouch for what the manifest has it sign.";
    AUTHORITY_UNREADABLE = "authority-unreadable", Error, "",
        "The certificate of an authority cannot be read.";
    AUTHORITY_WAITING = "authority-waiting", Error, "",
        "An authority waits for the certificate that a CA elsewhere signs.";
    CA_KEY_EXPOSED = "ca-key-in-mounted-folder", Error, "",
        "The key of a CA lies outside of its own place, where services mount or others read.";
    CA_KEY_IN_BUILD_CONTEXT = "ca-key-in-build-context", Warning, "",
        "The folder is a container build context and nothing keeps the CA keys out of the image.";
    CERTIFICATE_MISSING = "certificate-missing", Error, "",
        "A certificate that the manifest asks for is not there.";
    CERTIFICATE_NOT_PEM = "certificate-not-pem", Error, "Go crypto/tls X509KeyPair",
        "A certificate file is bare DER, or holds something besides CERTIFICATE blocks.";
    CERTIFICATE_UNREADABLE = "certificate-unreadable", Error, "RFC 5280 4.1",
        "A certificate file cannot be read as certificates.";
    CHAIN_OVER_TEN = "chain-over-ten-for-java", Warning, "jdk.tls.maxCertificateChainLength",
        "A server sends more than ten certificates, and Java reads no more.";
    CHAIN_ORDER = "chain-order", Error, "RFC 5246 7.4.2",
        "The leaf is not the first certificate of the file.";
    CHAIN_UNORDERED = "chain-unordered", Warning, "RFC 5246 7.4.2",
        "What follows the leaf in the file is not its issuer, the issuer's issuer and so on.";
    DUE = "due", Warning, "",
        "The certificate is past its renewal point.";
    ED25519_JAVA = "ed25519-for-old-java", Warning, "JDK-8166596",
        "Java before 16 knows no Ed25519 in TLS (the Spark 3.5 image has Java 11).";
    EDGE_UNCHECKED = "edge-not-checked", Info, "",
        "The server of an edge is not ours; only the client's trust file was looked at.";
    EDGE_WOULD_BREAK = "edge-would-break", Error, "",
        "What is planned would break an edge that works: it is held back.";
    EXPIRED = "expired", Error, "RFC 5280 6.1.3(a)(2)",
        "The certificate is past its end.";
    EXTERNAL_SIGNER = "external-without-authority", Warning, "",
        "Nothing says which CA signs an external service; the default one is assumed.";
    EXTRA_CERTIFICATE_IP = "only-default-may-carry-ip", Error, "MinIO pkg v3.1.3 certs/manager.go",
        "MinIO refuses an IP address in any but its default certificate.";
    FOLDER_CLOSED = "folder-closed", Error, "path_resolution(7)",
        "The user of a service cannot pass the folder of its files.";
    FOLDER_OPEN = "folder-open", Warning, "",
        "Others can look into a folder of CA keys or of pki itself.";
    FOLDER_WRITABLE = "folder-writable", Error, "",
        "Others can put their own files in place of keys and certificates.";
    HARD_LINK = "hard-link", Warning, "",
        "A private key has another name: whoever reads that one has the key, and its mode and owner are not set.";
    IN_THE_WAY = "in-the-way", Error, "",
        "Something stands where a folder or a file of pki belongs: nothing can be written there.";
    INTERRUPTED = "interrupted-delivery", Warning, "",
        "A delivery is under way or was interrupted; the next command that changes the tree finishes it or takes it back.";
    KEY_ACL = "key-acl", Error, "acl(5)",
        "The access control list of a private key lets users in whom its mode does not.";
    KEY_ACL_DROPPED = "key-acl-dropped", Warning, "acl(5)",
        "The replaced private key had an access control list: the new one has none.";
    KEY_ENCRYPTED = "key-encrypted", Error, "MinIO, Sidekick, KES: RFC 1423 only",
        "The key of a service is encrypted in a form that it cannot read.";
    KEY_FORM = "key-file-trailing-data", Error, "MinIO internal/config/certs.go, Sidekick tls.go",
        "The key file holds more than one PEM block, or something after it.";
    KEY_MISMATCH = "key-mismatch", Error, "Go: tls: private key does not match public key",
        "The key does not belong to the certificate.";
    KEY_MISSING = "key-missing", Error, "",
        "A key that the manifest asks for is not there.";
    KEY_NOT_FOR_TLS = "key-not-for-tls", Error, "RFC 8446 4.2.3",
        "The key of a server or client is of a kind that TLS has no signature for.";
    KEY_NOT_PEM = "key-not-pem", Error, "Go crypto/tls X509KeyPair",
        "A key file is bare DER.";
    KEY_READABLE = "key-readable-by-others", Error, "",
        "Users who have no business with a private key can read it.";
    KEY_UNREADABLE = "key-unreadable", Error, "",
        "A key file cannot be read as a private key.";
    KU_NO_SIGNATURE = "key-usage-without-digital-signature", Error, "RFC 5280 4.2.1.3",
        "KeyUsage lacks digitalSignature, which Java asks of every TLS server.";
    LEFTOVER = "leftover", Info, "",
        "A file that was delivered once and that the manifest no longer names.";
    LIFETIME_APPLE = "lifetime-over-825-days", Warning, "Apple HT210176",
        "A server certificate lives longer than Apple accepts, below private roots too.";
    LIFETIME_SHORTENED = "lifetime-shortened", Warning, "",
        "A certificate ends with its issuer, before its own lifetime is over.";
    LINEAGE_NEWER = "lineage-not-delivered", Warning, "",
        "A lineage holds another pair than the one that was delivered.";
    LINEAGE_UNFIT = "lineage-unfit", Error, "",
        "What a lineage holds cannot be delivered to its service.";
    MANIFEST_DIFFERS = "manifest-differs", Warning, "",
        "The certificate is not what the manifest asks for; a renewal keeps what it is.";
    MODE = "mode", Warning, "",
        "Permission bits differ from what the manifest or the role says.";
    NAME_NOT_COVERED = "name-not-covered", Error, "RFC 9525 6",
        "The name that a client dials is not in the server's certificate.";
    NAMES_DIFFER = "names-differ", Warning, "",
        "The certificate has other names than the manifest.";
    NOT_LOOKED_AT = "not-looked-at", Warning, "",
        "Something beside the files of the manifest was not looked at: a CA key in it would not be found.";
    NOT_RECORDED = "not-recorded", Warning, "",
        "The issuance record does not name certificates that were issued here: it was lost.";
    NOT_YET_VALID = "not-yet-valid", Error, "RFC 5280 6.1.3(a)(2)",
        "The certificate starts in the future, or the clock is wrong.";
    OUTLIVES_ISSUER = "outlives-issuer", Warning, "RFC 5280 6.1.3",
        "What is signed would live longer than what signs it: it ends with its issuer.";
    OUTPUT_MISSING = "output-missing", Error, "",
        "A trust file or another derived file is not there.";
    OUTPUT_STALE = "output-stale", Warning, "",
        "A derived file does not hold what it should.";
    OWNER = "owner", Warning, "",
        "The owner or group differs from what the manifest says.";
    OWNER_UNKNOWN = "owner-unknown", Error, "",
        "This machine has no user or group of the name that a file should belong to.";
    PAIR_FOREIGN = "pair-not-issued-here", Error, "",
        "A key or a certificate that was never delivered by pki stands in a service's place: it is not replaced.";
    PASSPHRASE_FILE_OPEN = "passphrase-file-open", Warning, "",
        "Others can read the file that a passphrase comes from.";
    PURPOSE = "purpose", Error, "RFC 5280 4.2.1.12",
        "ExtendedKeyUsage does not allow what the certificate is used for.";
    RECORD_UNREADABLE = "issuance-record", Warning, "",
        "Lines of the issuance record cannot be read.";
    REFUSED_BY_CLIENT = "refused-by-client", Error, "",
        "The client of an edge refuses the server for a reason of its own.";
    SAME_SUBJECT = "same-subject", Warning, "RFC 5280 4.1.2.6",
        "Two authorities have one name.";
    STAGED_FILE = "staged-file", Warning, "MinIO reads every file in CAs/",
        "A file by a name that delivery keeps for itself, which no delivery needs.";
    SUBJECT_IS_ISSUER = "subject-equals-issuer", Error, "OpenSSL X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT (18)",
        "A leaf has its CA's subject: OpenSSL takes it for self-signed.";
    TRUST_EMPTY = "trust-empty", Error, "Java: the trustAnchors parameter must be non-empty",
        "A trust file holds no CA certificate that its reader sees.";
    TRUST_UNREADABLE = "trust-unreadable", Error, "",
        "A trust file cannot be read in the form its reader expects.";
    UNDERSCORE_JAVA = "underscore-host", Error, "Java: Illegal given domain name",
        "Java refuses to dial a host with an underscore.";
    UNDERSCORE_NAME = "underscore-in-name", Warning, "RFC 1123 2.1; Java: Illegal given domain name",
        "A name with an underscore, which Java refuses to dial.";
    WILDCARD_ONE_LABEL = "wildcard-over-one-label", Warning, "OpenSSL 3 valid_star; rustls-webpki 0.103",
        "A wildcard over one label, which OpenSSL, Python and rustls match with nothing.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let mut ids: Vec<_> = RULES.iter().map(|r| r.id).collect();
        assert!(ids.iter().all(|id| {
            id.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
