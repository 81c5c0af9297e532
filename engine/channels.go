package engine

import (
	"time"

	"github.com/auditlake/auditlake/engine/channels"
	"github.com/auditlake/auditlake/ingest/channel"
)

// The types of channels; engine/channels has their rules.
type (
	// Channels are the lake's channels, through which programs outside of AWS push their activity.
	Channels = channels.Channels
	// Channel describes a channel; changing it changes nothing in the lake.
	Channel = channels.Channel
	// ChannelOptions describes a new channel.
	ChannelOptions = channels.Options
	// ChannelUpdate says what to change in a channel; empty fields stay as they are.
	ChannelUpdate = channels.Update
	// ChannelIngestion describes the last events pushed through a channel.
	ChannelIngestion = channels.Ingestion
	// AuditEvent is an event that a program pushes through a channel.
	AuditEvent = channels.AuditEvent
	// AuditResult is the outcome of a pushed event.
	AuditResult = channels.AuditResult
)

// Errors of channels. They are wrapped with the channel's name.
var (
	ErrChannelNotFound    = channels.ErrNotFound
	ErrChannelExists      = channels.ErrExists
	ErrTooManyChannels    = channels.ErrTooMany
	ErrChannelSource      = channels.ErrSource
	ErrChannelCategory    = channels.ErrCategory
	ErrChannelDestination = channels.ErrDestination
	ErrDuplicateEventID   = channels.ErrDuplicateID
)

// Channels returns the lake's channels.
func (l *Lake) Channels() *Channels { return l.channels }

func newChannels(l *Lake) *Channels {
	return channels.New(l.storage, channels.Place{
		Region: l.options.Region, AccountID: l.options.AccountID, Now: func() time.Time { return l.now().UTC() },
		Took: func(storeID string, judged *channel.Judged, err error) {
			l.ingested.addPush(storeID, judged, l.now(), err)
		},
	})
}
