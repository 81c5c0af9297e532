// Package policy parses the policy documents of access keys and resources, and decides by them as AWS documents it.
// Parsing refuses what the package does not support: nothing in a document that could matter to an action of ours
// is ignored.
package policy

import (
	"fmt"
	"strings"
)

// Limits of a document.
const (
	MaxBytes      = 20480 // of its JSON text
	maxDepth      = 8     // of its JSON
	maxStatements = 100
	maxListValues = 1000 // of each list
)

// The versions of the policy language. Variables exist only in Version; in older documents and those without a
// version they are plain text.
const (
	Version    = "2012-10-17"
	oldVersion = "2008-10-17"
)

// Document is a parsed policy. It never changes and is safe for concurrent use.
type Document struct {
	statements []*statement
	isResource bool
}

// InvalidError says why and where a document is not a valid policy.
type InvalidError struct {
	Where string // such as Statement[1].Condition.StringEquals; "": the whole document
	What  string
}

func (e *InvalidError) Error() string {
	if e.Where == "" {
		return "policy: " + e.What
	}
	return "policy: " + e.Where + ": " + e.What
}

func invalid(where, format string, args ...any) error {
	return &InvalidError{Where: where, What: fmt.Sprintf(format, args...)}
}

// ParseIdentity parses the policy of an access key, which names no principals. Errors are *InvalidError.
func ParseIdentity(text string) (*Document, error) { return parse(text, false) }

// ParseResource parses the policy of a resource. Each statement names principals; without Resource it is about the
// resource of the policy. Errors are *InvalidError.
func ParseResource(text string) (*Document, error) { return parse(text, true) }

func parse(text string, isResource bool) (*Document, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	if root.kind != objectNode {
		return nil, invalid("", "it must be a JSON object")
	}
	d := &Document{isResource: isResource}
	hasVariables := false
	var statements *node
	for _, m := range root.members {
		switch m.name {
		case "Version":
			if m.value.kind != textNode || m.value.text != Version && m.value.text != oldVersion {
				return nil, invalid("Version", "it must be %q or %q", Version, oldVersion)
			}
			hasVariables = m.value.text == Version
		case "Id":
			if m.value.kind != textNode {
				return nil, invalid("Id", "it must be text")
			}
		case "Statement":
			statements = m.value
		default:
			return nil, invalid("", "unknown member %q", m.name)
		}
	}
	if statements == nil {
		return nil, invalid("", "it has no Statement")
	}
	return d, d.parseStatements(statements.list(), hasVariables)
}

func (d *Document) parseStatements(list []*node, hasVariables bool) error {
	switch {
	case len(list) == 0:
		return invalid("Statement", "it is empty")
	case len(list) > maxStatements:
		return invalid("Statement", "it has %d statements, more than %d", len(list), maxStatements)
	}
	ids := map[string]bool{}
	for i, n := range list {
		p := statementParser{where: fmt.Sprintf("Statement[%d]", i), isResource: d.isResource, hasVariables: hasVariables}
		s, err := p.parse(n)
		if err != nil {
			return err
		}
		if s.id != "" && ids[s.id] {
			return invalid(p.where, "another statement has the Sid %q", s.id)
		}
		ids[s.id] = true
		s.number = i
		d.statements = append(d.statements, s)
	}
	return nil
}

// services are the prefixes of the supported actions.
var services = []string{"cloudtrail", "cloudtrail-data", "auditlake"}

// mayMatchOurs reports whether a pattern of actions, in lower case, may match an action of ours. whole are the
// services of ours whose actions it all matches.
func mayMatchOurs(action string) (any bool, whole []string) {
	if strings.Trim(action, "*") == "" {
		return true, services
	}
	service, name, _ := strings.Cut(action, ":")
	for _, s := range services {
		if !literalPattern(service).matchText(s) {
			continue
		}
		any = true
		if strings.Trim(name, "*") == "" {
			whole = append(whole, s)
		}
	}
	return any, whole
}
