package awsapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
)

// The shapes of event data stores, named as in the API.
type (
	eventSelector struct {
		Name           string          `json:",omitempty"`
		FieldSelectors []fieldSelector `json:",omitempty"`
	}
	fieldSelector struct {
		Field         string
		Equals        []string `json:",omitempty"`
		StartsWith    []string `json:",omitempty"`
		EndsWith      []string `json:",omitempty"`
		NotEquals     []string `json:",omitempty"`
		NotStartsWith []string `json:",omitempty"`
		NotEndsWith   []string `json:",omitempty"`
	}
	storeDescription struct {
		EventDataStoreArn            string
		Name                         string
		Status                       string
		AdvancedEventSelectors       []eventSelector `json:",omitempty"`
		MultiRegionEnabled           bool
		OrganizationEnabled          bool
		BillingMode                  string
		RetentionPeriod              int
		TerminationProtectionEnabled bool
		CreatedTimestamp             timestamp
		UpdatedTimestamp             timestamp
		KmsKeyId                     string `json:",omitempty"`
		TagsList                     []tag  `json:",omitempty"` // of a new store
		FederationStatus             string `json:",omitempty"` // not of new and restored stores
		FederationRoleArn            string `json:",omitempty"`
	}
	storeReference struct{ EventDataStore string }
)

type createEventDataStoreInput struct {
	Name                         string
	AdvancedEventSelectors       []eventSelector
	MultiRegionEnabled           *bool
	OrganizationEnabled          bool
	RetentionPeriod              int
	TerminationProtectionEnabled *bool
	TagsList                     []tag
	KmsKeyId                     string
	StartIngestion               *bool
	BillingMode                  string
}

func (d *Door) createEventDataStore(ctx context.Context, c *call, in *createEventDataStoreInput) (any, error) {
	if err := d.allow(c, d.arnOf("*"), nil); err != nil {
		return nil, err
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	if err := checkRetention(in.RetentionPeriod); err != nil {
		return nil, err
	}
	key, err := d.kmsARN(in.KmsKeyId)
	if err != nil {
		return nil, err
	}
	store, err := d.lake.Stores().Create(ctx, engine.StoreOptions{
		Name: in.Name, RetentionDays: in.RetentionPeriod, BillingMode: engine.BillingMode(in.BillingMode),
		Selectors: selectorsOf(in.AdvancedEventSelectors), SingleRegion: in.MultiRegionEnabled != nil && !*in.MultiRegionEnabled,
		Organization: in.OrganizationEnabled, TerminationProtected: in.TerminationProtectionEnabled, StartIngestion: in.StartIngestion,
		KmsKeyID: key, Tags: tagsOf(in.TagsList),
	})
	if err != nil {
		return nil, err
	}
	out := describeStore(store)
	out.Status = string(engine.StoreCreated) // the first state, which has ended when the answer is written
	out.TagsList = describeTags(store.Tags)
	out.FederationStatus, out.FederationRoleArn = "", ""
	return out, nil
}

// checkRetention refuses a retention longer than AWS allows. Only the lake's owner may set one.
func checkRetention(days int) error {
	if days > engine.MaxRetentionDays {
		return fmt.Errorf("%w: retention must be %d to %d days", engine.ErrInvalidParameter, engine.MinRetentionDays, engine.MaxRetentionDays)
	}
	return nil
}

func (d *Door) getEventDataStore(ctx context.Context, c *call, in *storeReference) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return describeStore(store), nil
}

type listEventDataStoresInput struct {
	NextToken  string
	MaxResults int
}

// storePlace is the position of a store in lists, the oldest first.
type storePlace struct {
	CreatedAt time.Time
	ID        string
}

