package catalog

import (
	"slices"
	"strings"
	"time"
)

const (
	channelPrefix          = "channel/"
	channelIngestionPrefix = "channelingestion/"
)

func channelKey(id string) string { return channelPrefix + id }

func channelIngestionKey(id string) string { return channelIngestionPrefix + id }

// Channel takes events from one source outside of AWS for its destinations. The chain does not hold its record.
type Channel struct {
	ID        string `json:"ID"` // lower-case UUID
	Name      string `json:"Name"`
	Partition string `json:"Partition"` // of the ARN, "aws"
	Region    string `json:"Region"`
	AccountID string `json:"AccountID"`

	Source         string    `json:"Source"`
	Destinations   []string  `json:"Destinations"` // store ids
	Tags           []Tag     `json:"Tags,omitempty"`
	ResourcePolicy string    `json:"ResourcePolicy,omitempty"` // JSON as given
	CreatedAt      time.Time `json:"CreatedAt"`
	UpdatedAt      time.Time `json:"UpdatedAt"`
}

// ARN is the channel's full name in the API.
func (c *Channel) ARN() string {
	return "arn:" + c.Partition + ":cloudtrail:" + c.Region + ":" + c.AccountID + ":channel/" + c.ID
}

// IsNamed reports whether name is the channel's name, id or ARN, whatever its letter case.
func (c *Channel) IsNamed(name string) bool {
	return strings.EqualFold(name, c.Name) || strings.EqualFold(name, c.ID) || strings.EqualFold(name, c.ARN())
}

// Feeds reports whether a store is one of the channel's destinations.
func (c *Channel) Feeds(storeID string) bool { return slices.Contains(c.Destinations, storeID) }

// ChannelIngestion records which event a channel took last, as of the last flush.
type ChannelIngestion struct {
	EventID string    `json:"EventID"`
	At      time.Time `json:"At"`
}

// PutChannel writes a channel, new or changed.
func (tx *Tx) PutChannel(c *Channel) error {
	tx.changesStores = true
	return put(tx, channelKey(c.ID), c)
}

// Channel reads a channel by id.
func (tx *Tx) Channel(id string) (*Channel, error) {
	return get[Channel](tx, channelKey(id), "channel", id)
}

// Channels lists all channels by id.
func (tx *Tx) Channels() ([]*Channel, error) { return collect(scan[Channel](tx, channelPrefix, "")) }

// DeleteChannel removes the records of a channel.
func (tx *Tx) DeleteChannel(id string) error {
	tx.changesStores = true
	if err := tx.delete(channelIngestionKey(id)); err != nil {
		return err
	}
	return tx.delete(channelKey(id))
}

// PutChannelIngestion notes which event a channel took last.
func (tx *Tx) PutChannelIngestion(channelID string, i *ChannelIngestion) error {
	return put(tx, channelIngestionKey(channelID), i)
}

// ChannelIngestion reads which event a channel took last. ErrNotFound: none was flushed.
func (tx *Tx) ChannelIngestion(channelID string) (*ChannelIngestion, error) {
	return get[ChannelIngestion](tx, channelIngestionKey(channelID), "ingestion of channel", channelID)
}
