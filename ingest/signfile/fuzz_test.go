package signfile

import "testing"

// FuzzParse: any text is a sign file that can be asked, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"version":"1.0","files":[{"fileHashValue":"0a","fileName":"result_1.csv.gz"}],"hashAlgorithm":"SHA-256","signatureAlgorithm":"SHA256withRSA","hashSignature":"00"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		for _, file := range s.Files {
			if _, listed := s.SHA256Of(file.Name); !listed {
				t.Fatalf("%q is listed and not found", file.Name)
			}
		}
		if s.Verify(nil) == nil {
			t.Fatal("signed without a key")
		}
	})
}

// FuzzParsePublicKeys: any text is at least one key that is long enough, or an error.
func FuzzParsePublicKeys(f *testing.F) {
	f.Add([]byte(`{"PublicKeyList":[{"Value":"MIIBCgKCAQEA"}]}`))
	f.Add([]byte("-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEA\n-----END RSA PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ParsePublicKeys(text)
		if err == nil && len(keys) == 0 {
			t.Fatal("neither a key nor an error")
		}
		for _, key := range keys {
			if key.N.BitLen() < minKeyBits {
				t.Fatal("a short key")
			}
		}
	})
}
