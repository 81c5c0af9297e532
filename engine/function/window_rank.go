package function

import "github.com/auditlake/auditlake/engine/batch"

func rowNumber(p *WindowPartition, _ []batch.Vector, out []int64, _ func(int)) error {
	for i := range out {
		out[i] = int64(i) + 1
	}
	return nil
}

func rank(p *WindowPartition, _ []batch.Vector, out []int64, _ func(int)) error {
	for i := range out {
		out[i] = int64(p.PeerStart[i]-p.Start) + 1
	}
	return nil
}

func denseRank(p *WindowPartition, _ []batch.Vector, out []int64, _ func(int)) error {
	n := int64(0)
	for i := range out {
		if p.PeerStart[i] == p.Start+int32(i) {
			n++
		}
		out[i] = n
	}
	return nil
}

func percentRank(p *WindowPartition, out []float64) {
	if len(out) == 1 {
		out[0] = 0
		return
	}
	for i := range out {
		out[i] = float64(p.PeerStart[i]-p.Start) / float64(len(out)-1)
	}
}

func cumeDist(p *WindowPartition, out []float64) {
	for i := range out {
		out[i] = float64(p.PeerEnd[i]-p.Start) / float64(len(out))
	}
}

// ntile gives the first rows % n buckets one row more than the others.
func ntile(p *WindowPartition, args []batch.Vector, out []int64, null func(int)) error {
	buckets := columnOf[int64](args[0])
	rows := int64(len(out))
	for i := range out {
		at := int(p.Start) + i
		if isNull(args[0], at) {
			null(i)
			continue
		}
		n := buckets.at(at)
		if n <= 0 {
			return argumentError("Buckets must be greater than 0")
		}
		out[i] = bucketOf(int64(i), rows, n)
	}
	return nil
}

func bucketOf(row, rows, buckets int64) int64 {
	if rows < buckets {
		return row + 1
	}
	size, larger := rows/buckets, rows%buckets
	if row < larger*(size+1) {
		return row/(size+1) + 1
	}
	return (row-larger*(size+1))/size + larger + 1
}
