package batch

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
)

// keptHere keeps everything, unless it keeps nothing.
type keptHere struct {
	mu     sync.Mutex
	values map[any]any
	none   bool
	bytes  map[any]int64
}

func newKeptHere() *keptHere { return &keptHere{values: map[any]any{}, bytes: map[any]int64{}} }

func (k *keptHere) Get(key any) (any, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	value, ok := k.values[key]
	return value, ok
}

func (k *keptHere) AskedBefore(any) bool { return true }

func (k *keptHere) Put(key, value any, bytes int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.none {
		k.values[key], k.bytes[key] = value, bytes
	}
}

func (k *keptHere) Forget(key any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, key)
}

// drawnDictionary is a dictionary of n of 5,000 texts, some of them twice, and rows of it.
func drawnDictionary(t *testing.T, random *rand.Rand, n int) Vector {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprint("text ", random.IntN(5000))
	}
	dictionary, err := FromStrings(arrow.BinaryTypes.String, values, nil)
	require.NoError(t, err)
	codes, valid := make([]int32, 300), make([]byte, 38)
	for i := range codes {
		codes[i] = random.Int32N(int32(n))
		valid[i/8] |= byte(random.IntN(8)&1|random.IntN(2)) << (i % 8)
	}
	return Vector{Array: FromCodes(codes, valid, dictionary)}
}

// TestTextNumbers: an interner has the same codes and values with numbers as without, whatever comes after what,
// and whether there is room for all texts, for some or for none.
func TestTextNumbers(t *testing.T) {
	const all = 1 << 30
	for _, c := range []struct {
		name     string
		steps    string // d: a dictionary, a: the one before again, s: a few rows of the one before, l: a few rows of another, p: plain texts, q: a few of the dictionary before, r: a few others, c: all texts so far as a dictionary made of their codes, f: the keeper forgets, n: it keeps nothing from now on
		maxBytes int64
		isWhole  bool // at the end
	}{
		{"dictionaries", "ddadd", all, true},
		{"plain texts between", "dadpdda", all, false},
		{"few texts with numbers between", "dadaqda", all, true},
		{"few texts without numbers between", "dadarda", all, true},
		{"few texts without room", "dadnfra", all, false},
		{"plain texts first", "pdadd", all, false},
		{"few rows of dictionaries", "lslslldsa", all, true},
		{"few rows of dictionaries, plain texts between", "lsplsldsa", all, false},
		{"room for some", "dddddddddddd", 100_000, false},
		{"room for none", "dad", 100, false},
		{"forgotten while they are in use", "dadfddad", all, true},
		{"its own values", "dadcacda", all, true},
		{"its own values, forgotten", "dadcfcda", all, true},
		{"its own values without numbers", "pcac", all, false},
		{"nothing kept", "ndad", all, false},
		{"nothing kept any more", "dadnfdad", all, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(len(c.steps))))
			keeper := newKeptHere()
			lake := NewTextNumbers(keeper, c.maxBytes)
			for range 2 { // the second asks what the first left
				in, plain := NewInterner(arrow.BinaryTypes.String), NewInterner(arrow.BinaryTypes.String)
				in.UseNumbers(lake)
				var v Vector
				for _, step := range c.steps {
					switch step {
					case 'd':
						v = drawnDictionary(t, random, 10+random.IntN(1500))
					case 's', 'l':
						if step == 'l' {
							v = drawnDictionary(t, random, 1500)
						}
						from := random.Int64N(int64(v.Array.Len()) - 20)
						requireSameCodes(t, in, plain, Vector{Array: array.NewSlice(v.Array, from, from+20)})
						continue
					case 'p':
						many := drawnDictionary(t, random, 500).Array
						v = Vector{Array: Decode(Concat([]arrow.Array{many, many, many, many}))}
					case 'q':
						few := array.NewSlice(v.Array, 0, 20)
						requireSameCodes(t, in, plain, Vector{Array: Decode(few)})
						continue
					case 'r':
						v = Vector{Array: Decode(array.NewSlice(drawnDictionary(t, random, 500).Array, 0, 20))}
					case 'c':
						codes := make([]int32, in.Len())
						for i := range codes {
							codes[i] = int32(len(codes) - 1 - i)
						}
						v = Vector{Array: in.Coded(codes, AllAtOnce)}
					case 'f':
						keeper.Forget(textsKey{lake})
						continue
					case 'n':
						keeper.none = true
						continue
					}
					requireSameCodes(t, in, plain, v)
				}
				require.Equal(t, c.isWhole, in.numbered != nil && in.numbered.isWhole)
				require.True(t, array.Equal(plain.Values(), in.Values()))
				last := int32(in.Len() - 1)
				codes := []int32{last, 0, 1, last, 0}
				require.True(t, array.Equal(Take(plain.Values(), codes), in.ValuesOf(codes, InTurn)))
				require.True(t, array.Equal(Take(plain.Values(), codes[:1]), in.ValuesOf(codes[:1], InTurn)))
				require.LessOrEqual(t, keeper.bytes[textsKey{lake}], c.maxBytes)
			}
		})
	}
}

