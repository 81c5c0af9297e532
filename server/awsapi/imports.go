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

// The shapes of imports, named as in the API.
type (
	importDescription struct {
		ImportId         string
		Destinations     []string
		ImportSource     *importSource `json:",omitempty"`
		ImportStatus     string
		StartEventTime   *timestamp `json:",omitempty"`
		EndEventTime     *timestamp `json:",omitempty"`
		CreatedTimestamp timestamp
		UpdatedTimestamp timestamp
		ImportStatistics *importStatistics `json:",omitempty"` // not of a new import
	}
	importSource   struct{ S3 s3ImportSource }
	s3ImportSource struct{ S3LocationUri, S3BucketRegion, S3BucketAccessRoleArn string }
)

type importStatistics struct {
	PrefixesFound     int64
	PrefixesCompleted int64
	FilesCompleted    int64
	EventsCompleted   int64
	FailedEntries     int64
}

type startImportInput struct {
	Destinations   []string
	ImportSource   *importSource
	StartEventTime *timestamp
	EndEventTime   *timestamp
	ImportId       string
}

// startImport begins an import, or retries the one with the given id.
func (d *Door) startImport(ctx context.Context, c *call, in *startImportInput) (any, error) {
	begin := d.newImport
	if in.ImportId != "" {
		begin = d.retryImport
	}
	started, err := begin(ctx, c, in)
	if errors.Is(err, engine.ErrStoreHasImport) {
		return nil, fail("AccountHasOngoingImportException", "%s", oneLine(err.Error()))
	}
	if err != nil {
		return nil, err
	}
	out := d.describeImport(started)
	out.ImportStatistics = nil
	return out, nil
}

func (d *Door) newImport(ctx context.Context, c *call, in *startImportInput) (*engine.Import, error) {
	if len(in.Destinations) != 1 || in.ImportSource == nil {
		return nil, fail("InvalidParameterException", "Give Destinations and ImportSource for a new import, or ImportId alone to retry one.")
	}
	store, err := d.store(ctx, c, in.Destinations[0])
	if err != nil {
		return nil, err
	}
	source := in.ImportSource.S3
	return d.lake.Imports().Start(ctx, engine.ImportStart{
		Store: store.ID, Source: engine.S3Source{URI: source.S3LocationUri, Region: source.S3BucketRegion, RoleARN: source.S3BucketAccessRoleArn},
		From: in.StartEventTime.at(), To: in.EndEventTime.at(),
	})
}

func (d *Door) retryImport(ctx context.Context, c *call, in *startImportInput) (*engine.Import, error) {
	if in.Destinations != nil || in.ImportSource != nil || in.StartEventTime != nil || in.EndEventTime != nil {
		return nil, fail("InvalidParameterException", "A retry uses the settings of the first run: give ImportId alone.")
	}
	found, err := d.lake.Imports().Get(ctx, in.ImportId)
	if err != nil {
		return nil, errors.Join(d.allow(c, "*", nil), err)
	}
	if _, err := d.store(ctx, c, found.StoreID); err != nil {
		return nil, err
	}
	return d.lake.Imports().Retry(ctx, in.ImportId)
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
	out := &importDescription{
		ImportId: i.ID, Destinations: []string{d.arnOf(i.StoreID)}, ImportStatus: string(i.Status),
		StartEventTime: stamp(i.From), EndEventTime: stamp(i.To), CreatedTimestamp: timestamp(i.StartedAt), UpdatedTimestamp: timestamp(i.UpdatedAt),
		ImportStatistics: &importStatistics{
			PrefixesFound: i.Counts.Prefixes, PrefixesCompleted: i.Counts.PrefixesDone, FilesCompleted: i.Counts.Files, EventsCompleted: i.Counts.Events,
			FailedEntries: i.Counts.FilesFailed + i.Counts.FailedRecords,
		},
	}
	if i.Error != "" { // also listed among the failures
		out.ImportStatistics.FailedEntries++
	}
	if s := i.Source; s != nil {
		out.ImportSource = &importSource{s3ImportSource{s.URI, s.Region, s.RoleARN}}
	}
	return out
}

// arnOf returns the ARN of a store that may be deleted.
func (d *Door) arnOf(storeID string) string {
	return "arn:aws:cloudtrail:" + d.lake.Region() + ":" + d.lake.AccountID() + ":eventdatastore/" + storeID
}

type listImportsInput struct {
	MaxResults   int
	Destination  string
	ImportStatus string
	NextToken    string
}

// importPlace is the position of an import in the list, the newest first.
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

// failurePlace is the position of a failure in the list: the hash of its file, which is short, and the record. The
// lake returns failures in this order.
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
		if errors.Is(err, engine.ErrImportNotFound) { // the operation has no error for it
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
		out.Failures = append(out.Failures, item{f.File, cmp.Or(string(f.Status), "FAILED"), errorType(f.Code), f.Message, timestamp(f.At)})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

// errorType converts the code of a failure to the API's spelling, such as AccessDenied.
func errorType(code string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(strings.ToLower(code), "_") {
		out.WriteString(strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):])
	}
	return out.String()
}
