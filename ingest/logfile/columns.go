package logfile

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/storage/schema"
)

// resultColumns maps the names, in lower case, to the columns of all event categories.
var resultColumns = columnsByName()

func columnsByName() map[string]*schema.Column {
	byName := map[string]*schema.Column{}
	for _, category := range schema.Categories() {
		t, _ := schema.ForCategory(category)
		for i := range t.Columns {
			c := &t.Columns[i]
			if byName[c.Name] == nil && c.JSONKey != "" {
				byName[c.Name] = c
			}
		}
	}
	return byName
}

// appendColumns appends the record that the column values make. It skips columns that no event has.
func appendColumns(out []byte, columns []*schema.Column, fields []field) (record []byte, problem string) {
	out = append(out, '{')
	for i, c := range columns {
		f := fields[i]
		if c == nil || len(f.text) == 0 && !f.quoted {
			continue // NULL is an empty value without quotes
		}
		var ok bool
		if out, ok = appendMember(out, c, f.text); !ok {
			return out, fmt.Sprintf("the value of %s is not of the type that the column has", c.Name)
		}
	}
	return append(out, '}'), ""
}

// appendMember appends a member with the value of a column or a field. It appends nothing for null.
func appendMember(out []byte, c *schema.Column, text []byte) ([]byte, bool) {
	if string(text) == "null" {
		return out, true
	}
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	out = appendText(out, []byte(c.JSONKey))
	return appendBare(append(out, ':'), c.Type, c.Fields, text)
}

func appendText(out, text []byte) []byte {
	return jsontext.AppendQuotedBytes(out, text, jsontext.Shortest)
}

// appendBare appends a value as JSON. Rows are written {name=value, …} and lists [value, …]; other values are
// JSON already.
func appendBare(out []byte, t arrow.DataType, fields []schema.Column, text []byte) ([]byte, bool) {
	switch t := t.(type) {
	case *arrow.StructType:
		return appendRow(out, fields, text)
	case *arrow.MapType:
		return appendMap(out, text)
	case *arrow.ListType:
		return appendList(out, t.Elem(), fields, text)
	case *arrow.TimestampType:
		return appendText(out, instant(text)), true
	case *arrow.StringType:
		return appendText(out, text), true
	}
	if jsonKind(text) == jsontext.Missing {
		return appendText(out, text), true
	}
	return append(out, text...), true
}

// jsonKind returns the kind of the JSON value in text, Missing if text is not one.
func jsonKind(text []byte) jsontext.Kind {
	var sc jsontext.Scanner
	sc.Reset(text)
	v, ok := sc.Value()
	if !ok || sc.Next() != 0 || sc.Pos != len(text) {
		return jsontext.Missing
	}
	return v.Kind
}

// instant rewrites 2025-03-04 08:21:07.000 as events write it: 2025-03-04T08:21:07Z.
func instant(text []byte) []byte {
	day, time, ok := bytes.Cut(text, []byte(" "))
	if !ok || len(day) != len("2025-03-04") {
		return text
	}
	time = bytes.TrimSuffix(bytes.TrimSuffix(time, []byte(" UTC")), []byte(".000"))
	return []byte(string(day) + "T" + string(time) + "Z")
}

// within returns the text between two brackets.
func within(text []byte, opening, closing byte) ([]byte, bool) {
	n := len(text)
	if n < 2 || text[0] != opening || text[n-1] != closing {
		return nil, false
	}
	return text[1 : n-1], true
}

func appendRow(out []byte, fields []schema.Column, text []byte) ([]byte, bool) {
	if jsonKind(text) == jsontext.Object {
		return append(out, text...), true
	}
	inner, ok := within(text, '{', '}')
	if !ok {
		return out, false
	}
	out = append(out, '{')
	pieces := cutPieces(inner, func(name []byte) bool { return fieldNamed(fields, name) != nil })
	for _, piece := range pieces {
		name, value, _ := bytes.Cut(piece, []byte("="))
		c := fieldNamed(fields, name)
		if c == nil {
			return out, false
		}
		if out, ok = appendMember(out, c, value); !ok {
			return out, false
		}
	}
	return append(out, '}'), true
}

func fieldNamed(fields []schema.Column, name []byte) *schema.Column {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, string(name)) {
			return &fields[i]
		}
	}
	return nil
}

func appendMap(out []byte, text []byte) ([]byte, bool) {
	if jsonKind(text) == jsontext.Object {
		return append(out, text...), true
	}
	inner, ok := within(text, '{', '}')
	if !ok {
		return out, false
	}
	out = append(out, '{')
	for i, piece := range cutPieces(inner, isKey) {
		key, value, isPair := bytes.Cut(piece, []byte("="))
		if !isPair {
			return out, false
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, key), ':')
		switch kind := jsonKind(value); {
		case kind == jsontext.Object, kind == jsontext.Array, string(value) == "null":
			out = append(out, value...)
		default:
			out = appendText(out, value)
		}
	}
	return append(out, '}'), true
}

// isKey reports whether text can be a key of a map and so begins an entry.
func isKey(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsAny(text, " {}[]\",")
}

func appendList(out []byte, element arrow.DataType, fields []schema.Column, text []byte) ([]byte, bool) {
	if jsonKind(text) == jsontext.Array {
		return append(out, text...), true
	}
	inner, ok := within(text, '[', ']')
	if !ok {
		return out, false
	}
	out = append(out, '[')
	for i, piece := range cutPieces(inner, nil) {
		if i > 0 {
			out = append(out, ',')
		}
		if out, ok = appendBare(out, element, fields, piece); !ok {
			return out, false
		}
	}
	return append(out, ']'), true
}

// maxNameBytes bounds the names and keys that can begin a piece.
const maxNameBytes = 512

// cutPieces cuts text at the commas outside brackets that a piece follows. A piece begins with a name, for which
// begins returns true, and an equals sign. If begins is nil, every such comma cuts.
func cutPieces(text []byte, begins func(name []byte) bool) (pieces [][]byte) {
	if len(text) == 0 {
		return nil
	}
	from, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth > 0 || !bytes.HasPrefix(text[i:], []byte(", ")) {
				continue
			}
			if begins != nil {
				next := text[i+2:]
				name, _, isPair := bytes.Cut(next[:min(len(next), maxNameBytes)], []byte("="))
				if !isPair || !begins(name) {
					continue
				}
			}
			pieces = append(pieces, text[from:i])
			from = i + 2
		}
	}
	return append(pieces, text[from:])
}
