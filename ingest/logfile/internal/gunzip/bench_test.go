package gunzip

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkUnpack sets the reader beside the fastest library.
func BenchmarkUnpack(b *testing.B) {
	plain := texts()["words"]
	packed := bytes.NewReader(pack(b, gzip.DefaultCompression, plain))
	var ours Reader
	var library gzip.Reader
	for name, r := range map[string]interface {
		io.Reader
		Reset(io.Reader) error
	}{"ours": &ours, "klauspost": &library} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 256<<10)
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				packed.Seek(0, io.SeekStart)
				err := r.Reset(packed)
				for err == nil {
					_, err = r.Read(buf)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
