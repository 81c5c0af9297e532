package catalog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"github.com/dgraph-io/badger/v4"
)

// ManifestVersion counts the transactions that changed the set of segments.
func (tx *Tx) ManifestVersion() (uint64, error) {
	value, err := tx.getRaw(manifestKey)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("catalog: read %s: %w", manifestKey, err)
	}
	if len(value) != 8 {
		return 0, fmt.Errorf("catalog: manifest version has %d bytes instead of 8", len(value))
	}
	return binary.BigEndian.Uint64(value), nil
}

// ChangeSegments adds and removes entries of the manifest and returns its new version.
func (tx *Tx) ChangeSegments(add, remove []*Segment) (uint64, error) {
	for _, s := range remove {
		if err := tx.delete(segmentKey(s)); err != nil {
			return 0, err
		}
	}
	for _, s := range add {
		if err := put(tx, segmentKey(s), s); err != nil {
			return 0, err
		}
	}
	version, err := tx.ManifestVersion()
	if err != nil {
		return 0, err
	}
	version++
	return version, tx.setRaw(manifestKey, binary.BigEndian.AppendUint64(nil, version))
}

// HasSegment reports whether the manifest has a segment.
func (tx *Tx) HasSegment(s *Segment) (bool, error) {
	_, err := tx.getRaw(segmentKey(s))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("catalog: read %s: %w", segmentKey(s), err)
	}
	return true, nil
}

// Segments iterates over the manifest of a store, by day, then name.
func (tx *Tx) Segments(storeID string) iter.Seq2[*Segment, error] {
	return scan[Segment](tx, segmentPrefix+storeID+"/", "")
}

// AllSegments iterates over the manifest of all stores.
func (tx *Tx) AllSegments() iter.Seq2[*Segment, error] {
	return scan[Segment](tx, segmentPrefix, "")
}
