// Package selector decides which events a store takes, by the store's advanced event selectors. It reads an event's
// source text and builds nothing from it.
package selector

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Selector is a compiled list of advanced event selectors. It selects an event if one of them does. It is immutable
// and safe for concurrent use.
type Selector struct {
	alternatives []alternative
	categories   []string // of each alternative
	hash         string
	reads        [fieldCount]bool // the fields that decide
	members      []member         // the members of events that hold these fields
}

// alternative is one selector: all its fields must match.
type alternative struct {
	conditions []condition
	// Conditions on resources must hold for the same resource.
	resourceTypes []string
	resourceARN   *condition
}

// condition is a selector's condition on one field.
type condition struct {
	field                     field
	equals, notEquals         map[string]bool
	startsWith, notStartsWith []string
	endsWith, notEndsWith     []string
}

// Compile checks selectors by the rules for event data stores and compiles them. Check has more rules, for new
// selectors. Errors are *Error and wrap ErrInvalid.
func Compile(selectors []catalog.AdvancedEventSelector) (*Selector, error) {
	if err := validate(selectors); err != nil {
		return nil, err
	}
	return newSelector(selectors), nil
}

// OfCategory returns a Selector for all events of a category, even where Compile would require more conditions.
func OfCategory(category string) *Selector {
	all := []catalog.AdvancedEventSelector{{FieldSelectors: []catalog.FieldSelector{{Field: "eventCategory", Equals: []string{category}}}}}
	return newSelector(all)
}

// newSelector compiles valid selectors.
func newSelector(selectors []catalog.AdvancedEventSelector) *Selector {
	s := &Selector{hash: hash(selectors)}
	for _, of := range []field{eventCategory, eventType, managementEvent, resourceARN} {
		s.reads[of] = true // an event's category follows from these
	}
	for i := range selectors {
		a := newAlternative(&selectors[i])
		for _, c := range a.conditions {
			s.reads[c.field] = true
		}
		s.alternatives = append(s.alternatives, a)
		s.categories = append(s.categories, categoryOf(&selectors[i]))
	}
	for _, list := range members {
		for _, m := range list {
			if s.reads[m.field] {
				s.members = append(s.members, m)
			}
		}
	}
	return s
}

// Members returns the names of the members of events that decide.
func (s *Selector) Members() []string {
	names := make([]string, len(s.members))
	for i, m := range s.members {
		names[i] = m.name
	}
	return names
}

// Categories returns the event category of each selector.
func (s *Selector) Categories() []string { return s.categories }

// categoryOf returns the category that a valid selector names.
func categoryOf(s *catalog.AdvancedEventSelector) string {
	for i := range s.FieldSelectors {
		if f := &s.FieldSelectors[i]; f.Field == "eventCategory" {
			return f.Equals[0]
		}
	}
	return ""
}

func newAlternative(from *catalog.AdvancedEventSelector) alternative {
	var a alternative
	for i := range from.FieldSelectors {
		f := &from.FieldSelectors[i]
		c := newCondition(f)
		switch c.field {
		case resourceType:
			a.resourceTypes = f.Equals
		case resourceARN:
			a.resourceARN = &c
		default:
			a.conditions = append(a.conditions, c)
		}
	}
	return a
}

func newCondition(f *catalog.FieldSelector) condition {
	return condition{
		field: fields[f.Field].field, equals: set(f.Equals), notEquals: set(f.NotEquals),
		startsWith: f.StartsWith, notStartsWith: f.NotStartsWith, endsWith: f.EndsWith, notEndsWith: f.NotEndsWith,
	}
}

func set(values []string) map[string]bool {
	m := make(map[string]bool, len(values))
	for _, v := range values {
		m[v] = true
	}
	return m
}

// Hash identifies what the selectors select, regardless of their names: selectors with equal hashes select the same
// events.
func (s *Selector) Hash() string { return s.hash }

// meaning is part of every hash. It must change when the same selectors begin to select other events.
const meaning = "1 "

func hash(selectors []catalog.AdvancedEventSelector) string {
	unnamed := slices.Clone(selectors)
	for i := range unnamed {
		unnamed[i].Name = ""
	}
	text, err := json.Marshal(unnamed)
	if err != nil {
		panic(err) // strings in structs always have a JSON form
	}
	sum := sha256.Sum256(append([]byte(meaning), text...))
	return hex.EncodeToString(sum[:])
}

// selects reports whether an event is selected.
func (s *Selector) selects(e *event) bool {
	return slices.ContainsFunc(s.alternatives, func(a alternative) bool { return a.selects(e) })
}

func (a *alternative) selects(e *event) bool {
	for i := range a.conditions {
		c := &a.conditions[i]
		if v := e.values[c.field]; c.deselects(v) || c.asks() && !c.meets(v) {
			return false
		}
	}
	return a.resourceTypes == nil || a.selectsResources(e)
}

// selectsResources reports whether the event has a matching resource of the type, and none of that type that a
// deselecting operator matches.
func (a *alternative) selectsResources(e *event) bool {
	found := false
	for i := range e.resources {
		r := &e.resources[i]
		if !slices.Contains(a.resourceTypes, string(r.typ)) {
			continue
		}
		if a.resourceARN == nil {
			return true
		}
		if a.resourceARN.deselects(r.arn) {
			return false
		}
		found = found || !a.resourceARN.asks() || a.resourceARN.meets(r.arn)
	}
	return found
}

// asks reports whether the condition has selecting operators. One of them must then hold.
func (c *condition) asks() bool { return len(c.equals)+len(c.startsWith)+len(c.endsWith) > 0 }

// meets reports whether one of the selecting operators holds. An event without the field meets none.
func (c *condition) meets(v []byte) bool {
	return v != nil && (c.equals[string(v)] || hasPrefix(v, c.startsWith) || hasSuffix(v, c.endsWith))
}

// deselects reports whether one of the deselecting operators holds. An event
// without the field is not deselected.
func (c *condition) deselects(v []byte) bool {
	return v != nil && (c.notEquals[string(v)] || hasPrefix(v, c.notStartsWith) || hasSuffix(v, c.notEndsWith))
}

func hasPrefix(v []byte, of []string) bool {
	for _, p := range of {
		if len(v) >= len(p) && string(v[:len(p)]) == p {
			return true
		}
	}
	return false
}

func hasSuffix(v []byte, of []string) bool {
	for _, p := range of {
		if len(v) >= len(p) && string(v[len(v)-len(p):]) == p {
			return true
		}
	}
	return false
}

// equalFold compares an event's name with ours, in any letter case.
func equalFold(name []byte, ours string) bool {
	return len(name) == len(ours) && bytes.EqualFold(name, []byte(ours))
}
