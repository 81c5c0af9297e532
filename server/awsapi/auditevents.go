package awsapi

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/engine"
)

type putAuditEventsInput struct {
	ChannelArn  string `json:"channelArn"`
	ExternalID  string `json:"externalId"`
	AuditEvents []struct {
		ID        string `json:"id"`
		EventData string `json:"eventData"`
		Checksum  string `json:"eventDataChecksum"`
	} `json:"auditEvents"`
}

type (
	auditSuccess struct {
		ID      string `json:"id"`
		EventID string `json:"eventID"`
	}
	auditFailure struct {
		ID           string `json:"id"`
		ErrorCode    string `json:"errorCode"`
		ErrorMessage string `json:"errorMessage"`
	}
	putAuditEventsOutput struct {
		Successful []auditSuccess `json:"successful"`
		Failed     []auditFailure `json:"failed"`
	}
)

func (d *Door) putAuditEvents(ctx context.Context, c *call, in *putAuditEventsInput) (any, error) {
	found, err := d.pushableChannel(ctx, c, in)
	if err != nil {
		return nil, err
	}
	events := make([]engine.AuditEvent, len(in.AuditEvents))
	for i, e := range in.AuditEvents {
		events[i] = engine.AuditEvent{ID: e.ID, Data: []byte(e.EventData), Checksum: e.Checksum}
	}
	results, err := d.lake.Channels().Put(ctx, found.ID, events)
	if err != nil {
		return nil, pushError(err)
	}
	out := putAuditEventsOutput{Successful: []auditSuccess{}, Failed: []auditFailure{}}
	for i, result := range results {
		if result.Code == "" {
			out.Successful = append(out.Successful, auditSuccess{events[i].ID, result.EventID})
			continue
		}
		out.Failed = append(out.Failed, auditFailure{events[i].ID, result.Code, oneLine(result.Message)})
	}
	return out, nil
}

// pushableChannel finds the channel of a request, through which the caller may push.
func (d *Door) pushableChannel(ctx context.Context, c *call, in *putAuditEventsInput) (*engine.Channel, error) {
	found, err := d.findChannel(ctx, in.ChannelArn)
	var tags []engine.Tag
	resourcePolicy := ""
	if found != nil {
		tags, resourcePolicy = found.Tags, found.ResourcePolicy
	}
	r := d.policyRequest(c, "cloudtrail-data:PutAuditEvents", d.channelARNIn(in.ChannelArn), tags)
	r.ExternalID = in.ExternalID
	decision := c.caller.Decide(r, resourcePolicy)
	if !decision.Allowed {
		return nil, fail("ChannelInsufficientPermission", "User: %s is not authorized to perform: %s on resource: %s: %s", c.caller.User(), r.Action, r.Resource, oneLine(decision.Reason))
	}
	var known *apiError
	switch {
	case errors.As(err, &known) && known.code == "ChannelNotFoundException":
		return nil, fail("ChannelNotFound", "%s", known.message)
	case errors.As(err, &known):
		return nil, fail("InvalidChannelARN", "%s", known.message)
	case err != nil:
		return nil, err
	}
	// The owner needs no policy, but must know the external id like every caller.
	if ids := externalIDs(resourcePolicy); len(ids) > 0 && !ids[in.ExternalID] {
		return nil, fail("ChannelInsufficientPermission", "The policy of the channel requires an externalId, which the request lacks.")
	}
	return found, nil
}

// pushError converts the errors of a push to the operation's.
func pushError(err error) error {
	for _, e := range []struct {
		err  error
		code string
	}{
		{engine.ErrDuplicateEventID, "DuplicatedAuditEventId"},
		{engine.ErrChannelNotFound, "ChannelNotFound"},
		{engine.ErrChannelDestination, "UnsupportedOperationException"},
		{engine.ErrReadOnly, "UnsupportedOperationException"},
		{engine.ErrInvalidParameter, "ValidationException"},
	} {
		if errors.Is(err, e.err) {
			return &apiError{e.code, oneLine(err.Error())}
		}
	}
	return err
}
