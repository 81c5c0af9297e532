package object

import (
	"net/netip"
	"strings"
)

// IsBucketName reports whether S3 lets a bucket have the name: 3 to 63 small letters, digits, dashes and periods,
// between periods neither nothing nor what begins or ends with a dash, and no IP address.
func IsBucketName(name string) bool {
	if len(name) < 3 || len(name) > 63 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, isNoBucketLetter) {
			return false
		}
	}
	_, err := netip.ParseAddr(name)
	return err != nil
}

func isNoBucketLetter(r rune) bool { return r != '-' && isNoRegionLetter(r) }

// IsRegion reports whether a region can have the name: two and more words of small letters and digits with dashes
// between, the first of two and more letters.
func IsRegion(name string) bool {
	area, rest, ok := strings.Cut(name, "-")
	if !ok || len(area) < 2 || strings.ContainsFunc(area, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return false
	}
	for word := range strings.SplitSeq(rest, "-") {
		if word == "" || strings.ContainsFunc(word, isNoRegionLetter) {
			return false
		}
	}
	return true
}

func isNoRegionLetter(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }
