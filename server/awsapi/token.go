package awsapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// tokens makes and reads page tokens. A token says after which element the next page begins, not where in the list that
// element is: what is inserted and deleted between two pages moves nothing. It is signed together with the request that
// it belongs to, and good for that request alone.
type tokens struct{ key []byte }

const (
	tokenVersion  = 1
	tokenMACBytes = 16
	// maxTokenCharacters is what the API's shapes allow.
	maxTokenCharacters = 1000
)

var errToken = errors.New("the token is not one of this request")

// encode returns the token of a place, for a request of a caller.
func (t tokens) encode(request string, place any) (string, error) {
	text, err := json.Marshal(place)
	if err != nil {
		return "", err
	}
	token := base64.RawURLEncoding.EncodeToString(append(append([]byte{tokenVersion}, t.mac(request, text)...), text...))
	if len(token) > maxTokenCharacters {
		return "", fmt.Errorf("a page token of %d characters", len(token))
	}
	return token, nil
}

// decode reads the place of a token into place; errToken: it was not made for the request.
func (t tokens) decode(request, token string, place any) error {
	content, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(content) < 1+tokenMACBytes || content[0] != tokenVersion {
		return errToken
	}
	mac, text := content[1:1+tokenMACBytes], content[1+tokenMACBytes:]
	if subtle.ConstantTimeCompare(mac, t.mac(request, text)) != 1 {
		return errToken
	}
	return json.Unmarshal(text, place)
}

// mac binds the place to the request, whose length keeps the two apart.
func (t tokens) mac(request string, place []byte) []byte {
	h := hmac.New(sha256.New, t.key)
	fmt.Fprintf(h, "%d\n%s", len(request), request) // never an error
	h.Write(place)
	return h.Sum(nil)[:tokenMACBytes]
}
