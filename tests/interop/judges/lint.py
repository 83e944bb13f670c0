"""Judges our certificates with pkilint's `lint_pkix_cert`, at WARNING and above.

Usage: python3 lint.py CASES   (JSON lines in, one JSON line per case out)

The same validators as `lint_pkix_cert lint -s WARNING`, once for all files: the
start of pkilint takes a second. Every certificate of `server_cert` is linted.

One finding is not counted: `pkix.invalid_domain_name_syntax` of a name of one
label, as `minio` and `localhost` are. pkilint wants a public domain name; RFC
5280 4.2.1.6 wants RFC 1034 3.5, and there one label is a name.
"""

import base64
import json
import re
import sys

from pkilint import loader
from pkilint.pkix import certificate, extension, name
from pkilint.validation import ValidationFindingSeverity

BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)

ONE_LABEL = re.compile(r'Invalid domain name syntax: "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"')


def counts(description):
    if description.finding.severity > ValidationFindingSeverity.WARNING:
        return False
    one_label = description.message and ONE_LABEL.fullmatch(description.message)
    return not (one_label and description.finding.code == "pkix.invalid_domain_name_syntax")


def validator():
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )


def findings(validator, path):
    with open(path, encoding="ascii") as file:
        blocks = BLOCK.findall(file.read())
    if not blocks:
        raise ValueError(f"no certificate in {path}")
    for block in blocks:
        document = loader.RFC5280CertificateDocumentLoader().load_der_document(base64.b64decode(block), path)
        for result in validator.validate(document.root):
            for description in result.finding_descriptions:
                if counts(description):
                    yield f"{result.node.path}: {description}"


def main():
    linter = validator()
    with open(sys.argv[1], encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            try:
                found = list(findings(linter, case["server_cert"]))
                judgement = {
                    "ok": ("fail" if found else "ok") == case["expect"],
                    "message": "; ".join(found) or "clean",
                }
            except Exception as error:  # a file that does not load is no finding
                judgement = {"ok": False, "message": f"setup: {type(error).__name__}: {error}"}
            print(json.dumps({"id": case["id"], **judgement}), flush=True)


main()
