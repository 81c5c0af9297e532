package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/storage/object"
)

// signFile is what a sign file says of the result files beside it.
type signFile struct {
	Files []struct {
		Name   string `json:"fileName"`
		SHA256 string `json:"fileHashValue"` // of the file as it is stored
	} `json:"files"`
	HashAlgorithm string `json:"hashAlgorithm"`
}

// maxSignFileBytes lies far above the sign file of the largest result.
const maxSignFileBytes = 32 << 20

// signFiles remembers the sign file that was read last: result files come folder by folder. Each worker has its own.
type signFiles struct {
	folder string
	found  *signFile // nil: there is none in folder
}

// checkSigned compares a result file with the sign file beside it. Nil: it is what is listed there, it is no result file, or there
// is no sign file.
func (d *decoder) checkSigned(ctx context.Context, o Object) *ingest.Failure {
	if logfile.KindOf(o.Key) != logfile.ResultFile {
		return nil
	}
	slash := strings.LastIndexByte(o.Key, '/') + 1
	folder, name := o.Key[:slash], o.Key[slash:]
	if d.signed.folder != folder {
		found, err := d.readSignFile(ctx, o, folder)
		if err != nil {
			return &ingest.Failure{Reason: unreadable(err), Message: fmt.Sprintf("the sign file beside it: %v", err), Record: ingest.WholeFile}
		}
		d.signed = signFiles{folder, found}
	}
	if d.signed.found == nil {
		return nil
	}
	for _, listed := range d.signed.found.Files {
		if listed.Name != name {
			continue
		}
		sum, err := d.storedSHA256(ctx, o)
		switch {
		case err != nil:
			return &ingest.Failure{Reason: unreadable(err), Message: err.Error(), Record: ingest.WholeFile}
		case !strings.EqualFold(sum, listed.SHA256):
			return mismatch("the file is not what %s lists: its SHA-256 is %s, there it is %.64q", logfile.SignFileName, sum, listed.SHA256)
		}
		return nil
	}
	return mismatch("%s does not list the file", logfile.SignFileName)
}

func mismatch(format string, args ...any) *ingest.Failure {
	return &ingest.Failure{Reason: ingest.HashMismatch, Message: fmt.Sprintf(format, args...), Record: ingest.WholeFile}
}

// readSignFile reads the sign file of an object's folder, nil if there is none.
func (d *decoder) readSignFile(ctx context.Context, o Object, folder string) (*signFile, error) {
	stored, err := d.source.Open(ctx, Object{Key: folder + logfile.SignFileName, source: o.source})
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
	var s signFile
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("it is not valid JSON: %w", err)
	}
	if s.HashAlgorithm != "SHA-256" {
		return nil, fmt.Errorf("its hashes are by %.20q, not SHA-256", s.HashAlgorithm)
	}
	return &s, nil
}

// storedSHA256 is the hash of an object's bytes as they are stored, in lower-case hex.
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
