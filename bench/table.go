package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// table prints the figures of all who were asked; the first is ours over the network, the second ours in process.
type table struct {
	names []string
	cold  bool
	warm  map[string][]quotient // by the pair they compare
	ours  float64               // milliseconds of all questions
}

// quotient is ours by theirs at one question.
type quotient struct {
	of    question
	value float64
}

// The pairs that are compared.
const (
	serveByParquet  = "serve ÷ DuckDB Parquet"
	libraryByNative = "library ÷ DuckDB native"
	libraryWithData = "library ÷ DuckDB native, without metadata-only questions"
	cpuByParquet    = "CPU, serve ÷ DuckDB Parquet"
	coldByParquet   = "cold, serve ÷ DuckDB Parquet"
)

const metadataOnlyBelow = 0.001 // seconds

// isMetadataOnly reports whether our answer needed next to no data: it scanned none, or took less than a millisecond.
func isMetadataOnly(a *answer) bool { return a.scannedBytes == 0 || a.Seconds < metadataOnlyBelow }

func newTable(contenders []contender, cold bool) *table {
	t := &table{cold: cold, warm: map[string][]quotient{}}
	for _, c := range contenders {
		t.names = append(t.names, c.name)
	}
	return t
}

func (t *table) printHead() {
	columns := []string{"question"}
	for _, name := range t.names {
		columns = append(columns, name+", ms")
	}
	columns = append(columns, "serve ÷ Parquet", "library ÷ native", "CPU, ms", "CPU ÷ Parquet", "MB scanned", t.readHead(), t.peakHead(), "answers")
	if t.cold {
		columns = append(columns, "cold, ms", "cold ÷ Parquet")
	}
	fmt.Printf("| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

// readHead names the run whose reading is shown. Later runs read next to nothing, as decoded data is cached.
func (t *table) readHead() string {
	if t.cold {
		return "MB read, cold"
	}
	return "MB read when first asked"
}

// peakHead names the processes whose peaks are shown, in the order of peaks.
func (t *table) peakHead() string {
	return "peak MiB: " + strings.Join(slices.DeleteFunc(slices.Clone(t.names), isInProcess), ", ")
}

// isInProcess reports whether a contender answers in this process, whose memory is not its alone.
func isInProcess(name string) bool { return name == "library" }

// peaks lists the peaks of the contenders that are processes.
func (t *table) peaks(warm []measured) string {
	var texts []string
	for i, m := range warm {
		if !isInProcess(t.names[i]) {
			texts = append(texts, mibText(m.peakBytes))
		}
	}
	return strings.Join(texts, ", ")
}

// read writes how many megabytes the run of readHead read.
func (t *table) read(warm, cold []measured) string {
	bytes := warm[0].firstReadBytes
	if t.cold {
		if cold[0].failed != "" {
			return "–"
		}
		bytes = cold[0].readBytes
	}
	return fmt.Sprintf("%.2f", float64(bytes)/1e6)
}

func (t *table) printRow(q question, warm, cold []measured) {
	values := []string{q.ID + " " + q.Title}
	for _, m := range warm {
		values = append(values, milliseconds(m))
	}
	service, inProcess, parquet, native := warm[0], warm[1], warm[2], warm[3]
	values = append(values, t.quotient(q, serveByParquet, service.Seconds, parquet), t.quotient(q, libraryByNative, inProcess.Seconds, native),
		fmt.Sprintf("%.0f", service.CPU*1000), t.quotient(q, cpuByParquet, service.CPU, measured{answer: answer{Seconds: parquet.CPU}, failed: parquet.failed}),
		fmt.Sprintf("%.2f", float64(service.scannedBytes)/1e6), t.read(warm, cold), t.peaks(warm), t.agreement(q, warm))
	if t.cold {
		values = append(values, milliseconds(cold[0]), t.quotient(q, coldByParquet, cold[0].Seconds, cold[1]))
	}
	if !isMetadataOnly(&inProcess.answer) {
		t.quotient(q, libraryWithData, inProcess.Seconds, native)
	}
	t.ours += service.Seconds * 1000
	fmt.Printf("| %s |\n", strings.Join(values, " | "))
}

func milliseconds(m measured) string {
	if m.failed != "" {
		return "–"
	}
	return fmt.Sprintf("%.1f", m.Seconds*1000)
}

// quotient returns our time divided by theirs, and adds it to the mean.
func (t *table) quotient(q question, pair string, ours float64, theirs measured) string {
	if theirs.failed != "" || theirs.Seconds == 0 || ours == 0 {
		return "–"
	}
	t.warm[pair] = append(t.warm[pair], quotient{q, ours / theirs.Seconds})
	return fmt.Sprintf("%.2f", ours/theirs.Seconds)
}

// agreement names the contenders with other answers. The library's rows are ours, and approximations differ.
func (t *table) agreement(q question, warm []measured) string {
	if q.isApproximate() {
		return "approximate"
	}
	var differ []string
	for i := 2; i < len(warm); i++ {
		switch {
		case warm[i].failed != "":
			differ = append(differ, t.names[i]+" refuses")
		case !sameAnswer(&warm[0].answer, &warm[i].answer):
			differ = append(differ, "**"+t.names[i]+" differs**")
		}
	}
	if len(differ) == 0 {
		return "the same"
	}
	return strings.Join(differ, ", ")
}

// printFoot prints a table that sums up all questions and those of each file.
func (t *table) printFoot() {
	fmt.Println()
	groups := []string{"quotients, geometric means"}
	for _, from := range questionFiles {
		groups = append(groups, from.group)
	}
	rows := [][]string{append(groups, "all")}
	for _, pair := range []string{serveByParquet, libraryByNative, libraryWithData, cpuByParquet, coldByParquet} {
		all := summaryOf(t.warm[pair])
		if all.questions == 0 {
			continue
		}
		fmt.Printf("%s: geometric mean %.2f of %d, %d above 1, at most %.2f.\n", pair, all.mean, all.questions, all.above, all.most)
		row := []string{pair}
		for _, from := range questionFiles {
			ofOthers := func(q quotient) bool { return q.of.group != from.group }
			row = append(row, summaryOf(slices.DeleteFunc(slices.Clone(t.warm[pair]), ofOthers)).String())
		}
		rows = append(rows, append(row, all.String()))
	}
	fmt.Printf("All questions together, served: %.0f ms.\n\n", t.ours)
	for i, row := range rows {
		fmt.Printf("| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Printf("|%s\n", strings.Repeat("---|", len(row)))
		}
	}
}

// summary is what some quotients are together.
type summary struct {
	questions, above int
	mean, most       float64 // the mean is geometric
	mostOf           string  // the id of the question with the greatest quotient
}

func summaryOf(quotients []quotient) summary {
	s, sum := summary{questions: len(quotients)}, 0.0
	for _, q := range quotients {
		sum += math.Log(q.value)
		if q.value > s.most {
			s.most, s.mostOf = q.value, q.of.ID
		}
		if q.value > 1 {
			s.above++
		}
	}
	s.mean = math.Exp(sum / float64(len(quotients)))
	return s
}

func (s summary) String() string {
	if s.questions == 0 {
		return "–"
	}
	return fmt.Sprintf("mean %.2f of %d, %d above 1, at most %.2f (%s)", s.mean, s.questions, s.above, s.most, s.mostOf)
}
