package awsapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine"
)

type generateQueryInput struct {
	EventDataStores []string
	Prompt          string
}

// generateQuery returns a statement for a prompt, and an alias to start it by. The statement can always be planned.
func (d *Door) generateQuery(ctx context.Context, c *call, in *generateQueryInput) (any, error) {
	store, err := d.store(ctx, c, in.EventDataStores[0])
	if err != nil {
		return nil, err
	}
	if store.Status == engine.StorePendingDeletion {
		return nil, fail("InactiveEventDataStoreException", "The event data store %s is pending deletion.", store.ARN())
	}
	sql, err := engine.GenerateStatement(in.Prompt, store.ID, d.lake.Now())
	if errors.Is(err, engine.ErrPromptNotUnderstood) {
		return nil, fail("GenerateResponseException", "%s.", oneLine(err.Error()))
	}
	if err != nil {
		return nil, err
	}
	if _, err := d.lake.Queries().Check(ctx, sql); err != nil { // the store has other categories of events
		return nil, fail("GenerateResponseException", "The event data store %s has no events that answer the prompt.", store.ARN())
	}
	alias := engine.NamedStatement{Name: "AWSCloudTrail-" + uuid.NewString(), SQL: sql, Prompt: in.Prompt}
	if err := d.lake.Queries().SetAlias(ctx, alias); err != nil {
		return nil, err
	}
	return struct {
		QueryStatement, QueryAlias   string
		EventDataStoreOwnerAccountId string `json:",omitempty"`
	}{sql, alias.Name, d.ownerFor(c)}, nil
}
