package object

import (
	"net/netip"
	"strings"
)

// IsBucketName reports whether S3 allows the name for a bucket. It has 3 to 63 lower-case letters, digits, dashes
// and periods. The parts between periods are not empty and have no dash at either end. It is no IP address.
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

// IsRegion reports whether a region can have the name: two or more words of lower-case letters and digits joined by
// dashes, the first of two or more letters.
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
