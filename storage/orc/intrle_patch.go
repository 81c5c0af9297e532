package orc

import (
	"math"
	"math/bits"
)

// Limits of a patched base run.
const (
	maxPatches      = 31
	maxPatchGap     = 255
	maxPatchedWidth = 56 // of the values over the base: wider ones gain nothing
)

// patchPlan is how a patched base run would store some values.
type patchPlan struct {
	bytes      int // size of the run, math.MaxInt when it cannot hold the values
	base       int64
	width      int // of the values
	patchWidth int
	gapWidth   int
	patches    int // entries of the list, fillers included
}

// planPatches finds the width of values for the smallest run.
func planPatches(values []int64) patchPlan {
	none := patchPlan{bytes: math.MaxInt}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	span := uint64(high) - uint64(low)
	if len(values) < 8 || bits.Len64(span) > maxPatchedWidth || low <= -1<<55 || low >= 1<<55 {
		return none
	}
	// Often many values are nearly as wide as the widest.
	narrower := alignedBelow(bits.Len64(span))
	for i, left := 0, maxPatches; i < len(values); i++ {
		if (uint64(values[i])-uint64(low))>>narrower != 0 {
			if left--; left < 0 {
				return none
			}
		}
	}
	var widths [65]int
	for _, v := range values {
		widths[bits.Len64(uint64(v)-uint64(low))]++
	}
	best, wider := none, 0
	for w := bits.Len64(span); w > 0; w-- {
		if aligned := alignedWidth(w); aligned == w && wider > 0 && wider <= maxPatches {
			if plan := patchesAt(values, low, w, bits.Len64(span)); plan.bytes < best.bytes {
				best = plan
			}
		}
		wider += widths[w]
	}
	return best
}

func patchesAt(values []int64, low int64, width, spanWidth int) patchPlan {
	entries, largestGap, last := 0, 0, 0
	for i, v := range values {
		if bits.Len64(uint64(v)-uint64(low)) <= width {
			continue
		}
		gap := i - last
		for ; gap > maxPatchGap; gap -= maxPatchGap {
			entries++
			largestGap = maxPatchGap
		}
		entries++
		largestGap = max(largestGap, gap)
		last = i
	}
	plan := patchPlan{base: low, width: width, patches: entries,
		patchWidth: closestWidth(spanWidth - width), gapWidth: max(1, bits.Len(uint(largestGap)))}
	if entries > maxPatches || plan.patchWidth+plan.gapWidth > 64 {
		plan.bytes = math.MaxInt
		return plan
	}
	plan.bytes = 4 + plan.baseBytes() + packedBytes(len(values), width) +
		packedBytes(entries, closestWidth(plan.patchWidth+plan.gapWidth))
	return plan
}

// baseBytes leaves room for the sign bit.
func (p patchPlan) baseBytes() int {
	return (bits.Len64(uint64(max(p.base, -p.base))) + 8) / 8
}

func (w *intWriter) patched(values []int64, p patchPlan) {
	n := len(values) - 1
	w.buf = append(w.buf,
		runPatchedBase<<6|encodeWidth(p.width)<<1|byte(n>>8), byte(n),
		byte(p.baseBytes()-1)<<5|encodeWidth(p.patchWidth),
		byte(p.gapWidth-1)<<5|byte(p.patches))
	base := uint64(max(p.base, -p.base))
	if p.base < 0 {
		base |= 1 << (p.baseBytes()*8 - 1)
	}
	w.buf = appendBigEndian(w.buf, base, p.baseBytes())

	w.packed = w.packed[:0]
	for _, v := range values {
		w.packed = append(w.packed, (uint64(v)-uint64(p.base))&(1<<p.width-1))
	}
	w.buf = packBits(w.buf, w.packed, p.width)

	w.packed = w.packed[:0]
	last := 0
	for i, v := range values {
		patch := (uint64(v) - uint64(p.base)) >> p.width
		if patch == 0 {
			continue
		}
		gap := i - last
		for ; gap > maxPatchGap; gap -= maxPatchGap {
			w.packed = append(w.packed, maxPatchGap<<p.patchWidth)
		}
		w.packed = append(w.packed, uint64(gap)<<p.patchWidth|patch)
		last = i
	}
	w.buf = packBits(w.buf, w.packed, closestWidth(p.patchWidth+p.gapWidth))
}

// closestWidth rounds up to a width that has a 5-bit code.
func closestWidth(n int) int {
	switch {
	case n <= 1:
		return 1
	case n <= 24:
		return n
	case n <= 32:
		return (n + 1) / 2 * 2
	}
	return (n + 7) / 8 * 8
}
