package selector

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// Limits of the selectors of one event data store.
const (
	MaxSelectors  = 5
	MaxValues     = 500
	maxValueBytes = 2048
	maxNameBytes  = 1000
)

// ErrInvalid is wrapped by every Error.
var ErrInvalid = errors.New("invalid event selectors")

// Error is a fault in selectors.
type Error struct {
	Selector int    // from 1; 0: all of them together
	Name     string // the selector's name; may be empty
	Field    string // "": the selector itself
	Message  string
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Selector > 0 {
		fmt.Fprintf(&b, "selector %d", e.Selector)
		if e.Name != "" {
			fmt.Fprintf(&b, " (%s)", e.Name)
		}
		b.WriteString(": ")
	}
	if e.Field != "" {
		b.WriteString(e.Field + " ")
	}
	return b.String() + e.Message
}

// Unwrap makes every Error an ErrInvalid.
func (e *Error) Unwrap() error { return ErrInvalid }

// field is a field that selectors read.
type field uint8

const (
	eventCategory field = iota
	eventName
	eventSource
	eventType
	readOnly
	fromConsole
	identityARN
	errorCode
	vpcEndpoint
	resourceType
	resourceARN
	managementEvent // replaces a missing eventCategory
	fieldCount
)

// operators is a set of operators.
type operators uint8

const (
	equalsOnly operators = 1 << iota
	equalsOrNot
	anyOperator
)

// fieldRule is what the managed service allows in a selector's condition on a field.
type fieldRule struct {
	field     field
	operators operators
	values    []string // the only ones; nil: any
	single    bool     // one value only
}

var fields = map[string]fieldRule{
	"eventCategory":                {eventCategory, equalsOnly, categories, true},
	"eventName":                    {eventName, anyOperator, nil, false},
	"eventSource":                  {eventSource, anyOperator, nil, false},
	"eventType":                    {eventType, anyOperator, nil, false},
	"readOnly":                     {readOnly, equalsOnly, []string{"true", "false"}, true},
	"sessionCredentialFromConsole": {fromConsole, equalsOrNot, []string{"true"}, true},
	"userIdentity.arn":             {identityARN, anyOperator, nil, false},
	"errorCode":                    {errorCode, equalsOnly, []string{"VpceAccessDenied"}, true},
	"vpcEndpointId":                {vpcEndpoint, anyOperator, nil, false},
	"resources.type":               {resourceType, equalsOnly, nil, false},
	"resources.ARN":                {resourceARN, anyOperator, nil, false},
}

var categories = schema.Categories()

// categoryRule lists the fields that a selector of a category needs and may have, besides eventCategory.
type categoryRule struct {
	needs, allows []string
	alone         bool // a store must not mix it with other categories
}

var categoryRules = map[string]categoryRule{
	"Management": {
		allows: []string{"eventName", "eventSource", "eventType", "readOnly", "sessionCredentialFromConsole", "userIdentity.arn"},
	},
	"Data": {
		needs:  []string{"resources.type"},
		allows: []string{"eventName", "eventSource", "eventType", "readOnly", "sessionCredentialFromConsole", "userIdentity.arn", "resources.ARN"},
	},
	"NetworkActivity":   {needs: []string{"eventSource"}, allows: []string{"eventName", "errorCode", "vpcEndpointId"}},
	"Insight":           {alone: true},
	"ConfigurationItem": {alone: true},
	"Evidence":          {alone: true},
	"ActivityAuditLog":  {alone: true},
}

// validate checks all selectors of a store. Selectors that pass today must always pass: lakes have them.
func validate(selectors []catalog.AdvancedEventSelector) error {
	if len(selectors) > MaxSelectors {
		return &Error{Message: fmt.Sprintf("there are %d event selectors, at most %d are allowed", len(selectors), MaxSelectors)}
	}
	all, err := validateEach(selectors)
	if err != nil {
		return err
	}
	for _, category := range all {
		if categoryRules[category].alone && slices.ContainsFunc(all, func(other string) bool { return other != category }) {
			return &Error{Message: fmt.Sprintf("an event data store of %s events has no events of other categories: %s", category, strings.Join(all, ", "))}
		}
	}
	return nil
}

