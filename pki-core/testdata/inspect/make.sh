#!/bin/sh
# Made the files of this folder on 2026-11-21: a root, an intermediate, a leaf, a second root
# of the same name, a request, a store. Tests know their dates.
# OpenSSL 3.0.
set -eu
cd "$(dirname "$0")"

key() {
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}
root() {
	key "$1.key"
	openssl req -x509 -new -key "$1.key" -subj '/O=Example/CN=Root' -days 36500 \
		-addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$1.pem"
}
root root
root other-root
key intermediate.key
key leaf-key.pem
openssl req -new -key intermediate.key -subj '/O=Example/CN=Intermediate' -out intermediate.csr
openssl req -new -key leaf-key.pem -subj '/CN=leaf.example.com' \
	-addext 'subjectAltName=DNS:leaf.example.com,IP:10.0.0.1' -out request.pem
cat >extensions <<END
[ca]
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
nameConstraints=critical,permitted;DNS:example.com,excluded;IP:10.1.0.0/255.255.0.0
[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:leaf.example.com,IP:10.0.0.1
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
1.2.3.4=DER:0500
END
openssl x509 -req -in intermediate.csr -CA root.pem -CAkey root.key -days 36500 \
	-extfile extensions -extensions ca -out intermediate.pem
openssl x509 -req -in request.pem -CA intermediate.pem -CAkey intermediate.key -days 36500 \
	-extfile extensions -extensions leaf -out leaf.pem
openssl pkcs12 -export -in leaf.pem -inkey leaf-key.pem -certfile intermediate.pem -name leaf \
	-passout pass:secret -out store.p12
# 2026-11-21 to the last second of 2026.
mkdir ca && touch ca/index && echo 01 >ca/serial
openssl req -new -key leaf-key.pem -subj /CN=short -out ca/csr
openssl ca -batch -config /dev/stdin -in ca/csr -out short.pem -notext \
	-startdate 20261121000000Z -enddate 20261231235959Z -cert root.pem -keyfile root.key <<END
[ca]
default_ca=d
[d]
database=ca/index
new_certs_dir=ca
default_md=sha256
rand_serial=yes
policy=p
[p]
commonName=supplied
END
rm -r ca
openssl crl2pkcs7 -nocrl -certfile leaf.pem -out bundle.p7b
openssl x509 -in leaf.pem -trustout -addtrust serverAuth -out trusted.pem
rm -f root.key other-root.key intermediate.key intermediate.csr extensions ./*.srl