// TestCodedTextsHaveNumbers: a dictionary made of codes has the numbers of its texts without being numbered.
func TestCodedTextsHaveNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	lake := NewTextNumbers(newKeptHere(), 1<<30)
	in := insertedInto(t, lake, drawnDictionary(t, random, 3000))
	insertedInto(t, lake, drawnDictionary(t, random, 3000)) // numbers that are not in's
	require.NoError(t, in.Insert(drawnDictionary(t, random, 3000), 300, make([]int32, 300)))
	coded := in.Coded([]int32{3, 0, 1}, InTurn)
	require.True(t, array.Equal(Take(in.Values(), []int32{3, 0, 1}), Decode(coded)))
	dictionary := coded.Dictionary().(*array.String)
	texts, numbers, isKnown := lake.known(weak.Make(dictionary.Data().(*array.Data)))
	require.True(t, isKnown)
	require.Len(t, numbers, dictionary.Len())
	for i, number := range numbers {
		require.Equal(t, dictionary.Value(i), string(texts.table.At(number)))
	}
}

// TestTextsAreNumberedBetweenPieces: while texts are copied, others can be numbered after each piece.
func TestTextsAreNumberedBetweenPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 5))
	lake := NewTextNumbers(newKeptHere(), 1<<30)
	in := insertedInto(t, lake, drawnDictionary(t, random, 3000))
	pieces := 0
	by := func(n int, do func(piece int)) {
		for piece := range n {
			do(piece)
			require.True(t, in.numbered.texts.mu.TryLock())
			in.numbered.texts.mu.Unlock()
			insertedInto(t, lake, drawnDictionary(t, random, 3000))
			pieces++
		}
	}
	codes := make([]int32, 20_000)
	for i := range codes {
		codes[i] = int32(i % in.Len())
	}
	require.True(t, array.Equal(Take(in.Values(), codes), in.ValuesOf(codes, by)))
	require.Greater(t, pieces, 2)
}

// requireSameCodes looks v up in both, before and after inserting it.
func requireSameCodes(t *testing.T, in, plain *Interner, v Vector) {
	rows := v.Array.Len()
	want, got := make([]int32, rows), make([]int32, rows)
	require.NoError(t, plain.Find(v, rows, want))
	require.NoError(t, in.Find(v, rows, got))
	require.Equal(t, want, got)
	room := in.SizeBytes() + in.GrowthBytes(v, rows)
	require.NoError(t, plain.Insert(v, rows, want))
	require.NoError(t, in.Insert(v, rows, got))
	require.Equal(t, want, got)
	require.Equal(t, plain.Len(), in.Len())
	require.LessOrEqual(t, in.SizeBytes()-int64(cap(in.dictCodes))*4, 2*room+1<<12)
}

// TestTextsAreThereOnce: while a query uses texts that are outdated, others are not numbered.
func TestTextsAreThereOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	lake := NewTextNumbers(newKeptHere(), 100_000)
	inUse := insertedInto(t, lake, drawnDictionary(t, random, 500))
	require.True(t, inUse.numbered.isWhole)
	for !inUse.numbered.texts.isOutdated {
		insertedInto(t, lake, drawnDictionary(t, random, 1000))
	}
	require.Nil(t, insertedInto(t, lake, drawnDictionary(t, random, 10)).numbered)
	runtime.KeepAlive(inUse)
	runtime.GC()
	require.True(t, insertedInto(t, lake, drawnDictionary(t, random, 10)).numbered.isWhole)
}

func insertedInto(t *testing.T, lake *TextNumbers, v Vector) *Interner {
	in := NewInterner(arrow.BinaryTypes.String)
	in.UseNumbers(lake)
	require.NoError(t, in.Insert(v, v.Array.Len(), make([]int32, v.Array.Len())))
	return in
}

// TestTextNumbersOfManyQueries: whoever asks first, a text has one number, also while others ask.
func TestTextNumbersOfManyQueries(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	lake := NewTextNumbers(newKeptHere(), 1<<30)
	var vectors []Vector
	for range 8 {
		vectors = append(vectors, drawnDictionary(t, random, 400))
	}
	var group sync.WaitGroup
	values := make([]arrow.Array, 6)
	for query := range values {
		group.Go(func() {
			in := NewInterner(arrow.BinaryTypes.String)
			in.UseNumbers(lake)
			for i := range vectors {
				v := vectors[(i+query/2*3)%len(vectors)]     // two ask in the same order
				v.Array = array.MakeFromData(v.Array.Data()) // as scans do: Arrow's makes its dictionary when it is first asked for it
				if err := in.Insert(v, v.Array.Len(), make([]int32, v.Array.Len())); err != nil {
					panic(err)
				}
			}
			values[query] = in.Values()
		})
	}
	group.Wait()
	for query := range values {
		require.Equal(t, values[0].Len(), values[query].Len())
		require.True(t, array.Equal(values[query/2*2], values[query]))
	}
}

