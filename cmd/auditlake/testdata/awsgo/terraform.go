package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// eventDataStore is what Terraform keeps of a resource of this kind, and what people write of it.
type eventDataStore struct {
	Name                 string
	BillingMode          types.BillingMode
	KmsKeyID             string
	Organization         bool
	MultiRegion          bool
	RetentionDays        int32
	TerminationProtected bool
	Selectors            []types.AdvancedEventSelector
	Tags                 map[string]string
	IsSuspended          bool
}

// checkTerraform makes the requests that Terraform makes for a resource from its creation to its end and back. After
// each step the resource must be what was asked for: otherwise Terraform would want to change it with every run.
func checkTerraform(ctx context.Context, client *cloudtrail.Client) error {
	management := []types.AdvancedEventSelector{{Name: aws.String("Default management events"), FieldSelectors: []types.AdvancedFieldSelector{equals("eventCategory", "Management")}}}
	writes := []types.AdvancedEventSelector{{Name: aws.String("writes"), FieldSelectors: []types.AdvancedFieldSelector{
		{Field: aws.String("eventName"), StartsWith: []string{"Put", "Create"}, NotEquals: []string{"PutObject"}},
		equals("eventCategory", "Management"), equals("readOnly", "false"),
	}}}
	data := []types.AdvancedEventSelector{
		{Name: aws.String("objects"), FieldSelectors: []types.AdvancedFieldSelector{
			equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"),
			{Field: aws.String("resources.ARN"), StartsWith: []string{"arn:aws:s3:::amzn-s3-demo-bucket/"}, NotEndsWith: []string{".tmp"}},
		}},
		{FieldSelectors: []types.AdvancedFieldSelector{equals("eventCategory", "Data"), equals("resources.type", "AWS::Lambda::Function")}},
	}
	for _, cycle := range []struct{ first, second eventDataStore }{
		{
			eventDataStore{Name: "terraform-one", BillingMode: types.BillingModeExtendableRetentionPricing, MultiRegion: true, RetentionDays: 2555, TerminationProtected: true, Selectors: management},
			eventDataStore{Name: "terraform-one", BillingMode: types.BillingModeExtendableRetentionPricing, RetentionDays: 90, Selectors: writes,
				Tags: map[string]string{"team": "sec"}},
		},
		{
			eventDataStore{Name: "terraform-two", BillingMode: types.BillingModeFixedRetentionPricing, RetentionDays: 400, Selectors: data, IsSuspended: true,
				KmsKeyID: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", Tags: map[string]string{"team": "sec", "old": "1"}},
			eventDataStore{Name: "terraform-two", BillingMode: types.BillingModeExtendableRetentionPricing, MultiRegion: true, RetentionDays: 400, Selectors: data[:1],
				KmsKeyID: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", Tags: map[string]string{"team": "ops", "new": "2"}},
		},
	} {
		if err := (&terraform{client: client}).cycle(ctx, cycle.first, cycle.second); err != nil {
			return fmt.Errorf("%s: %w", cycle.first.Name, err)
		}
	}
	return nil
}

func equals(field, value string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: aws.String(field), Equals: []string{value}}
}

// terraform is one resource.
type terraform struct {
	client *cloudtrail.Client
	arn    string
}

func (r *terraform) cycle(ctx context.Context, first, second eventDataStore) error {
	if err := r.create(ctx, first); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	if err := r.hasNoDrift(ctx, first); err != nil {
		return fmt.Errorf("after create: %w", err)
	}
	if err := r.update(ctx, first, second); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	if err := r.hasNoDrift(ctx, second); err != nil {
		return fmt.Errorf("after update: %w", err)
	}
	imported := &terraform{client: r.client, arn: r.arn} // all that an import is given
	if err := imported.hasNoDrift(ctx, second); err != nil {
		return fmt.Errorf("after import: %w", err)
	}
	if err := r.remove(ctx); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	if _, err := r.client.RestoreEventDataStore(ctx, &cloudtrail.RestoreEventDataStoreInput{EventDataStore: &r.arn}); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := r.waitFor(ctx, types.EventDataStoreStatusEnabled); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := r.hasNoDrift(ctx, second); err != nil {
		return fmt.Errorf("after restore: %w", err)
	}
	return r.remove(ctx)
}

func (r *terraform) create(ctx context.Context, want eventDataStore) error {
	in := &cloudtrail.CreateEventDataStoreInput{
		Name: &want.Name, BillingMode: want.BillingMode, MultiRegionEnabled: &want.MultiRegion, OrganizationEnabled: &want.Organization, RetentionPeriod: &want.RetentionDays,
		TerminationProtectionEnabled: &want.TerminationProtected, TagsList: tags(want.Tags), AdvancedEventSelectors: want.Selectors,
	}
	if want.KmsKeyID != "" {
		in.KmsKeyId = &want.KmsKeyID
	}
	if want.IsSuspended {
		in.StartIngestion = aws.Bool(false)
	}
	made, err := r.client.CreateEventDataStore(ctx, in)
	if err != nil {
		return err
	}
	r.arn = aws.ToString(made.EventDataStoreArn)
	return r.waitFor(ctx, types.EventDataStoreStatusEnabled, types.EventDataStoreStatusStoppedIngestion)
}

// waitFor waits as Terraform does. CREATED is the only passing state; any other state that is not wanted is an
// error.
func (r *terraform) waitFor(ctx context.Context, wanted ...types.EventDataStoreStatus) error {
	return r.waitThrough(ctx, types.EventDataStoreStatusCreated, wanted...)
}

func (r *terraform) waitThrough(ctx context.Context, passing types.EventDataStoreStatus, wanted ...types.EventDataStoreStatus) error {
	return until(ctx, "status", func() (bool, error) {
		got, err := r.client.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: &r.arn})
		if err != nil {
			return false, err
		}
		if slices.Contains(wanted, got.Status) {
			return true, nil
		}
		return false, same("a status that Terraform waits through", got.Status, passing)
	})
}

