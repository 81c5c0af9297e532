package policy

import (
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is an operator of conditions.
type operator struct {
	negated bool
	// kinds are the kinds of keys that it can compare, besides freeKind; nil: all.
	kinds []valueKind
	// parse reads a value of the policy. The error does not say where in the document it is.
	parse func(text string, hasVariables bool) (matcher, error)
}

// operators are the operators by name, without set operator and IfExists.
var operators = map[string]operator{
	"StringEquals":              {parse: stringMatcher(false, false)},
	"StringNotEquals":           {parse: stringMatcher(false, false), negated: true},
	"StringEqualsIgnoreCase":    {parse: stringMatcher(false, true)},
	"StringNotEqualsIgnoreCase": {parse: stringMatcher(false, true), negated: true},
	"StringLike":                {parse: stringMatcher(true, false)},
	"StringNotLike":             {parse: stringMatcher(true, false), negated: true},

	"ArnEquals":    {parse: arnMatcher, kinds: []valueKind{arnKind}},
	"ArnLike":      {parse: arnMatcher, kinds: []valueKind{arnKind}},
	"ArnNotEquals": {parse: arnMatcher, kinds: []valueKind{arnKind}, negated: true},
	"ArnNotLike":   {parse: arnMatcher, kinds: []valueKind{arnKind}, negated: true},

	"NumericEquals":            {parse: numericMatcher(func(c int) bool { return c == 0 }), kinds: []valueKind{}},
	"NumericNotEquals":         {parse: numericMatcher(func(c int) bool { return c == 0 }), kinds: []valueKind{}, negated: true},
	"NumericLessThan":          {parse: numericMatcher(func(c int) bool { return c < 0 }), kinds: []valueKind{}},
	"NumericLessThanEquals":    {parse: numericMatcher(func(c int) bool { return c <= 0 }), kinds: []valueKind{}},
	"NumericGreaterThan":       {parse: numericMatcher(func(c int) bool { return c > 0 }), kinds: []valueKind{}},
	"NumericGreaterThanEquals": {parse: numericMatcher(func(c int) bool { return c >= 0 }), kinds: []valueKind{}},

	"DateEquals":            {parse: dateMatcher(func(c int) bool { return c == 0 }), kinds: []valueKind{dateKind}},
	"DateNotEquals":         {parse: dateMatcher(func(c int) bool { return c == 0 }), kinds: []valueKind{dateKind}, negated: true},
	"DateLessThan":          {parse: dateMatcher(func(c int) bool { return c < 0 }), kinds: []valueKind{dateKind}},
	"DateLessThanEquals":    {parse: dateMatcher(func(c int) bool { return c <= 0 }), kinds: []valueKind{dateKind}},
	"DateGreaterThan":       {parse: dateMatcher(func(c int) bool { return c > 0 }), kinds: []valueKind{dateKind}},
	"DateGreaterThanEquals": {parse: dateMatcher(func(c int) bool { return c >= 0 }), kinds: []valueKind{dateKind}},

	"Bool": {parse: boolMatcher, kinds: []valueKind{boolKind}},
	"Null": {parse: boolMatcher},

	"IpAddress":    {parse: addressMatcher, kinds: []valueKind{ipKind}},
	"NotIpAddress": {parse: addressMatcher, kinds: []valueKind{ipKind}, negated: true},
}

func outcomeOf(isMatch bool) outcome {
	if isMatch {
		return matches
	}
	return differs
}

func stringMatcher(wildcards, ignoreCase bool) func(string, bool) (matcher, error) {
	return func(text string, hasVariables bool) (matcher, error) {
		p, err := parsePattern(text, patternRules{wildcards: wildcards, variables: hasVariables})
		if err != nil {
			return nil, err
		}
		return func(value string, r *Request) outcome {
			resolved, ok := p.resolve(r)
			if !ok {
				return unknown
			}
			if ignoreCase {
				resolved, value = resolved.inLowerCase(), lowerText(value)
			}
			return outcomeOf(resolved.matchText(value))
		}, nil
	}
}

func arnMatcher(text string, hasVariables bool) (matcher, error) {
	a, err := parseARN(text, patternRules{wildcards: true, variables: hasVariables})
	if err != nil {
		return nil, err
	}
	return func(value string, r *Request) outcome {
		if strings.Count(value, ":") < arnParts-1 {
			return unknown
		}
		isMatch, isUnknown := a.match(value, r, false)
		if isUnknown {
			return unknown
		}
		return outcomeOf(isMatch)
	}, nil
}

// maxNumberBytes limits the text of a number, and with it the work of reading it.
const maxNumberBytes = 64

func parseNumber(text string) (*big.Rat, bool) {
	if len(text) > maxNumberBytes || text == "" || strings.Trim(text, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func numericMatcher(holds func(compared int) bool) func(string, bool) (matcher, error) {
	return func(text string, _ bool) (matcher, error) {
		limit, ok := parseNumber(text)
		if !ok {
			return nil, invalid("", "%q is not a number", text)
		}
		return func(value string, _ *Request) outcome {
			number, ok := parseNumber(value)
			if !ok {
				return unknown
			}
			return outcomeOf(holds(number.Cmp(limit)))
		}, nil
	}
}

// dateLayouts are the W3C's forms of ISO 8601. Without a zone they are in UTC.
var dateLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, "2006-01"}

// parseDate reads a date, or seconds since 1970. Four digits are a year.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	if len(text) == 4 {
		if at, err := time.Parse("2006", text); err == nil {
			return at, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < -1<<36 || seconds > 1<<36 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

func dateMatcher(holds func(compared int) bool) func(string, bool) (matcher, error) {
	return func(text string, _ bool) (matcher, error) {
		limit, ok := parseDate(text)
		if !ok {
			return nil, invalid("", "%q is not a date (2026-01-31T10:00:00Z, or seconds since 1970)", text)
		}
		return func(value string, _ *Request) outcome {
			at, ok := parseDate(value)
			if !ok {
				return unknown
			}
			return outcomeOf(holds(at.Compare(limit)))
		}, nil
	}
}

func boolMatcher(text string, _ bool) (matcher, error) {
	want := strings.ToLower(text)
	if want != "true" && want != "false" {
		return nil, invalid("", "%q is neither true nor false", text)
	}
	return func(value string, _ *Request) outcome {
		got := strings.ToLower(value)
		if got != "true" && got != "false" {
			return unknown
		}
		return outcomeOf(got == want)
	}, nil
}

// parsePrefix reads an address range, or an address as the range of only itself.
func parsePrefix(text string) (netip.Prefix, bool) {
	if at, err := netip.ParseAddr(text); err == nil && at.Zone() == "" {
		at = at.Unmap()
		return netip.PrefixFrom(at, at.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err == nil && !prefix.Addr().Is4In6()
}

func addressMatcher(text string, _ bool) (matcher, error) {
	prefix, ok := parsePrefix(text)
	if !ok {
		return nil, invalid("", "%q is not an address or a range of addresses (203.0.113.0/24)", text)
	}
	return func(value string, _ *Request) outcome {
		at, err := netip.ParseAddr(value)
		if err != nil {
			return unknown
		}
		return outcomeOf(prefix.Contains(at.Unmap().WithZone("")))
	}, nil
}
