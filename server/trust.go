package server

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
)

// Trust says how clients come to trust the certificate of a hall.
type Trust struct {
	IsPublic bool // this machine's roots vouch for it
	// File (PEM) holds what clients must trust. It is "" if IsPublic, or if the hall's files lack the certificate
	// of the authority.
	File string
	// Name is a host that the certificate names, if it does not name the requested host; otherwise "".
	Name string
}

// Trust returns how clients that connect to a host come to trust the hall's certificate. Without TLS it returns the
// zero value.
func (h *Hall) Trust(host string) (t Trust) {
	if h.own != nil {
		h.own.mu.Lock()
		defer h.own.mu.Unlock()
		return Trust{File: h.own.certFile}
	}
	if h.tls == nil {
		return Trust{}
	}
	leaf := h.tls.Certificates[0].Leaf
	if leaf.VerifyHostname(host) != nil {
		for _, name := range leaf.DNSNames {
			if !strings.Contains(name, "*") {
				t.Name = name
				break
			}
		}
	}
	options := x509.VerifyOptions{Intermediates: x509.NewCertPool(), CurrentTime: h.options.Now()}
	roots := x509.NewCertPool()
	for _, c := range readChain(h.options.TLSCert) {
		options.Intermediates.AddCert(c)
		if c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil {
			roots.AddCert(c)
		}
	}
	if _, err := leaf.Verify(options); err == nil {
		t.IsPublic = true
		return t
	}
	options.Roots = roots
	if _, err := leaf.Verify(options); err == nil {
		t.File, err = filepath.Abs(h.options.TLSCert)
		if err != nil {
			t.File = h.options.TLSCert
		}
	}
	return t
}

// readChain returns the certificates of a PEM file that was read before. It skips what it cannot read again.
func readChain(file string) (chain []*x509.Certificate) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			chain = append(chain, c)
		}
	}
	return chain
}