// hasNoDrift reads the resource, and compares it with what people wrote.
func (r *terraform) hasNoDrift(ctx context.Context, want eventDataStore) error {
	got, err := r.read(ctx)
	if err != nil {
		return err
	}
	want.Selectors = inOrder(want.Selectors)
	if want.Tags == nil {
		want.Tags = map[string]string{}
	}
	if err := same("selectors", len(got.Selectors), len(want.Selectors)); err != nil {
		return err
	}
	return same("drift", *got, want)
}

func (r *terraform) read(ctx context.Context) (*eventDataStore, error) {
	got, err := r.client.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: &r.arn})
	if err != nil {
		return nil, err
	}
	out := &eventDataStore{
		Name: aws.ToString(got.Name), BillingMode: got.BillingMode, KmsKeyID: aws.ToString(got.KmsKeyId), Organization: aws.ToBool(got.OrganizationEnabled),
		MultiRegion: aws.ToBool(got.MultiRegionEnabled), RetentionDays: aws.ToInt32(got.RetentionPeriod), TerminationProtected: aws.ToBool(got.TerminationProtectionEnabled),
		Selectors: inOrder(got.AdvancedEventSelectors), Tags: map[string]string{}, IsSuspended: got.Status == types.EventDataStoreStatusStoppedIngestion,
	}
	pages := cloudtrail.NewListTagsPaginator(r.client, &cloudtrail.ListTagsInput{ResourceIdList: []string{r.arn}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, resource := range page.ResourceTagList {
			for _, t := range resource.TagsList {
				out.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
	}
	return out, nil
}

func (r *terraform) update(ctx context.Context, is, want eventDataStore) error {
	in := &cloudtrail.UpdateEventDataStoreInput{EventDataStore: &r.arn, AdvancedEventSelectors: want.Selectors}
	if is.BillingMode != want.BillingMode {
		in.BillingMode = want.BillingMode
	}
	if is.MultiRegion != want.MultiRegion {
		in.MultiRegionEnabled = &want.MultiRegion
	}
	if is.RetentionDays != want.RetentionDays {
		in.RetentionPeriod = &want.RetentionDays
	}
	if is.TerminationProtected != want.TerminationProtected {
		in.TerminationProtectionEnabled = &want.TerminationProtected
	}
	if _, err := r.client.UpdateEventDataStore(ctx, in); err != nil {
		return err
	}
	if !is.IsSuspended {
		if err := r.waitFor(ctx, types.EventDataStoreStatusEnabled); err != nil {
			return err
		}
	}
	if is.IsSuspended && !want.IsSuspended {
		if err := r.suspendAndResume(ctx); err != nil {
			return err
		}
	}
	return r.updateTags(ctx, is.Tags, want.Tags)
}

// suspendAndResume starts, stops and starts ingestion.
func (r *terraform) suspendAndResume(ctx context.Context) error {
	start := func() error {
		if _, err := r.client.StartEventDataStoreIngestion(ctx, &cloudtrail.StartEventDataStoreIngestionInput{EventDataStore: &r.arn}); err != nil {
			return err
		}
		return r.waitThrough(ctx, types.EventDataStoreStatusStartingIngestion, types.EventDataStoreStatusEnabled)
	}
	if err := start(); err != nil {
		return err
	}
	if _, err := r.client.StopEventDataStoreIngestion(ctx, &cloudtrail.StopEventDataStoreIngestionInput{EventDataStore: &r.arn}); err != nil {
		return err
	}
	if err := r.waitThrough(ctx, types.EventDataStoreStatusStoppingIngestion, types.EventDataStoreStatusStoppedIngestion); err != nil {
		return err
	}
	return start()
}

func (r *terraform) updateTags(ctx context.Context, is, want map[string]string) error {
	gone, changed := map[string]string{}, map[string]string{}
	for key, value := range is {
		if _, stays := want[key]; !stays {
			gone[key] = value
		}
	}
	for key, value := range want {
		if old, there := is[key]; !there || old != value {
			changed[key] = value
		}
	}
	if len(gone) > 0 {
		if _, err := r.client.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: &r.arn, TagsList: tags(gone)}); err != nil {
			return err
		}
	}
	if len(changed) > 0 {
		if _, err := r.client.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: &r.arn, TagsList: tags(changed)}); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the store and waits until it is gone: to Terraform a store that is pending deletion is.
