package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/auditlake/auditlake/jsontext"
)

// page is what the protocol's answers hold of interest here.
type page struct {
	nextURI                   string
	names                     []string
	rows                      [][]any
	processedBytes, readBytes int64
	failure                   string
}

// readPage reads an answer of the protocol into values like the peers' rows. The client's work is a part of the
// measured time, so it avoids reflection, which would take several times as long. Times stay texts.
func readPage(text string) (*page, error) {
	p, j := &page{}, &jsontext.Walker{Text: text}
	if j.PeekByte() != '{' {
		return nil, fmt.Errorf("no answer of the protocol: %.100s", text)
	}
	err := j.EachMember(func(key string) error {
		if key == "data" {
			return p.readRows(j)
		}
		value, err := readValue(j, 0)
		if err != nil {
			return err
		}
		switch key {
		case "nextUri":
			p.nextURI, _ = value.(string)
		case "columns":
			columns, _ := value.([]any)
			for _, column := range columns {
				name, _ := member(column, "name").(string)
				p.names = append(p.names, name)
			}
		case "stats":
			processed, _ := member(value, "processedBytes").(float64)
			read, _ := member(value, "physicalInputBytes").(float64)
			p.processedBytes, p.readBytes = int64(processed), int64(read)
		case "error":
			p.failure, _ = member(value, "message").(string)
		}
		return nil
	})
	return p, err
}

func member(object any, name string) any {
	members, _ := object.(map[string]any)
	return members[name]
}

// readRows reads the rows, which are arrays of equal length.
func (p *page) readRows(j *jsontext.Walker) error {
	if j.PeekByte() != '[' {
		return errors.New("the rows are no array")
	}
	columns := 0
	return j.EachElement(func(int) error {
		value, err := readValue(j, columns)
		row, isRow := value.([]any)
		if err == nil && !isRow {
			err = fmt.Errorf("a row is %v", value)
		}
		columns = len(row)
		p.rows = append(p.rows, row)
		return err
	})
}

// readValue reads a value as encoding/json does; elements is a guess at the length of an array.
func readValue(j *jsontext.Walker, elements int) (any, error) {
	switch c := j.PeekByte(); {
	case c == '{':
		object := map[string]any{}
		err := j.EachMember(func(key string) (err error) {
			object[key], err = readValue(j, 0)
			return err
		})
		return object, err
	case c == '[':
		array := make([]any, 0, elements)
		err := j.EachElement(func(int) error {
			value, err := readValue(j, 0)
			array = append(array, value)
			return err
		})
		return array, err
	case c == '"':
		return j.ReadString()
	case c == '-' || c >= '0' && c <= '9':
		number, err := j.ReadNumber()
		if err != nil {
			return nil, err
		}
		return strconv.ParseFloat(number, 64)
	}
	word, err := j.ReadWord()
	if word == "null" {
		return nil, err
	}
	return word == "true", err
}
