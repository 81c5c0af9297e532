package function

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

// Addresses are 16 bytes, IPv4 ones mapped into IPv6.

// castBytes casts between varbinary, uuid, addresses and HyperLogLog sketches. It does not check sketches; the
// functions that read them do.
func castBytes(from, to *types.Type) (caster, bool) {
	switch {
	case to.Kind == types.P4HyperLogLog && from.Kind == types.HyperLogLog:
		return casting(denseSketch), true
	case to.Kind == types.HyperLogLog && (from.Kind == types.Varbinary || from.Kind == types.P4HyperLogLog),
		to.Kind == types.Varbinary && (from.Kind == types.UUID || from.Kind == types.IPAddress || from.Kind == types.HyperLogLog):
		return castingPure(func(s string) string { return s }), true
	case from.Kind == types.Varbinary && to.Kind == types.UUID:
		return casting(func(s string) (string, error) {
			if len(s) != 16 {
				return "", castError("Invalid UUID binary length: %d", len(s))
			}
			return s, nil
		}), true
	case from.Kind == types.Varbinary && to.Kind == types.IPAddress:
		return casting(func(s string) (string, error) {
			if len(s) != 4 && len(s) != 16 {
				return "", castError("Invalid InetAddress binary length: %d", len(s))
			}
			a, _ := netip.AddrFromSlice([]byte(s))
			return addressBytes(a), nil
		}), true
	}
	return nil, false
}

// denseSketch converts a sketch to the form of a P4HyperLogLog.
func denseSketch(s string) (string, error) {
	h, err := sketch.DecodeHyperLogLog([]byte(s))
	if err != nil {
		return "", err
	}
	h.MakeDense()
	return string(h.Encode()), nil
}

func addressBytes(a netip.Addr) string {
	b := a.As16()
	return string(b[:])
}

// addressOf returns the address of the 16 bytes of an ipaddress.
func addressOf(s string) netip.Addr {
	return netip.AddrFrom16([16]byte([]byte(s))).Unmap()
}

func bytesToVarchar(kind types.Kind) caster {
	if kind == types.UUID {
		return uuidToVarchar()
	}
	return castingPure(func(s string) string { return addressOf(s).String() })
}

// uuidBytes are the byte ranges of the parts of a UUID's text.
var uuidBytes = []struct{ from, to int }{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}}

const uuidTextBytes = 36

func uuidToVarchar() caster {
	text := appendBind(eachTakes(uuidTextBytes), func(args []batch.Vector) func([]byte, int) []byte {
		ids := columnOf[[]byte](args[0])
		return func(dst []byte, i int) []byte {
			id := ids.at(i)
			for i, part := range uuidBytes {
				if i > 0 {
					dst = append(dst, '-')
				}
				dst = hex.AppendEncode(dst, id[part.from:part.to])
			}
			return dst
		}
	})
	return func(bool) Bind { return text }
}

func parseBytes(kind types.Kind) caster {
	if kind == types.UUID {
		return casting(parseUUID)
	}
	return casting(parseAddress)
}

func parseUUID(s string) (string, error) {
	if id, ok := plainUUID(s); ok {
		return string(id[:]), nil
	}
	if len(s) != uuidTextBytes {
		if strings.Count(s, "-") == 4 {
			return "", castError("Invalid UUID string length: %d", len(s))
		}
		return "", castError("Cannot cast value to UUID: %s", s)
	}
	var id []byte
	parts := strings.Split(s, "-")
	if len(parts) != 5 {
		return "", castError("Cannot cast value to UUID: %s", s)
	}
	for i, size := range []int{4, 2, 2, 2, 6} { // in bytes; only the last bytes of a longer part count
		n, err := strconv.ParseUint(parts[i], 16, 63)
		if err != nil {
			return "", castError("Cannot cast value to UUID: %s", s)
		}
		for size--; size >= 0; size-- {
			id = append(id, byte(n>>(8*size)))
		}
	}
	return string(id), nil
}

// plainUUID parses a text whose parts have their usual lengths.
func plainUUID(s string) (id [16]byte, ok bool) {
	if len(s) != uuidTextBytes || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	at := 0
	for _, part := range uuidBytes {
		end := at + 2*(part.to-part.from)
		if _, err := hex.Decode(id[part.from:part.to], viewBytes(s[at:end])); err != nil {
			return id, false
		}
		at = end + 1
	}
	return id, true
}

func parseAddress(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return "", castError("Cannot cast value to IPADDRESS: %s", s)
	}
	return addressBytes(a.WithZone("")), nil
}
