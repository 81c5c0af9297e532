package orc

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// encodeInts gives the runs of values without compression.
func encodeInts(values []int64, signed bool) []byte {
	out := &outStream{settings: &writerSettings{}}
	w := newIntWriter(out, signed)
	for _, v := range values {
		w.add(v)
	}
	w.flush()
	return slices.Concat(out.done...)
}

func intsFrom(encoded []byte, signed bool, kind orcpb.ColumnEncoding_Kind) *intReader {
	s := &source{file: bytes.NewReader(encoded), path: "ints", compression: None, blockSize: 1000}
	return newIntReader(newInStream(s, extent{0, int64(len(encoded))}, nil), signed, kind)
}

func repeat(n int, v int64) []int64 {
	values := make([]int64, n)
	fill(values, v)
	return values
}

// The examples of the specification.
func TestIntRunsOfTheSpecification(t *testing.T) {
	falling := make([]int64, 100)
	for i := range falling {
		falling[i] = int64(100 - i)
	}
	for _, c := range []struct {
		name    string
		kind    orcpb.ColumnEncoding_Kind
		values  []int64
		encoded []byte
		written bool // our writer gives the same bytes
	}{
		{"version 1 run", orcpb.ColumnEncoding_DIRECT, repeat(100, 7), []byte{0x61, 0x00, 0x07}, false},
		{"version 1 falling run", orcpb.ColumnEncoding_DIRECT, falling, []byte{0x61, 0xff, 0x64}, false},
		{"version 1 literals", orcpb.ColumnEncoding_DIRECT, []int64{2, 3, 6, 7, 11}, []byte{0xfb, 0x02, 0x03, 0x06, 0x07, 0xb}, false},
		{"short repeat", orcpb.ColumnEncoding_DIRECT_V2, repeat(5, 10000), []byte{0x0a, 0x27, 0x10}, true},
		{"direct", orcpb.ColumnEncoding_DIRECT_V2, []int64{23713, 43806, 57005, 48879},
			[]byte{0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef}, true},
		{"patched base", orcpb.ColumnEncoding_DIRECT_V2,
			[]int64{2030, 2000, 2020, 1000000, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130, 2140, 2150, 2160, 2170, 2180, 2190},
			[]byte{0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e,
				0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8}, true},
		{"delta", orcpb.ColumnEncoding_DIRECT_V2, []int64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29},
			[]byte{0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]int64, len(c.values))
			require.NoError(t, intsFrom(c.encoded, false, c.kind).next(got))
			require.Equal(t, c.values, got)
			if c.written {
				require.Equal(t, c.encoded, encodeInts(c.values, false))
			}
		})
	}
}

func TestIntsRoundTrip(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rnd := rand.New(rand.NewPCG(51, 52))
	generators := map[string]func(i int) int64{
		"any":             func(int) int64 { return int64(rnd.Uint64()) },
		"extremes":        func(i int) int64 { return []int64{math.MinInt64, math.MaxInt64, 0, -1}[rnd.IntN(4)] },
		"rising":          func(i int) int64 { return int64(i) * 7 },
		"rising unevenly": func(i int) int64 { return int64(i*100) + rnd.Int64N(100) },
		"falling":         func(i int) int64 { return -int64(i * i) },
		"in steps":        func(i int) int64 { return int64(i / 5) },
		"outliers": func(i int) int64 {
			if rnd.IntN(50) == 0 {
				return rnd.Int64N(1 << 50)
			}
			return rnd.Int64N(200)
		},
		"negative outliers": func(i int) int64 { return -100 + rnd.Int64N(60)*(1+rnd.Int64N(50)/49*100000) },
		"rare outliers":     func(i int) int64 { return int64(i&0x1ff/400) * rnd.Int64N(1<<30) },
		"runs":              func(i int) int64 { return int64(i / 20 % 2 * 1000) },
		"leading equals":    func(i int) int64 { return int64(max(0, i%512-3)) * 1_000_000 },
	}
	for bits := range 63 {
		generators[fmt.Sprintf("%d bits", bits)] = func(int) int64 { return rnd.Int64N(1 << bits) }
	}
	for name, generate := range generators {
		for _, signed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/signed %v", name, signed), func(t *testing.T) {
				values := make([]int64, 1+rnd.IntN(3000))
				for i := range values {
					values[i] = generate(i)
				}
				encoded := encodeInts(values, signed)
				got := make([]int64, len(values))
				require.NoError(t, intsFrom(encoded, signed, orcpb.ColumnEncoding_DIRECT_V2).next(got))
				require.Equal(t, values, got)
				requireSkips(t, rnd, encoded, signed, values)
				for n := range min(len(encoded), 40) {
					cut := intsFrom(encoded[:len(encoded)-1-n], signed, orcpb.ColumnEncoding_DIRECT_V2)
					require.Error(t, cut.next(make([]int64, len(values))))
				}
			})
		}
	}
}