func (d *Door) listEventDataStores(ctx context.Context, c *call, in *listEventDataStoresInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	after, err := readToken[storePlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	stores, err := d.stores(ctx)
	if err != nil {
		return nil, err
	}
	all := list[*engine.Store, storePlace]{
		elements: stores,
		place:    func(s *engine.Store) storePlace { return storePlace{s.CreatedAt, s.ID} },
		compare: func(a, b storePlace) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
		},
	}
	all.elements = slices.DeleteFunc(all.elements, func(s *engine.Store) bool { return s.IsActivity })
	page, next := all.page(after, pageSize(in.MaxResults))
	type item struct{ EventDataStoreArn, Name string }
	var out struct {
		EventDataStores []item
		NextToken       string `json:",omitempty"`
	}
	out.EventDataStores = []item{}
	for _, s := range page {
		out.EventDataStores = append(out.EventDataStores, item{s.ARN(), s.Name})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

type updateEventDataStoreInput struct {
	EventDataStore               string
	Name                         string
	AdvancedEventSelectors       []eventSelector
	MultiRegionEnabled           *bool
	OrganizationEnabled          *bool
	RetentionPeriod              int
	TerminationProtectionEnabled *bool
	KmsKeyId                     string
	BillingMode                  string
}

func (d *Door) updateEventDataStore(ctx context.Context, c *call, in *updateEventDataStoreInput) (any, error) {
	if len(c.members) < 2 {
		return nil, fail("InvalidParameterException", "Give at least one member to change besides EventDataStore.")
	}
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	if store.IsActivity { // only the command changes its retention
		return nil, fmt.Errorf("%w: %s", engine.ErrStoreProtected, store.Name)
	}
	if err := checkRetention(in.RetentionPeriod); err != nil {
		return nil, err
	}
	key, err := d.kmsARN(in.KmsKeyId)
	if err != nil {
		return nil, err
	}
	store, err = d.lake.Stores().Update(ctx, store.ARN(), engine.StoreUpdate{
		Name: in.Name, RetentionDays: in.RetentionPeriod, BillingMode: engine.BillingMode(in.BillingMode), Selectors: selectorsOf(in.AdvancedEventSelectors),
		TerminationProtected: in.TerminationProtectionEnabled, MultiRegion: in.MultiRegionEnabled, Organization: in.OrganizationEnabled, KmsKeyID: key,
	})
	if err != nil {
		return nil, err
	}
	return describeStore(store), nil
}

func (d *Door) deleteEventDataStore(ctx context.Context, c *call, in *storeReference) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return nothing{}, d.lake.Stores().Delete(ctx, store.ARN())
}

func (d *Door) restoreEventDataStore(ctx context.Context, c *call, in *storeReference) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	if store, err = d.lake.Stores().Restore(ctx, store.ARN()); err != nil {
		return nil, err
	}
	out := describeStore(store)
	out.FederationStatus, out.FederationRoleArn = "", ""
	return out, nil
}

func (d *Door) startEventDataStoreIngestion(ctx context.Context, c *call, in *storeReference) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return nothing{}, ingestionError(d.lake.Stores().StartIngestion(ctx, store.ARN()), store)
}

func (d *Door) stopEventDataStoreIngestion(ctx context.Context, c *call, in *storeReference) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStore)
	if err != nil {
		return nil, err
	}
	return nothing{}, ingestionError(d.lake.Stores().StopIngestion(ctx, store.ARN()), store)
}

// ingestionError converts errors for a store pending deletion: the two operations have no name but that of a wrong
// state.
func ingestionError(err error, s *engine.Store) error {
	if s.Status == engine.StorePendingDeletion && err != nil {
		return fail("InvalidEventDataStoreStatusException", "%s", oneLine(err.Error()))
	}
	return err
}

// stores returns the lake's stores, without those that can no longer be restored.
func (d *Door) stores(ctx context.Context) ([]*engine.Store, error) {
	stores, err := d.lake.Stores().List(ctx)
	return slices.DeleteFunc(stores, func(s *engine.Store) bool { return s.IsGone(d.now()) }), err
}