func (r *terraform) remove(ctx context.Context) error {
	if _, err := r.client.DeleteEventDataStore(ctx, &cloudtrail.DeleteEventDataStoreInput{EventDataStore: &r.arn}); err != nil {
		return err
	}
	return until(ctx, "deleted", func() (bool, error) {
		got, err := r.client.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: &r.arn})
		if absent := new(types.EventDataStoreNotFoundException); errors.As(err, &absent) {
			return true, nil
		}
		if err != nil || got.Status == types.EventDataStoreStatusPendingDeletion {
			return err == nil, err
		}
		return false, same("a status that Terraform waits through", got.Status, types.EventDataStoreStatusEnabled)
	})
}

func tags(of map[string]string) (list []types.Tag) {
	for _, key := range slices.Sorted(maps.Keys(of)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(of[key])})
	}
	return list
}

// inOrder sorts the fields of selectors by their names: to Terraform they are a set.
func inOrder(selectors []types.AdvancedEventSelector) (out []types.AdvancedEventSelector) {
	for _, s := range selectors {
		s.FieldSelectors = slices.SortedFunc(slices.Values(s.FieldSelectors), func(a, b types.AdvancedFieldSelector) int {
			return cmp.Compare(aws.ToString(a.Field), aws.ToString(b.Field))
		})
		out = append(out, s)
	}
	return out
}
