package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// When a stripe's texts are not collected into a dictionary any longer.
const (
	firstJudgement      = 1024     // values, at which only columns of unique values are given up
	firstJudgementBytes = 1 << 17  // of text, at which the same is asked if it comes before
	maxDistinctPercent  = 80       // of the values of a stripe
	maxDictionaryBytes  = 1 << 27  // a quarter of what readers must be ready to hold for a column
	samples             = 4        // stretches compressed to estimate the size without dictionary
	sampleBytes         = 32 << 10 // at most; of less text a quarter is enough
	minSampleBytes      = 4 << 10
	dictionaryTenths    = 11 // a dictionary may cost a tenth more: codes are much faster to work with
	clearlyRepetitive   = 4  // values per distinct one that settle for a dictionary without measuring
	dictionaryCodeBytes = 4
	hugeBytes           = 1 << 60
)

// textColumn writes strings. Each stripe starts with a dictionary; if too many values are distinct, or
// if direct encoding measures smaller when the stripe ends, what it holds is written out direct.
type textColumn struct {
	baseWriter
	dataOut, lengthOut, dictOut *outStream
	data, lengths               *intWriter // codes; lengths of texts

	direct     bool
	judged     bool // by the first values of the stripe
	dictionary *textDictionary
	codes      []uint32 // of the stripe's values
	starts     []int    // in codes, of each row group
	textBytes  int      // of the stripe's values
	seenIn     []uint32 // by code: the last row group that had it, plus one

	translated arrow.ArrayData // the Arrow dictionary that translation is of
	codeOf     []int32         // its codes in ours, -1 not yet known
}

func newTextColumn(c *column, settings *writerSettings) *textColumn {
	w := &textColumn{baseWriter: newBaseWriter(c, settings), dictionary: newTextDictionary()}
	w.dataOut = settings.stream(orcpb.Stream_DATA)
	w.lengthOut = settings.stream(orcpb.Stream_LENGTH)
	w.dictOut = settings.stream(orcpb.Stream_DICTIONARY_DATA)
	w.data = newIntWriter(w.dataOut, false)
	w.lengths = newIntWriter(w.lengthOut, false)
	w.restart()
	return w
}

// restart begins a stripe.
func (w *textColumn) restart() {
	w.direct, w.judged = false, false
	w.streams, w.encoders, w.entries = nil, nil, nil
	w.dictionary.clear()
	w.dropCodes()
	w.starts = w.starts[:0]
	w.textBytes = 0
	w.translated = nil
	w.startGroup()
}

func (w *textColumn) startGroup() {
	w.baseWriter.startGroup()
	w.starts = append(w.starts, len(w.codes))
}

func (w *textColumn) write(arr arrow.Array, rows []int32) error {
	switch values := arr.(type) {
	case *array.String:
		for _, row := range w.notePresent(arr, rows) {
			w.add(values.Value(int(row)))
		}
		return nil
	case *array.Dictionary:
		if texts, ok := values.Dictionary().(*array.String); ok {
			w.writeCodes(values, texts, rows)
			return nil
		}
	}
	return typeError(w.column, arr)
}

// writeCodes looks up each text of an Arrow dictionary once.
func (w *textColumn) writeCodes(values *array.Dictionary, texts *array.String, rows []int32) {
	valid := w.notePresent(values, rows)
	if w.direct {
		for _, row := range valid {
			w.add(texts.Value(values.GetValueIndex(int(row))))
		}
		return
	}
	if w.translated != texts.Data() {
		w.translated = texts.Data()
		w.codeOf = make([]int32, texts.Len())
		for i := range w.codeOf {
			w.codeOf[i] = -1
		}
	}
	for _, row := range valid {
		i := values.GetValueIndex(int(row))
		if w.direct { // since a value of this loop
			w.add(texts.Value(i))
			continue
		}
		if w.codeOf[i] < 0 {
			w.codeOf[i] = int32(w.dictionary.number(texts.Value(i)))
		}
		w.addCode(uint32(w.codeOf[i]))
	}
}

func (w *textColumn) add(text string) {
	if !w.direct {
		w.addCode(w.number(text))
		return
	}
	w.noteLength(len(text))
	w.group.addText(bytesOf(text))
	if w.blooms != nil {
		w.hashes = append(w.hashes, textHash(bytesOf(text)))
	}
	w.addDirect(bytesOf(text))
}

// number finds or adds a text in the dictionary. Often it is the one before.
func (w *textColumn) number(text string) uint32 {
	if n := len(w.codes); n > 0 {
		if last := w.codes[n-1]; string(w.dictionary.text(last)) == text {
			return last
		}
	}
	return w.dictionary.number(text)
}

func (w *textColumn) addCode(code uint32) {
	w.codes = spareCodes.push(w.codes, code)
	text := w.dictionary.text(code)
	w.noteLength(len(text))
	if int(code) == len(w.seenIn) {
		w.seenIn = spareCodes.push(w.seenIn, 0)
	}
	if group := uint32(len(w.starts)); w.seenIn[code] != group {
		w.seenIn[code] = group
		w.group.addText(text)
		if w.blooms != nil {
			w.hashes = append(w.hashes, textHash(text))
		}
	}
	isFirst := !w.judged && (len(w.codes) == firstJudgement || len(w.dictionary.data) >= firstJudgementBytes)
	if isFirst {
		w.judged = true
	}
	if (isFirst || len(w.dictionary.data) >= maxDictionaryBytes) && !w.dictionaryPays(isFirst) {
		w.goDirect()
	}
}

// dropCodes gives back what counts values of the dictionary.
func (w *textColumn) dropCodes() {
	spareCodes.release(w.codes)
	spareCodes.release(w.seenIn)
	w.codes, w.seenIn = nil, nil
}

