"""Says what pyca/cryptography answers about chains of servers.

Usage: judge_pyca.py CASES   (cases of x509-limbo in, one JSON line per case out)
"""

import datetime
import json
import sys

from cryptography import x509
from cryptography.x509 import verification


def judge(case):
    roots = [x509.load_pem_x509_certificate(pem.encode()) for pem in case["trusted_certs"]]
    pool = [x509.load_pem_x509_certificate(pem.encode()) for pem in case["untrusted_intermediates"]]
    leaf = x509.load_pem_x509_certificate(case["peer_certificate"].encode())
    time = datetime.datetime.fromisoformat(case["validation_time"].replace("Z", "+00:00"))
    builder = verification.PolicyBuilder().store(verification.Store(roots)).time(time)
    verifier = builder.build_server_verifier(x509.DNSName(case["expected_peer_name"]["value"]))
    verifier.verify(leaf, pool)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)["testcases"]
    for case in cases:
        said = {"id": case["id"], "verdict": "SUCCESS", "message": ""}
        try:
            judge(case)
        except Exception as why:  # every refusal has a class of its own
            said.update(verdict="FAILURE", message=f"{type(why).__name__}: {why}")
        print(json.dumps(said))


main()
