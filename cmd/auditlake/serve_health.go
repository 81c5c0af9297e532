package main

import (
	"context"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/server"
)

// healthOf returns the checks of doctor for GET /health?deep=1, without their texts: everybody may read the answer.
func healthOf(lake *engine.Lake) func(context.Context) ([]server.HealthCheck, error) {
	return func(ctx context.Context) ([]server.HealthCheck, error) {
		checks, err := lake.Checkup(ctx)
		out := make([]server.HealthCheck, len(checks))
		for i, c := range checks {
			out[i] = server.HealthCheck{Name: c.Name, State: string(c.State)}
		}
		return out, err
	}
}
