package awsapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

type importReference struct{ ImportId string }

type importDescription struct {
	ImportId         string
	Destinations     []string
	ImportStatus     string
	StartEventTime   *timestamp `json:",omitempty"`
	EndEventTime     *timestamp `json:",omitempty"`
	CreatedTimestamp timestamp
	UpdatedTimestamp timestamp
	ImportStatistics importStatistics
}

type importStatistics struct {
	PrefixesFound     int64
	PrefixesCompleted int64
	FilesCompleted    int64
	EventsCompleted   int64
	FailedEntries     int64
}

func (d *Door) getImport(ctx context.Context, c *call, in *importReference) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	found, err := d.lake.Imports().Get(ctx, in.ImportId)
	if err != nil {
		return nil, err
	}
	return d.describeImport(found), nil
}

func (d *Door) stopImport(ctx context.Context, c *call, in *importReference) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	stopped, err := d.lake.Imports().Stop(ctx, in.ImportId)
	if err != nil {
		return nil, err
	}
	return d.describeImport(stopped), nil
}

func (d *Door) describeImport(i *engine.Import) *importDescription {
	return &importDescription{
		ImportId: i.ID, Destinations: []string{d.arnOf(i.StoreID)}, ImportStatus: string(i.Status),
		StartEventTime: stamp(i.From), EndEventTime: stamp(i.To), CreatedTimestamp: timestamp(i.StartedAt), UpdatedTimestamp: timestamp(i.UpdatedAt),
		ImportStatistics: importStatistics{
			PrefixesFound: i.Counts.Prefixes, PrefixesCompleted: i.Counts.PrefixesDone, FilesCompleted: i.Counts.Files, EventsCompleted: i.Counts.Events,
			FailedEntries: i.Counts.FilesFailed + i.Counts.FailedRecords,
		},
	}
}

// arnOf is the ARN of a store, which may be gone.
func (d *Door) arnOf(storeID string) string {
	return "arn:aws:cloudtrail:" + d.lake.Region() + ":" + d.lake.AccountID() + ":eventdatastore/" + storeID
}

type listImportsInput struct {
	MaxResults   int
	Destination  string
	ImportStatus string
	NextToken    string
}

// importPlace is the place of an import in the list: the newest come first.
type importPlace struct {
	StartedAt time.Time
	ID        string
}

func (d *Door) listImports(ctx context.Context, c *call, in *listImportsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	destination := ""
	if in.Destination != "" {
		store, err := d.findStore(ctx, in.Destination)
		if err != nil {
			return nil, fail("EventDataStoreARNInvalidException", "%s does not map to an event data store in your account.", oneLine(in.Destination))
		}
		destination = store.ID
	}
	after, err := readToken[importPlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	imports, err := d.lake.Imports().List(ctx)
	if err != nil {
		return nil, err
	}
	all := list[*engine.Import, importPlace]{
		place: func(i *engine.Import) importPlace { return importPlace{i.StartedAt, i.ID} },
		compare: func(a, b importPlace) int {
			return cmp.Or(b.StartedAt.Compare(a.StartedAt), strings.Compare(a.ID, b.ID))
		},
	}
	for _, i := range imports {
		if (destination == "" || i.StoreID == destination) && (in.ImportStatus == "" || string(i.Status) == in.ImportStatus) {
			all.elements = append(all.elements, i)
		}
	}
	page, next := all.page(after, pageSize(in.MaxResults))
	type item struct {
		ImportId         string
		ImportStatus     string
		Destinations     []string
		CreatedTimestamp timestamp
		UpdatedTimestamp timestamp
	}
	var out struct {
		Imports   []item
		NextToken string `json:",omitempty"`
	}
	out.Imports = []item{}
	for _, i := range page {
		out.Imports = append(out.Imports, item{i.ID, string(i.Status), []string{d.arnOf(i.StoreID)}, timestamp(i.StartedAt), timestamp(i.UpdatedAt)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

type listImportFailuresInput struct {
	ImportId   string
	MaxResults int
	NextToken  string
}

// failurePlace is the place of a failure in the list: by the hash of its file, which is short, and by record. It is the
// order in which the lake has them.
type failurePlace struct {
	File   string
	Record int64
}

func placeOf(f *engine.Failure) failurePlace {
	sum := sha256.Sum256([]byte(f.File))
	return failurePlace{hex.EncodeToString(sum[:]), f.Record}
}

func (p failurePlace) isAfter(other failurePlace) bool {
	return cmp.Or(strings.Compare(p.File, other.File), cmp.Compare(p.Record, other.Record)) > 0
}

func (d *Door) listImportFailures(ctx context.Context, c *call, in *listImportFailuresInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	after, err := readToken[failurePlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	var page []*engine.Failure
	var next *failurePlace
	for failure, err := range d.lake.Imports().Failures(ctx, in.ImportId) {
		if errors.Is(err, engine.ErrImportNotFound) { // the operation has no name of its own for it
			return nil, fail("InvalidParameterException", "There is no import %s.", in.ImportId)
		}
		if err != nil {
			return nil, err
		}
		if after != nil && !placeOf(failure).isAfter(*after) {
			continue
		}
		if len(page) == pageSize(in.MaxResults) {
			place := placeOf(page[len(page)-1])
			next = &place
			break
		}
		page = append(page, failure)
	}
	type item struct {
		Location        string
		Status          string
		ErrorType       string
		ErrorMessage    string
		LastUpdatedTime timestamp
	}
	var out struct {
		Failures  []item
		NextToken string `json:",omitempty"`
	}
	out.Failures = []item{}
	for _, f := range page {
		out.Failures = append(out.Failures, item{f.File, "FAILED", f.Code, f.Message, timestamp(f.At)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}
