"""Says what OpenSSL's libcrypto answers about chains.

Usage: judge_openssl.py [--version | [--as CLIENT] CASES]   (cases of x509-limbo in, one JSON line per case out)

CLIENT says with which settings libcrypto is asked:

strict     X509_STRICT and PARTIAL_CHAIN, a purpose only where the case has one
plain      the same without X509_STRICT
default    as libssl does where nothing is set
python     as ssl.create_default_context() of this very Python does
curl       as curl does: PARTIAL_CHAIN; the name is judged by curl itself, so not here
"""

import ctypes
import ctypes.util
import datetime
import ipaddress
import json
import ssl
import sys

PARTIAL_CHAIN = 0x80000
STRICT = 0x20
NO_PARTIAL_WILDCARDS = 0x4
PURPOSES = {"clientAuth": 1, "serverAuth": 2, "anyExtendedKeyUsage": 7}


class Client:
    """Settings of a program that uses libcrypto."""

    def __init__(self, flags, level, tls, names, host_flags=0):
        self.flags = flags
        # As SSL_CTX_set_security_level.
        self.level = level
        # A TLS library always has a purpose, and its trust settings.
        self.tls = tls
        self.names = names
        self.host_flags = host_flags


CLIENTS = {
    "strict": Client(STRICT | PARTIAL_CHAIN, 2, tls=False, names=True, host_flags=NO_PARTIAL_WILDCARDS),
    "plain": Client(PARTIAL_CHAIN, 2, tls=False, names=True, host_flags=NO_PARTIAL_WILDCARDS),
    "default": Client(0, 2, tls=True, names=True),
    "python": Client(
        int(ssl.create_default_context().verify_flags),
        ssl.create_default_context().security_level,
        tls=True,
        names=True,
        host_flags=NO_PARTIAL_WILDCARDS,
    ),
    "curl": Client(PARTIAL_CHAIN, 2, tls=True, names=False),
}


class Skipped(Exception):
    pass


class Failed(Exception):
    def __init__(self, message, depth=None):
        super().__init__(message)
        self.depth = depth


def library():
    crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    pointer, integer, size, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.c_char_p
    flags = ctypes.c_ulong
    for name, result, arguments in [
        ("OpenSSL_version", text, [integer]),
        ("d2i_X509", pointer, [pointer, ctypes.POINTER(pointer), ctypes.c_long]),
        ("X509_free", None, [pointer]),
        ("OPENSSL_sk_new_null", pointer, []),
        ("OPENSSL_sk_push", integer, [pointer, pointer]),
        ("OPENSSL_sk_free", None, [pointer]),
        ("X509_STORE_new", pointer, []),
        ("X509_STORE_free", None, [pointer]),
        ("X509_STORE_add_cert", integer, [pointer, pointer]),
        ("X509_STORE_CTX_new", pointer, []),
        ("X509_STORE_CTX_free", None, [pointer]),
        ("X509_STORE_CTX_init", integer, [pointer, pointer, pointer, pointer]),
        ("X509_STORE_CTX_get0_param", pointer, [pointer]),
        ("X509_STORE_CTX_set_default", integer, [pointer, text]),
        ("X509_STORE_CTX_get_error", integer, [pointer]),
        ("X509_STORE_CTX_get_error_depth", integer, [pointer]),
        ("X509_VERIFY_PARAM_set_flags", integer, [pointer, flags]),
        ("X509_VERIFY_PARAM_set_time", None, [pointer, ctypes.c_int64]),
        ("X509_VERIFY_PARAM_set_depth", None, [pointer, integer]),
        ("X509_VERIFY_PARAM_set_purpose", integer, [pointer, integer]),
        ("X509_VERIFY_PARAM_set_auth_level", None, [pointer, integer]),
        ("X509_VERIFY_PARAM_set_hostflags", None, [pointer, ctypes.c_uint]),
        ("X509_VERIFY_PARAM_set1_host", integer, [pointer, text, size]),
        ("X509_VERIFY_PARAM_set1_ip", integer, [pointer, text, size]),
        ("X509_VERIFY_PARAM_set1_email", integer, [pointer, text, size]),
        ("X509_verify_cert", integer, [pointer]),
        ("X509_verify_cert_error_string", text, [ctypes.c_long]),
        ("ERR_get_error", flags, []),
        ("ERR_clear_error", None, []),
        ("ERR_reason_error_string", text, [flags]),
    ]:
        function = getattr(crypto, name)
        function.restype, function.argtypes = result, arguments
    return crypto


CRYPTO = library()


