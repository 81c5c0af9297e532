package orc

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"sync"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

var compressionKinds = map[Compression]orcpb.CompressionKind{
	Zstd: orcpb.CompressionKind_ZSTD, Zlib: orcpb.CompressionKind_ZLIB, Snappy: orcpb.CompressionKind_SNAPPY,
	None: orcpb.CompressionKind_NONE, LZ4: orcpb.CompressionKind_LZ4, LZO: orcpb.CompressionKind_LZO,
	Brotli: orcpb.CompressionKind_BROTLI,
}

// compressor compresses one block at a time; nil stands for no compression.
type compressor func(dst, block []byte) ([]byte, error)

func newCompressor(c Compression, level Level, blockBytes int) (compressor, error) {
	switch c {
	case None:
		return nil, nil
	case Zstd:
		return newZstdCompressor(level, blockBytes)
	case Zlib:
		return newZlibCompressor(level)
	case Snappy:
		return func(dst, block []byte) ([]byte, error) {
			return append(dst, snappy.Encode(nil, block)...), nil
		}, nil
	}
	return nil, &UnsupportedError{What: "writing " + c.String() + " compression"}
}

// newZstdCompressor makes frames with checksums, which detect damaged blocks. It forces entropy coding of literals,
// because that halves ids (hexadecimal text without repeats). A window as large as a block loses nothing and saves
// the encoder megabytes.
func newZstdCompressor(level Level, blockBytes int) (compressor, error) {
	speed := zstd.SpeedFastest
	if level == Better {
		speed = zstd.SpeedBetterCompression
	}
	window := max(zstd.MinWindowSize, 1<<bits.Len(uint(blockBytes-1)))
	kept, _ := zstdEncoders.LoadOrStore(zstdSettings{speed, window}, make(chan *zstd.Encoder, runtime.GOMAXPROCS(0)))
	idle := kept.(chan *zstd.Encoder)
	return func(dst, block []byte) ([]byte, error) {
		encoder, err := takeEncoder(idle, speed, window)
		if err != nil {
			return nil, fmt.Errorf("zstd encoder: %w", err)
		}
		defer func() {
			select {
			case idle <- encoder:
			default:
			}
		}()
		return encoder.EncodeAll(block, dst), nil
	}, nil
}

func takeEncoder(idle chan *zstd.Encoder, speed zstd.EncoderLevel, window int) (*zstd.Encoder, error) {
	select {
	case encoder := <-idle:
		return encoder, nil
	default:
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(speed), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(window), zstd.WithAllLitEntropyCompression(true), zstd.WithLowerEncoderMem(true),
			// Single-segment frames always state their content size.
			zstd.WithSingleSegment(true))
	}
}

// zstdEncoders holds channels of idle encoders by zstdSettings, one for each thread: an encoder takes a megabyte,
// more than a small file, and writes all of it when it is made.
var zstdEncoders sync.Map

type zstdSettings struct {
	speed  zstd.EncoderLevel
	window int
}

func newZlibCompressor(level Level) (compressor, error) {
	effort := flate.BestSpeed
	if level == Better {
		effort = flate.DefaultCompression
	}
	var out bytes.Buffer
	encoder, err := flate.NewWriter(&out, effort)
	if err != nil {
		return nil, fmt.Errorf("deflate encoder: %w", err)
	}
	return func(dst, block []byte) ([]byte, error) {
		out.Reset()
		encoder.Reset(&out)
		if _, err := encoder.Write(block); err != nil {
			return nil, err
		}
		if err := encoder.Close(); err != nil {
			return nil, err
		}
		return append(dst, out.Bytes()...), nil
	}, nil
}

// decompressSlack is the room after the content of a block that zstd needs to write in place.
const decompressSlack = 16

// decompress appends the content of a block to dst, which has room for limit bytes and the slack; content longer
// than limit is an error.
func decompress(kind Compression, dst, block []byte, limit int) ([]byte, error) {
	switch kind {
	case Zstd:
		content, err := decompressZstd(dst, block, limit+decompressSlack)
		if err == nil && len(content)-len(dst) > limit {
			return nil, fmt.Errorf("block holds more than %d bytes", limit)
		}
		return content, err
	case Zlib:
		return decompressZlib(dst, block, limit)
	case Snappy:
		return decompressSnappy(dst, block, limit)
	case LZ4:
		return decompressLZ4(dst, block, limit)
	}
	return nil, fmt.Errorf("no decompressor for %v", kind)
}

var zstdDecoders = sync.Pool{New: func() any {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return err
	}
	return decoder
}}

func decompressZstd(dst, block []byte, room int) ([]byte, error) {
	pooled := zstdDecoders.Get()
	decoder, ok := pooled.(*zstd.Decoder)
	if !ok {
		return nil, pooled.(error)
	}
	defer zstdDecoders.Put(decoder)
	// The decoder counts bytes already in its buffer as content of the frame, and reserves room for it again.
	place := dst[len(dst) : len(dst) : len(dst)+room]
	content, err := decoder.DecodeAll(block, place)
	if err != nil || len(content) == 0 {
		return dst, err
	}
	if &content[0] != &place[:1][0] { // the decoder found the place too small
		return append(dst, content...), nil
	}
	return dst[:len(dst)+len(content)], nil
}

type inflater struct {
	io.ReadCloser
	in bytes.Reader
}

var inflaters = sync.Pool{New: func() any {
	var f inflater
	f.ReadCloser = flate.NewReader(&f.in)
	return &f
}}

func decompressZlib(dst, block []byte, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.in.Reset(block)
	if err := f.ReadCloser.(flate.Resetter).Reset(&f.in, nil); err != nil {
		return nil, err
	}
	room := dst[len(dst) : len(dst)+limit]
	n, err := io.ReadFull(f, room)
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return inflated(dst, n, f)
	case nil:
		var more [1]byte
		if n, err := f.Read(more[:]); n > 0 || err != io.EOF {
			return nil, fmt.Errorf("block holds more than %d bytes", limit)
		}
		return dst[:len(dst)+limit], nil
	}
	return nil, err
}

// inflated distinguishes a stream that ended from one that was cut, for which flate repeats an error on every read.
func inflated(dst []byte, n int, f *inflater) ([]byte, error) {
	var more [1]byte
	if _, err := f.Read(more[:]); err != io.EOF {
		return nil, fmt.Errorf("deflate: %w", io.ErrUnexpectedEOF)
	}
	return dst[:len(dst)+n], nil
}

func decompressSnappy(dst, block []byte, limit int) ([]byte, error) {
	n, err := snappy.DecodedLen(block)
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("block holds %d bytes, more than %d", n, limit)
	}
	if _, err := snappy.Decode(dst[len(dst):len(dst)+n], block); err != nil {
		return nil, err
	}
	return dst[:len(dst)+n], nil
}

func decompressLZ4(dst, block []byte, limit int) ([]byte, error) {
	n, err := lz4.UncompressBlock(block, dst[len(dst):len(dst)+limit])
	if err != nil {
		return nil, err
	}
	return dst[:len(dst)+n], nil
}
