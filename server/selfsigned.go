package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// SelfSigned is a certificate that a hall has made for itself.
type SelfSigned struct {
	File        string // that clients can read; "": the certificate is in memory only
	PEM         []byte // for clients to trust
	Fingerprint string // SHA-256 of the certificate, lower-case hex
	NotAfter    time.Time
	// Reason is why the certificate replaced an older one, "" if it did not. Clients that trust the older one need
	// this one.
	Reason string
}

const (
	// selfSignedLife is how long a self-signed certificate is valid.
	selfSignedLife = 365 * 24 * time.Hour
	// A certificate is replaced renewBefore its end.
	renewBefore = 30 * 24 * time.Hour
)

// ownCertificate makes the certificate of a hall, stores it in two files, and replaces it before it expires. It is
// safe for concurrent use.
type ownCertificate struct {
	hosts []string // names and addresses that the certificate must hold
	now   func() time.Time
	log   *slog.Logger

	mu                sync.Mutex
	certFile, keyFile string           // mu; "": in memory only
	pair              *tls.Certificate // mu; nil: none yet
	made              SelfSigned       // mu: of pair
}

// newOwnCertificate returns a certificate for the names and addresses of this machine and of hosts.
func newOwnCertificate(hosts []string, now func() time.Time, log *slog.Logger) *ownCertificate {
	o := &ownCertificate{hosts: []string{"localhost", "127.0.0.1", "::1"}, now: now, log: log}
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
			o.hosts = append(o.hosts, host)
		}
	}
	return o
}

// get returns the certificate for a connection, for tls.Config.
func (o *ownCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pair != nil && o.unfit(o.pair) == "" {
		return o.pair, nil
	}
	before := o.pair
	if err := o.prepare(); err != nil {
		if before == nil {
			return nil, err
		}
		o.log.Error("the server's certificate cannot be renewed", "error", err)
		return before, nil
	}
	if before != nil {
		o.log.Warn("the server's certificate was renewed: clients must trust the new one", "file", o.certFile, "sha256", o.made.Fingerprint)
	}
	return o.pair, nil
}

// keep reads the certificate from two files, or makes another and writes it there.
func (o *ownCertificate) keep(certFile, keyFile string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.certFile, o.keyFile = certFile, keyFile
	return o.prepare()
}

// prepare sets pair to the certificate in the files, or to a new one if that is unfit. The caller holds mu.
func (o *ownCertificate) prepare() error {
	reason := ""
	if _, err := os.Stat(o.certFile); o.certFile != "" && !errors.Is(err, fs.ErrNotExist) {
		kept, err := tls.LoadX509KeyPair(o.certFile, o.keyFile)
		if err != nil {
			reason = "the one before cannot be read: " + err.Error()
		} else if reason = o.unfit(&kept); reason == "" {
			o.use(&kept, "")
			return nil
		}
	} else if o.pair != nil {
		reason = o.unfit(o.pair)
	}
	certPEM, keyPEM, err := makeCertificate(o.hosts, o.now())
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return err
	}
	if o.certFile != "" {
		if err := writePrivate(o.keyFile, keyPEM); err != nil {
			return fmt.Errorf("keep the key of the server's certificate: %w", err)
		}
		if err := writePrivate(o.certFile, certPEM); err != nil {
			return fmt.Errorf("keep the server's certificate: %w", err)
		}
	}
	o.use(&pair, reason)
	return nil
}

// unfit returns why a certificate must be replaced, or "".
func (o *ownCertificate) unfit(pair *tls.Certificate) string {
	if left := pair.Leaf.NotAfter.Sub(o.now()); left < renewBefore {
		return "the one before expires on " + pair.Leaf.NotAfter.Format(time.DateOnly)
	}
	for _, host := range o.hosts {
		if pair.Leaf.VerifyHostname(host) != nil {
			return "the one before does not name " + host
		}
	}
	return ""
}

func (o *ownCertificate) use(pair *tls.Certificate, reason string) {
	der := pair.Certificate[0]
	sum := sha256.Sum256(der)
	o.pair = pair
	o.made = SelfSigned{
		File: o.certFile, PEM: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), Fingerprint: hex.EncodeToString(sum[:]),
		NotAfter: pair.Leaf.NotAfter, Reason: reason,
	}
}

// makeCertificate makes a self-signed certificate and its private key, both in PEM.
func makeCertificate(hosts []string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "auditlake"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfSignedLife),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), nil
}

// writePrivate replaces a file, atomically and durably, by one that only its owner can read.
func writePrivate(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