// validateEach checks any number of selectors, each alone, and returns the category of each.
func validateEach(selectors []catalog.AdvancedEventSelector) (all []string, err error) {
	if len(selectors) == 0 {
		return nil, &Error{Message: "there are no event selectors"}
	}
	values := 0
	for i := range selectors {
		s := &selectors[i]
		category, err := validateSelector(s)
		if err != nil {
			err.Selector, err.Name = i+1, s.Name
			return nil, err
		}
		all = append(all, category)
		for j := range s.FieldSelectors {
			values += countValues(&s.FieldSelectors[j])
		}
	}
	if values > MaxValues {
		return nil, &Error{Message: fmt.Sprintf("the selectors have %d values, at most %d are allowed", values, MaxValues)}
	}
	return all, nil
}

// validateSelector checks one selector and returns its category.
func validateSelector(s *catalog.AdvancedEventSelector) (category string, err *Error) {
	if len(s.Name) > maxNameBytes {
		return "", &Error{Message: fmt.Sprintf("the name is longer than %d bytes", maxNameBytes)}
	}
	seen := map[string]bool{}
	for i := range s.FieldSelectors {
		f := &s.FieldSelectors[i]
		if seen[f.Field] {
			return "", &Error{Field: f.Field, Message: "appears twice"}
		}
		seen[f.Field] = true
		if err := validateField(f); err != nil {
			return "", err
		}
		if f.Field == "eventCategory" {
			category = f.Equals[0]
		}
	}
	if category == "" {
		return "", &Error{Field: "eventCategory", Message: "is required, with Equals"}
	}
	rule := categoryRules[category]
	for _, needed := range rule.needs {
		if !seen[needed] {
			return "", &Error{Field: needed, Message: fmt.Sprintf("is required for %s events", category)}
		}
	}
	for i := range s.FieldSelectors {
		f := &s.FieldSelectors[i]
		switch needed := slices.Contains(rule.needs, f.Field); {
		case !needed && f.Field != "eventCategory" && !slices.Contains(rule.allows, f.Field):
			return "", &Error{Field: f.Field, Message: fmt.Sprintf("cannot filter %s events", category)}
		case needed && f.Field == "eventSource" && (len(f.Equals) != 1 || countValues(f) > 1):
			return "", &Error{Field: f.Field, Message: fmt.Sprintf("takes only Equals, with one value, for %s events: each source needs a selector of its own", category)}
		}
	}
	return category, nil
}

// validateField checks one field's operators and values for any category.
func validateField(f *catalog.FieldSelector) *Error {
	fail := func(format string, args ...any) *Error {
		return &Error{Field: f.Field, Message: fmt.Sprintf(format, args...)}
	}
	rule, ok := fields[f.Field]
	if !ok {
		if f.Field == "" {
			return fail("a field has no name")
		}
		return fail("is no field of event selectors")
	}
	count := countValues(f)
	switch {
	case count == 0:
		return fail("has no values")
	case rule.operators == equalsOnly && count > len(f.Equals):
		return fail("takes only Equals")
	case rule.operators == equalsOrNot && count > len(f.Equals)+len(f.NotEquals):
		return fail("takes only Equals and NotEquals")
	case rule.single && count > 1:
		return fail("takes one value")
	}
	for _, v := range slices.Concat(f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith) {
		switch {
		case v == "":
			return fail("has an empty value")
		case len(v) > maxValueBytes:
			return fail("has a value longer than %d bytes", maxValueBytes)
		case rule.values != nil && !slices.Contains(rule.values, v):
			return fail("is %s, not %q", strings.Join(rule.values, " or "), v)
		case strings.Contains(v, "*") && f.Field != "resources.ARN":
			// Keys of objects may hold an asterisk.
			return fail("has the value %q, but there are no wildcards: use StartsWith, EndsWith, NotStartsWith or NotEndsWith", v)
		}
	}
	return nil
}

func countValues(f *catalog.FieldSelector) int {
	return len(f.Equals) + len(f.StartsWith) + len(f.EndsWith) + len(f.NotEquals) + len(f.NotStartsWith) + len(f.NotEndsWith)
}
