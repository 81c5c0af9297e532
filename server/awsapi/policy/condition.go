package policy

import (
	"slices"
	"strings"
)

// condition is one key under one operator. It holds if the request's values of the key match.
type condition struct {
	key      *contextKey
	set      setOperator
	ifExists bool
	isNull   bool // the operator Null: tests only whether the key exists
	negated  bool
	values   []matcher
}

// setOperator says how many of the request's values must match.
type setOperator int

const (
	single setOperator = iota
	forAllValues
	forAnyValue
)

// outcome is the result of comparing a value of the request with one of the policy.
type outcome int

const (
	differs outcome = iota
	matches
	// unknown means that the request's value has the wrong kind for the operator, or that a variable cannot be
	// resolved.
	unknown
)

// matcher compares a value of the request with one of the policy.
type matcher func(value string, r *Request) outcome

// parseConditions reads a Condition element. All its conditions must hold.
func (p *statementParser) parseConditions(n *node) ([]condition, error) {
	if n.kind != objectNode {
		return nil, invalid(p.where+".Condition", "it must be an object")
	}
	var all []condition
	for _, op := range n.members {
		where := p.where + ".Condition." + op.name
		if op.value.kind != objectNode || len(op.value.members) == 0 {
			return nil, invalid(where, "it must be an object of keys and values")
		}
		seen := map[string]bool{}
		for _, k := range op.value.members {
			if lower := strings.ToLower(k.name); seen[lower] {
				return nil, invalid(where, "it has the key %q twice", k.name)
			} else {
				seen[lower] = true
			}
			c, err := p.parseCondition(where, op.name, k)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// parseCondition reads one key under an operator.
func (p *statementParser) parseCondition(where, operatorName string, k member) (c condition, err error) {
	base := operatorName
	if rest, is := strings.CutPrefix(base, "ForAllValues:"); is {
		c.set, base = forAllValues, rest
	} else if rest, is := strings.CutPrefix(base, "ForAnyValue:"); is {
		c.set, base = forAnyValue, rest
	}
	base, c.ifExists = strings.CutSuffix(base, "IfExists")
	op, isKnown := operators[base]
	if !isKnown || base == "Null" && base != operatorName {
		return c, invalid(where, "unknown operator %q", operatorName)
	}
	if c.key, err = findKey(k.name); err != nil {
		return c, invalid(where, "%s", err.(*InvalidError).What)
	}
	if op.kinds != nil && c.key.kind != freeKind && !slices.Contains(op.kinds, c.key.kind) {
		return c, invalid(where, "%s cannot compare %s", base, k.name)
	}
	c.isNull, c.negated = base == "Null", op.negated
	for _, v := range k.value.list() {
		if v.kind != textNode && v.kind != numberNode && v.kind != boolNode {
			return c, invalid(where, "the values of %s must be texts", k.name)
		}
		m, err := op.parse(v.text, p.hasVariables)
		if err != nil {
			return c, invalid(where, "%s: %s", k.name, err.(*InvalidError).What)
		}
		c.values = append(c.values, m)
	}
	if len(c.values) == 0 {
		return c, invalid(where, "%s has no values", k.name)
	}
	return c, nil
}

// holds reports whether the condition holds, for a statement that denies or allows. Unknown values never help to
// allow.
func (c *condition) holds(r *Request, denies bool) bool {
	values := c.key.values(r)
	if c.isNull {
		isAbsent := "true"
		if len(values) > 0 {
			isAbsent = "false"
		}
		return c.matchesValue(isAbsent, r, denies)
	}
	one := func(value string) bool { return c.matchesValue(value, r, denies) }
	all := func() bool { return !slices.ContainsFunc(values, func(v string) bool { return !one(v) }) }
	switch {
	case len(values) == 0 && c.ifExists:
		return true
	case len(values) == 0 && c.set == single:
		return c.negated
	case c.set == forAllValues:
		return all()
	case c.set == forAnyValue:
		return slices.ContainsFunc(values, one)
	case denies: // several values for a single-valued operator
		return slices.ContainsFunc(values, one)
	}
	return all()
}

// matchesValue reports whether one value of the request satisfies the operator: it matches some value of the
// policy, or, for a negated operator, none.
func (c *condition) matchesValue(value string, r *Request, denies bool) bool {
	isUnknown := false
	for _, m := range c.values {
		switch m(value, r) {
		case matches:
			return !c.negated
		case unknown:
			isUnknown = true
		}
	}
	if c.negated && isUnknown {
		return denies
	}
	return c.negated
}