// TestFinderOfTextsWithAndWithoutNumbers: a finder that had to look at the texts of all codes finds entries of a dictionary that it knew before.
func TestFinderOfTextsWithAndWithoutNumbers(t *testing.T) {
	texts := make([]string, 2*maxFewTexts)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	plain, err := FromStrings(arrow.BinaryTypes.String, texts, nil)
	require.NoError(t, err)
	codesFrom := func(first int) Vector {
		codes := make([]int32, maxFewTexts)
		for i := range codes {
			codes[i] = int32(first + i)
		}
		return Vector{Array: FromCodes(codes, nil, plain)}
	}
	in := NewInterner(arrow.BinaryTypes.String)
	in.UseNumbers(NewTextNumbers(newKeptHere(), 1<<30))
	want, got := make([]int32, len(texts)), make([]int32, len(texts))
	for i := range want {
		want[i] = int32(i + 1)
	}
	require.NoError(t, in.Insert(codesFrom(0), maxFewTexts, got[:maxFewTexts]))
	require.NoError(t, in.Insert(codesFrom(maxFewTexts), maxFewTexts, got[maxFewTexts:]))
	require.Equal(t, want, got)
	require.True(t, in.numbered.isWhole)

	f := in.Finder()
	require.NoError(t, f.Find(codesFrom(0), maxFewTexts, got))
	require.NoError(t, f.Find(Vector{Array: plain}, len(texts), got))
	require.Equal(t, want, got)
	require.NoError(t, f.Find(codesFrom(maxFewTexts), maxFewTexts, got))
	require.Equal(t, want[maxFewTexts:], got[:maxFewTexts])
}

// TestNumbersOfJoinedDictionaries: a dictionary with the texts of others has their numbers, and does without them where they are gone.
func TestNumbersOfJoinedDictionaries(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	draw := func() *array.String {
		return drawnDictionary(t, random, 40).Array.(*array.Dictionary).Dictionary().(*array.String)
	}
	numbersOf := func(lake *TextNumbers, dictionary *array.String) []int32 {
		_, numbers := lake.of(dictionary)
		return numbers
	}
	for name, c := range map[string]struct {
		tell          func(lake *TextNumbers, joined *array.String, parts []arrow.Array)
		numbersTheirs bool // the numbers are those of the parts, which are kept
	}{
		"of parts that have numbers": {func(lake *TextNumbers, joined *array.String, parts []arrow.Array) {
			for _, part := range parts {
				numbersOf(lake, part.(*array.String))
			}
			lake.Joined(joined, parts)
		}, true},
		"of parts that have none": {func(lake *TextNumbers, joined *array.String, parts []arrow.Array) { lake.Joined(joined, parts) }, true},
		"of joined dictionaries": {func(lake *TextNumbers, joined *array.String, parts []arrow.Array) {
			inner := Concat(parts[1:])
			lake.Joined(inner, parts[1:])
			lake.Joined(joined, []arrow.Array{parts[0], inner})
			numbersOf(lake, joined)
			runtime.KeepAlive(inner)
		}, true},
		"of parts that are gone": {func(lake *TextNumbers, joined *array.String, _ []arrow.Array) {
			lake.Joined(joined, []arrow.Array{draw(), draw()})
			runtime.GC()
		}, false},
		"of a single one": {func(lake *TextNumbers, joined *array.String, _ []arrow.Array) {
			lake.Joined(joined, []arrow.Array{joined})
		}, false},
		"of none": {func(*TextNumbers, *array.String, []arrow.Array) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			lake := NewTextNumbers(newKeptHere(), 1<<20)
			parts := []arrow.Array{draw(), draw(), draw()}
			joined := Concat(parts).(*array.String)
			c.tell(lake, joined, parts)
			numbers := numbersOf(lake, joined)
			require.Len(t, numbers, joined.Len())
			for i, number := range numbers {
				require.Equal(t, joined.Value(i), string(lake.texts().table.At(number)))
			}
			var ofParts []int32
			for _, part := range parts {
				_, _, isKnown := lake.known(weak.Make(part.Data().(*array.Data)))
				require.Equal(t, c.numbersTheirs, isKnown)
				ofParts = append(ofParts, numbersOf(lake, part.(*array.String))...)
			}
			require.Equal(t, ofParts, numbers)
		})
	}
}
