package engine

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/engine/resultreceipt"
	"github.com/auditlake/auditlake/storage"
)

// ResultReceipt is a lake's signed statement about a result.
type ResultReceipt = resultreceipt.Receipt

// MaxReceiptBytes is the maximum length of a receipt file.
const MaxReceiptBytes = resultreceipt.MaxBytes

// ErrReceiptFormat means that a file is not a receipt of a result.
var ErrReceiptFormat = resultreceipt.ErrFormat

// ErrNoOrigin means that the result has no record of what it was computed from.
var ErrNoOrigin = errors.New("the result has no record of what it was computed from: an earlier version of auditlake kept it, or it is a sorted copy of another result")

// IssueReceipt returns a receipt file for the kept result of a query, signed with the key of the chain. It reads
// all rows of the result. issuedTo is the principal that asks for the receipt.
func (l *Lake) IssueReceipt(ctx context.Context, queryID, issuedTo string) ([]byte, error) {
	info, err := l.Queries().Get(queryID)
	if err != nil {
		return nil, err
	}
	result, err := l.openKept(info)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	origin := result.Origin()
	if origin == nil {
		return nil, ErrNoOrigin
	}
	sum, err := rowsSHA256(ctx, result)
	if err != nil {
		return nil, err
	}
	receipt := &ResultReceipt{
		Version: resultreceipt.FormatVersion, QueryID: info.ID, Statement: origin.Statement, Arguments: origin.Arguments, Asker: info.User,
		Instant: origin.Instant, EndedAt: info.EndedAt.UTC(), StoreIDs: info.StoreIDs, ChainEntries: origin.ChainEntries, ChainHead: origin.ChainHead,
		Rows: result.Rows(), RowsSHA256: sum, IsPartial: info.State == QueryTimedOut, BytesScanned: info.BytesScanned,
		IssuedAt: l.now(), IssuedTo: issuedTo,
	}
	for _, c := range result.Columns() {
		receipt.Columns = append(receipt.Columns, resultreceipt.Column{Name: c.Name, Type: c.Type.String()})
	}
	body, err := receipt.Body()
	if err != nil {
		return nil, fmt.Errorf("write a receipt: %w", err)
	}
	signature, key, err := l.storage.SignReceipt(body)
	if err != nil {
		return nil, err
	}
	return resultreceipt.Write(&resultreceipt.Signed{Body: body, Key: key, Signature: signature})
}

// openKept opens the kept result of a query. The caller closes it.
func (l *Lake) openKept(info *QueryInfo) (*QueryResult, error) {
	if info.State == QueryTimedOut {
		return l.Queries().PartialResults(info.ID)
	}
	return l.Queries().Results(info.ID)
}

// rowsSHA256 hashes the rows of a result as NDJSON.
func rowsSHA256(ctx context.Context, result *QueryResult) (string, error) {
	sum := sha256.New()
	if _, err := answer.Write("ndjson", sum, result.Page(ctx, 0, -1)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// KeptRows says how the rows of a receipt compare with those that the lake keeps.
type KeptRows string

// The results of the comparison. KeptRowsDiffer: also if the file of the rows is damaged. KeptRowsGone: the query
// has left the history, or its result is no longer kept. KeptRowsUnchecked: there was no lake, or the caller may
// not read the rows.
const (
	KeptRowsSame      KeptRows = "SAME"
	KeptRowsDiffer    KeptRows = "DIFFER"
	KeptRowsGone      KeptRows = "GONE"
	KeptRowsUnchecked KeptRows = "UNCHECKED"
)

// CheckedReceipt is the result of checking a receipt.
type CheckedReceipt struct {
	Receipt *ResultReceipt
	Key     string // base64: the signing key that the file names
	// IsSigned: the signature is valid, by Key over the whole receipt.
	IsSigned bool
	// IsTrusted: the caller trusts Key or, if it named no keys, Key signed this lake's chain.
	IsTrusted bool
	// IsInChain: the lake's chain had the head that the receipt names.
	IsInChain bool
	Rows      KeptRows
}

// IsSound reports whether no check speaks against the receipt.
func (c *CheckedReceipt) IsSound() bool {
	return c.IsSigned && c.IsTrusted && c.IsInChain && c.Rows != KeptRowsDiffer
}

// CheckReceiptSignature reads a receipt file and checks its signature without any lake. That proves something only
// if the key is one of keys (base64), see IsTrusted.
func CheckReceiptSignature(text []byte, keys []string) (*CheckedReceipt, error) {
	checked, _, err := checkSignature(text, keys)
	return checked, err
}

func checkSignature(text []byte, keys []string) (*CheckedReceipt, *resultreceipt.Signed, error) {
	signed, err := resultreceipt.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	trust, err := (&VerifyOptions{Keys: keys}).trust()
	if err != nil {
		return nil, nil, err
	}
	checked := &CheckedReceipt{Receipt: signed.Receipt, Key: base64.StdEncoding.EncodeToString(signed.Key), Rows: KeptRowsUnchecked}
	checked.IsSigned = storage.IsReceiptSigned(signed.Key, signed.Body, signed.Signature)
	checked.IsTrusted = slices.ContainsFunc(trust.Keys, func(key ed25519.PublicKey) bool { return bytes.Equal(key, signed.Key) })
	return checked, signed, nil
}

// CheckReceipt checks a receipt file against the lake: who signed it, and whether the chain had the head that it
// names. Without keys (base64), those that signed the chain are trusted. If mayRead allows the caller to read the
// answer of the receipt's query and its rows are still kept, they are hashed again.
func (l *Lake) CheckReceipt(ctx context.Context, text []byte, keys []string, mayRead func(*QueryInfo) bool) (*CheckedReceipt, error) {
	checked, signed, err := checkSignature(text, keys)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		if checked.IsTrusted, err = l.storage.HasSignedReceipt(signed.Body, signed.Signature); err != nil {
			return nil, err
		}
	}
	if checked.IsInChain, err = l.storage.HasChainHead(checked.Receipt.ChainEntries, checked.Receipt.ChainHead); err != nil {
		return nil, err
	}
	checked.Rows, err = l.compareKept(ctx, checked.Receipt, mayRead)
	return checked, err
}

// compareKept compares the rows of a receipt with the kept rows.
func (l *Lake) compareKept(ctx context.Context, receipt *ResultReceipt, mayRead func(*QueryInfo) bool) (KeptRows, error) {
	info, err := l.Queries().Get(receipt.QueryID)
	if errors.Is(err, ErrQueryNotFound) {
		return KeptRowsGone, nil
	}
	if err != nil {
		return "", err
	}
	if !mayRead(info) {
		return KeptRowsUnchecked, nil
	}
	sum, rows, err := l.hashKept(ctx, info)
	switch damaged := (*spool.DamagedError)(nil); {
	case errors.Is(err, ErrResultNotKept):
		return KeptRowsGone, nil
	case errors.As(err, &damaged):
		return KeptRowsDiffer, nil
	case err != nil:
		return "", err
	case sum != receipt.RowsSHA256 || rows != receipt.Rows:
		return KeptRowsDiffer, nil
	}
	return KeptRowsSame, nil
}

// hashKept hashes and counts the kept rows of a query.
func (l *Lake) hashKept(ctx context.Context, info *QueryInfo) (sum string, rows int64, err error) {
	result, err := l.openKept(info)
	if err != nil {
		return "", 0, err
	}
	defer result.Close()
	sum, err = rowsSHA256(ctx, result)
	return sum, result.Rows(), err
}
