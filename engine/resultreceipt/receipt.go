// Package resultreceipt writes and reads receipts of results: signed files that say what was asked of a lake, what
// was read for it, and which rows were the answer. docs/formats/receipt.md has the format.
package resultreceipt

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Receipt is what a lake says of a result.
type Receipt struct {
	Version   int       `json:"version"` // FormatVersion
	QueryID   string    `json:"queryId"`
	Statement string    `json:"statement"`           // as its author wrote it
	Arguments []string  `json:"arguments,omitempty"` // constants for its parameters, as SQL
	Asker     string    `json:"asker,omitempty"`     // the principal that asked, if the door knew one
	Instant   time.Time `json:"instant"`             // the statement's now()
	EndedAt   time.Time `json:"endedAt"`
	StoreIDs  []string  `json:"storeIds,omitempty"` // of the stores that were read
	// ChainEntries and ChainHead are the end of the lake's chain in the snapshot that was read.
	ChainEntries uint64    `json:"chainEntries"`
	ChainHead    string    `json:"chainHead"` // lower-case hex, empty without entries
	Columns      []Column  `json:"columns"`
	Rows         int64     `json:"rows"`
	RowsSHA256   string    `json:"rowsSha256"`          // of the rows as NDJSON, lower-case hex
	IsPartial    bool      `json:"isPartial,omitempty"` // the query took too long, and there would have been more rows
	BytesScanned int64     `json:"bytesScanned"`
	IssuedAt     time.Time `json:"issuedAt"`
	IssuedTo     string    `json:"issuedTo,omitempty"` // the principal that wanted the receipt
}

// Column is a column of the result.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Signed is a receipt as its file has it.
type Signed struct {
	Receipt   *Receipt
	Body      []byte // what is signed
	Key       []byte // Ed25519, as the file names it: whether it is to be trusted is for the reader to say
	Signature []byte
}

const (
	// FormatVersion is the version of receipts that are written.
	FormatVersion = 1
	// MaxBytes is how long a file may be.
	MaxBytes       = 2 << 20
	keyBytes       = 32
	signatureBytes = 64
	digestBytes    = 32
)

// ErrFormat means that a text is no receipt. It is wrapped with what is wrong.
var ErrFormat = errors.New("not a receipt of a result")

// file is the JSON of a receipt's file.
type file struct {
	Receipt   json.RawMessage `json:"receipt"`
	Key       string          `json:"key"`
	Signature string          `json:"signature"`
}

// Body returns what is to be signed of a receipt.
func (r *Receipt) Body() ([]byte, error) { return json.Marshal(r) }

// Write returns the file of a signed receipt, indented for people.
func Write(s *Signed) ([]byte, error) {
	text, err := json.MarshalIndent(file{s.Body, base64.StdEncoding.EncodeToString(s.Key), base64.StdEncoding.EncodeToString(s.Signature)}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	if len(text) >= MaxBytes {
		return nil, fmt.Errorf("the receipt would have %d bytes, and the maximum is %d: the statement is too long", len(text), MaxBytes)
	}
	return append(text, '\n'), nil
}

// Parse reads the file of a receipt. It checks no signature. The error wraps ErrFormat.
func Parse(text []byte) (*Signed, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%w: it has %d bytes; the maximum is %d", ErrFormat, len(text), MaxBytes)
	}
	var f file
	if err := decodeStrictly(text, &f); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := json.Compact(&body, f.Receipt); err != nil {
		return nil, fmt.Errorf("%w: it has no receipt: %v", ErrFormat, err)
	}
	s := &Signed{Receipt: &Receipt{}, Body: body.Bytes()}
	if err := decodeStrictly(s.Body, s.Receipt); err != nil {
		return nil, err
	}
	if s.Receipt.Version != FormatVersion {
		return nil, fmt.Errorf("%w: its version is %d, this program reads version %d", ErrFormat, s.Receipt.Version, FormatVersion)
	}
	if digest, err := hex.DecodeString(s.Receipt.RowsSHA256); err != nil || len(digest) != digestBytes {
		return nil, fmt.Errorf("%w: rowsSha256 is not a SHA-256", ErrFormat)
	}
	var err error
	if s.Key, err = decodeBytes("key", f.Key, keyBytes); err != nil {
		return nil, err
	}
	s.Signature, err = decodeBytes("signature", f.Signature, signatureBytes)
	return s, err
}

// decodeStrictly reads one JSON value and refuses members that into does not have.
func decodeStrictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows its end", ErrFormat)
	}
	return nil
}

func decodeBytes(name, text string, length int) ([]byte, error) {
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(decoded) != length {
		return nil, fmt.Errorf("%w: its %s is not %d bytes in base64", ErrFormat, name, length)
	}
	return decoded, nil
}
