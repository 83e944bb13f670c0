// Says what Go's crypto/x509 answers about chains.
//
// Usage: judge [--tls] CASES   (cases of x509-limbo in, one JSON line per case out)
//
// As certificates are verified by x509: the leaf must parse, whatever else does
// not is left out of its pool. With --tls as crypto/tls reads the message of a
// peer: every certificate of it must parse.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"os"
	"time"
)

type peerName struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type testCase struct {
	ID            string     `json:"id"`
	Kind          string     `json:"validation_kind"`
	Trusted       []string   `json:"trusted_certs"`
	Intermediates []string   `json:"untrusted_intermediates"`
	Peer          string     `json:"peer_certificate"`
	Time          *time.Time `json:"validation_time"`
	Usages        []string   `json:"extended_key_usage"`
	Name          *peerName  `json:"expected_peer_name"`
	Depth         *int       `json:"max_chain_depth"`
	CRLs          []string   `json:"crls"`
}

type answer struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict"`
	Message string `json:"message"`
}

// skipped says what of a case this client has no means to ask.
type skipped string

func (s skipped) Error() string { return string(s) }

func main() {
	arguments := os.Args[1:]
	wire := len(arguments) > 0 && arguments[0] == "--tls"
	if wire {
		arguments = arguments[1:]
	}
	if len(arguments) != 1 {
		log.Fatal("usage: judge [--tls] CASES")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		log.Fatal(err)
	}
	var cases struct {
		Testcases []testCase `json:"testcases"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, c := range cases.Testcases {
		said := answer{ID: c.ID, Verdict: "SUCCESS"}
		var skip skipped
		switch err := judge(c, wire); {
		case err == nil:
		case errors.As(err, &skip):
			said.Verdict, said.Message = "SKIPPED", skip.Error()
		default:
			said.Verdict, said.Message = "FAILURE", err.Error()
		}
		if err := encoder.Encode(said); err != nil {
			log.Fatal(err)
		}
	}
}

func judge(c testCase, wire bool) error {
	switch {
	case c.Depth != nil:
		return skipped("max_chain_depth")
	case len(c.CRLs) > 0:
		return skipped("crls")
	case c.Name != nil && c.Name.Kind != "DNS" && c.Name.Kind != "IP":
		return skipped("peer name " + c.Name.Kind)
	}
	// As crypto/tls says it, of a server or of a client.
	unreadable := "unable to parse ASN1 certificate from PEM"
	if wire {
		unreadable = map[bool]string{
			true:  "tls: failed to parse client certificate",
			false: "tls: failed to parse certificate from server",
		}[c.Kind == "CLIENT"]
	}
	leaf, err := parse(c.Peer)
	if err != nil {
		return fmt.Errorf("%s: %w", unreadable, err)
	}
	if wire {
		if err := tooLarge(c, leaf); err != nil {
			return err
		}
	}
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
	}
	for _, text := range c.Trusted {
		options.Roots.AppendCertsFromPEM([]byte(text))
	}
	for _, text := range c.Intermediates {
		certificate, err := parse(text)
		switch {
		case err == nil:
			if wire {
				if err := tooLarge(c, certificate); err != nil {
					return err
				}
			}
			options.Intermediates.AddCert(certificate)
		case wire:
			return fmt.Errorf("%s: %w", unreadable, err)
		}
	}
	if c.Time != nil {
		options.CurrentTime = *c.Time
	}
	if options.KeyUsages, err = usages(c); err != nil {
		return err
	}
	if c.Name != nil {
		options.DNSName = c.Name.Value
	}
	if _, err := leaf.Verify(options); err != nil || !wire {
		return err
	}
	return unfit(c, leaf)
}

// tooLarge is what crypto/tls asks of each certificate as it reads it.
func tooLarge(c testCase, certificate *x509.Certificate) error {
	const most = 8192
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() <= most {
		return nil
	}
	peer := map[bool]string{true: "client", false: "server"}[c.Kind == "CLIENT"]
	return fmt.Errorf("tls: %s sent certificate containing RSA key larger than %d bits", peer, most)
}

// unfit is what crypto/tls asks of the key of its peer once the chain is verified.
func unfit(c testCase, leaf *x509.Certificate) error {
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return nil
	default:
		if c.Kind == "CLIENT" {
			return fmt.Errorf("tls: client certificate contains an unsupported public key of type %T", key)
		}
		return fmt.Errorf("tls: server's certificate contains an unsupported type of public key: %T", key)
	}
}

func parse(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// Without usages a client asks for what the other side is; crypto/tls does so.
func usages(c testCase) ([]x509.ExtKeyUsage, error) {
	var found []x509.ExtKeyUsage
	for _, usage := range c.Usages {
		switch usage {
		case "serverAuth":
			found = append(found, x509.ExtKeyUsageServerAuth)
		case "clientAuth":
			found = append(found, x509.ExtKeyUsageClientAuth)
		case "anyExtendedKeyUsage":
			found = append(found, x509.ExtKeyUsageAny)
		default:
			return nil, skipped("extended_key_usage " + usage)
		}
	}
	if len(found) == 0 {
		found = append(found, map[bool]x509.ExtKeyUsage{
			true:  x509.ExtKeyUsageClientAuth,
			false: x509.ExtKeyUsageServerAuth,
		}[c.Kind == "CLIENT"])
	}
	return found, nil
}
