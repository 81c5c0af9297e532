package awsapi

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// maxPublicKeys limits the keys of a page: those of most of a year.
const maxPublicKeys = 10

type listPublicKeysInput struct {
	StartTime *timestamp
	EndTime   *timestamp
	NextToken string
}

// keyPlace is the position of a key in the list, the oldest first.
type keyPlace struct {
	ValidFrom   time.Time
	Fingerprint string
}

type publicKey struct {
	Value             []byte // RSA, PKCS #1 DER
	ValidityStartTime timestamp
	ValidityEndTime   timestamp
	Fingerprint       string
}

// listPublicKeys lists the keys that signed in a time range, which may end in the future. Without a range it lists
// the key that signs now.
func (d *Door) listPublicKeys(ctx context.Context, c *call, in *listPublicKeysInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	after, err := readToken[keyPlace](d, c, in.NextToken)
	if err != nil {
		return nil, fail("InvalidTokenException", "The token is invalid or expired, or was made for a request with other parameters.")
	}
	from, to := d.now(), d.now()
	if in.StartTime != nil {
		from = in.StartTime.at()
	}
	if in.EndTime != nil {
		to = in.EndTime.at()
	}
	if from.After(to) {
		return nil, fail("InvalidTimeRangeException", "StartTime is after EndTime. The current time replaces a missing one.")
	}
	if in.StartTime == nil && in.EndTime == nil && !d.lake.IsReadOnly() {
		if _, err := d.lake.Keys().CurrentPublicKey(ctx); err != nil { // makes the key if there is none
			return nil, err
		}
	}
	keys, err := d.lake.Keys().PublicKeys(from, to)
	if err != nil {
		return nil, err
	}
	page, next := list[*engine.PublicKey, keyPlace]{
		elements: keys,
		place:    func(k *engine.PublicKey) keyPlace { return keyPlace{k.ValidFrom, k.Fingerprint} },
		compare: func(a, b keyPlace) int {
			return cmp.Or(a.ValidFrom.Compare(b.ValidFrom), strings.Compare(a.Fingerprint, b.Fingerprint))
		},
	}.page(after, maxPublicKeys)
	var out struct {
		PublicKeyList []publicKey
		NextToken     string `json:",omitempty"`
	}
	out.PublicKeyList = []publicKey{}
	for _, k := range page {
		out.PublicKeyList = append(out.PublicKeyList, publicKey{k.DER, timestamp(k.ValidFrom), timestamp(k.ValidUntil), k.Fingerprint})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}
