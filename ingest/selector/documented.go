package selector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Check checks new selectors of an event data store by the rules of Compile and by the service's documented values.
// Compile alone accepts a store's existing selectors, which may be older than a rule. Errors are *Error and wrap
// ErrInvalid.
func Check(selectors []catalog.AdvancedEventSelector) error {
	if err := validate(selectors); err != nil {
		return err
	}
	return checkDocumented(selectors)
}

// CheckOfTrail is Check for any number of selectors of a trail. It returns the category of each.
func CheckOfTrail(selectors []catalog.AdvancedEventSelector) (all []string, err error) {
	if all, err = validateEach(selectors); err != nil {
		return nil, err
	}
	return all, checkDocumented(selectors)
}

// checkDocumented checks values of valid selectors: of resources.type, of resources.ARN and, for network activity
// events, of eventSource.
func checkDocumented(selectors []catalog.AdvancedEventSelector) error {
	for i := range selectors {
		s := &selectors[i]
		if err := checkValues(s); err != nil {
			err.Selector, err.Name = i+1, s.Name
			return err
		}
	}
	return nil
}

func checkValues(s *catalog.AdvancedEventSelector) *Error {
	category, ofType := categoryOf(s), ""
	for i := range s.FieldSelectors {
		f := &s.FieldSelectors[i]
		switch {
		case f.Field == "resources.type" && len(f.Equals) > 1:
			return &Error{Field: f.Field, Message: "takes one value: each type needs a selector of its own"}
		case f.Field == "resources.type":
			ofType = f.Equals[0]
			if !slices.Contains(resourceTypes, ofType) {
				return &Error{Field: f.Field, Message: unknown(ofType, "a type of data events", resourceTypes)}
			}
		case f.Field == "eventSource" && category == "NetworkActivity" && !slices.Contains(networkSources, f.Equals[0]):
			return &Error{Field: f.Field, Message: unknown(f.Equals[0], "a source of network activity events", networkSources)}
		}
	}
	for i := range s.FieldSelectors {
		f := &s.FieldSelectors[i]
		if f.Field != "resources.ARN" {
			continue
		}
		for _, value := range slices.Concat(f.Equals, f.NotEquals) {
			if !isARNOf(value, ofType) {
				return &Error{Field: f.Field, Message: wrongARN(value, ofType)}
			}
		}
	}
	return nil
}

// unknown returns the message for a value that is not in a list.
func unknown(value, what string, known []string) string {
	message := fmt.Sprintf("has the value %q, which is not %s", value, what)
	if close := near(value, known); len(close) > 0 {
		return message + "; did you mean " + strings.Join(close, ", ") + "?"
	}
	return message + "; the CloudTrail user guide lists them"
}

// wrongARN returns the message for a value that is not an ARN of a resource type.
func wrongARN(value, resourceType string) string {
	form := arnForms[resourceType]
	if form == "" {
		form = "SERVICE:REGION:ACCOUNT:RESOURCE"
	}
	return fmt.Sprintf("has the value %q, which is no ARN of %s: Equals and NotEquals take arn:aws:%s; StartsWith takes the beginning of one", value, resourceType, form)
}
