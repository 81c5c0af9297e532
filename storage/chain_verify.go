package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/auditlake/auditlake/storage/catalog"
)

// verifyChunkBytes is how much of a segment is hashed between checks of the context.
const verifyChunkBytes = 1 << 20

// Verify reads a segment's file completely and compares it with the manifest. It returns a *DamagedError if the
// file is not, byte for byte, what was committed.
func (s *Snapshot) Verify(ctx context.Context, segment *catalog.Segment) error {
	path := s.lake.SegmentPath(segment)
	info, err := s.lake.fs.Stat(path)
	if err != nil {
		return readError(path, err)
	}
	if info.Size() != segment.Bytes {
		return &DamagedError{Path: path, Err: fmt.Errorf("has %d bytes, %d were committed", info.Size(), segment.Bytes)}
	}
	content := io.NewSectionReader(&pooledFile{pool: s.lake.files, path: path}, 0, segment.Bytes)
	return checkHash(ctx, content, path, segment.SHA256)
}

// hashContent returns the SHA-256 of a file's content, hex.
func hashContent(ctx context.Context, content io.Reader, path string) (string, error) {
	hash := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		_, err := io.CopyN(hash, content, verifyChunkBytes)
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(hash.Sum(nil)), nil
		}
		if err != nil {
			return "", readError(path, err)
		}
	}
}

// checkHash compares the SHA-256 of a file's content, hex, with the recorded one. A difference is a *DamagedError.
func checkHash(ctx context.Context, content io.Reader, path, noted string) error {
	found, err := hashContent(ctx, content, path)
	if err != nil {
		return err
	}
	if found != noted {
		return &DamagedError{Path: path, Err: fmt.Errorf("has SHA-256 %s, %s was committed", found, noted)}
	}
	return nil
}
