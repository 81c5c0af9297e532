package console

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

// storeView is an event data store in the page's JSON.
type storeView struct {
	ID                   string   `json:"id"`
	ARN                  string   `json:"arn"`
	Name                 string   `json:"name"`
	Category             string   `json:"category"`
	Status               string   `json:"status"`
	BillingMode          string   `json:"billingMode"`
	RetentionDays        int      `json:"retentionDays"`
	TerminationProtected bool     `json:"terminationProtected"`
	IsActivity           bool     `json:"isActivity"`
	CreatedAt            string   `json:"createdAt"`
	Events               int64    `json:"events"`
	StoredBytes          int64    `json:"storedBytes"`
	Segments             int64    `json:"segments"`
	Days                 int64    `json:"days"`
	Oldest               string   `json:"oldest"`
	Newest               string   `json:"newest"`
	Columns              []string `json:"columns"`
}

// listStores lists the stores that the caller may describe.
func (d *Door) listStores(c *call) (any, error) {
	stores, err := d.visibleStores(c, "cloudtrail:GetEventDataStore")
	if err != nil {
		return nil, err
	}
	out := []storeView{}
	for _, s := range stores {
		v := storeView{
			ID: s.ID, ARN: s.ARN(), Name: s.Name, Category: s.Category, Status: string(s.Status), BillingMode: string(s.BillingMode),
			RetentionDays: s.RetentionDays, TerminationProtected: s.TerminationProtected, IsActivity: s.IsActivity, CreatedAt: instant(s.CreatedAt),
			Columns: []string{},
		}
		if s.Status != engine.StorePendingDeletion {
			described, err := d.lake.Stores().Describe(c.r.Context(), s.Name)
			if err != nil {
				return nil, err
			}
			v.Events, v.StoredBytes, v.Segments, v.Days = described.Events, described.StoredBytes, described.Segments, described.Days
			v.Oldest, v.Newest = instant(described.MinTime), instant(described.MaxTime)
			for _, column := range described.Columns {
				v.Columns = append(v.Columns, column.Name)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// visibleStores returns the stores to which the caller may apply an action.
func (d *Door) visibleStores(c *call, action string) (out []*engine.Store, err error) {
	stores, err := d.lake.Stores().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if d.decide(c, action, s.ARN(), s).Allowed {
			out = append(out, s)
		}
	}
	return out, nil
}

// storeNames returns the names of stores by their ids.
func (d *Door) storeNames(ctx context.Context) (map[string]string, error) {
	stores, err := d.lake.Stores().List(ctx)
	names := map[string]string{}
	for _, s := range stores {
		names[s.ID] = s.Name
	}
	return names, err
}

// columnDescription is a column of a store, or a field of one.
type columnDescription struct {
	Name        string `json:"name"` // of a field: its path
	Type        string `json:"type"`
	Description string `json:"description"`
	Example     string `json:"example"`
}

// storeColumns describes the columns of a store with their fields.
func (d *Door) storeColumns(c *call) (any, error) {
	name := c.r.PathValue("store")
	stores, err := d.visibleStores(c, "cloudtrail:GetEventDataStore")
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if s.Name != name {
			continue
		}
		described, err := d.lake.Stores().Describe(c.r.Context(), s.Name)
		if err != nil {
			return nil, err
		}
		return appendColumns([]columnDescription{}, "", described.Columns), nil
	}
	return nil, notFound("there is no event data store %s", name)
}

func appendColumns(out []columnDescription, before string, columns []engine.ColumnInfo) []columnDescription {
	for _, column := range columns {
		out = append(out, columnDescription{before + column.Name, column.Type, column.Description, column.Example})
		out = appendColumns(out, before+column.Name+".", column.Fields)
	}
	return out
}

// importView is an import in the page's JSON.
type importView struct {
	ID          string   `json:"id"`
	Store       string   `json:"store"`
	Sources     []string `json:"sources"`
	Status      string   `json:"status"`
	Error       string   `json:"error"`
	StartedAt   string   `json:"startedAt"`
	EndedAt     string   `json:"endedAt"`
	Files       int64    `json:"files"`
	FilesFailed int64    `json:"filesFailed"`
	Records     int64    `json:"records"`
	Events      int64    `json:"events"`
	EventBytes  int64    `json:"eventBytes"`
}

func (d *Door) listImports(c *call) (any, error) {
	if err := d.allow(c, "cloudtrail:ListImports", "*", nil); err != nil {
		return nil, err
	}
	imports, err := d.lake.Imports().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	names, err := d.storeNames(c.r.Context())
	if err != nil {
		return nil, err
	}
	out := []importView{}
	for _, i := range imports {
		out = append(out, importView{
			ID: i.ID, Store: names[i.StoreID], Sources: i.Sources, Status: string(i.Status), Error: i.Error, StartedAt: instant(i.StartedAt),
			EndedAt: instant(i.EndedAt), Files: i.Counts.Files, FilesFailed: i.Counts.FilesFailed, Records: i.Counts.Records,
			Events: i.Counts.Events, EventBytes: i.Counts.EventBytes,
		})
	}
	return out, nil
}

// maxFailures limits the failures of an import that the page shows.
const maxFailures = 1000

// failureView is one failure of an import.
type failureView struct {
	File    string `json:"file"`
	Record  int64  `json:"record"` // -1: the whole file
	Code    string `json:"code"`
	Message string `json:"message"`
	At      string `json:"at"`
	Status  string `json:"status"`
}

func (d *Door) importFailures(c *call) (any, error) {
	if err := d.allow(c, "cloudtrail:ListImportFailures", "*", nil); err != nil {
		return nil, err
	}
	out := []failureView{}
	for f, err := range d.lake.Imports().Failures(c.r.Context(), c.r.PathValue("id")) {
		if err != nil {
			return nil, err
		}
		if len(out) == maxFailures {
			break
		}
		out = append(out, failureView{f.File, f.Record, f.Code, f.Message, instant(f.At), string(f.Status)})
	}
	return out, nil
}

// channelView is a channel in the page's JSON.
type channelView struct {
	Name         string   `json:"name"`
	ARN          string   `json:"arn"`
	Source       string   `json:"source"`
	Destinations []string `json:"destinations"`
	CreatedAt    string   `json:"createdAt"`
	SuccessAt    string   `json:"successAt"`
	AttemptAt    string   `json:"attemptAt"`
	ErrorCode    string   `json:"errorCode"`
}

func (d *Door) listChannels(c *call) (any, error) {
	if err := d.allow(c, "cloudtrail:ListChannels", "*", nil); err != nil {
		return nil, err
	}
	channels, err := d.lake.Channels().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	names, err := d.storeNames(c.r.Context())
	if err != nil {
		return nil, err
	}
	out := []channelView{}
	for _, ch := range channels {
		v := channelView{Name: ch.Name, ARN: ch.ARN, Source: ch.Source, Destinations: []string{}, CreatedAt: instant(ch.CreatedAt)}
		for _, id := range ch.Destinations {
			v.Destinations = append(v.Destinations, names[id])
		}
		ingestion, err := d.lake.Channels().Ingestion(c.r.Context(), ch.ID)
		if err != nil {
			return nil, err
		}
		v.SuccessAt, v.AttemptAt, v.ErrorCode = instant(ingestion.SuccessAt), instant(ingestion.AttemptAt), ingestion.ErrorCode
		out = append(out, v)
	}
	return out, nil
}

// keyView is an access key in the page's JSON.
type keyView struct {
	ID               string   `json:"id"`
	Principal        string   `json:"principal"`
	State            string   `json:"state"`
	IsRoot           bool     `json:"isRoot"`
	Policies         []string `json:"policies"`
	MaxBytesPerQuery int64    `json:"maxBytesPerQuery"`
	MaxBytesPerDay   int64    `json:"maxBytesPerDay"`
	CreatedAt        string   `json:"createdAt"`
	ExpiresAt        string   `json:"expiresAt"`
	IsThis           bool     `json:"isThis"`
}

// listKeys lists the access keys: all for the root, otherwise those of the caller. The API has no action for it.
func (d *Door) listKeys(c *call) (any, error) {
	keys, err := d.lake.Keys().List(c.r.Context())
	if err != nil {
		return nil, err
	}
	out := []keyView{}
	for _, k := range keys {
		isThis := k.ID == c.session.keyID
		if !isThis && !c.caller.Key().IsRoot {
			continue
		}
		v := keyView{
			ID: k.ID, Principal: k.Principal, State: k.State(d.lake.Now()), IsRoot: k.IsRoot, Policies: []string{}, MaxBytesPerQuery: k.MaxBytesPerQuery,
			MaxBytesPerDay: k.MaxBytesPerDay, CreatedAt: instant(k.CreatedAt), ExpiresAt: instant(k.ExpiresAt), IsThis: isThis,
		}
		for _, p := range k.Policies {
			v.Policies = append(v.Policies, p.Name)
		}
		out = append(out, v)
	}
	return out, nil
}

// usageAction is the action that reading the usage of all stores requires; the API has none.
const usageAction = "auditlake:ReadUsage"

// usageRow is the usage of a store on a day, or in a month.
type usageRow struct {
	Day            string  `json:"day"`
	Store          string  `json:"store"`
	IngestedBytes  int64   `json:"ingestedBytes"`
	LiveBytes      int64   `json:"liveBytes"` // of ingestedBytes: live CloudTrail events, which cost more
	IngestedEvents int64   `json:"ingestedEvents"`
	IngestionPrice float64 `json:"ingestionPrice"`
	Queries        int64   `json:"queries"`
	ScannedBytes   int64   `json:"scannedBytes"`
	QueryPrice     float64 `json:"queryPrice"`
	StoredBytes    int64   `json:"storedBytes"`
}

// usage returns the usage of the stores in a month, and the managed service's price for it.
func (d *Door) usage(c *call) (any, error) {
	if err := d.allow(c, usageAction, "*", nil); err != nil {
		return nil, err
	}
	used, err := d.lake.Usage(c.r.Context(), c.r.URL.Query().Get("month"))
	if err != nil {
		return nil, err
	}
	return struct {
		Month                string     `json:"month"`
		Days                 []usageRow `json:"days"`
		Totals               []usageRow `json:"totals"`
		ExtendedStoragePrice float64    `json:"extendedStoragePrice"`
		PriceBook            string     `json:"priceBook"`
	}{used.Month, usageRows(used.Days), usageRows(used.Totals), used.ExtendedStoragePrice, d.lake.Prices().Date}, nil
}

func usageRows(rows []engine.UsageRow) []usageRow {
	out := []usageRow{}
	for _, r := range rows {
		out = append(out, usageRow{r.Day, r.Store, r.IngestedBytes, r.LiveBytes, r.IngestedEvents, r.IngestionPrice, r.Queries, r.ScannedBytes, r.QueryPrice, r.StoredBytes})
	}
	return out
}