class Certificates:
    """Parsed certificates, freed together."""

    def __init__(self):
        self.all = []

    def parse(self, pem):
        try:
            der = ssl.PEM_cert_to_DER_cert(pem.strip())
        except ValueError as error:
            raise Failed(f"no PEM: {error}") from None
        CRYPTO.ERR_clear_error()
        octets = ctypes.create_string_buffer(der, len(der))
        start = ctypes.c_void_p(ctypes.addressof(octets))
        certificate = CRYPTO.d2i_X509(None, ctypes.byref(start), len(der))
        if not certificate:
            reason = CRYPTO.ERR_reason_error_string(CRYPTO.ERR_get_error())
            raise Failed((reason or b"unreadable").decode())
        self.all.append(certificate)
        return certificate

    def free(self):
        for certificate in self.all:
            CRYPTO.X509_free(certificate)


def judge(case, client):
    if case["crls"]:
        raise Skipped("crls")
    certificates = Certificates()
    store, pool = CRYPTO.X509_STORE_new(), CRYPTO.OPENSSL_sk_new_null()
    context = CRYPTO.X509_STORE_CTX_new()
    try:
        leaf = certificates.parse(case["peer_certificate"])
        for pem in case["trusted_certs"]:
            CRYPTO.X509_STORE_add_cert(store, certificates.parse(pem))
        if client.tls:
            # The message of the peer, whole.
            CRYPTO.OPENSSL_sk_push(pool, leaf)
        for pem in case["untrusted_intermediates"]:
            CRYPTO.OPENSSL_sk_push(pool, certificates.parse(pem))
        if not CRYPTO.X509_STORE_CTX_init(context, store, leaf, pool):
            raise Failed("X509_STORE_CTX_init")
        settings(case, client, context)
        if CRYPTO.X509_verify_cert(context) != 1:
            error = CRYPTO.X509_STORE_CTX_get_error(context)
            message = CRYPTO.X509_verify_cert_error_string(error).decode()
            raise Failed(message, CRYPTO.X509_STORE_CTX_get_error_depth(context))
    finally:
        CRYPTO.X509_STORE_CTX_free(context)
        CRYPTO.OPENSSL_sk_free(pool)
        CRYPTO.X509_STORE_free(store)
        certificates.free()


def settings(case, client, context):
    server = case["validation_kind"] == "SERVER"
    if client.tls:
        CRYPTO.X509_STORE_CTX_set_default(context, b"ssl_server" if server else b"ssl_client")
    params = CRYPTO.X509_STORE_CTX_get0_param(context)
    CRYPTO.X509_VERIFY_PARAM_set_flags(params, client.flags)
    CRYPTO.X509_VERIFY_PARAM_set_auth_level(params, client.level)
    CRYPTO.X509_VERIFY_PARAM_set_hostflags(params, client.host_flags)
    for usage in case["extended_key_usage"]:
        if usage not in PURPOSES:
            raise Skipped(f"extended_key_usage {usage}")
        CRYPTO.X509_VERIFY_PARAM_set_purpose(params, PURPOSES[usage])
    if case["validation_time"]:
        time = datetime.datetime.fromisoformat(case["validation_time"].replace("Z", "+00:00"))
        CRYPTO.X509_VERIFY_PARAM_set_time(params, int(time.timestamp()))
    if case["max_chain_depth"] is not None:
        CRYPTO.X509_VERIFY_PARAM_set_depth(params, case["max_chain_depth"])
    name = case["expected_peer_name"]
    if name is None or not client.names:
        return
    value = name["value"].encode()
    if name["kind"] == "IP":
        value = ipaddress.ip_address(name["value"]).packed
        known = CRYPTO.X509_VERIFY_PARAM_set1_ip(params, value, len(value))
    elif name["kind"] == "DNS":
        known = CRYPTO.X509_VERIFY_PARAM_set1_host(params, value, len(value))
    else:
        known = CRYPTO.X509_VERIFY_PARAM_set1_email(params, value, len(value))
    if known != 1:
        raise Failed(f"the library takes no name {name['value']}")


def main():
    arguments = sys.argv[1:]
    client = CLIENTS["strict"]
    if arguments[:1] == ["--version"]:
        # Of libcrypto, of Python, and whether Python asks for X509_STRICT.
        openssl = CRYPTO.OpenSSL_version(0).decode().split()[1]
        python = ".".join(map(str, sys.version_info[:3]))
        print(openssl, python, bool(CLIENTS["python"].flags & STRICT))
        return
    if arguments[:1] == ["--as"] and arguments[1] in CLIENTS:
        client = CLIENTS[arguments[1]]
        arguments = arguments[2:]
    if len(arguments) != 1:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        cases = json.load(file)["testcases"]
    for case in cases:
        said = {"id": case["id"], "verdict": "SUCCESS", "message": ""}
        try:
            judge(case, client)
        except Skipped as why:
            said.update(verdict="SKIPPED", message=str(why))
        except Failed as why:
            said.update(verdict="FAILURE", message=str(why))
            if why.depth is not None:
                said["depth"] = why.depth
        print(json.dumps(said))


main()
