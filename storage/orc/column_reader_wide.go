package orc

import (
	"math"
	"math/bits"
	"time"
	_ "time/tzdata" // files name the zone of their writer

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// timeReader reads timestamps. Those without time zone are wall-clock times of the writer's zone.
type timeReader struct {
	*baseReader
	seconds, nanos *intReader
	unit           int64 // nanoseconds of one unit of the result
	epoch          int64 // 2015 in the writer's zone, seconds since 1970 UTC
	zone           *time.Location
}

func newTimeReader(b *baseReader) (*timeReader, error) {
	r := &timeReader{baseReader: b, epoch: epochSeconds,
		unit:    int64(b.column.dataType.(*arrow.TimestampType).Unit.Multiplier()),
		seconds: b.ints(orcpb.Stream_DATA, true),
		nanos:   b.ints(orcpb.Stream_SECONDARY, false)}
	name := b.stripe.timeZone
	if b.column.kind == orcpb.Type_TIMESTAMP_INSTANT || name == "" || name == "UTC" || name == "GMT" {
		return r, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, &UnsupportedError{Path: b.stripe.reader.path, What: "writer time zone " + name}
	}
	r.zone, r.epoch = zone, time.Date(2015, 1, 1, 0, 0, 0, 0, zone).Unix()
	return r, nil
}

func (r *timeReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.ints(r.seconds)
	p.ints(r.nanos)
	return p.err
}

func (r *timeReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	if err := r.seconds.skip(values); err != nil {
		return err
	}
	return r.nanos.skip(values)
}

func (r *timeReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	seconds, nanos := largepages.Make[int64](c.rows), takeInts(c.rows)
	defer giveInts(nanos)
	if err := r.seconds.wanted(c, seconds); err != nil {
		return nil, err
	}
	if err := r.nanos.wanted(c, nanos); err != nil {
		return nil, err
	}
	for i, s := range seconds[:c.count] {
		if seconds[i], err = r.value(s, nanos[i]); err != nil {
			return nil, err
		}
	}
	spread(seconds, c.valid, c.count)
	return newArray(r.column.dataType, c, nil, arrow.Int64Traits.CastToBytes(seconds)), nil
}

var powersOfTen = [...]int64{1, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

// value returns a timestamp in the result's unit, rounded down. Some writers store negative nanoseconds beside
// seconds before 1970.
func (r *timeReader) value(seconds, packed int64) (int64, error) {
	nanos := packed >> 3 * powersOfTen[packed&7]
	if packed < -1e9<<3 || packed > 1e9<<3 || nanos >= 1e9 || nanos <= -1e9 {
		return 0, r.nanos.in.damaged("%d is not a fraction of a second", packed)
	}
	if seconds > largestSecond || seconds < -largestSecond {
		return 0, r.outOfRange()
	}
	seconds += r.epoch
	if seconds < 0 && nanos > maxSettledNanos {
		seconds--
	}
	if r.zone != nil {
		_, offset := time.Unix(seconds, 0).In(r.zone).Zone()
		seconds += int64(offset)
	}
	perSecond := 1_000_000_000 / r.unit
	high, low := bits.Mul64(uint64(max(seconds, -seconds)), uint64(perSecond))
	if high != 0 || low > math.MaxInt64-1e9 {
		return 0, r.outOfRange()
	}
	return seconds*perSecond + floorDiv(nanos, r.unit), nil
}

func (r *timeReader) outOfRange() error {
	what := "a timestamp outside the range of " + r.column.dataType.String() + " in column " + r.column.path
	return &RangeError{UnsupportedError{r.stripe.reader.path, what}, r.column.path, r.column.dataType.(*arrow.TimestampType).Unit}
}

// decimalReader reads decimals of up to 38 digits.
type decimalReader struct {
	*baseReader
	data   *inStream
	scales *intReader
	scale  int32
}

func newDecimalReader(b *baseReader) *decimalReader {
	return &decimalReader{baseReader: b, scale: b.column.dataType.(*arrow.Decimal128Type).Scale,
		data:   b.stream(orcpb.Stream_DATA),
		scales: b.ints(orcpb.Stream_SECONDARY, true)}
}

func (r *decimalReader) seek(group int) error {
	p, err := r.places(group)
	if err != nil {
		return err
	}
	p.stream(r.data)
	p.ints(r.scales)
	return p.err
}

func (r *decimalReader) skip(n int) error {
	values, err := r.skipPresent(n)
	if err != nil {
		return err
	}
	if err := r.skipValues(values); err != nil {
		return err
	}
	return r.scales.skip(values)
}

func (r *decimalReader) skipValues(n int) error {
	for n > 0 {
		b, err := r.data.byte()
		if err != nil {
			return err
		}
		if b < 0x80 {
			n--
		}
	}
	return nil
}

func (r *decimalReader) read(w rowWindow) (arrow.ArrayData, error) {
	c, err := r.choose(w)
	if err != nil {
		return nil, err
	}
	scales := takeInts(c.rows)
	defer giveInts(scales)
	if err := r.scales.wanted(c, scales); err != nil {
		return nil, err
	}
	at := c.at
	if at == nil {
		at = firstNumbers(c.count)
	}
	dst := make([]decimal128.Num, c.rows)
	err = forEachStretch(at, r.skipValues, func(i, n int) error {
		for ; n > 0; n-- {
			if dst[i], err = r.value(scales[i]); err != nil {
				return err
			}
			i++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	spread(dst, c.valid, c.count)
	return newArray(r.column.dataType, c, nil, arrow.Decimal128Traits.CastToBytes(dst)), nil
}

func firstNumbers(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}

// value reads one number and converts it from its own scale to the column's, cutting off digits.
func (r *decimalReader) value(scale int64) (decimal128.Num, error) {
	v, err := r.varint128()
	if err != nil || scale == int64(r.scale) {
		return v, err
	}
	if scale < 0 || scale > 38 {
		return v, r.scales.in.damaged("a decimal has scale %d", scale)
	}
	if scale > int64(r.scale) {
		return v.ReduceScaleBy(int32(scale)-r.scale, false), nil
	}
	by := r.scale - int32(scale)
	scaled := v.IncreaseScaleBy(by)
	if scaled.ReduceScaleBy(by, false) != v {
		return v, r.data.damaged("a decimal of column %s has more than 38 digits", r.column.path)
	}
	return scaled, nil
}

func (r *decimalReader) varint128() (decimal128.Num, error) {
	var low, high uint64
	for shift := uint(0); ; shift += 7 {
		b, err := r.data.byte()
		if err != nil {
			return decimal128.Num{}, err
		}
		digit := uint64(b & 0x7f)
		switch {
		case shift < 64:
			low |= digit << shift
			high |= digit >> (64 - shift)
		case shift < 128:
			high |= digit << (shift - 64)
		default:
			return decimal128.Num{}, r.data.damaged("a decimal of column %s has more than 128 bits", r.column.path)
		}
		if b < 0x80 {
			break
		}
	}
	sign := -(low & 1)
	low, high = low>>1|high<<63, high>>1
	return decimal128.New(int64(high^sign), low^sign), nil
}
