package orc

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// decodeStatistics reads the fields that readStatistics uses.
func decodeStatistics(content []byte) (*orcpb.ColumnStatistics, error) {
	m := &orcpb.ColumnStatistics{}
	err := eachField(content, func(f messageField) error {
		switch {
		case f.is(1, protowire.VarintType):
			m.NumberOfValues = proto.Uint64(f.bits)
		case f.is(10, protowire.VarintType):
			m.HasNull = proto.Bool(f.bits != 0)
		case f.kind == protowire.BytesType:
			return decodeBounds(m, f)
		}
		return nil
	})
	return m, err
}

// decodeBounds reads the type-specific part of statistics. It uses reflection for types by which scans hardly
// prune.
func decodeBounds(m *orcpb.ColumnStatistics, part messageField) error {
	rest := proto.UnmarshalOptions{Merge: true}
	switch part.number {
	case 2:
		return decodeIntBounds(m, part.value)
	case 3:
		m.DoubleStatistics = orNew(m.DoubleStatistics)
		return rest.Unmarshal(part.value, m.DoubleStatistics)
	case 4:
		return decodeTextBounds(m, part.value)
	case 5:
		m.BucketStatistics = orNew(m.BucketStatistics)
		return rest.Unmarshal(part.value, m.BucketStatistics)
	case 6:
		m.DecimalStatistics = orNew(m.DecimalStatistics)
		return rest.Unmarshal(part.value, m.DecimalStatistics)
	case 7:
		m.DateStatistics = orNew(m.DateStatistics)
		return rest.Unmarshal(part.value, m.DateStatistics)
	case 9:
		return decodeTimeBounds(m, part.value)
	}
	return nil
}

// orNew returns an existing part of a message, to which a second one adds, or a new one.
func orNew[T any](part *T) *T {
	if part == nil {
		return new(T)
	}
	return part
}

func decodeIntBounds(m *orcpb.ColumnStatistics, content []byte) error {
	m.IntStatistics = orNew(m.IntStatistics)
	return eachField(content, func(f messageField) error {
		switch {
		case f.is(1, protowire.VarintType):
			m.IntStatistics.Minimum = signed(f)
		case f.is(2, protowire.VarintType):
			m.IntStatistics.Maximum = signed(f)
		}
		return nil
	})
}

func decodeTextBounds(m *orcpb.ColumnStatistics, content []byte) error {
	m.StringStatistics = orNew(m.StringStatistics)
	return eachField(content, func(f messageField) error {
		if f.kind != protowire.BytesType {
			return nil
		}
		switch f.number {
		case 1:
			m.StringStatistics.Minimum = proto.String(string(f.value))
		case 2:
			m.StringStatistics.Maximum = proto.String(string(f.value))
		case 4:
			m.StringStatistics.LowerBound = proto.String(string(f.value))
		case 5:
			m.StringStatistics.UpperBound = proto.String(string(f.value))
		}
		return nil
	})
}

func decodeTimeBounds(m *orcpb.ColumnStatistics, content []byte) error {
	m.TimestampStatistics = orNew(m.TimestampStatistics)
	return eachField(content, func(f messageField) error {
		if f.kind != protowire.VarintType {
			return nil
		}
		switch f.number {
		case 3:
			m.TimestampStatistics.MinimumUtc = signed(f)
		case 4:
			m.TimestampStatistics.MaximumUtc = signed(f)
		case 5:
			m.TimestampStatistics.MinimumNanos = proto.Int32(int32(f.bits))
		case 6:
			m.TimestampStatistics.MaximumNanos = proto.Int32(int32(f.bits))
		}
		return nil
	})
}

// signed is the value of a sint field.
func signed(f messageField) *int64 { return proto.Int64(protowire.DecodeZigZag(f.bits)) }
