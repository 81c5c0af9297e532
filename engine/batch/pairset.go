package batch

import "slices"

// PairSet knows pairs of a group and a number, which are counted from 0 in order of first appearance. A number is
// mostly of one group, as the id of a request is of the hour it was made in, or a group has mostly one number, as an
// hour of a key has one address: one pair of each is found without hashing. The zero value is ready for use.
type PairSet struct {
	firsts  []int32   // the group that each number came with first, Absent before it came
	ofGroup []int32   // a number of each group that it did not come with first, Absent before there is one
	others  WordTable // all other pairs
}

// pairsAtOnce is of how many rows pairs are looked up together.
const pairsAtOnce = 1 << 10

// Insert inserts the pair of each row, and appends the rows to fresh, ascending, whose pair was not there before. All
// numbers are below a limit.
func (p *PairSet) Insert(groups, numbers []int32, limit int, fresh []int32) []int32 {
	p.firsts = reach(p.firsts, limit)
	var words [pairsAtOnce]uint64
	var ids, rows [pairsAtOnce]int32
	var isFresh [pairsAtOnce]bool
	for from := 0; from < len(numbers); from += pairsAtOnce {
		count := 0 // of pairs that are looked up
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

// Has reports whether a pair was inserted. The number may be any that is not Absent.
func (p *PairSet) Has(group, number int32) bool {
	if int(number) >= len(p.firsts) {
		return false
	}
	return p.firsts[number] == group || int(group) < len(p.ofGroup) && p.ofGroup[group] == number || p.others.Find(PairWord(group, number)) >= 0
}

// reach makes room for places below a limit.
func reach(list []int32, limit int) []int32 {
	list = withRoom(list, max(0, limit-len(list)))
	for len(list) < limit {
		list = append(list, Absent)
	}
	return list
}

// limitOf returns the number that all groups are below.
func limitOf(groups []int32) int {
	if len(groups) == 0 {
		return 0
	}
	return int(slices.Max(groups)) + 1
}

// GrowthBytes is what Insert of rows of some groups may allocate before what was held so far is given back.
func (p *PairSet) GrowthBytes(groups []int32) int64 {
	rows := len(groups)
	return sliceGrowth(cap(p.firsts), len(p.firsts)+rows, 4) + sliceGrowth(cap(p.ofGroup), max(len(p.ofGroup), limitOf(groups)), 4) +
		p.others.GrowthBytes(rows)
}

// SizeBytes is the memory held.
func (p *PairSet) SizeBytes() int64 {
	return 4*int64(cap(p.firsts)+cap(p.ofGroup)) + p.others.SizeBytes()
}

// PairWord is the word of a pair of numbers, each of which has a half of it.
func PairWord(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }
