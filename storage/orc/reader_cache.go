package orc

import (
	"unsafe"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// WithoutCache returns a reader of the same file that does not use the cache: for parts that are read once.
func (r *Reader) WithoutCache() *Reader {
	return r.WithCache(nil)
}

// WithCache returns a reader of the same file with another cache.
func (r *Reader) WithCache(cache *decoded.Cache) *Reader {
	view := *r
	view.cache = cache
	return &view
}

// TailBytes is about the memory of the reader.
func (r *Reader) TailBytes() int64 {
	bytes := int64(unsafe.Sizeof(*r)) + int64(cap(r.footer.types)) + int64(unsafe.Sizeof(*r.described))
	bytes += int64(len(r.described)) * int64(unsafe.Sizeof(description{}))
	for _, list := range [][][]byte{r.footer.statistics, r.stripes} {
		for _, encoded := range list {
			bytes += int64(len(encoded)) + int64(unsafe.Sizeof(encoded))
		}
	}
	return bytes + int64(len(r.footer.GetStripes()))*int64(unsafe.Sizeof(orcpb.StripeInformation{}))
}
