package store

import (
	"fmt"
	"net/netip"
	"strings"
)

// checkName applies the managed service's rules for names of resources.
func checkName(name string) error {
	if len(name) < 3 || len(name) > 128 {
		return fmt.Errorf("store name %q must have 3 to 128 characters", name)
	}
	punctuation := func(c byte) bool { return c == '.' || c == '_' || c == '-' }
	for i := 0; i < len(name); i++ {
		c := name[i]
		alphanumeric := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		switch {
		case !alphanumeric && !punctuation(c):
			return fmt.Errorf("store name %q may only have letters, digits, periods, underscores and dashes", name)
		case !alphanumeric && (i == 0 || i == len(name)-1):
			return fmt.Errorf("store name %q must start and end with a letter or digit", name)
		case !alphanumeric && punctuation(name[i-1]):
			return fmt.Errorf("store name %q must not have adjacent periods, underscores or dashes", name)
		}
	}
	if _, err := netip.ParseAddr(name); err == nil && strings.Contains(name, ".") {
		return fmt.Errorf("store name %q must not be an IP address", name)
	}
	return nil
}
