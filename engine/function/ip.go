package function

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// ipFunctions is the family of functions over IP addresses.
func ipFunctions() []Function {
	return []Function{
		scalar("contains(varchar, ipaddress) -> boolean", "Reports whether a network such as 10.0.0.0/8 has an address.", bound(networkContains)),
	}
}

func networkContains(*types.Resolved) Bind {
	compile := memo(parseCIDR)
	return binary(func(network string, address []byte) (bool, error) {
		prefix, err := compile(network)
		if err != nil {
			return false, err
		}
		return prefix.Contains(netip.AddrFrom16([16]byte(address))), nil
	})
}

// ipv4Bits is where the bits of an IPv4 address begin in 16 bytes.
const ipv4Bits = 96

// parseCIDR reads a network as one of 16-byte addresses. An IPv4 network must have no bits set after its prefix.
func parseCIDR(text string) (netip.Prefix, error) {
	base, length, ok := strings.Cut(text, "/")
	if !ok {
		return netip.Prefix{}, argumentError("Invalid CIDR")
	}
	address, err := netip.ParseAddr(base)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, argumentError("Invalid network IP address")
	}
	bits, err := strconv.Atoi(length)
	if err != nil || bits > address.BitLen() {
		return netip.Prefix{}, argumentError("Invalid CIDR")
	}
	if bits < 0 {
		return netip.Prefix{}, argumentError("Invalid prefix length")
	}
	if prefix := netip.PrefixFrom(address, bits); address.Is4() && prefix.Masked() != prefix {
		return netip.Prefix{}, argumentError("Invalid CIDR")
	}
	if address.Is4() {
		bits += ipv4Bits
	}
	return netip.PrefixFrom(netip.AddrFrom16(address.As16()), bits), nil
}
