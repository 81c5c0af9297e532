package orc

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// When a stripe's texts are no longer collected into a dictionary.
const (
	firstJudgement      = 1024     // values, at which only columns of unique values lose their dictionary
	firstJudgementBytes = 1 << 17  // of text, at which the same is checked if it is reached first
	maxDistinctPercent  = 80       // of the values of a stripe
	maxDictionaryBytes  = 1 << 27  // a quarter of what readers must be ready to hold for a column
	samples             = 4        // stretches compressed to estimate the size without dictionary
	sampleBytes         = 32 << 10 // at most; of shorter text a quarter
	minSampleBytes      = 4 << 10
	dictionaryTenths    = 11 // a dictionary may be a tenth larger: codes are much faster to work with
	clearlyRepetitive   = 4  // values per distinct one from which a dictionary needs no measuring
	dictionaryCodeBytes = 4
	longTextBytes       = 512 // on average, of a column whose direct texts are compressed in long blocks
	hugeBytes           = 1 << 60
)

// textColumn writes strings. Each stripe starts with a dictionary. If too many values are distinct, or if direct
// encoding measures smaller at the end of the stripe, the stripe's values are written direct.
type textColumn struct {
	baseWriter
	dataOut, lengthOut, dictOut *outStream
	data, lengths               *intWriter // codes; lengths of texts

	direct     bool
	judged     bool // by the stripe's first values
	dictionary *textDictionary
	codes      []uint32 // of the stripe's values
	starts     []int    // in codes, of each row group
	textBytes  int      // of the stripe's values

	translated arrow.ArrayData // the Arrow dictionary that codeOf belongs to
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
	w.dataOut.blockSize = w.settings.blockSize
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
	source, ok := textSourceOf(arr)
	if !ok {
		return typeError(w.column, arr)
	}
	rows = w.notePresent(arr, rows)
	if source.codes != nil && !w.direct {
		w.translate(arr.(*array.Dictionary).Dictionary())
	}
	for len(rows) > 0 && !w.direct {
		n := len(rows)
		if !w.judged {
			n = min(n, firstJudgement-len(w.codes))
		}
		rows = rows[w.collect(&source, rows[:n]):]
		w.judge()
	}
	w.addDirect(&source, rows)
	return nil
}

// translate prepares for the codes of an Arrow dictionary. Each of its texts is looked up once.
func (w *textColumn) translate(texts arrow.Array) {
	if w.translated == texts.Data() {
		return
	}
	w.translated = texts.Data()
	w.codeOf = make([]int32, texts.Len())
	for i := range w.codeOf {
		w.codeOf[i] = -1
	}
}

// collect adds rows to the dictionary and returns how many it added. It stops when the dictionary is so large that
// it must be judged.
func (w *textColumn) collect(source *textSource, rows []int32) int {
	limit := maxDictionaryBytes
	if !w.judged {
		limit = firstJudgementBytes
	}
	if need := len(w.codes) + len(rows); need > cap(w.codes) {
		w.codes = spareCodes.grow(w.codes, need)
	}
	codes, group, total := w.codes, uint32(len(w.starts)), 0
	for _, row := range rows {
		code := w.codeFor(source, row)
		codes = append(codes, code)
		text := &w.dictionary.texts[code]
		total += int(text.end - text.start)
		if text.group != group {
			text.group = group
			w.noteDistinct(w.dictionary.text(code))
			if len(w.dictionary.data) >= limit {
				break
			}
		}
	}
	collected := len(codes) - len(w.codes)
	w.codes = codes
	w.noteLengths(collected, total)
	return collected
}

func (w *textColumn) codeFor(source *textSource, row int32) uint32 {
	if source.codes == nil {
		return w.dictionary.number(source.at(row))
	}
	known := &w.codeOf[source.codes[row]]
	if *known < 0 {
		*known = int32(w.dictionary.number(source.at(row)))
	}
	return uint32(*known)
}

// judge gives up a dictionary that does not pay: once by the stripe's first values, and again when it is too large.
func (w *textColumn) judge() {
	isFirst := !w.judged && (len(w.codes) >= firstJudgement || len(w.dictionary.data) >= firstJudgementBytes)
	if isFirst {
		w.judged = true
	}
	if (isFirst || len(w.dictionary.data) >= maxDictionaryBytes) && !w.dictionaryPays(isFirst) {
		w.goDirect()
	}
}

// dropCodes releases the memory that grows with the number of values.
func (w *textColumn) dropCodes() {
	spareCodes.release(w.codes)
	w.codes = nil
}

func (w *textColumn) noteLengths(values, bytes int) {
	w.textBytes += bytes
	w.group.addLengths(values, bytes)
}

// noteDistinct notes each distinct text of a row group, some more than once.
func (w *textColumn) noteDistinct(text []byte) {
	w.group.addText(text)
	if w.blooms != nil {
		w.hashes = append(w.hashes, textHash(text))
	}
}

// addDirect writes rows without dictionary.
func (w *textColumn) addDirect(source *textSource, rows []int32) {
	total := 0
	for _, row := range rows {
		text := source.at(row)
		total += len(text)
		w.noteDistinct(text)
		w.lengths.add(int64(len(text)))
	}
	w.noteLengths(len(rows), total)
	for len(rows) > 0 {
		n, texts := source.lead(rows)
		w.dataOut.write(texts)
		rows = rows[n:]
	}
}

func (w *textColumn) writeText(text []byte) {
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

// dictionaryPays judges the dictionary before the stripe's end; isFirst: by the first values. The fewer values it
// has seen, the more of them may be distinct, because they may repeat later.
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

// goDirect writes the collected and all later values of the stripe without dictionary.
func (w *textColumn) goDirect() {
	w.direct = true
	if w.textBytes >= longTextBytes*len(w.codes) {
		w.dataOut.blockSize = w.settings.longBlockSize
	}
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
			w.writeText(w.dictionary.text(code))
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

// dropDictionary undoes writeDictionary.
func (w *textColumn) dropDictionary() {
	for i := range w.entries {
		w.entries[i].positions = nil
	}
	for _, s := range w.streams {
		s.reset()
	}
}

// writeDictionary encodes the stripe with its dictionary sorted, and returns the stored size.
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
		w.data.addRanks(w.codes[start:end], rank)
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
