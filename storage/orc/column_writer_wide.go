package orc

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// epochSeconds is 2015-01-01 00:00:00 UTC, from which ORC counts timestamps.
const epochSeconds = 1420070400

// maxSettledNanos is the largest fraction of a second for which other writers do not round negative seconds up: see
// timeColumn.
const maxSettledNanos = 999_999

// timeColumn writes timestamps as seconds since 2015 and nanoseconds.
//
// The format's Java and C++ implementations round seconds before 1970 towards zero if more than
// 999,999 nanoseconds follow, and undo it when reading. So do we. The last second before 1970 has no
// such form: a value in it with more than 999,999 nanoseconds is refused.
type timeColumn struct {
	baseWriter
	unit           arrow.TimeUnit
	seconds, nanos *intWriter
}

func newTimeColumn(c *column, settings *writerSettings) *timeColumn {
	w := &timeColumn{baseWriter: newBaseWriter(c, settings), unit: c.dataType.(*arrow.TimestampType).Unit}
	w.seconds = w.ints(orcpb.Stream_DATA, true)
	w.nanos = w.ints(orcpb.Stream_SECONDARY, false)
	w.startGroup()
	return w
}

// largestSecond keeps statistics, which are in milliseconds, within 64 bits.
const largestSecond = 1<<63/1000 - 1

func (w *timeColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Timestamp)
	if !ok || values.DataType().(*arrow.TimestampType).Unit != w.unit {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	perSecond := int64(time.Second / w.unit.Multiplier())
	nanosPer := int64(w.unit.Multiplier())
	for _, row := range valid {
		v := int64(values.Value(int(row)))
		seconds := floorDiv(v, perSecond)
		nanos := (v - seconds*perSecond) * nanosPer
		if seconds > largestSecond || seconds < -largestSecond {
			return &UnsupportedError{What: fmt.Sprintf("timestamp %d s in column %s", v, w.column.path)}
		}
		if seconds < 0 && nanos > maxSettledNanos {
			if seconds == -1 {
				return &UnsupportedError{What: "a timestamp in the last second before 1970 in column " + w.column.path}
			}
			seconds++
		}
		w.seconds.add(seconds - epochSeconds)
		w.nanos.add(packNanos(nanos))
		w.group.addInt(v)
	}
	return nil
}

// packNanos drops two or more trailing zeros and puts their number less one into the lowest three bits.
func packNanos(nanos int64) int64 {
	if nanos == 0 || nanos%100 != 0 {
		return nanos << 3
	}
	nanos /= 100
	zeros := int64(1)
	for nanos%10 == 0 && zeros < 7 {
		nanos /= 10
		zeros++
	}
	return nanos<<3 | zeros
}

// decimalColumn writes the unscaled values as varints of any length, with the scale beside each.
type decimalColumn struct {
	baseWriter
	data   *outStream
	scales *intWriter
	scale  int64
	buf    []byte
}

func newDecimalColumn(c *column, settings *writerSettings) *decimalColumn {
	w := &decimalColumn{baseWriter: newBaseWriter(c, settings), scale: int64(c.dataType.(*arrow.Decimal128Type).Scale)}
	w.data = w.stream(orcpb.Stream_DATA)
	w.encoders = append(w.encoders, w.data)
	w.scales = w.ints(orcpb.Stream_SECONDARY, true)
	w.startGroup()
	return w
}

func (w *decimalColumn) write(arr arrow.Array, rows []int32) error {
	values, ok := arr.(*array.Decimal128)
	if !ok || !arrow.TypeEqual(values.DataType(), w.column.dataType) {
		return typeError(w.column, arr)
	}
	valid := w.notePresent(arr, rows)
	w.buf = w.buf[:0]
	for _, row := range valid {
		v := values.Value(int(row))
		w.buf = appendVarint128(w.buf, v)
		w.scales.add(w.scale)
		w.group.addDecimal(v)
	}
	w.data.write(w.buf)
	return nil
}

// appendVarint128 zigzags v and appends it in groups of seven bits, the lowest first.
func appendVarint128(dst []byte, v decimal128.Num) []byte {
	sign := uint64(v.HighBits() >> 63)
	low := v.LowBits()<<1 ^ sign
	high := (uint64(v.HighBits())<<1 | v.LowBits()>>63) ^ sign
	for high != 0 || bits.Len64(low) > 7 {
		dst = append(dst, byte(low)|0x80)
		low = low>>7 | high<<57
		high >>= 7
	}
	return append(dst, byte(low))
}