func requireSkips(t *testing.T, rnd *rand.Rand, encoded []byte, signed bool, values []int64) {
	r := intsFrom(encoded, signed, orcpb.ColumnEncoding_DIRECT_V2)
	for at := 0; at < len(values); {
		skip := rnd.IntN(min(1200, len(values)-at) + 1)
		require.NoError(t, r.skip(skip))
		at += skip
		part := make([]int64, rnd.IntN(min(700, len(values)-at)+1))
		require.NoError(t, r.next(part))
		require.Equal(t, values[at:at+len(part)], part)
		at += len(part)
	}
}

func TestByteRuns(t *testing.T) {
	require.Equal(t, []byte{0x61, 0x00}, encodeBytes(make([]byte, 100)))
	require.Equal(t, []byte{0xfe, 0x44, 0x45}, encodeBytes([]byte{0x44, 0x45}))
	rnd := rand.New(rand.NewPCG(53, 54))
	for range 50 {
		values := make([]byte, rnd.IntN(5000))
		for i := range values {
			values[i] = byte(rnd.IntN(1 + rnd.IntN(3)))
		}
		encoded := encodeBytes(values)
		s := &source{file: bytes.NewReader(encoded), path: "bytes", compression: None, blockSize: 100}
		r := &byteReader{in: newInStream(s, extent{0, int64(len(encoded))}, nil)}
		half := len(values) / 2
		require.NoError(t, r.skip(half))
		got := make([]byte, len(values)-half)
		require.NoError(t, r.next(got))
		require.Equal(t, values[half:], got)
	}
}

func encodeBytes(values []byte) []byte {
	out := &outStream{settings: &writerSettings{}}
	w := newByteWriter(out)
	for _, v := range values {
		w.add(v)
	}
	w.flush()
	return slices.Concat(out.done...)
}

// TestBitsPassedOver: the true values among those that are passed over are counted, however many they are.
func TestBitsPassedOver(t *testing.T) {
	rnd := rand.New(rand.NewPCG(55, 56))
	stored := make([]byte, 3000)
	values := make([]bool, 8*len(stored))
	for i := range values {
		if values[i] = rnd.IntN(3) == 0; values[i] {
			stored[i/8] |= 0x80 >> (i % 8)
		}
	}
	encoded := encodeBytes(stored)
	s := &source{file: bytes.NewReader(encoded), path: "bits", compression: None, blockSize: 100}
	r := &boolReader{bytes: byteReader{in: newInStream(s, extent{0, int64(len(encoded))}, nil)}}
	at := 0
	for _, n := range []int{0, 3, 8, 4096, 4097, 10_000, 5} {
		want := 0
		for _, v := range values[at : at+n] {
			if v {
				want++
			}
		}
		ones, err := r.skip(n)
		require.NoError(t, err)
		require.Equal(t, want, ones, "%d from %d", n, at)
		at += n
	}
	rest := make([]byte, (len(values)-at+7)/8)
	_, err := r.next(rest, len(values)-at)
	require.NoError(t, err)
	for i, v := range values[at:] {
		require.Equal(t, v, rest[i/8]>>(i%8)&1 == 1, "value %d", at+i)
	}
	_, err = r.skip(1)
	require.Error(t, err)
}

// TestRunsOfEveryLength: of equal values, of equal and of other differences, of none of these.
func TestRunsOfEveryLength(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rnd := rand.New(rand.NewPCG(57, 58))
	for name, value := range map[string]func(i int) int64{
		"equal values":      func(int) int64 { return 5 },
		"equal differences": func(i int) int64 { return int64(3 * i) },
		"other differences": func(i int) int64 { return -int64(i * i) },
		"none":              func(int) int64 { return rnd.Int64() },
	} {
		t.Run(name, func(t *testing.T) {
			for length := 1; length <= 520; length++ {
				values := make([]int64, length)
				for i := range values {
					values[i] = value(i)
				}
				got := make([]int64, length)
				require.NoError(t, intsFrom(encodeInts(values, true), true, orcpb.ColumnEncoding_DIRECT_V2).next(got), "%d values", length)
				require.Equal(t, values, got, "%d values", length)
			}
		})
	}
}
