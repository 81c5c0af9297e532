package awsapi

import (
	"context"
	"errors"
	"strings"

	"github.com/auditlake/auditlake/engine"
)

// tag is a key with an optional value.
type tag struct {
	Key   string
	Value *string `json:",omitempty"`
}

type tagsInput struct {
	ResourceId string
	TagsList   []tag
}

func (d *Door) addTags(ctx context.Context, c *call, in *tagsInput) (any, error) {
	resource, err := d.taggable(ctx, c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	return nothing{}, resource.add(ctx, resource.arn, tagsOf(in.TagsList)...)
}

func (d *Door) removeTags(ctx context.Context, c *call, in *tagsInput) (any, error) {
	resource, err := d.taggable(ctx, c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.TagsList); err != nil {
		return nil, err
	}
	var keys []string
	for _, t := range in.TagsList {
		keys = append(keys, t.Key)
	}
	return nothing{}, resource.remove(ctx, resource.arn, keys...)
}

type listTagsInput struct {
	ResourceIdList []string
	NextToken      string
}

// maxTaggedResources limits the resources of one call. All are answered at once, so there are no page tokens.
const maxTaggedResources = 20

func (d *Door) listTags(ctx context.Context, c *call, in *listTagsInput) (any, error) {
	if in.NextToken != "" {
		return nil, fail("InvalidTokenException", "The token is not valid: this operation returns only one page.")
	}
	if len(in.ResourceIdList) > maxTaggedResources {
		return nil, fail("ValidationException", "ResourceIdList may have %d ARNs, not %d.", maxTaggedResources, len(in.ResourceIdList))
	}
	type resourceTags struct {
		ResourceId string
		TagsList   []tag
	}
	out := struct{ ResourceTagList []resourceTags }{[]resourceTags{}}
	for _, arn := range in.ResourceIdList {
		resource, err := d.taggable(ctx, c, arn)
		if err != nil {
			return nil, err
		}
		tags := append([]tag{}, describeTags(resource.tags)...)
		out.ResourceTagList = append(out.ResourceTagList, resourceTags{arn, tags})
	}
	return out, nil
}

// tagged is a resource that has tags.
type tagged struct {
	arn    string
	tags   []engine.Tag
	add    func(ctx context.Context, arn string, tags ...engine.Tag) error
	remove func(ctx context.Context, arn string, keys ...string) error
}

// taggable finds the resource of an ARN, which must have tags and not be pending deletion.
func (d *Door) taggable(ctx context.Context, c *call, arn string) (*tagged, error) {
	if !strings.HasPrefix(arn, "arn:") {
		return nil, fail("CloudTrailARNInvalidException", "'%s' is not an ARN.", oneLine(arn))
	}
	if strings.Contains(arn, ":trail/") {
		return d.taggableTrail(ctx, c, arn)
	}
	if strings.Contains(arn, ":channel/") {
		return d.taggableChannel(ctx, c, arn)
	}
	if strings.Contains(arn, ":dashboard/") {
		return d.taggableDashboard(ctx, c, arn)
	}
	store, err := d.store(ctx, c, arn)
	var known *apiError
	if errors.As(err, &known) && known.code == "EventDataStoreARNInvalidException" && !strings.Contains(arn, ":eventdatastore/") {
		return nil, fail("ResourceTypeNotSupportedException", "%s cannot have tags: it is not an event data store, channel, dashboard or trail.", oneLine(arn))
	}
	if err != nil {
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", arn)
	}
	return &tagged{store.ARN(), store.Tags, d.lake.Stores().AddTags, d.lake.Stores().RemoveTags}, nil
}

func (d *Door) taggableChannel(ctx context.Context, c *call, arn string) (*tagged, error) {
	found, err := d.channel(ctx, c, arn)
	var known *apiError
	// ListTags has no error for channels.
	if errors.As(err, &known) && known.code == "ChannelNotFoundException" && c.operation == "ListTags" {
		return nil, fail("ResourceNotFoundException", "There is no resource %s.", oneLine(arn))
	}
	if err != nil {
		return nil, err
	}
	return &tagged{found.ARN, found.Tags, d.lake.Channels().AddTags, d.lake.Channels().RemoveTags}, nil
}

func (d *Door) taggableTrail(ctx context.Context, c *call, arn string) (*tagged, error) {
	trail, err := d.trail(ctx, c, arn)
	switch {
	case errors.Is(err, engine.ErrTrailNotFound):
		return nil, fail("ResourceNotFoundException", "There is no resource %s.", oneLine(arn))
	case err != nil:
		return nil, err
	case trail.Region != d.lake.Region() && c.operation != "ListTags":
		return nil, fail("OperationNotPermittedException", "The trail %s has another home region.", arn)
	}
	return &tagged{trail.ARN(), trail.Tags, d.lake.Trails().AddTags, d.lake.Trails().RemoveTags}, nil
}

// checkTags refuses duplicate keys.
func checkTags(tags []tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		if seen[t.Key] {
			return fail("InvalidTagParameterException", "The tag key '%s' occurs twice.", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

func tagsOf(tags []tag) (out []engine.Tag) {
	for _, t := range tags {
		out = append(out, engine.Tag(t))
	}
	return out
}

func describeTags(tags []engine.Tag) (out []tag) {
	for _, t := range tags {
		out = append(out, tag(t))
	}
	return out
}
