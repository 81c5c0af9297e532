package catalog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Badger writes records that are in no table yet to logs: a header, then the entries of each transaction, followed
// by one that ends it. When Badger opens a catalog, it cuts a log off at the first entry with a wrong checksum, and
// all later entries are lost. Such an entry is normal where power failed during a write. The check needs these
// parts of the format to distinguish such an end from damage.
const (
	logHeaderBytes = 20
	maxLogKeyBytes = 1 << 16
	logTimeBytes   = 8 // at the end of each key: the transaction's number, inverted
	logTransaction = 1 << 6
	logEnd         = 1 << 7
)

var logChecksums = crc32.MakeTable(crc32.Castagnoli)

// LogError says where a log of the catalog is damaged. It is the cause of a DamagedError.
type LogError struct {
	Offset int64
	Reason string
}

func (e *LogError) Error() string {
	return fmt.Sprintf("log of the catalog, byte %d: %s", e.Offset, e.Reason)
}

// checkLogs reads the logs of a catalog that no process has open. It returns a *DamagedError if a log holds
// transactions after bytes that cannot be read. An incomplete transaction is damage, too, if it is known to have
// been committed: the chain has had chainEntries entries.
func checkLogs(dir string, chainEntries uint64) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := checkLog(content, chainEntries); err != nil {
			return &DamagedError{Path: path, Err: err}
		}
	}
	return nil
}

// logEntry is what the check needs of an entry.
type logEntry struct {
	meta  byte
	key   []byte // without the number of the transaction
	time  uint64 // the transaction's number
	value []byte
	bytes int // of the whole entry
}

// parseLogEntry reads the entry at the start of content; false: there is no whole one.
func parseLogEntry(content []byte) (e logEntry, ok bool) {
	if len(content) < 2 {
		return e, false
	}
	e.meta = content[0]
	at := 2
	var lengths [3]uint64 // of key and value, and when the entry expires
	for i := range lengths {
		value, n := binary.Uvarint(content[at:])
		if n <= 0 {
			return e, false
		}
		lengths[i] = value
		at += n
	}
	keyBytes, valueBytes := lengths[0], lengths[1]
	if keyBytes <= logTimeBytes || keyBytes > maxLogKeyBytes || valueBytes > uint64(len(content)) {
		return e, false
	}
	end := at + int(keyBytes) + int(valueBytes)
	if end+crc32.Size > len(content) || !isLogKey(content[at:][:keyBytes-logTimeBytes]) {
		return e, false
	}
	if crc32.Checksum(content[:end], logChecksums) != binary.BigEndian.Uint32(content[end:]) {
		return e, false
	}
	key := content[at:][:keyBytes]
	e.key = key[:keyBytes-logTimeBytes]
	e.time = ^binary.BigEndian.Uint64(key[keyBytes-logTimeBytes:])
	e.value = content[at+int(keyBytes) : end]
	e.bytes = end + crc32.Size
	return e, true
}

// isLogKey reports whether a key may be one of the catalog, or of Badger itself: printable text.
func isLogKey(key []byte) bool {
	return !slices.ContainsFunc(key, func(b byte) bool { return b < ' ' || b >= 0x7f })
}

// checkLog reads one log.
func checkLog(content []byte, chainEntries uint64) error {
	if len(content) < logHeaderBytes && !isZero(content) {
		// Badger first makes a log at its full size. It takes a shorter one for new, and cannot read it at the next
		// opening.
		return &LogError{Reason: "it ends within its header"}
	}
	if len(content) <= logHeaderBytes {
		return nil
	}
	at, open := readTransactions(content)
	if isZero(content[at:]) {
		return provesCommit(open, chainEntries, int64(at))
	}
	// The bytes that follow are no whole transaction. If the process or the machine stopped while writing, they are
	// one transaction, the last one.
	broken := at
	for _, e := range open {
		broken += e.bytes
	}
	last := uint64(0)
	if len(open) > 0 {
		last = open[0].time
	}
	for next := broken + 1; next < len(content); next++ {
		if content[next] == 0 && isZero(content[next:min(len(content), next+64)]) {
			next += 32
			continue
		}
		e, ok := parseLogEntry(content[next:])
		if !ok {
			continue
		}
		if last == 0 {
			last = e.time
		}
		if e.time != last {
			return &LogError{Offset: int64(broken), Reason: fmt.Sprintf("an entry cannot be read, while one of another transaction at byte %d can", next)}
		}
		open = append(open, e)
		next += e.bytes - 1
	}
	return provesCommit(open, chainEntries, int64(broken))
}

// readTransactions returns where the last whole transaction of a log ends, and the entries of an incomplete one
// after it.
func readTransactions(content []byte) (end int, open []logEntry) {
	at := logHeaderBytes
	end = at
	for {
		e, ok := parseLogEntry(content[at:])
		if !ok {
			return end, open
		}
		switch {
		case e.meta&logEnd != 0:
			number, err := strconv.ParseUint(string(e.value), 10, 64)
			if err != nil || len(open) == 0 || open[0].time != number {
				return end, open
			}
			open = nil
		case e.meta&logTransaction != 0:
			if len(open) > 0 && open[0].time != e.time {
				return end, open
			}
			open = append(open, e)
		case len(open) > 0:
			return end, open
		}
		at += e.bytes
		if len(open) == 0 {
			end = at
		}
	}
}

// provesCommit returns an error if an incomplete transaction is known to have been committed: it adds a chain entry
// that the chain has had.
func provesCommit(open []logEntry, chainEntries uint64, offset int64) error {
	for _, e := range open {
		reached := uint64(0) // entries of the chain after the transaction, or before its last one
		number, isEntry := strings.CutPrefix(string(e.key), chainPrefix)
		switch n, err := strconv.ParseUint(number, 10, 64); {
		case isEntry && err == nil:
			reached = n + 1
		case string(e.key) == chainHeadKey && len(e.value) == chainHeadBytes:
			reached = binary.BigEndian.Uint64(e.value)
		}
		if reached > 0 && reached <= chainEntries {
			return &LogError{Offset: offset, Reason: fmt.Sprintf("the transaction of chain entry %d, which was committed, is not whole", reached-1)}
		}
	}
	return nil
}

func isZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

// isLogDamage reports whether an error is that of a damaged log.
func isLogDamage(err error) bool { return errors.As(err, new(*LogError)) }
