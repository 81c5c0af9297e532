// Package model describes the API: operations, their members with constraints, and the errors with their statuses.
//
// It reads them from a table derived from the public models of AWS clients. Requests are checked against it before
// an operation sees them. The table omits constraints that clients violate in practice: PutAuditEvents takes a
// channel's bare id, although the model wants an ARN.
package model

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
)

//go:embed services.json
var services []byte

// The services.
const (
	CloudTrail     = "cloudtrail"
	CloudTrailData = "cloudtrail-data"
)

// Service is the API of one service.
type Service struct {
	Operations map[string]*Operation `json:"operations"`
	// Errors maps the service's errors to HTTP statuses.
	Errors     map[string]int      `json:"errors"`
	Structures map[string][]*Shape `json:"structures"`
}

// Operation is an operation of a service.
type Operation struct {
	Name    string   `json:"-"`
	Input   []*Shape `json:"input"`
	Output  []*Shape `json:"output"`
	Errors  []string `json:"errors"` // sorted by name
	service *Service
}

// Shape is a member of an input, an output or a structure, an element of a list, or a key or value of a map.
type Shape struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	IsRequired bool     `json:"required"`
	InQuery    bool     `json:"inQuery"` // in the URL's query, not in the body
	Min        *float64 `json:"min"`     // of a number, or of a length in characters, elements or bytes
	Max        *float64 `json:"max"`
	Pattern    string   `json:"pattern"` // matches the whole text
	Enum       []string `json:"enum"`
	Item       *Shape   `json:"item"`
	Key        *Shape   `json:"key"`
	Value      *Shape   `json:"value"`
	Structure  string   `json:"of"`

	pattern *regexp.Regexp // nil: any text
}

// Services returns the services by name. The first call reads the table.
var Services = sync.OnceValue(func() map[string]*Service {
	read, err := parse(services)
	if err != nil {
		panic(err) // the table is part of the program
	}
	return read
})

func parse(text []byte) (map[string]*Service, error) {
	var read map[string]*Service
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for _, s := range read {
		for name, o := range s.Operations {
			o.Name, o.service = name, s
			if err := prepare(s, append(o.Input[:len(o.Input):len(o.Input)], o.Output...)); err != nil {
				return nil, fmt.Errorf("model: %s: %w", name, err)
			}
		}
		for name, members := range s.Structures {
			if err := prepare(s, members); err != nil {
				return nil, fmt.Errorf("model: %s: %w", name, err)
			}
		}
	}
	return read, nil
}

// prepare compiles the patterns of shapes and of the shapes in them, and resolves the structures.
func prepare(s *Service, shapes []*Shape) error {
	for _, shape := range shapes {
		if shape == nil {
			continue
		}
		if shape.Pattern != "" {
			var err error
			if shape.pattern, err = regexp.Compile(`\A(?:` + shape.Pattern + `)\z`); err != nil {
				return fmt.Errorf("%s: %w", shape.Name, err)
			}
		}
		if _, ok := s.Structures[shape.Structure]; shape.Structure != "" && !ok {
			return fmt.Errorf("%s: no structure %s", shape.Name, shape.Structure)
		}
		if err := prepare(s, []*Shape{shape.Item, shape.Key, shape.Value}); err != nil {
			return err
		}
	}
	return nil
}
