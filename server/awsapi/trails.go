package awsapi

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
)

// The shapes of trails, named as in the API.
type (
	trailSettings struct {
		Name                       string
		S3BucketName               *string
		S3KeyPrefix                *string
		SnsTopicName               *string
		IncludeGlobalServiceEvents *bool
		IsMultiRegionTrail         *bool
		EnableLogFileValidation    *bool
		CloudWatchLogsLogGroupArn  *string
		CloudWatchLogsRoleArn      *string
		KmsKeyId                   *string
		IsOrganizationTrail        *bool
		RecursiveLogging           *bool
		TagsList                   []tag // of a new trail
	}
	trailDescription struct {
		Name                       string
		S3BucketName               string
		S3KeyPrefix                string `json:",omitempty"`
		SnsTopicName               string `json:",omitempty"`
		SnsTopicARN                string `json:",omitempty"`
		IncludeGlobalServiceEvents bool
		IsMultiRegionTrail         bool
		HomeRegion                 string `json:",omitempty"` // not in answers about new and changed trails
		TrailARN                   string
		LogFileValidationEnabled   bool
		CloudWatchLogsLogGroupArn  string `json:",omitempty"`
		CloudWatchLogsRoleArn      string `json:",omitempty"`
		KmsKeyId                   string `json:",omitempty"`
		HasCustomEventSelectors    *bool  `json:",omitempty"` // not in answers about new and changed trails
		HasInsightSelectors        *bool  `json:",omitempty"`
		IsOrganizationTrail        bool
		RecursiveLogging           *bool `json:",omitempty"`
	}
	trailReference struct{ Name string }
)

