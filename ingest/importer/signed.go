package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/signfile"
	"github.com/auditlake/auditlake/storage/object"
)

// SignCheck is what was checked of a result file.
type SignCheck uint8

// The checks of result files, each including the one before it.
const (
	// NoSignFile: nothing, because there is no sign file next to the file. This includes files other than result
	// files.
	NoSignFile SignCheck = iota
	// HashChecked: the file has the hash that the sign file lists.
	HashChecked
	// SignatureChecked: one of Options.PublicKeys has signed the sign file.
	SignatureChecked
)

// maxSignFileBytes is far above the size of the largest result's sign file.
const maxSignFileBytes = 32 << 20

// signFiles caches the last sign file read: result files come folder by folder. Each worker has its own.
type signFiles struct {
	folder string
	found  *signfile.SignFile // nil: there is none in folder
	// unsigned is the failure of every file of the folder if the sign file lacks the required signature, otherwise
	// nil.
	unsigned *ingest.Failure
}

// checkSigned compares a result file with the sign file next to it, and records in f what was checked. It returns
// the failure, or nil.
func (d *decoder) checkSigned(ctx context.Context, f *file) *ingest.Failure {
	if logfile.KindOf(f.Object.Key) != logfile.ResultFile {
		return nil
	}
	slash := strings.LastIndexByte(f.Object.Key, '/') + 1
	folder, name := f.Object.Key[:slash], f.Object.Key[slash:]
	if d.signed.folder != folder {
		found, err := d.readSignFile(ctx, f.Object, folder)
		if err != nil {
			return &ingest.Failure{Reason: unreadable(err), Message: fmt.Sprintf("the sign file beside it: %v", err), Record: ingest.WholeFile}
		}
		d.signed = signFiles{folder, found, d.checkSignature(found)}
	}
	if d.signed.unsigned != nil || d.signed.found == nil {
		return d.signed.unsigned
	}
	if failure := d.checkHash(ctx, f.Object, name); failure != nil {
		return failure
	}
	f.SignCheck = HashChecked
	if d.publicKeys != nil {
		f.SignCheck = SignatureChecked
	}
	return nil
}

// checkSignature returns a failure if a sign file (nil: none) lacks the signature that the import requires.
func (d *decoder) checkSignature(s *signfile.SignFile) *ingest.Failure {
	switch {
	case d.publicKeys == nil:
		return nil
	case s == nil:
		return fileFailure(ingest.NotSigned, "there is no %s beside it, and a signature was asked for", signfile.Name)
	}
	if err := s.Verify(d.publicKeys); err != nil {
		return fileFailure(ingest.NotSigned, "%s: %v", signfile.Name, err)
	}
	return nil
}

// checkHash compares an object with its line in the sign file.
func (d *decoder) checkHash(ctx context.Context, o Object, name string) *ingest.Failure {
	listed, ok := d.signed.found.SHA256Of(name)
	if !ok {
		return fileFailure(ingest.HashMismatch, "%s does not list the file", signfile.Name)
	}
	sum, err := d.storedSHA256(ctx, o)
	switch {
	case err != nil:
		return fileFailure(unreadable(err), "%v", err)
	case !strings.EqualFold(sum, listed):
		return fileFailure(ingest.HashMismatch, "the file is not what %s lists: its SHA-256 is %s, there it is %.64q", signfile.Name, sum, listed)
	}
	return nil
}

func fileFailure(reason ingest.Reason, format string, args ...any) *ingest.Failure {
	return &ingest.Failure{Reason: reason, Message: fmt.Sprintf(format, args...), Record: ingest.WholeFile}
}

// readSignFile reads the sign file of an object's folder, nil if there is none.
func (d *decoder) readSignFile(ctx context.Context, o Object, folder string) (*signfile.SignFile, error) {
	stored, err := d.source.Open(ctx, Object{Key: folder + signfile.Name, source: o.source})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, object.ErrNoSuchKey) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer stored.Close()
	text, err := io.ReadAll(io.LimitReader(contextReader{ctx, stored}, maxSignFileBytes))
	if err != nil {
		return nil, err
	}
	return signfile.Parse(text)
}

// storedSHA256 returns the hash of an object's stored bytes, in lower-case hex.
func (d *decoder) storedSHA256(ctx context.Context, o Object) (string, error) {
	stored, err := d.open(ctx, o)
	if err != nil {
		return "", err
	}
	defer stored.Close()
	digest := sha256.New()
	_, err = io.Copy(digest, contextReader{ctx, stored})
	return hex.EncodeToString(digest.Sum(nil)), err
}
