package largepages

import (
	"reflect"
	"strings"
	"unsafe"
)

// Uncleared returns n values whose content is anything, for who writes all of them: clearing much memory takes one goroutine as long as
// several take to fill it. Made is told of it. It panics where values have pointers in them, which the garbage collector would not see.
func Uncleared[T any](n int) []T {
	var one T
	size := n * int(unsafe.Sizeof(one))
	if size < leastBytes {
		return make([]T, n)
	}
	if hasPointers(reflect.TypeFor[T]()) {
		panic("largepages: memory for pointers has to be cleared")
	}
	var b strings.Builder // nothing else in Go hands out memory so
	b.Grow(size)
	b.WriteByte(0) // gives the string an address
	memory := unsafe.Slice(unsafe.StringData(b.String()), size)
	if isFilled {
		for i := range memory {
			memory[i] = 0xa5
		}
	}
	Made(memory)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), n)
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() < reflect.Bool || t.Kind() > reflect.Complex128
}
