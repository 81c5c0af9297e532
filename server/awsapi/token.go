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

// tokens makes and reads page tokens. A token names the element before the next page, not an index, so insertions
// and deletions between two pages move nothing. It is signed together with its request, and valid for that request
// only.
type tokens struct{ key []byte }

const (
	tokenVersion  = 1
	tokenMACBytes = 16
	// maxTokenCharacters is the limit of the API's shapes.
	maxTokenCharacters = 1000
)

var errToken = errors.New("the token is not one of this request")

// encode returns the token of a position in the list of a request.
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

// decode reads the position of a token into place. The error is errToken if the token was not made for the request.
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

// mac signs the position and the request. The request's length separates the two.
func (t tokens) mac(request string, place []byte) []byte {
	h := hmac.New(sha256.New, t.key)
	fmt.Fprintf(h, "%d\n%s", len(request), request) // never fails
	h.Write(place)
	return h.Sum(nil)[:tokenMACBytes]
}
