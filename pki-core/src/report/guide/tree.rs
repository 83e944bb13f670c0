//! Derived files, access, delivery and records.

use super::Client::{Go, Java};
use super::Group::{Access, Delivery, Outputs};
use super::{Guide, no};

pub(super) const GUIDES: &[Guide] = &[
    Guide::of(
        Outputs,
        "trust-empty",
        "0 trusted certificates",
        "`pki apply` writes a store that Java reads; by hand `keytool -importcert`, or with OpenSSL 3.2 `-jdktrust anyExtendedKeyUsage`.",
    )
    .clients(&[
        no(Java, "the trustAnchors parameter must be non-empty"),
        no(Go, "x509: certificate signed by unknown authority"),
    ]),
    Guide::of(
        Outputs,
        "trust-unreadable",
        "`certs/app/trust.crt` is empty",
        "`pki apply` writes it anew; a bundle is PEM, a truststore PKCS#12 with the password that the manifest names.",
    ),
    Guide::of(
        Outputs,
        "output-missing",
        "certs/spark/truststore.p12",
        "`pki apply` writes it. Java takes its own cacerts without a word where the truststore is missing.",
    )
    .clients(&[no(
        Java,
        "PKIX path building failed: unable to find valid certification path to requested target",
    )]),
    Guide::of(
        Outputs,
        "output-stale",
        "CN=Another CA",
        "`pki apply` writes what the manifest asks for; then restart who reads it only at its start.",
    ),
    Guide::of(
        Outputs,
        "edge-would-break",
        "spark → web would not hold",
        "Do what the finding says first: what works today is not broken by `pki apply`.",
    ),
    Guide::of(
        Outputs,
        "edge-not-checked",
        "app trusts 1 CA certificate from certs/app/trust.crt",
        "Nothing need be done: the server is not ours, so its certificate is not here to be looked at.",
    ),
    Guide::of(
        Access,
        "ca-key-in-mounted-folder",
        "the key of authority root",
        "Remove the copy: `rm FILE`. If somebody may have read it, make a new CA: who has the key can vouch for any name.",
    ),
    Guide::of(
        Access,
        "ca-key-in-build-context",
        "authorities/root/1/ca.key",
        "`printf '%s\\n' authorities .pki >> .dockerignore`.",
    ),
    Guide::of(
        Access,
        "key-readable-by-others",
        "mode 0644",
        "`chmod 600 FILE`, or `pki apply`; if others may have read it, `pki renew NAME --rekey --force`.",
    ),
    Guide::of(
        Access,
        "key-acl",
        "user:guest:r--",
        "`setfacl -b FILE` takes the list away.",
    ),
    Guide::of(
        Access,
        "key-acl-dropped",
        "user:backup:r--",
        "Name the reader in the manifest (`group`), or set the list again.",
    ),
    Guide::of(
        Access,
        "attribute-not-kept",
        "the SELinux label",
        "Set it again: `restorecon FILE`, or `setfacl`.",
    ),
    Guide::of(
        Access,
        "hard-link",
        "2 names",
        "Remove the other name (`find / -samefile FILE`), then `pki renew NAME --rekey` if others could read it.",
    ),
    Guide::of(
        Access,
        "mode",
        "mode 0640",
        "`pki apply` sets it; or write the mode that is wanted into the manifest.",
    ),
    Guide::of(
        Access,
        "owner",
        "root:root",
        "`sudo pki apply`, or the `chown` of the finding: the service must be able to read its key.",
    ),
    Guide::of(
        Access,
        "owner-unknown",
        "user sidekick",
        "Create the user, or name one that exists: numbers are taken too.",
    ),
    Guide::of(
        Access,
        "folder-closed",
        "root:root, mode 0700",
        "`chmod o+x FOLDER`, or give the folder to the service's user: the key itself stays 0600.",
    ),
    Guide::of(
        Access,
        "folder-open",
        "mode 0755",
        "`chmod 700 FOLDER`.",
    ),
    Guide::of(
        Access,
        "folder-writable",
        "mode 0777",
        "`chmod go-w FOLDER`: who can write a folder can put another key in it.",
    ),
    Guide::of(
        Access,
        "passphrase-file-open",
        "mode 0644",
        "`chmod 600 FILE`.",
    ),
    Guide::of(
        Access,
        "not-looked-at",
        "certs/web/data: no permission",
        "Run it as a user who may look there, or take the folder out of the tree.",
    ),
    Guide::of(
        Delivery,
        "in-the-way",
        "a file where a folder belongs",
        "Move it away, then `pki apply`.",
    ),
    Guide::of(
        Delivery,
        "interrupted-delivery",
        "a delivery of `pki apply`",
        "`pki apply` finishes it or takes it back.",
    ),
    Guide::of(
        Delivery,
        "staged-file",
        "certs/web/..stage-server.crt",
        "Remove it, or let the next `pki apply` do so: programs such as MinIO read every file of a folder.",
    ),
    Guide::of(
        Delivery,
        "leftover",
        "certs/old/server.crt",
        "`pki apply --prune` puts it away.",
    ),
    Guide::of(
        Delivery,
        "issuance-record",
        "line 7",
        "Bring `.pki/issued.jsonl` back from a backup; the tree works without the lines.",
    ),
    Guide::of(
        Delivery,
        "not-recorded",
        "3 certificates",
        "Bring `.pki/issued.jsonl` back from a backup: what it does not name cannot be found again.",
    ),
];
