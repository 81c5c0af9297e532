package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// parseSelectors reads a list of advanced event selectors, or an object that has one, as the service's own tools
// print and accept them. Unknown members are errors: without the condition the selector would take in other events
// than were meant.
func parseSelectors(text []byte) ([]engine.Selector, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("{")) {
		var of struct{ AdvancedEventSelectors json.RawMessage }
		if err := json.Unmarshal(text, &of); err != nil {
			return nil, err
		}
		text = of.AdvancedEventSelectors
	}
	if !bytes.HasPrefix(text, []byte("[")) {
		return nil, errors.New(`expected a list such as [{"Name": …, "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, …]}]`)
	}
	if !json.Valid(text) {
		return nil, json.Unmarshal(text, &json.RawMessage{})
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var selectors []engine.Selector
	err := decoder.Decode(&selectors)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("%s is a %s; it must be a %s",
			wrong.Field, wrong.Value, strings.Replace(wrong.Type.Kind().String(), "slice", "list", 1))
	}
	return selectors, err
}
