package importer

import (
	"context"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/auditlake/auditlake/ingest"
	"github.com/auditlake/auditlake/ingest/logfile"
	"github.com/auditlake/auditlake/ingest/signfile"
)

// resultFiles are the result files that a source lists, each identified by the hash of its key, because there may
// be many. Workers read it once all is listed.
type resultFiles struct {
	seed maphash.Seed
	keys map[uint64]bool
}

func newResultFiles() resultFiles { return resultFiles{maphash.MakeSeed(), map[uint64]bool{}} }

// add adds an object if it is a result file.
func (r *resultFiles) add(key string) {
	if logfile.KindOf(key) == logfile.ResultFile {
		r.keys[maphash.String(r.seed, key)] = true
	}
}

func (r *resultFiles) has(key string) bool { return r.keys[maphash.String(r.seed, key)] }

// maxMissingNamed is how many missing files a failure names.
const maxMissingNamed = 3

// checkComplete returns a failure if a sign file lists result files that are missing next to it, otherwise nil.
// Then a part of the result is missing, which the hashes of the others do not show. Result files that the import
// does not take are not missed. A sign file that cannot be read is the failure of each result file next to it.
func (d *decoder) checkComplete(ctx context.Context, o Object) *ingest.Failure {
	slash := strings.LastIndexByte(o.Key, '/') + 1
	folder := o.Key[:slash]
	if logfile.KindOf(o.Key) != logfile.SignFile || kindFor(d.category, Object{Key: folder + "result_1.csv"}, d.besideLogs) != logfile.LogFile {
		return nil
	}
	sign, err := d.readSignFile(ctx, o, folder)
	if err != nil || sign == nil {
		return nil
	}
	var named []string
	missing := 0
	for _, f := range sign.Files {
		if d.results.has(folder + f.Name) {
			continue
		}
		if missing++; missing <= maxMissingNamed {
			named = append(named, fmt.Sprintf("%.64q", f.Name))
		}
	}
	if missing == 0 {
		return nil
	}
	if missing > maxMissingNamed {
		named = append(named, "…")
	}
	return fileFailure(ingest.MissingFile, "%d of the %d files that %s lists are not beside it: %s", missing, len(sign.Files), signfile.Name, strings.Join(named, ", "))
}
