package awsapi

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
)

// The shapes of channels, named as in the API.
type (
	destination        struct{ Type, Location string }
	channelDescription struct {
		ChannelArn      string
		Name            string
		Source          string
		Destinations    []destination
		Tags            []tag            `json:",omitempty"` // of a new channel
		IngestionStatus *ingestionStatus `json:",omitempty"`
	}
	ingestionStatus struct {
		LatestIngestionSuccessTime    *timestamp `json:",omitempty"`
		LatestIngestionSuccessEventID string     `json:",omitempty"`
		LatestIngestionErrorCode      string     `json:",omitempty"`
		LatestIngestionAttemptTime    *timestamp `json:",omitempty"`
		LatestIngestionAttemptEventID string     `json:",omitempty"`
	}
	channelReference struct{ Channel string }
)

const storeDestination = "EVENT_DATA_STORE"

type createChannelInput struct {
	Name         string
	Source       string
	Destinations []destination
	Tags         []tag
}

func (d *Door) createChannel(ctx context.Context, c *call, in *createChannelInput) (any, error) {
	if err := d.allow(c, d.channelARNOf("*"), nil); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	stores, err := d.destinationStores(ctx, in.Destinations)
	if err != nil {
		return nil, err
	}
	made, err := d.lake.Channels().Create(ctx, engine.ChannelOptions{Name: in.Name, Source: in.Source, Destinations: stores, Tags: tagsOf(in.Tags)})
	if err != nil {
		return nil, err
	}
	out := d.describeChannel(made)
	out.Tags = describeTags(made.Tags)
	return out, nil
}

func (d *Door) getChannel(ctx context.Context, c *call, in *channelReference) (any, error) {
	found, err := d.channel(ctx, c, in.Channel)
	if err != nil {
		return nil, err
	}
	last, err := d.lake.Channels().Ingestion(ctx, found.ID)
	if err != nil {
		return nil, err
	}
	out := d.describeChannel(found)
	out.IngestionStatus = &ingestionStatus{
		stamp(last.SuccessAt), last.SuccessEventID, last.ErrorCode, stamp(last.AttemptAt), last.AttemptEventID,
	}
	return out, nil
}

type listChannelsInput struct {
	MaxResults int
	NextToken  string
}

// channelPlace is the position of a channel in the list, the oldest first.
type channelPlace struct {
	CreatedAt time.Time
	ID        string
}

func (d *Door) listChannels(ctx context.Context, c *call, in *listChannelsInput) (any, error) {
	if err := d.allow(c, "*", nil); err != nil {
		return nil, err
	}
	after, err := readToken[channelPlace](d, c, in.NextToken)
	if err != nil {
		return nil, err
	}
	channels, err := d.lake.Channels().List(ctx)
	if err != nil {
		return nil, err
	}
	all := list[*engine.Channel, channelPlace]{
		elements: channels,
		place:    func(found *engine.Channel) channelPlace { return channelPlace{found.CreatedAt, found.ID} },
		compare: func(a, b channelPlace) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
		},
	}
	page, next := all.page(after, pageSize(in.MaxResults))
	type item struct{ ChannelArn, Name string }
	var out struct {
		Channels  []item
		NextToken string `json:",omitempty"`
	}
	out.Channels = []item{}
	for _, found := range page {
		out.Channels = append(out.Channels, item{found.ARN, found.Name})
	}
	out.NextToken, err = writeToken(d, c, next)
	return out, err
}

type updateChannelInput struct {
	Channel      string
	Name         string
	Destinations []destination
}

func (d *Door) updateChannel(ctx context.Context, c *call, in *updateChannelInput) (any, error) {
	if len(c.members) < 2 {
		return nil, fail("InvalidParameterException", "Give a name or destinations to change.")
	}
	found, err := d.channel(ctx, c, in.Channel)
	if err != nil {
		return nil, err
	}
	stores, err := d.destinationStores(ctx, in.Destinations)
	if err != nil {
		return nil, err
	}
	if found, err = d.lake.Channels().Update(ctx, found.ID, engine.ChannelUpdate{Name: in.Name, Destinations: stores}); err != nil {
		return nil, err
	}
	return d.describeChannel(found), nil
}

func (d *Door) deleteChannel(ctx context.Context, c *call, in *channelReference) (any, error) {
	found, err := d.channel(ctx, c, in.Channel)
	if err != nil {
		return nil, err
	}
	return nothing{}, d.lake.Channels().Delete(ctx, found.ID)
}

// destinationStores returns the ARNs of the stores among a request's destinations.
func (d *Door) destinationStores(ctx context.Context, destinations []destination) (arns []string, err error) {
	for _, to := range destinations {
		if to.Type != storeDestination {
			return nil, fail("InvalidParameterException", "Only channels that AWS services create have destinations of type %s.", to.Type)
		}
		store, err := d.findStore(ctx, to.Location)
		if err != nil {
			return nil, err
		}
		arns = append(arns, store.ARN())
	}
	return arns, nil
}

func (d *Door) describeChannel(found *engine.Channel) *channelDescription {
	out := &channelDescription{ChannelArn: found.ARN, Name: found.Name, Source: found.Source}
	for _, id := range found.Destinations {
		out.Destinations = append(out.Destinations, destination{storeDestination, d.arnOf(id)})
	}
	return out
}

func (d *Door) channelARNOf(id string) string {
	return "arn:aws:cloudtrail:" + d.lake.Region() + ":" + d.lake.AccountID() + ":channel/" + id
}

var channelARN = lazyregexp.New(`^arn:aws[a-z-]*:cloudtrail:[a-z0-9-]+:[0-9]{12}:channel/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// channel finds a channel on which the caller may do the call's operation.
func (d *Door) channel(ctx context.Context, c *call, reference string) (*engine.Channel, error) {
	found, err := d.findChannel(ctx, reference)
	if err := d.allowChannel(c, d.channelARNIn(reference), found); err != nil { // even if there is none
		return nil, err
	}
	return found, err
}

// channelARNIn returns the ARN for a reference.
func (d *Door) channelARNIn(reference string) string {
	if storeID().MatchString(reference) {
		return d.channelARNOf(reference)
	}
	return reference
}

// findChannel finds a channel by its ARN or id, never by its name.
func (d *Door) findChannel(ctx context.Context, reference string) (*engine.Channel, error) {
	arn := d.channelARNIn(reference)
	if !channelARN().MatchString(arn) {
		return nil, fail("ChannelARNInvalidException", "'%s' is neither the ARN nor the id of a channel.", oneLine(reference))
	}
	channels, err := d.lake.Channels().List(ctx)
	if err != nil {
		return nil, err
	}
	for _, found := range channels {
		if found.ARN == arn {
			return found, nil
		}
	}
	if !strings.HasPrefix(arn, d.channelARNOf("")) {
		return nil, fail("ChannelARNInvalidException", "%s does not map to a channel in your account.", reference)
	}
	return nil, fail("ChannelNotFoundException", "There is no channel %s.", reference)
}

// allowChannel is allow for a channel; found is nil if there is none.
func (d *Door) allowChannel(c *call, arn string, found *engine.Channel) error {
	var tags []engine.Tag
	resourcePolicy := ""
	if found != nil {
		tags, resourcePolicy = found.Tags, found.ResourcePolicy
	}
	return d.refusal(c, arn, d.decideOn(c, "cloudtrail:"+c.operation, arn, tags, resourcePolicy))
}