func (d *Door) createTrail(ctx context.Context, c *call, in *trailSettings) (any, error) {
	if err := d.allowTrail(ctx, c, in.Name); err != nil {
		return nil, err
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	made := engine.Trail{Name: in.Name, IncludeGlobalEvents: true, Tags: tagsOf(in.TagsList)}
	if err := d.setTrail(&made, in); err != nil {
		return nil, err
	}
	trail, err := d.lake.Trails().Create(ctx, made)
	if err != nil {
		return nil, err
	}
	return describeTrail(trail), nil
}

func (d *Door) updateTrail(ctx context.Context, c *call, in *trailSettings) (any, error) {
	if err := d.allowTrail(ctx, c, in.Name); err != nil {
		return nil, err
	}
	trail, err := d.lake.Trails().Change(ctx, in.Name, func(t *engine.Trail) error { return d.setTrail(t, in) })
	if err != nil {
		return nil, err
	}
	return describeTrail(trail), nil
}

// setTrail sets the given settings of a trail. An empty text removes a setting.
func (d *Door) setTrail(t *engine.Trail, in *trailSettings) (err error) {
	for _, text := range []struct{ to, from *string }{
		{&t.S3BucketName, in.S3BucketName}, {&t.S3KeyPrefix, in.S3KeyPrefix}, {&t.SnsTopicName, in.SnsTopicName},
		{&t.CloudWatchLogsLogGroupARN, in.CloudWatchLogsLogGroupArn}, {&t.CloudWatchLogsRoleARN, in.CloudWatchLogsRoleArn},
	} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	for _, flag := range []struct{ to, from *bool }{
		{&t.IncludeGlobalEvents, in.IncludeGlobalServiceEvents}, {&t.MultiRegion, in.IsMultiRegionTrail},
		{&t.LogFileValidation, in.EnableLogFileValidation}, {&t.Organization, in.IsOrganizationTrail},
	} {
		if flag.from != nil {
			*flag.to = *flag.from
		}
	}
	if in.RecursiveLogging != nil {
		t.RecursiveLogging = in.RecursiveLogging
	}
	if in.KmsKeyId != nil {
		t.KmsKeyID, err = d.kmsARN(*in.KmsKeyId)
	}
	return err
}

// describeTrail describes a trail for the operations that change it.
func describeTrail(t *engine.Trail) *trailDescription {
	topic := t.SnsTopicName
	if topic != "" && !strings.HasPrefix(topic, "arn:") {
		topic = "arn:aws:sns:" + t.Region + ":" + t.AccountID + ":" + topic
	}
	return &trailDescription{
		Name: t.Name, S3BucketName: t.S3BucketName, S3KeyPrefix: t.S3KeyPrefix, SnsTopicName: t.SnsTopicName, SnsTopicARN: topic,
		IncludeGlobalServiceEvents: t.IncludeGlobalEvents, IsMultiRegionTrail: t.MultiRegion, TrailARN: t.ARN(), LogFileValidationEnabled: t.LogFileValidation,
		CloudWatchLogsLogGroupArn: t.CloudWatchLogsLogGroupARN, CloudWatchLogsRoleArn: t.CloudWatchLogsRoleARN, KmsKeyId: t.KmsKeyID,
		IsOrganizationTrail: t.Organization, RecursiveLogging: t.RecursiveLogging,
	}
}

// describeWholeTrail describes a trail for the operations that read it.
func describeWholeTrail(t *engine.Trail) *trailDescription {
	out := describeTrail(t)
	custom, insights := engine.HasCustomSelectors(t), len(t.InsightSelectors) > 0
	out.HomeRegion, out.HasCustomEventSelectors, out.HasInsightSelectors = t.Region, &custom, &insights
	return out
}

func (d *Door) getTrail(ctx context.Context, c *call, in *trailReference) (any, error) {
	trail, err := d.trail(ctx, c, in.Name)
	if err != nil {
		return nil, err
	}
	return struct{ Trail *trailDescription }{describeWholeTrail(trail)}, nil
}

type describeTrailsInput struct {
	TrailNameList       []string `json:"trailNameList"`
	IncludeShadowTrails *bool    `json:"includeShadowTrails"`
}

// describeTrails skips the listed trails that do not exist. Trails of another region, left from before the lake's
// region was changed, are shadow trails.
func (d *Door) describeTrails(ctx context.Context, c *call, in *describeTrailsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	var trails []*engine.Trail
	for _, name := range in.TrailNameList {
		trail, err := d.lake.Trails().Get(ctx, name)
		switch {
		case err == nil:
			trails = append(trails, trail)
		case !errors.Is(err, engine.ErrTrailNotFound):
			return nil, err
		}
	}
	if len(in.TrailNameList) == 0 {
		var err error
		if trails, err = d.lake.Trails().List(ctx); err != nil {
			return nil, err
		}
	}
	out := struct {
		TrailList []*trailDescription `json:"trailList"`
	}{[]*trailDescription{}}
	for _, t := range trails {
		if t.Region == d.lake.Region() || in.IncludeShadowTrails == nil || *in.IncludeShadowTrails {
			out.TrailList = append(out.TrailList, describeWholeTrail(t))
		}
	}
	return out, nil
}

type listTrailsInput struct{ NextToken string }

// listTrails answers with a single page: there are few trails.
func (d *Door) listTrails(ctx context.Context, c *call, in *listTrailsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	if in.NextToken != "" {
		return nil, fail("ValidationException", "The token is not valid: this operation returns only one page.")
	}
	trails, err := d.lake.Trails().List(ctx)
	if err != nil {
		return nil, err
	}
	type item struct{ TrailARN, Name, HomeRegion string }
	out := struct{ Trails []item }{[]item{}}
	for _, t := range trails {
		out.Trails = append(out.Trails, item{t.ARN(), t.Name, t.Region})
	}
	return out, nil
}

func (d *Door) deleteTrail(ctx context.Context, c *call, in *trailReference) (any, error) {
	if err := d.allowTrail(ctx, c, in.Name); err != nil {
		return nil, err
	}
	return nothing{}, d.lake.Trails().Delete(ctx, in.Name)
}

func (d *Door) startLogging(ctx context.Context, c *call, in *trailReference) (any, error) {
	if err := d.allowTrail(ctx, c, in.Name); err != nil {
		return nil, err
	}
	return nothing{}, d.lake.Trails().SetLogging(ctx, in.Name, true)
}

func (d *Door) stopLogging(ctx context.Context, c *call, in *trailReference) (any, error) {
	if err := d.allowTrail(ctx, c, in.Name); err != nil {
		return nil, err
	}
	return nothing{}, d.lake.Trails().SetLogging(ctx, in.Name, false)
}

func (d *Door) getTrailStatus(ctx context.Context, c *call, in *trailReference) (any, error) {
	trail, err := d.trail(ctx, c, in.Name)
	if err != nil {
		return nil, err
	}
	text := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	return struct {
		IsLogging          bool
		StartLoggingTime   *timestamp `json:",omitempty"`
		StopLoggingTime    *timestamp `json:",omitempty"`
		TimeLoggingStarted string
		TimeLoggingStopped string
	}{trail.IsLogging, stamp(trail.StartedAt), stamp(trail.StoppedAt), text(trail.StartedAt), text(trail.StoppedAt)}, nil
}

// trail finds a trail on which the caller may do the call's operation.
func (d *Door) trail(ctx context.Context, c *call, reference string) (*engine.Trail, error) {
	if err := d.allowTrail(ctx, c, reference); err != nil { // checked also if there is no such trail
		return nil, err
	}
	return d.lake.Trails().Get(ctx, reference)
}

// allowTrail refuses a call about a trail that the caller has no right to, whether the trail exists or not.
func (d *Door) allowTrail(ctx context.Context, c *call, reference string) error {
	trail, err := d.lake.Trails().Get(ctx, reference)
	if err != nil {
		arn := d.lake.Trails().ARN(reference)
		if arn == "" {
			arn = reference
		}
		return d.allowTagged(c, arn, nil)
	}
	return d.allowTagged(c, trail.ARN(), trail.Tags)
}