func (w *textColumn) noteLength(n int) {
	w.raw += n
	w.textBytes += n
	w.group.addLength(n)
}

func (w *textColumn) addDirect(text []byte) {
	w.dataOut.write(text)
	w.lengths.add(int64(len(text)))
}

func (w *textColumn) endGroup() {
	w.finishGroup()
	if !w.direct && !w.dictionaryPays(false) {
		w.goDirect()
	}
	w.startGroup()
}

// dictionaryPays is the judgement before the stripe's end; isFirst: by the first values. The fewer values
// were seen, the more distinct ones a column may have whose values repeat later.
func (w *textColumn) dictionaryPays(isFirst bool) bool {
	values, maxPercent := len(w.codes), maxDistinctPercent
	switch {
	case isFirst:
		maxPercent = 99
	case values <= firstJudgement:
		maxPercent = 100
	case values <= 2*RowGroupRows:
		maxPercent = 95
	}
	return w.dictionary.len()*100 <= values*maxPercent && len(w.dictionary.data) < maxDictionaryBytes
}

// goDirect writes the values collected so far, and those to come, without dictionary.
func (w *textColumn) goDirect() {
	w.direct = true
	w.encoding = &orcpb.ColumnEncoding{Kind: orcpb.ColumnEncoding_DIRECT_V2.Enum()}
	w.streams = []*outStream{w.dataOut, w.lengthOut}
	w.encoders = []encoder{w.dataOut, w.lengths}
	for i := range w.entries {
		for _, e := range w.encoders {
			w.entries[i].positions = e.mark(w.entries[i].positions)
		}
		end := len(w.codes)
		if i+1 < len(w.starts) {
			end = w.starts[i+1]
		}
		for _, code := range w.codes[w.starts[i]:end] {
			w.addDirect(w.dictionary.text(code))
		}
	}
	w.dictionary.clear()
	w.dropCodes()
}

func (w *textColumn) endStripe() error {
	if w.direct {
		return w.baseWriter.endStripe()
	}
	if w.dictionary.len()*100 > len(w.codes)*maxDistinctPercent {
		w.goDirect()
		return w.baseWriter.endStripe()
	}
	bytes, err := w.writeDictionary()
	if err != nil {
		return err
	}
	if bytes > w.estimateDirect()/10*dictionaryTenths {
		w.dropDictionary()
		w.goDirect()
	}
	return w.baseWriter.endStripe()
}

// dropDictionary takes back what writeDictionary did.
func (w *textColumn) dropDictionary() {
	for i := range w.entries {
		w.entries[i].positions = nil
	}
	for _, s := range w.streams {
		s.reset()
	}
}

// writeDictionary encodes the stripe with its dictionary sorted, and gives the stored size.
func (w *textColumn) writeDictionary() (bytes int, err error) {
	order := w.dictionary.sorted()
	rank := spareCodes.take(len(order))[:len(order)]
	defer spareCodes.release(rank)
	for i, key := range order {
		rank[key.code] = uint32(i)
		text := w.dictionary.text(key.code)
		w.dictOut.write(text)
		w.lengths.add(int64(len(text)))
	}
	w.lengths.flush()
	for i, start := range w.starts {
		w.entries[i].positions = w.data.mark(w.entries[i].positions)
		end := len(w.codes)
		if i+1 < len(w.starts) {
			end = w.starts[i+1]
		}
		for _, code := range w.codes[start:end] {
			w.data.add(int64(rank[code]))
		}
	}
	w.data.flush()
	w.encoding = &orcpb.ColumnEncoding{Kind: orcpb.ColumnEncoding_DICTIONARY_V2.Enum(), DictionarySize: proto.Uint32(uint32(len(order)))}
	w.streams = []*outStream{w.dataOut, w.dictOut, w.lengthOut}
	for _, s := range w.streams {
		length, err := s.finish()
		if err != nil {
			return 0, err
		}
		bytes += length
	}
	return bytes, nil
}

// estimateDirect compresses some of the stripe's texts as direct encoding would.
func (w *textColumn) estimateDirect() int {
	if w.dictionary.len()*clearlyRepetitive <= len(w.codes) {
		return hugeBytes
	}
	out := w.settings.stream(orcpb.Stream_DATA)
	lengths := newIntWriter(w.settings.stream(orcpb.Stream_LENGTH), false)
	sampled := 0
	for i := 0; i < samples; i++ {
		budget := min(sampleBytes, max(minSampleBytes, w.textBytes/4/samples))
		for _, code := range w.codes[i*len(w.codes)/samples : (i+1)*len(w.codes)/samples] {
			text := w.dictionary.text(code)
			if budget -= len(text); budget < 0 {
				break
			}
			out.write(text)
			lengths.add(int64(len(text)))
			sampled += len(text)
		}
		out.endBlock()
	}
	lengths.flush()
	stored, err := out.finish()
	storedLengths, err2 := lengths.out.finish()
	out.reset()
	lengths.out.reset()
	if err != nil || err2 != nil || sampled == 0 {
		return hugeBytes
	}
	return int(float64(stored+storedLengths) * float64(w.textBytes) / float64(sampled))
}

func (w *textColumn) takeStripe(s *stripeContent) error {
	if err := w.baseWriter.takeStripe(s); err != nil {
		return err
	}
	w.dictOut.reset()
	w.restart()
	return nil
}

func (w *textColumn) bytes() int {
	n := w.baseWriter.bytes() + dictionaryCodeBytes*len(w.codes)
	if !w.direct {
		n += w.dictionary.bytes()
	}
	return n
}
