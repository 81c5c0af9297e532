package main

import (
	"crypto/rsa"
	"fmt"

	"github.com/auditlake/auditlake/engine"
)

// publicKeys reads the values of --public-key. One that is no key itself names a file with keys.
func (p *program) publicKeys(values []string) (keys []*rsa.PublicKey, err error) {
	for _, value := range values {
		found, err := engine.ParsePublicKeys([]byte(value))
		if err != nil {
			text, err := p.readFile(value)
			if err != nil {
				return nil, usageError{fmt.Errorf("--public-key must be a base64 key or a readable file: %w", err)}
			}
			if found, err = engine.ParsePublicKeys(text); err != nil {
				return nil, usageError{fmt.Errorf("--public-key %s: %w", value, err)}
			}
		}
		keys = append(keys, found...)
	}
	return keys, nil
}
