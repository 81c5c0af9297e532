package logfile

import (
	"path"
	"strings"

	"github.com/auditlake/auditlake/ingest/signfile"
	"github.com/auditlake/auditlake/lazyregexp"
)

// Kind is an object's kind according to its name.
type Kind uint8

// The kinds of objects under a prefix that trails deliver to.
const (
	// LogFile may hold events; its bytes decide.
	LogFile Kind = iota
	// Digest holds checksums of log files.
	Digest
	// Insight holds Insights events of trails, which belong in a store of their own.
	Insight
	// Aggregated holds counts of data events over some minutes, for which no store has a table.
	Aggregated
	// OtherService was delivered by another service into the same bucket.
	OtherService
	// OtherFile has nothing to do with deliveries: notes, tables, hidden files.
	OtherFile
	// ResultFile holds the result of a query of the managed service. Its rows may be events.
	ResultFile
	// SignFile lists result files with their hashes.
	SignFile
	// WriteTest was written by a service to test its access to the bucket, or is the empty object that stands for a
	// folder.
	WriteTest
)

// resultFileName matches the names of result files.
var resultFileName = lazyregexp.New(`^result_[0-9]+\.csv(\.gz)?$`)

// KindOf returns an object's kind by its key. Slashes separate the parts of a key.
func KindOf(key string) Kind {
	name := key[strings.LastIndexByte(key, '/')+1:]
	service := Service(key)
	switch {
	case isWriteTest(name), strings.HasSuffix(key, "/"):
		return WriteTest
	case strings.HasPrefix(name, "."): // also ._x.json.gz, which macOS writes next to x.json.gz, and unfinished copies
		return OtherFile
	case service != "" && service != lakeFolder:
		return kindOfService(service)
	case name == signfile.Name:
		return SignFile
	case resultFileName().MatchString(name):
		return ResultFile
	case service == lakeFolder:
		return OtherService
	}
	if otherExtensions[strings.ToLower(path.Ext(name))] {
		return OtherFile
	}
	return LogFile
}

// The folders that trails deliver to.
const (
	trailFolder      = "CloudTrail"
	networkFolder    = "CloudTrail-NetworkActivity"
	digestFolder     = "CloudTrail-Digest"
	insightFolder    = "CloudTrail-Insight"
	aggregatedFolder = "CloudTrail-Aggregated"
	// lakeFolder is the folder that the managed service delivers query results to.
	lakeFolder = "CloudTrail-Lake"
)

// OfLake reports whether an object lies in the folder that the managed service delivers query results to.
func OfLake(key string) bool { return Service(key) == lakeFolder }

// Describe names the kind of an object that is no log file, in the form used in counts.
func (k Kind) Describe(key string) string {
	switch k {
	case Digest:
		return "digest"
	case Insight:
		return "file of Insights events"
	case Aggregated:
		return "file of aggregated events"
	case OtherService:
		if OfTrail(key) {
			return "log file of a trail"
		}
		return "file of " + Service(key)
	case SignFile:
		return "sign file"
	case WriteTest:
		if strings.HasSuffix(key, "/") {
			return "folder marker"
		}
		return "write test of a service"
	case ResultFile:
		return "query result beside log files"
	}
	name := key[strings.LastIndexByte(key, '/')+1:]
	if strings.HasPrefix(name, ".") {
		return "hidden file"
	}
	return strings.ToLower(path.Ext(name))
}

// OfTrail reports whether, by its key, an object is a file of events that a trail delivered. Files of Insights
// events are not.
func OfTrail(key string) bool {
	service := Service(key)
	return service == trailFolder || service == networkFolder
}

// Service returns the service that delivered an object, by its key: the name of a trail's or another service's
// folder, "" if the key has none.
func Service(key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts[:len(parts)-1] {
		part = strings.TrimPrefix(part, "aws-service=") // in folders that Hive reads
		if service, ok := service(parts[i:]); ok {
			return service
		}
		switch part {
		case networkFolder, digestFolder, insightFolder, aggregatedFolder:
			return part
		}
		if serviceFolders[part] || regionFolders[part] && i > 0 && isAccount(parts[i-1]) && isRegion(parts[i+1]) {
			return part
		}
	}
	// account_service_region_…
	if name := strings.SplitN(parts[len(parts)-1], "_", 4); len(name) == 4 && isAccount(name[0]) && isRegion(name[2]) {
		return name[1]
	}
	return serviceOfName(key, parts[len(parts)-1])
}

// isRegion reports whether s is a region, such as us-gov-west-1, and not a date or another part of a name.
func isRegion(s string) bool {
	return len(s) > 0 && strings.Count(s, "-") >= 2 && s[0] >= 'a' && s[0] <= 'z' && s[len(s)-1] >= '0' && s[len(s)-1] <= '9'
}

// service returns the folder after AWSLogs/[organization/]account/.
func service(parts []string) (string, bool) {
	if parts[0] != "AWSLogs" {
		return "", false
	}
	parts = parts[1:]
	if len(parts) > 0 && strings.HasPrefix(parts[0], "o-") {
		parts = parts[1:]
	}
	if len(parts) < 3 || !isAccount(parts[0]) {
		return "", false
	}
	return parts[1], true
}

func kindOfService(service string) Kind {
	switch service {
	case trailFolder, networkFolder:
		return LogFile
	case digestFolder:
		return Digest
	case insightFolder:
		return Insight
	case aggregatedFolder:
		return Aggregated
	}
	return OtherService
}

func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// otherExtensions are the extensions of files that lie next to log files and are never log files. Archives and
// Parquet files are not listed: they may hold events, and reading one says what to do.
var otherExtensions = map[string]bool{
	".md": true, ".txt": true, ".csv": true, ".html": true, ".pdf": true, ".png": true,
	".yaml": true, ".yml": true, ".docx": true, ".xlsx": true, ".pptx": true, // the last three are zip archives too
	".md5": true, ".sha1": true, ".sha256": true, ".sha512": true, ".asc": true, ".sig": true, // checksums, signatures
	".db": true, ".ini": true, // Windows' Thumbs.db and desktop.ini
	".metadata": true, // of Athena results
}
