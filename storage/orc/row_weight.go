package orc

import (
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// maxGroupWeight ends a row group, and with it the stripe. A reader decodes all of a column's values of a row group
// at once; an array has room for 2 GiB of text, and maxElements bounds its elements.
const maxGroupWeight = 256 << 20

// elementWeight is the weight of an element of a list or map besides its text.
const elementWeight = 32

// fittingRows returns how many of the next n rows fit into the row group, at least one, and their weight. The first
// row that reaches maxGroupWeight fills the group, wherever records are cut.
func fittingRows(columns []arrow.Array, from, n, groupWeight int) (rows, weight int) {
	all := weightOf(columns, from, n)
	if groupWeight+all < maxGroupWeight {
		return n, all
	}
	more := sort.Search(n-1, func(i int) bool { return groupWeight+weightOf(columns, from, i+1) >= maxGroupWeight })
	return more + 1, weightOf(columns, from, more+1)
}

// weightOf is about the number of bytes of text and elements in n rows of columns.
func weightOf(columns []arrow.Array, from, n int) int {
	weight := 0
	for _, c := range columns {
		weight += weigh(c, from, n)
	}
	return weight
}

func weigh(arr arrow.Array, from, n int) int {
	if n == 0 || arr.NullN() == arr.Len() {
		return 0
	}
	switch arr := arr.(type) {
	case *array.String:
		return weighText(arr.ValueOffsets(), from, n)
	case *array.Binary:
		return weighText(arr.ValueOffsets(), from, n)
	case *array.Dictionary:
		return weighCodes(arr, from, n)
	case *array.Map:
		entries := arr.ListValues().(*array.Struct)
		return weighElements(arr.List, []arrow.Array{entries.Field(0), entries.Field(1)}, from, n)
	case *array.List:
		return weighElements(arr, []arrow.Array{arr.ListValues()}, from, n)
	case *array.Struct:
		weight := 0
		for i := range arr.NumField() {
			weight += weigh(arr.Field(i), from, n)
		}
		return weight
	}
	return 0
}

func weighText(offsets []int32, from, n int) int { return int(offsets[from+n] - offsets[from]) }

func weighElements(list *array.List, children []arrow.Array, from, n int) int {
	first, _ := list.ValueOffsets(from)
	_, end := list.ValueOffsets(from + n - 1)
	elements := int(end - first)
	return elements*elementWeight + weightOf(children, int(first), elements)
}

func weighCodes(codes *array.Dictionary, from, n int) int {
	texts, ok := codes.Dictionary().(*array.String)
	if !ok {
		return 0 // the writer refuses it
	}
	weight := 0
	for row := from; row < from+n; row++ {
		if codes.IsValid(row) {
			weight += len(texts.Value(codes.GetValueIndex(row)))
		}
	}
	return weight
}
