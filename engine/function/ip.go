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
		scalar("contains(varchar, ipaddress) -> boolean", "whether a network such as 10.0.0.0/8 has an address", bound(networkContains)),
	}
}

func networkContains(*types.Resolved) Bind {
	compile := memo(parseCIDR)
	return binary(func(network string, address []byte) (bool, error) {
		prefix, err := compile(network)
		if err != nil {
			return false, err
		}
		a, _ := netip.AddrFromSlice(address)
		return prefix.Contains(a.Unmap()), nil
	})
}

// parseCIDR reads a network whose address has no bits behind its prefix.
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
	if err != nil || bits < 0 || bits > address.BitLen() {
		return netip.Prefix{}, argumentError("Invalid CIDR")
	}
	prefix := netip.PrefixFrom(address, bits)
	if prefix.Masked() != prefix {
		return netip.Prefix{}, argumentError("Invalid CIDR")
	}
	return prefix, nil
}
