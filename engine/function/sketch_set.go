package function

import (
	bytesof "encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/hashes"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
	"github.com/auditlake/auditlake/planner/types"
)

func setDigestFunctions() []Function {
	add := summarizing(func(args []batch.Vector) (func(*sketch.SetDigest, int) (*sketch.SetDigest, error), error) {
		hash := digestHasher(args[0])
		return func(d *sketch.SetDigest, row int) (*sketch.SetDigest, error) {
			if d == nil {
				d = sketch.NewSetDigest()
			}
			h, err := hash(row)
			d.Add(h, 1)
			return d, err
		}, nil
	}, sketch.JoinSetDigests)
	return []Function{
		aggregate("make_set_digest(T) -> setdigest", "Returns a digest of the distinct values, with how often they came.", add),
		aggregate("merge_set_digest(setdigest) -> setdigest", "Returns one digest of the values of several.", merging(sketch.DecodeSetDigest, sketch.JoinSetDigests)),
		scalar("cardinality(setdigest) -> bigint", "Returns about how many distinct values a digest has seen.", unary(func(b []byte) (int64, error) {
			d, err := sketch.DecodeSetDigest(b)
			if err != nil {
				return 0, err
			}
			return d.Cardinality(), nil
		})),
		scalar("intersection_cardinality(setdigest, setdigest) -> bigint", "Returns about how many values two digests share.", binary(digestPair(sketch.SharedValues))),
		scalar("jaccard_index(setdigest, setdigest) -> double", "Returns the shared values' part of all values of two digests.", binary(digestPair(sketch.JaccardIndex))),
		scalar("hash_counts(setdigest) -> map(bigint, smallint)", "Returns the values' hashes and how often they came.", hashCounts),
	}
}

// digestHasher hashes with MurmurHash3: numbers as eight bytes, little-endian.
func digestHasher(v batch.Vector) func(row int) (int64, error) {
	first := func(b []byte) int64 { return int64(bytesof.LittleEndian.Uint64(hashes.Murmur3(b))) }
	number := func(n int64) (int64, error) { return first(bytesof.LittleEndian.AppendUint64(nil, uint64(n))), nil }
	switch a := batch.Decode(v.Array).(type) {
	case *array.Int8:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int16:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int32:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Date32:
		return func(row int) (int64, error) { return number(int64(a.Value(v.At(row)))) }
	case *array.Int64:
		return func(row int) (int64, error) { return number(a.Value(v.At(row))) }
	case *array.Float64:
		return func(row int) (int64, error) { return number(int64(math.Float64bits(a.Value(v.At(row))))) }
	case *array.String:
		return func(row int) (int64, error) { return first([]byte(a.Value(v.At(row)))), nil }
	case *array.Binary:
		return func(row int) (int64, error) { return first(a.Value(v.At(row))), nil }
	}
	var key []byte
	return func(row int) (int64, error) {
		var err error
		key, err = batch.AppendKey(key[:0], v.Array, v.At(row))
		return first(key), err
	}
}

// digestPair turns a function of two digests into one of their binary forms.
func digestPair[R any](f func(a, b *sketch.SetDigest) R) func(a, b []byte) (R, error) {
	return func(x, y []byte) (R, error) {
		var none R
		a, err := sketch.DecodeSetDigest(x)
		if err != nil {
			return none, err
		}
		b, err := sketch.DecodeSetDigest(y)
		if err != nil {
			return none, err
		}
		return f(a, b), nil
	}
}

func hashCounts(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		column := columnOf[[]byte](args[0])
		valid := validOf(args, rows)
		offsets, keys, values := make([]int32, rows+1), []int64{}, []int16{}
		for i := range rows {
			if arrowdata.IsValid(valid, i) {
				d, err := sketch.DecodeSetDigest(column.at(i))
				if err != nil {
					return batch.Vector{}, err
				}
				hashes := d.Hashes()
				for _, h := range hashes {
					keys, values = append(keys, h), append(values, int16(d.Counts[h]))
				}
			}
			offsets[i+1] = int32(len(keys))
		}
		entries := arrowtype.Of(fn.Return).(*arrow.MapType)
		a := batch.FromMaps(offsets, valid, batch.FromValues(entries.KeyType(), keys, nil), batch.FromValues(entries.ItemType(), values, nil))
		return batch.Vector{Array: a, Const: constant}, nil
	}
}
