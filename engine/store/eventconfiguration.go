package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/schema"
)

// ContextKeySelector names tags or condition keys that the service adds to events.
type ContextKeySelector struct {
	Type   string // TagContext or RequestContext
	Equals []string
}

// The sizes of events, and the kinds of context keys.
const (
	StandardEvents = string(catalog.StandardEvents)
	LargeEvents    = string(catalog.LargeEvents)
	TagContext     = "TagContext"
	RequestContext = "RequestContext"
)

// maxContextKeys is how many keys of a kind a store may name.
const maxContextKeys = 50

// ErrNotEnriched means that events of a store's category are not enriched.
var ErrNotEnriched = errors.New("only stores of management and data events have an event configuration")

// EventConfiguration says how the service sizes and enriches a store's events. It is kept; events come as trails
// deliver them.
type EventConfiguration struct {
	MaxEventSize        string               // StandardEvents or LargeEvents; "": as it is
	ContextKeySelectors []ContextKeySelector // nil: as they are
}

// requestKeys are the condition keys that events can be enriched with.
var requestKeys = []string{
	"aws:FederatedProvider", "aws:TokenIssueTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:SourceIdentity", "aws:PrincipalAccount",
	"aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalServiceName",
	"aws:PrincipalServiceNamesList", "aws:PrincipalType", "aws:userid", "aws:username", "aws:RequestedRegion", "aws:SecureTransport", "aws:ViaAWSService",
	"aws:CurrentTime", "aws:EpochTime", "aws:SourceAccount", "aws:SourceOrgID",
}

// SetEventConfiguration changes the event configuration of a store.
func (s *Stores) SetEventConfiguration(ctx context.Context, name string, c EventConfiguration) (*Store, error) {
	return s.changeActive(ctx, name, func(r *catalog.Store) error {
		if err := CheckEnriched(r.Category); err != nil {
			return fmt.Errorf("%w: %s", err, r.Name)
		}
		if c.MaxEventSize != "" {
			r.MaxEventSize = catalog.MaxEventSize(c.MaxEventSize)
		}
		if c.ContextKeySelectors != nil {
			r.ContextKeySelectors = convert(c.ContextKeySelectors, func(s ContextKeySelector) catalog.ContextKeySelector { return catalog.ContextKeySelector(s) })
		}
		if len(r.ContextKeySelectors) > 0 && r.MaxEventSize != catalog.LargeEvents {
			return fmt.Errorf("%w: context keys need events of size %s", ErrInvalidParameter, LargeEvents)
		}
		return checkContextKeys(r.ContextKeySelectors)
	})
}

// CheckEnriched refuses a category whose events have no event configuration.
func CheckEnriched(category string) error {
	if category != string(schema.Management) && category != string(schema.Data) {
		return ErrNotEnriched
	}
	return nil
}

func checkContextKeys(selectors []catalog.ContextKeySelector) error {
	seen := map[string]bool{}
	for _, s := range selectors {
		switch {
		case s.Type != TagContext && s.Type != RequestContext:
			return fmt.Errorf("%w: the type of context keys is %s or %s, not '%s'", ErrInvalidParameter, TagContext, RequestContext, s.Type)
		case seen[s.Type]:
			return fmt.Errorf("%w: the context keys of %s occur twice", ErrInvalidParameter, s.Type)
		case len(s.Equals) == 0 || len(s.Equals) > maxContextKeys:
			return fmt.Errorf("%w: %s needs 1 to %d context keys, not %d", ErrInvalidParameter, s.Type, maxContextKeys, len(s.Equals))
		}
		seen[s.Type] = true
		for i, key := range s.Equals {
			switch {
			case slices.Contains(s.Equals[:i], key):
				return fmt.Errorf("%w: the context key '%s' occurs twice", ErrInvalidParameter, key)
			case s.Type == RequestContext && !slices.Contains(requestKeys, key):
				return fmt.Errorf("%w: '%s' is not a context key for enriched events", ErrInvalidParameter, key)
			}
		}
	}
	return nil
}
