package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a text with wildcards and variables.
type pattern []atom

// atom is a character, a wildcard or a variable.
type atom struct {
	kind     atomKind
	char     rune
	variable *variable
}

type atomKind int

const (
	charAtom atomKind = iota
	anyCharAtom
	anyTextAtom
	variableAtom
)

// variable is ${key} or ${key, 'default'}.
type variable struct {
	key        *contextKey
	fallback   string
	hasDefault bool
}

// patternRules says which characters are special in a pattern.
type patternRules struct {
	wildcards bool // * and ?
	variables bool // ${…}
}

// parsePattern reads a pattern. The error does not say where in the document it is.
func parsePattern(text string, rules patternRules) (pattern, error) {
	var p pattern
	for text != "" {
		if rules.variables && strings.HasPrefix(text, "${") {
			end := strings.IndexByte(text, '}')
			if end < 0 {
				return nil, invalid("", "the variable in %q is not closed", text)
			}
			a, err := parseVariable(text[2:end])
			if err != nil {
				return nil, err
			}
			p, text = append(p, a), text[end+1:]
			continue
		}
		char, size := utf8.DecodeRuneInString(text)
		a := atom{char: char}
		switch {
		case rules.wildcards && char == '*':
			a.kind = anyTextAtom
		case rules.wildcards && char == '?':
			a.kind = anyCharAtom
		}
		p, text = append(p, a), text[size:]
	}
	return p, nil
}

// parseVariable reads the inside of ${}: a key with an optional default, or one of the literal characters * ? $.
func parseVariable(inside string) (atom, error) {
	switch inside {
	case "*", "?", "$":
		return atom{char: rune(inside[0])}, nil
	}
	name, fallback, hasDefault := strings.Cut(inside, ",")
	key, err := findKey(strings.TrimSpace(name))
	if err != nil {
		return atom{}, invalid("", "the variable ${%s}: %s", inside, err.(*InvalidError).What)
	}
	if key.isMany {
		return atom{}, invalid("", "the variable ${%s} may have several values", inside)
	}
	v := &variable{key: key, hasDefault: hasDefault}
	if hasDefault {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
			return atom{}, invalid("", "the default in ${%s} must stand in single quotes", inside)
		}
		v.fallback = fallback[1 : len(fallback)-1]
	}
	return atom{kind: variableAtom, variable: v}, nil
}

// literalPattern reads a pattern with wildcards and without variables.
func literalPattern(text string) pattern {
	p, _ := parsePattern(text, patternRules{wildcards: true}) // without variables there is no error
	return p
}

// lowerText returns a text in lower case, character by character as for patterns.
func lowerText(text string) string { return strings.Map(unicode.ToLower, text) }

// inLowerCase returns the pattern with its characters in lower case.
func (p pattern) inLowerCase() pattern {
	lower := make(pattern, len(p))
	for i, a := range p {
		a.char = unicode.ToLower(a.char)
		lower[i] = a
	}
	return lower
}

func (p pattern) hasVariables() bool {
	for _, a := range p {
		if a.kind == variableAtom {
			return true
		}
	}
	return false
}

// resolve replaces the variables by the request's values, whose characters are literal. ok is false if the request
// has several values for a variable, or none and the variable has no default.
func (p pattern) resolve(r *Request) (resolved pattern, ok bool) {
	if !p.hasVariables() {
		return p, true
	}
	for _, a := range p {
		if a.kind != variableAtom {
			resolved = append(resolved, a)
			continue
		}
		values := a.variable.key.values(r)
		text := a.variable.fallback
		switch {
		case len(values) == 1:
			text = values[0]
		case len(values) > 1 || !a.variable.hasDefault:
			return nil, false
		}
		for _, char := range text {
			resolved = append(resolved, atom{char: char})
		}
	}
	return resolved, true
}

// matchText reports whether a pattern without variables matches a whole text.
func (p pattern) matchText(text string) bool {
	chars := []rune(text)
	at, i := 0, 0
	star, from := -1, 0 // the last *, and the end of what it matched
	for i < len(chars) {
		switch {
		case at < len(p) && p[at].kind == anyTextAtom:
			star, from = at, i
			at++
		case at < len(p) && (p[at].kind == anyCharAtom || p[at].kind == charAtom && p[at].char == chars[i]):
			at++
			i++
		case star >= 0:
			from++
			at, i = star+1, from
		default:
			return false
		}
	}
	for at < len(p) && p[at].kind == anyTextAtom {
		at++
	}
	return at == len(p)
}

// arnParts is how many parts an ARN has, separated by colons; the last may contain colons.
const arnParts = 6

// arnPattern is the pattern of an ARN; each part is matched separately.
type arnPattern [arnParts]pattern

// parseARN reads the pattern of an ARN.
func parseARN(text string, rules patternRules) (a arnPattern, err error) {
	whole, err := parsePattern(text, rules)
	if err != nil {
		return a, err
	}
	part := 0
	for _, atom := range whole {
		if atom.kind == charAtom && atom.char == ':' && part < arnParts-1 {
			part++
			continue
		}
		a[part] = append(a[part], atom)
	}
	if part < arnParts-1 || !strings.HasPrefix(text, "arn:") {
		return a, invalid("", "%q is not an ARN: it needs the six parts of arn:partition:service:region:account:resource", text)
	}
	return a, nil
}

// match reports whether an ARN matches. isUnknown means that a variable in the pattern cannot be resolved. With
// ignoreCase the ARN must be in lower case, and letter case does not count.
func (a arnPattern) match(arn string, r *Request, ignoreCase bool) (isMatch, isUnknown bool) {
	parts := strings.SplitN(arn, ":", arnParts)
	isMatch = len(parts) == arnParts
	for i, p := range a {
		resolved, ok := p.resolve(r)
		if !ok {
			return false, true
		}
		if ignoreCase {
			resolved = resolved.inLowerCase()
		}
		isMatch = isMatch && resolved.matchText(parts[i])
	}
	return isMatch, false
}