var (
	storeARN = lazyregexp.New(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:eventdatastore/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	storeID  = lazyregexp.New(`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// store finds a store on which the caller may do the call's operation.
func (d *Door) store(ctx context.Context, c *call, reference string) (*engine.Store, error) {
	store, err := d.findStore(ctx, reference)
	arn := reference
	switch {
	case store != nil:
		arn = store.ARN()
	case storeID().MatchString(reference):
		arn = d.arnOf(reference)
	}
	if err := d.allow(c, arn, store); err != nil { // checked also if there is no such store
		return nil, err
	}
	return store, err
}

// findStore finds a store by its ARN or id, never by its name.
func (d *Door) findStore(ctx context.Context, reference string) (*engine.Store, error) {
	id := reference
	found := storeARN().FindStringSubmatch(reference)
	switch {
	case found != nil:
		id = found[1]
	case !storeID().MatchString(reference):
		return nil, fail("EventDataStoreARNInvalidException", "'%s' is neither the ARN nor the id of an event data store.", oneLine(reference))
	}
	stores, err := d.stores(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stores {
		if s.ID != id {
			continue
		}
		if found != nil && s.ARN() != reference {
			return nil, fail("EventDataStoreARNInvalidException", "%s does not map to an event data store in your account.", reference)
		}
		return s, nil
	}
	return nil, fail("EventDataStoreNotFoundException", "There is no event data store %s.", reference)
}

func describeStore(s *engine.Store) *storeDescription {
	out := &storeDescription{
		EventDataStoreArn: s.ARN(), Name: s.Name, Status: string(s.Status), MultiRegionEnabled: s.MultiRegion, OrganizationEnabled: s.Organization,
		BillingMode: string(s.BillingMode), RetentionPeriod: s.RetentionDays, TerminationProtectionEnabled: s.TerminationProtected,
		CreatedTimestamp: timestamp(s.CreatedAt), UpdatedTimestamp: timestamp(s.UpdatedAt), KmsKeyId: s.KmsKeyID,
		FederationStatus: s.FederationStatus, FederationRoleArn: s.FederationRoleARN,
	}
	out.AdvancedEventSelectors = describeSelectors(s.Selectors)
	return out
}

func describeSelectors(selectors []engine.Selector) (out []eventSelector) {
	for _, selector := range selectors {
		described := eventSelector{Name: selector.Name}
		for _, f := range selector.FieldSelectors {
			described.FieldSelectors = append(described.FieldSelectors, fieldSelector(f))
		}
		out = append(out, described)
	}
	return out
}

// selectorsOf keeps nil distinct from empty.
func selectorsOf(selectors []eventSelector) (out []engine.Selector) {
	if selectors != nil {
		out = []engine.Selector{}
	}
	for _, s := range selectors {
		selector := engine.Selector{Name: s.Name}
		for _, f := range s.FieldSelectors {
			selector.FieldSelectors = append(selector.FieldSelectors, engine.FieldSelector(f))
		}
		out = append(out, selector)
	}
	return out
}

var (
	kmsARN = lazyregexp.New(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/[a-zA-Z0-9/_-]+$`)
	kmsKey = lazyregexp.New(`^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
)

// kmsARN returns the ARN of a key that is given by ARN, alias or id; "" is none.
func (d *Door) kmsARN(id string) (string, error) {
	prefix := "arn:aws:kms:" + d.lake.Region() + ":" + d.lake.AccountID() + ":"
	arn := id
	switch {
	case id == "":
		return "", nil
	case strings.HasPrefix(id, "alias/"):
		arn = prefix + id
	case kmsKey().MatchString(id):
		arn = prefix + "key/" + id
	}
	if !kmsARN().MatchString(arn) {
		return "", fail("InvalidKmsKeyIdException", "'%s' is not the ARN, alias or id of a KMS key.", oneLine(id))
	}
	return arn, nil
}
