"""Judges our files with Python's ssl module and, where it is there, pyca/cryptography.

Usage: python3 judge.py CASES   (JSON lines in, one JSON line per case out)

kind "handshake": a TLS handshake in memory, client and server with our files.
    The client is strict as Python 3.13 is by default (VERIFY_X509_STRICT,
    VERIFY_X509_PARTIAL_CHAIN) and checks the name; so is the server towards
    clients, where `server_trust` is given.
kind "fields": what pyca/cryptography reads in `server_cert`.
"""

import json
import ssl
import sys

STRICT = ssl.VERIFY_X509_STRICT | getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)


class Refused(Exception):
    """One side refused the other."""


def contexts(case):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(case["server_cert"], case["server_key"])
    if case.get("server_trust"):
        server.verify_mode = ssl.CERT_REQUIRED
        server.verify_flags |= STRICT
        server.load_verify_locations(case["server_trust"])
    client = ssl.create_default_context(cafile=case["trust"])
    client.verify_flags |= STRICT
    if case.get("client_cert"):
        client.load_cert_chain(case["client_cert"], case["client_key"])
    return client, server


def handshake(case):
    client, server = contexts(case)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = {
        "client": client.wrap_bio(to_client, to_server, server_hostname=case["name"]),
        "server": server.wrap_bio(to_server, to_client, server_side=True),
    }
    waiting = ["client", "server"]
    for _ in range(20):
        for side in list(waiting):
            try:
                sides[side].do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                raise Refused(f"{side}: {error}") from error
    if waiting:
        raise Refused(f"the handshake does not end: {waiting}")
    sides["server"].write(b"hello")
    assert sides["client"].read(5) == b"hello"
    return sides["client"].version()


def judge_handshake(case):
    try:
        found, message = "ok", handshake(case)
    except Refused as error:
        found, message = "fail", str(error)
    return {"ok": found == case["expect"], "message": message}


def fields(path):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    with open(path, "rb") as file:
        cert = x509.load_pem_x509_certificates(file.read())[0]

    def extension(kind):
        try:
            return cert.extensions.get_extension_for_class(kind)
        except x509.ExtensionNotFound:
            return None

    names = {x509.DNSName: "DNS", x509.IPAddress: "IP", x509.RFC822Name: "email", x509.UniformResourceIdentifier: "URI"}
    usages = {
        "digital_signature": "digitalSignature", "content_commitment": "nonRepudiation",
        "key_encipherment": "keyEncipherment", "data_encipherment": "dataEncipherment",
        "key_agreement": "keyAgreement", "key_cert_sign": "keyCertSign", "crl_sign": "cRLSign",
    }
    san, usage, extended = extension(x509.SubjectAlternativeName), extension(x509.KeyUsage), extension(x509.ExtendedKeyUsage)
    basic = extension(x509.BasicConstraints)
    subject_key, authority_key = extension(x509.SubjectKeyIdentifier), extension(x509.AuthorityKeyIdentifier)
    return {
        "version": cert.version.value + 1,
        "subject": cert.subject.rfc4514_string(),
        "issuer": cert.issuer.rfc4514_string(),
        "serial": f"{cert.serial_number:x}",
        "not_before": int(cert.not_valid_before_utc.timestamp()),
        "not_after": int(cert.not_valid_after_utc.timestamp()),
        "sha256": cert.fingerprint(hashes.SHA256()).hex(),
        "san": [f"{names.get(type(name), 'other')}:{name.value}" for name in san.value] if san else [],
        "key_usage": [text for field, text in usages.items() if getattr(usage.value, field)] if usage else [],
        "extended_key_usage": [oid.dotted_string for oid in extended.value] if extended else [],
        "ca": bool(basic and basic.value.ca),
        "path_length": basic.value.path_length if basic else None,
        "subject_key_id": subject_key.value.digest.hex() if subject_key else None,
        "authority_key_id": authority_key.value.key_identifier.hex() if authority_key else None,
        "critical": sorted(e.oid.dotted_string for e in cert.extensions if e.critical),
    }


def judge_fields(case):
    return {"ok": True, "message": "read", "fields": fields(case["server_cert"])}


JUDGES = {"handshake": judge_handshake, "fields": judge_fields}


def main():
    with open(sys.argv[1], encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            try:
                judgement = JUDGES[case["kind"]](case)
            except Exception as error:  # a file that does not load is no refusal
                judgement = {"ok": False, "message": f"setup: {type(error).__name__}: {error}"}
            print(json.dumps({"id": case["id"], **judgement}), flush=True)


main()
