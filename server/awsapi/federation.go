package awsapi

import (
	"context"

	"github.com/auditlake/auditlake/engine"
)

type federation struct {
	EventDataStoreArn string
	FederationStatus  string
	FederationRoleArn string `json:",omitempty"`
}

type enableFederationInput struct{ EventDataStore, FederationRoleArn string }

// enableFederation answers with the transitional state, which has ended when the answer is written.
func (d *Door) enableFederation(ctx context.Context, c *call, in *enableFederationInput) (any, error) {
	return d.changeFederation(ctx, c, in.EventDataStore, "ENABLING", func(arn string) (*engine.Store, error) {
		return d.lake.Stores().EnableFederation(ctx, arn, in.FederationRoleArn)
	})
}

func (d *Door) disableFederation(ctx context.Context, c *call, in *storeReference) (any, error) {
	return d.changeFederation(ctx, c, in.EventDataStore, "DISABLING", func(arn string) (*engine.Store, error) {
		return d.lake.Stores().DisableFederation(ctx, arn)
	})
}

func (d *Door) changeFederation(ctx context.Context, c *call, reference, status string, change func(arn string) (*engine.Store, error)) (any, error) {
	store, err := d.store(ctx, c, reference)
	if err != nil {
		return nil, err
	}
	if store, err = change(store.ARN()); err != nil {
		return nil, err
	}
	return federation{store.ARN(), status, store.FederationRoleARN}, nil
}
