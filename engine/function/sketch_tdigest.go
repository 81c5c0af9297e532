package function

import (
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/sketch"
)

func tdigestFunctions() []Function {
	const doc = "Returns a digest of the values that estimates which value stands at a share of them."
	add := summarizing(func(args []batch.Vector) (func(*sketch.TDigest, int) (*sketch.TDigest, error), error) {
		values := columnOf[float64](args[0])
		weight := func(int) float64 { return 1 }
		if len(args) > 1 {
			weight = columnOf[float64](args[1]).at
		}
		return func(d *sketch.TDigest, row int) (*sketch.TDigest, error) {
			if d == nil {
				d = sketch.NewTDigest()
			}
			return d, d.Add(values.at(row), weight(row))
		}, nil
	}, sketch.JoinTDigests)
	return []Function{
		aggregate("tdigest_agg(double) -> tdigest", doc, add),
		aggregate("tdigest_agg(double, double) -> tdigest", doc, add),
		aggregate("merge(tdigest) -> tdigest", "Returns one digest of the values of several.", merging(sketch.DecodeTDigest, sketch.JoinTDigests)),
		scalar("value_at_quantile(tdigest, double) -> double", "Returns the value at a share from 0 to 1 of the values.",
			binary(func(b []byte, share float64) (float64, error) {
				d, err := sketch.DecodeTDigest(b)
				if err != nil {
					return 0, err
				}
				return d.At(share)
			})),
		scalar("values_at_quantiles(tdigest, array(double)) -> array(double)", "Returns the values at shares from 0 to 1 of the values, in ascending order.",
			quantilesKernel(func(b []byte, shares []float64) ([]float64, error) {
				d, err := sketch.DecodeTDigest(b)
				if err != nil {
					return nil, err
				}
				if !slices.IsSorted(shares) {
					return nil, argumentError("percentiles must be sorted in increasing order")
				}
				out := make([]float64, len(shares))
				for i, share := range shares {
					if out[i], err = d.At(share); err != nil {
						return nil, err
					}
				}
				return out, nil
			})),
	}
}
