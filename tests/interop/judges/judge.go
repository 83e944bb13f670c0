// Judges our files with Go's crypto/tls, and our key files with the rules of
// MinIO, Sidekick and KES.
//
// Usage: judge CASES   (JSON lines in, one JSON line per case out)
//
// kind "handshake": a TLS handshake over loopback, client and server with our files.
// kind "keyload":   `server_cert` and `server_key` load in each of the three programs.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"time"
)

const timeout = 5 * time.Second

type testCase struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	ServerCert  string `json:"server_cert"`
	ServerKey   string `json:"server_key"`
	ServerTrust string `json:"server_trust"`
	ClientCert  string `json:"client_cert"`
	ClientKey   string `json:"client_key"`
	Trust       string `json:"trust"`
	Name        string `json:"name"`
	Expect      string `json:"expect"`
}

type judgement struct {
	ID      string `json:"id"`
	OK      bool   `json:"ok"`
	Message string `json:"message"`
}

// refused says that one side refused the other, or a loader its files; any
// other error is a file that could not be used at all.
type refused struct{ error }

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: judge CASES")
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var c testCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(judge(c)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func judge(c testCase) judgement {
	var message string
	var err error
	switch c.Kind {
	case "handshake":
		message, err = handshake(c)
	case "keyload":
		message, err = keyload(c)
	default:
		err = fmt.Errorf("unknown kind %q", c.Kind)
	}
	found := "ok"
	if err != nil {
		var no refused
		if !errors.As(err, &no) {
			return judgement{c.ID, false, "setup: " + err.Error()}
		}
		found, message = "fail", err.Error()
	}
	return judgement{c.ID, found == c.Expect, message}
}

func pool(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate", path)
	}
	return pool, nil
}

func configs(c testCase) (client, server *tls.Config, err error) {
	pair, err := tls.LoadX509KeyPair(c.ServerCert, c.ServerKey)
	if err != nil {
		return nil, nil, err
	}
	server = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if c.ServerTrust != "" {
		server.ClientAuth = tls.RequireAndVerifyClientCert
		if server.ClientCAs, err = pool(c.ServerTrust); err != nil {
			return nil, nil, err
		}
	}
	client = &tls.Config{ServerName: c.Name, MinVersion: tls.VersionTLS12}
	if client.RootCAs, err = pool(c.Trust); err != nil {
		return nil, nil, err
	}
	if c.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(c.ClientCert, c.ClientKey)
		if err != nil {
			return nil, nil, err
		}
		client.Certificates = []tls.Certificate{pair}
	}
	return client, server, nil
}

func handshake(c testCase) (string, error) {
	clientConfig, serverConfig, err := configs(c)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- serve(listener, serverConfig) }()

	connection, err := net.DialTimeout("tcp", listener.Addr().String(), timeout)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	client := tls.Client(connection, clientConfig)
	// In TLS 1.3 the server judges the client after the client is done, so
	// only an answer says that both agreed.
	hello, err := io.ReadAll(client)
	connection.Close()
	serverError := <-served
	switch {
	case err != nil && serverError != nil:
		return "", refused{fmt.Errorf("client: %w; server: %w", err, serverError)}
	case err != nil:
		return "", refused{fmt.Errorf("client: %w", err)}
	case serverError != nil:
		return "", refused{fmt.Errorf("server: %w", serverError)}
	case string(hello) != "hello":
		return "", refused{fmt.Errorf("client: %q received", hello)}
	}
	return tls.VersionName(client.ConnectionState().Version), nil
}

func serve(listener net.Listener, config *tls.Config) error {
	connection, err := listener.Accept()
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	server := tls.Server(connection, config)
	if err := server.Handshake(); err != nil {
		return err
	}
	if _, err := server.Write([]byte("hello")); err != nil {
		return err
	}
	return server.Close()
}

func keyload(c testCase) (string, error) {
	cert, err := os.ReadFile(c.ServerCert)
	if err != nil {
		return "", err
	}
	key, err := os.ReadFile(c.ServerKey)
	if err != nil {
		return "", err
	}
	var problems []string
	for _, loader := range []struct {
		name string
		load func(cert, key []byte) error
	}{{"go", loadGo}, {"minio", loadMinIO}, {"kes", loadKES}} {
		if err := loader.load(cert, key); err != nil {
			problems = append(problems, loader.name+": "+err.Error())
		}
	}
	if problems != nil {
		return "", refused{errors.New(strings.Join(problems, "; "))}
	}
	return "loads in go, minio, kes", nil
}

func loadGo(cert, key []byte) error {
	_, err := tls.X509KeyPair(cert, key)
	return err
}

// loadMinIO has the rules of minio 2026-02 (internal/config/certs.go,
// LoadX509KeyPair and ParsePublicCertFile) and sidekick 7.1.2 (tls.go).
func loadMinIO(cert, key []byte) error {
	block, rest := pem.Decode(key)
	if len(rest) > 0 {
		return errors.New("the private key contains additional data")
	}
	if block == nil {
		return errors.New("the private key is not readable")
	}
	if block.Headers["DEK-Info"] != "" {
		return errors.New("the private key is encrypted")
	}
	for rest := bytes.TrimSpace(cert); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		if block, rest = pem.Decode(rest); block == nil {
			return errors.New("could not read PEM block")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return err
		}
	}
	return loadGo(cert, key)
}

// loadKES has the rules of kes 0.24.0 (internal/https/certificate.go): only
// certificates in one file, only certificates and keys in the other, nothing
// between the blocks, and the first key counts.
func loadKES(cert, key []byte) error {
	if _, err := blocksKES(cert, func(kind string) bool { return kind == "CERTIFICATE" }); err != nil {
		return err
	}
	isKey := func(kind string) bool { return kind == "PRIVATE KEY" || strings.HasSuffix(kind, " PRIVATE KEY") }
	blocks, err := blocksKES(key, func(kind string) bool { return kind == "CERTIFICATE" || isKey(kind) })
	if err != nil {
		return err
	}
	for _, block := range blocks {
		if !isKey(block.Type) {
			continue
		}
		if block.Headers["DEK-Info"] != "" {
			return errors.New("https: private key is encrypted: password required")
		}
		return loadGo(cert, pem.EncodeToMemory(block))
	}
	return errors.New("https: no PEM-encoded private key found")
}

func blocksKES(text []byte, allowed func(kind string) bool) (blocks []*pem.Block, err error) {
	for text = bytes.TrimSpace(text); len(text) > 0; {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("https: no valid PEM data")
		}
		if !allowed(block.Type) {
			return nil, errors.New("https: unsupported PEM data block")
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}
