package tableimport_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/tableimport"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/orc"
)

// maxDamagedBytes bounds what reading any damaged file takes, the test with all
// its files included.
const maxDamagedBytes = 512 << 20

// TestDamagedFiles reads damaged files of all formats in a process of its own,
// which must not die, nor take more memory than maxDamagedBytes at its peak. The
// race detector's own memory would count, so that with it nothing is said of memory.
// AUDITLAKE_DAMAGED_FILES is how many, AUDITLAKE_SEED another run.
func TestDamagedFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	if os.Getenv("AUDITLAKE_DAMAGED_CHILD") != "" {
		readDamagedFiles(t)
		return
	}
	command := exec.Command(os.Args[0], "-test.run=^TestDamagedFiles$", "-test.v", "-test.timeout=0")
	command.Env = append(os.Environ(), "AUDITLAKE_DAMAGED_CHILD=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out[max(0, len(out)-4000):])
	t.Log(lastLine(out, "damaged files"))
	if runtime.GOOS != "linux" || process.UnderRace {
		return
	}
	peak, err := strconv.ParseInt(strings.TrimPrefix(lastLine(out, "peak "), "peak "), 10, 64)
	require.NoError(t, err)
	require.LessOrEqual(t, peak, int64(maxDamagedBytes))
}

func lastLine(out []byte, has string) (line string) {
	for l := range strings.SplitSeq(string(out), "\n") {
		if strings.Contains(l, has) {
			line = strings.TrimSpace(l)
		}
	}
	return line
}

// number is a variable of the environment.
func number(t *testing.T, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

func readDamagedFiles(t *testing.T) {
	files := wholeFiles(t)
	names := slices.Sorted(maps.Keys(files))
	seed, refused, dir := number(t, "AUDITLAKE_SEED", 1), 0, t.TempDir()
	readLongTexts(t, dir)
	count := number(t, "AUDITLAKE_DAMAGED_FILES", 200)
	for i := range count {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(i)))
		name := names[i%len(names)]
		path := filepath.Join(dir, filepath.Base(name))
		require.NoError(t, os.WriteFile(path, damaged(random, files[name]), 0o600))
		fmt.Printf("reading %d, %s\n", i, name) // says which file a death is of
		if err := readAll(path); err != nil {
			refused++
		}
	}
	fmt.Printf("%d damaged files, %d refused\npeak %d\n", count, refused, process.PeakBytes())
}

// readLongTexts reads a small file whose rows hold a gigabyte: a long text of a
// dictionary, again and again.
func readLongTexts(t *testing.T, dir string) {
	const rows, length = 1000, 1 << 20
	node := schema.NewByteArrayNode("s", parquet.Repetitions.Required, -1)
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
	require.NoError(t, err)
	var out bytes.Buffer
	w := file.NewParquetWriter(&out, root, file.WithWriterProps(parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryPageSizeLimit(2*length), parquet.WithStats(false))))
	column, err := w.AppendRowGroup().NextColumn()
	require.NoError(t, err)
	text := parquet.ByteArray(bytes.Repeat([]byte("a"), length))
	for range rows {
		_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch([]parquet.ByteArray{text}, nil, nil)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.Less(t, out.Len(), 20_000)
	path := filepath.Join(dir, "long.parquet")
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	fmt.Println("reading long texts")
	require.NoError(t, readAll(path))
}

// wholeFiles are files of all formats, by a name that ends in what a table's file
// is called.
func wholeFiles(t *testing.T) map[string][]byte {
	record := mixed(t, 300)
	files := map[string][]byte{
		"table.csv": asCSV(t, 200), "table.csv.gz": zipped(t, asCSV(t, 200)), "table.ndjson": asNDJSON(200), "table.ndjson.gz": zipped(t, asNDJSON(200)),
		"zstd/table.orc": asORC(t, record, orc.WriterOptions{}), "small blocks/table.orc": asORC(t, record, orc.WriterOptions{BlockBytes: 1 << 10, RowIndexStride: 100}),
	}
	for name, file := range parquetVariants(t, record) {
		files[name+"/table.parquet"] = file
	}
	return files
}

// damaged is a file with one to three damages, half of them near its end, where
// binary formats say what is where.
func damaged(random *rand.Rand, file []byte) []byte {
	out := slices.Clone(file)
	for range 1 + random.IntN(3) {
		if len(out) < 16 {
			break
		}
		from := 0
		if random.IntN(2) == 0 {
			from = max(0, len(out)-4000)
		}
		at := from + random.IntN(len(out)-from)
		end := min(len(out), at+1+random.IntN(32))
		switch random.IntN(7) {
		case 0, 1:
			out[at] ^= 1 << random.IntN(8)
		case 2:
			out[at] = byte(random.Uint32())
		case 3:
			out = out[:at]
		case 4:
			clear(out[at:end])
		case 5:
			copy(out[at:end], bytes.Repeat([]byte{0xFF}, end-at)) // the greatest numbers
		case 6:
			other := random.IntN(len(out) - (end - at) + 1)
			part := slices.Clone(out[at:end])
			copy(out[at:end], out[other:other+len(part)])
			copy(out[other:other+len(part)], part)
		}
	}
	return out
}

// readAll reads a table's file to the end, or its first million rows.
func readAll(path string) error {
	format, err := tableimport.FormatOf(path)
	if err != nil {
		return err
	}
	r, err := tableimport.Open(path, format, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	rows := int64(0)
	for record, err := range r.Records() {
		if err != nil {
			return err
		}
		if rows += record.NumRows(); rows > 1_000_000 {
			return nil
		}
	}
	return nil
}
