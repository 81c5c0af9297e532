package orc

import (
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// writeTail writes metadata (stripe statistics), footer, postscript and its length.
func (w *Writer) writeTail() (FileInfo, error) {
	contentLength := uint64(w.offset)
	statistics := w.root.fileStatistics(nil)
	metadataLength, err := w.emitMessage(&orcpb.Metadata{StripeStats: w.statistics})
	if err != nil {
		return FileInfo{}, err
	}
	footerLength, err := w.emitMessage(w.footer(contentLength, statistics))
	if err != nil {
		return FileInfo{}, err
	}
	postScript := &orcpb.PostScript{
		FooterLength:   proto.Uint64(footerLength),
		Compression:    compressionKinds[w.opts.Compression].Enum(),
		Version:        formatVersion,
		MetadataLength: proto.Uint64(metadataLength),
		WriterVersion:  proto.Uint32(writerVersion),
		Magic:          proto.String(magic),
	}
	if w.opts.Compression != None {
		postScript.CompressionBlockSize = proto.Uint64(uint64(w.opts.BlockBytes))
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(postScript)
	if err != nil {
		return FileInfo{}, err
	}
	w.emit(append(encoded, byte(len(encoded))))
	if w.failed != nil {
		return FileInfo{}, w.failed
	}
	return w.info(statistics), nil
}

func (w *Writer) footer(contentLength uint64, statistics []*orcpb.ColumnStatistics) *orcpb.Footer {
	footer := &orcpb.Footer{
		HeaderLength:    proto.Uint64(uint64(len(magic))),
		ContentLength:   proto.Uint64(contentLength),
		Stripes:         w.stripes,
		NumberOfRows:    proto.Uint64(uint64(w.rows)),
		Statistics:      statistics,
		RowIndexStride:  proto.Uint32(uint32(w.opts.RowIndexStride)),
		Writer:          proto.Uint32(writerID),
		Calendar:        orcpb.CalendarKind_PROLEPTIC_GREGORIAN.Enum(),
		SoftwareVersion: proto.String(softwareName + strconv.Itoa(Generation)),
	}
	for _, c := range w.columns.all() {
		footer.Types = append(footer.Types, c.message())
	}
	for _, name := range sortedKeys(w.opts.UserMetadata) {
		footer.Metadata = append(footer.Metadata, &orcpb.UserMetadataItem{Name: proto.String(name), Value: w.opts.UserMetadata[name]})
	}
	return footer
}

func (w *Writer) info(statistics []*orcpb.ColumnStatistics) FileInfo {
	info := FileInfo{Rows: w.rows, Bytes: w.offset, Stripes: len(w.stripes), Columns: make(map[string]Statistics)}
	for i, c := range w.columns.all() {
		if c.parent != nil {
			info.Columns[c.path] = readStatistics(c, statistics[i], w.rows)
		}
	}
	return info
}
