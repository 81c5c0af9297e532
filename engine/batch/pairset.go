package batch

import "slices"

// PairSet is a set of pairs of a group and an id, both counted from 0 in order of first appearance.
//
// Most ids belong to one group, as a request id belongs to an hour, or most groups have one id, as a key has one
// address in an hour. So one pair of each id and of each group is found without hashing. The zero value is ready
// for use.
type PairSet struct {
	firsts  []int32   // by id: the group that it came with first, or Absent
	ofGroup []int32   // by group: an id that did not come with it first, or Absent
	others  WordTable // all other pairs
}

// pairsAtOnce is the number of rows whose pairs are looked up together.
const pairsAtOnce = 1 << 10

// Insert inserts the pair of each row, and appends the rows whose pair is new to fresh, ascending. All numbers are
// below limit.
func (p *PairSet) Insert(groups, numbers []int32, limit int, fresh []int32) []int32 {
	p.firsts = reach(p.firsts, limit)
	var words [pairsAtOnce]uint64
	var ids, rows [pairsAtOnce]int32
	var isFresh [pairsAtOnce]bool
	for from := 0; from < len(numbers); from += pairsAtOnce {
		count := 0 // pairs that need a hash lookup
		some := numbers[from:min(len(numbers), from+pairsAtOnce)]
		for i, number := range some {
			group := groups[from+i]
			first := p.firsts[number]
			isFresh[i] = first == Absent
			switch first {
			case group:
				continue
			case Absent:
				p.firsts[number] = group
				continue
			}
			if int(group) >= len(p.ofGroup) {
				p.ofGroup = reach(p.ofGroup, limitOf(groups[:len(numbers)]))
			}
			switch p.ofGroup[group] {
			case number:
			case Absent:
				p.ofGroup[group], isFresh[i] = number, true
			default:
				words[count], rows[count] = PairWord(group, number), int32(i)
				count++
			}
		}
		next := int32(p.others.Len())
		p.others.InsertAll(words[:count], ids[:count])
		for i, id := range ids[:count] {
			if id == next {
				isFresh[rows[i]] = true
				next++
			}
		}
		for i := range some {
			if isFresh[i] {
				fresh = append(fresh, int32(from+i))
			}
		}
	}
	return fresh
}

// Has reports whether a pair was inserted. number may be any id but must not be Absent.
func (p *PairSet) Has(group, number int32) bool {
	if int(number) >= len(p.firsts) {
		return false
	}
	return p.firsts[number] == group || int(group) < len(p.ofGroup) && p.ofGroup[group] == number || p.others.Find(PairWord(group, number)) >= 0
}

// reach grows list to at least limit entries; new ones are Absent.
func reach(list []int32, limit int) []int32 {
	list = withRoom(list, max(0, limit-len(list)))
	for len(list) < limit {
		list = append(list, Absent)
	}
	return list
}

// limitOf returns the least limit that all groups are below.
func limitOf(groups []int32) int {
	if len(groups) == 0 {
		return 0
	}
	return int(slices.Max(groups)) + 1
}

// GrowthBytes returns what Insert of rows with these groups may allocate before the old memory is freed.
func (p *PairSet) GrowthBytes(groups []int32) int64 {
	rows := len(groups)
	return sliceGrowth(cap(p.firsts), len(p.firsts)+rows, 4) + sliceGrowth(cap(p.ofGroup), max(len(p.ofGroup), limitOf(groups)), 4) +
		p.others.GrowthBytes(rows)
}

// SizeBytes returns the memory held.
func (p *PairSet) SizeBytes() int64 {
	return 4*int64(cap(p.firsts)+cap(p.ofGroup)) + p.others.SizeBytes()
}

// PairWord packs a pair of ids into one word, a in the upper half.
func PairWord(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }
