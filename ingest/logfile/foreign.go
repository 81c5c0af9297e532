package logfile

import (
	"bytes"
	"fmt"

	"github.com/auditlake/auditlake/lazyregexp"
)

// tarMagicAt is the offset of the magic bytes in the first header of a tar archive.
const tarMagicAt = 257

// What to do with a file that holds no JSON.
const (
	asTable  = "export its events as JSON, or query it beside the events (auditlake table create)"
	asJSON   = "export the events as JSON"
	cliJSON  = "run the command with --output json"
	decrypt  = "encrypted, which is not supported: decrypt it first"
	download = "download the log file again"
)

// foreignStarts maps the first bytes of files that are not JSON to what those files are.
var foreignStarts = []struct{ magic, name string }{
	{"PK\x03\x04", "a zip archive, which is not supported: unpack it (unzip) and import the folder"},
	{"PK\x05\x06", "an empty zip archive, which is not supported"},
	{"Rar!\x1a\x07", "a RAR archive, which is not supported: unpack it (unrar x) and import the folder"},
	{"7z\xbc\xaf", "a 7z archive, which is not supported: unpack it (7z x) and import the folder"},
	{"\xfd7zXZ", "xz data, which is not supported: unpack it (xz -d)"},
	{"\x04\x22\x4d\x18", "lz4 data, which is not supported: unpack it (lz4 -d)"},
	{"LZIP", "lzip data, which is not supported: unpack it (lzip -d)"},
	{"\x89LZO", "lzop data, which is not supported: unpack it (lzop -d)"},
	{"\x1f\x9d", "data of compress, which is not supported: unpack it (uncompress)"},
	{"\xff\x06\x00\x00sNaPpY", "snappy data, which is not supported: unpack it (snzip -d)"},
	{packings[gzipPacked].magic, "packed more than twice, which is not supported: unpack it (gunzip)"},
	{packings[zstdPacked].magic, "packed twice, the second time with zstd, which is not supported: unpack it (zstd -d)"},
	{packings[bzip2Packed].magic, "packed twice, the second time with bzip2, which is not supported: unpack it (bunzip2)"},
	{"H4sI", "base64 of gzip data, which is not supported: unpack it (base64 -d)"},
	{"ORC", "an ORC file, which is not supported: " + asTable},
	{"PAR1", "a Parquet file, as Security Lake has them, which is not supported: " + asTable},
	{"Obj\x01", "an Avro file, which is not supported: " + asJSON},
	{"SQLite format 3\x00", "a database of SQLite, which is not supported: " + asJSON},
	{"-----BEGIN PGP", decrypt}, {"Salted__", decrypt}, {"age-encryption.org/", decrypt},
	{"version https://git-lfs.github.com/", "a pointer of Git LFS, which is not supported: fetch the file itself (git lfs pull)"},
	{"EVENTS\t", "the text output of the AWS CLI, which is not supported: " + cliJSON},
}

var (
	htmlStart = lazyregexp.New(`(?i)^<(!doctype html|html)`)
	s3Error   = lazyregexp.New(`^<[^{}]{0,200}<Error>\s*<Code>(\w+)</Code>|^<Error>\s*<Code>(\w+)</Code>`)
	// yamlStart finds two lines that begin with a name and a colon and may be items of a list.
	yamlStart = lazyregexp.New(`^(---\s*\n)?(- )?"?[A-Za-z_]\w*"?:( [^\n]*)?\r?\n *(- )?"?[A-Za-z_]\w*"?:[ \r\n]`)
	// boxStart finds the frame of a table that the AWS CLI draws.
	boxStart = lazyregexp.New(`^-{20,}\r?\n\|`)
)

// foreign names the format of a file that does not begin with a brace.
func foreign(start []byte) string {
	for _, kind := range foreignStarts {
		if bytes.HasPrefix(start, []byte(kind.magic)) {
			return "the file is " + kind.name
		}
	}
	switch {
	case len(start) > tarMagicAt && bytes.HasPrefix(start[tarMagicAt:], []byte("ustar")):
		return "the file is a tar archive, which is not supported: unpack it (tar -xf) and import the folder"
	case isOpenPGP(start):
		return "the file is " + decrypt
	case htmlStart().Match(start):
		return "the file is a page of HTML, such as one to sign in, which is not supported: " + download
	case s3Error().Match(start):
		code := bytes.Join(s3Error().FindSubmatch(start)[1:], nil)
		return fmt.Sprintf("the file is an error of S3 (%s) in place of the object, which is not supported: %s", code, download)
	case start[0] == '<' && bytes.IndexByte(start, '>') > 0 && !isSyslog(start):
		return "the file is XML, which is not supported: " + asJSON
	case boxStart().Match(start):
		return "the file is the table output of the AWS CLI, which is not supported: " + cliJSON
	case yamlStart().Match(start):
		return "the file is YAML, which is not supported: " + asJSON + " (AWS CLI: --output json)"
	case isOtherTable(start):
		return "the file is CSV without a column that holds events (eventjson, cloudtrailevent, _raw), which is not supported: " +
			"download the events as JSON, or query the file beside the events (auditlake table create)"
	}
	return "the file does not begin with a JSON object"
}

// isSyslog reports whether a line begins with the priority of a syslog message, such as <134>.
func isSyslog(line []byte) bool {
	end := bytes.IndexByte(line, '>')
	if end < 2 || end > 4 {
		return false
	}
	for _, c := range line[1:end] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isOpenPGP reports whether a file begins with an OpenPGP packet that holds a session key: the packet's tag, its
// length, and its version, 3 for a public key and 4 for a password.
func isOpenPGP(start []byte) bool {
	if len(start) < 5 {
		return false
	}
	switch start[0] {
	case 0x84, 0xc1:
		return start[2] == 3 || start[3] == 3
	case 0x85:
		return start[3] == 3
	case 0x8c, 0xc3:
		return start[2] == 4
	}
	return false
}
