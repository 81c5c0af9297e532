package policy

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// node is a JSON value. Numbers and booleans are texts as written.
type node struct {
	kind    nodeKind
	text    string
	items   []*node
	members []member
}

type member struct {
	name  string
	value *node
}

type nodeKind int

const (
	textNode nodeKind = iota
	numberNode
	boolNode
	nullNode
	listNode
	objectNode
)

// list returns the elements of a list; another value is returned as the only element.
func (n *node) list() []*node {
	if n.kind == listNode {
		return n.items
	}
	return []*node{n}
}

// parseJSON reads a document. Unlike encoding/json it refuses duplicate members of an object and text that is not
// UTF-8: different readers could understand both differently.
func parseJSON(text string) (*node, error) {
	switch {
	case len(text) > MaxBytes:
		return nil, invalid("", "it has %d bytes, more than %d", len(text), MaxBytes)
	case !utf8.ValidString(text):
		return nil, invalid("", "it is not UTF-8")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	root, err := parseValue(decoder, 0)
	if err != nil {
		if refused := (*InvalidError)(nil); errors.As(err, &refused) {
			return nil, err
		}
		return nil, invalid("", "it is not JSON: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("", "it is not JSON: something follows the document")
	}
	return root, nil
}

func parseValue(decoder *json.Decoder, depth int) (*node, error) {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, invalid("", "it is nested deeper than %d levels", maxDepth)
	}
	switch t := token.(type) {
	case string:
		return &node{kind: textNode, text: t}, nil
	case json.Number:
		return &node{kind: numberNode, text: t.String()}, nil
	case bool:
		if t {
			return &node{kind: boolNode, text: "true"}, nil
		}
		return &node{kind: boolNode, text: "false"}, nil
	case nil:
		return &node{kind: nullNode}, nil
	}
	if token == json.Delim('[') {
		return parseList(decoder, depth)
	}
	return parseObject(decoder, depth)
}

func parseList(decoder *json.Decoder, depth int) (*node, error) {
	n := &node{kind: listNode}
	for decoder.More() {
		item, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		if n.items = append(n.items, item); len(n.items) > maxListValues {
			return nil, invalid("", "a list has more than %d values", maxListValues)
		}
	}
	_, err := decoder.Token() // reads the closing bracket
	return n, err
}

func parseObject(decoder *json.Decoder, depth int) (*node, error) {
	n := &node{kind: objectNode}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder accepts nothing else
		if seen[name] {
			return nil, invalid("", "an object has the member %q twice", name)
		}
		seen[name] = true
		value, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name, value})
	}
	_, err := decoder.Token() // reads the closing bracket
	return n, err
}
