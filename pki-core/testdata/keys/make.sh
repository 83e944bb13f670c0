#!/bin/sh
# How the files here were made (OpenSSL 3.0). Test keys: they guard nothing.
# Files that exist are kept, so that tests see the same keys for ever.
set -eu
cd "$(dirname "$0")"
make() { out=$1; shift; [ -e "$out" ] || "$@" > "$out"; }

for size in 2048 3072 4096 6144 8192; do
    make rsa-$size.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:$size
done
for more in 2048-b 2048-c 4096-b; do
    make rsa-$more.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${more%-*}
done
make rsa-2048-e3.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3
make rsa-1024.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024
make rsa-512.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512
# Larger than any client of TLS must take, and DSA, which few take at all.
make rsa-8200.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:8200
dsa() {
    openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:"$1" -pkeyopt dsa_paramgen_q_bits:"$2" |
        openssl genpkey -paramfile /dev/stdin
}
make dsa-1024.pem dsa 1024 160
make dsa-2048.pem dsa 2048 256
make rsa-pss.pem openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
make rsa-primes3.pem openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_primes:3
make rsa-2048-pkcs1.pem openssl rsa -traditional -in rsa-2048.pem
make rsa-2048-pkcs1.der openssl rsa -traditional -in rsa-2048.pem -outform DER
make rsa-2048-legacy.pem openssl rsa -traditional -aes256 -passout pass:fixture -in rsa-2048.pem

for curve in P-256 P-384 P-521 secp256k1; do
    name=$(echo $curve | tr -d - | tr P p)
    make $name.pem openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$curve
    make $name-sec1.pem openssl ec -in $name.pem
done
make p256.der openssl pkcs8 -topk8 -nocrypt -in p256.pem -outform DER
make p256-sec1.der openssl ec -in p256.pem -outform DER
make p256-public.pem openssl pkey -in p256.pem -pubout
make p256-explicit.pem openssl ec -in p256.pem -param_enc explicit
make p256-compressed.pem openssl ec -in p256.pem -conv_form compressed
make p256-nopub.pem openssl ec -in p256.pem -no_public
make p256-params.pem openssl ecparam -name prime256v1 -genkey
make ed25519.pem openssl genpkey -algorithm ED25519
make ed25519-cfssl.pem sed 's/ PRIVATE/ Ed25519 PRIVATE/' ed25519.pem
make ed448.pem openssl genpkey -algorithm ED448

# PKCS#8 v2 (RFC 5958): version 1, the public half as [1].
v2() {
    seed=$(openssl pkey -in ed25519.pem -outform DER | tail -c 32 | xxd -p -c 64)
    public=$(openssl pkey -in ed25519.pem -pubout -outform DER | tail -c 32 | xxd -p -c 64)
    echo '-----BEGIN PRIVATE KEY-----'
    echo "3051020101300506032b657004220420${seed}812100$public" | xxd -r -p | openssl base64
    echo '-----END PRIVATE KEY-----'
}
make ed25519-v2.pem v2
for key in secp256k1 ed448 rsa-1024 rsa-pss; do
    make $key-public.pem openssl pkey -in $key.pem -pubout
done

encrypt() { openssl pkcs8 -topk8 -in p256.pem -passout pass:fixture "$@"; }
make enc-sha1-3des.pem encrypt -v2 des3 -v2prf hmacWithSHA1
make enc-sha1-aes128.pem encrypt -v2 aes-128-cbc -v2prf hmacWithSHA1
make enc-sha256-aes128.pem encrypt -v2 aes-128-cbc -v2prf hmacWithSHA256
make enc-sha256-aes256.pem encrypt -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 10000
make enc-sha512-aes256.pem encrypt -v2 aes-256-cbc -v2prf hmacWithSHA512
make enc-scrypt.pem encrypt -v2 aes-256-cbc -scrypt
make enc-sha256-aes256.der encrypt -v2 aes-256-cbc -outform DER
make enc-pbes1.pem encrypt -v1 PBE-SHA1-3DES
make p256-legacy.pem openssl ec -in p256.pem -aes128 -passout pass:fixture

make certificate.pem openssl req -x509 -new -key p256.pem -subj /CN=fixture -days 3650
make certificate.der openssl x509 -in certificate.pem -outform DER
make request.pem openssl req -new -key p256.pem -subj /CN=fixture
make store.p12 openssl pkcs12 -export -in certificate.pem -inkey p256.pem -passout pass:fixture
chmod 644 -- *.pem *.der *.p12
