package tableimport

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// caster turns values into values of other types as SQL does.
type caster struct {
	functions *function.Registry
	session   *metadata.Session
	resolved  map[[2]string]*types.Resolved
}

func newCaster() *caster {
	return &caster{
		functions: function.New(),
		session:   &metadata.Session{Now: time.Unix(0, 0).UTC(), Location: time.UTC, Zone: "UTC"},
		resolved:  map[[2]string]*types.Resolved{},
	}
}

// cast converts a value. An error is that of the SQL cast.
func (c *caster) cast(v types.Value, to *types.Type) (types.Value, error) {
	if v.IsNull() {
		return types.Null(to), nil
	}
	if v.Type.Equal(to) {
		return v, nil
	}
	key := [2]string{v.Type.String(), to.String()}
	fn, ok := c.resolved[key]
	if !ok {
		if fn, ok = c.functions.ResolveCast(v.Type, to, false); !ok {
			return v, fmt.Errorf("cannot cast %s to %s", v.Type, to)
		}
		c.resolved[key] = fn
	}
	out, err := c.functions.Fold(fn, []types.Value{v}, c.session)
	return out, plain(err)
}

// plain leaves out an error's name: it is no fault of a statement.
func plain(err error) error {
	var fault *types.Error
	if errors.As(err, &fault) {
		return errors.New(fault.Message)
	}
	return err
}

// text converts text: base64 for varbinary, JSON text for json, else by a cast.
func (c *caster) text(s string, to *types.Type) (types.Value, error) {
	switch to.Kind {
	case types.Varbinary:
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return types.Value{}, fmt.Errorf("invalid base64: %w", err)
		}
		return types.Value{Type: to, V: b}, nil
	case types.JSON:
		return c.json(s)
	}
	if to.Kind == types.Varchar && to.Equal(types.VarcharType) {
		return types.Value{Type: to, V: s}, nil
	}
	v, err := c.cast(types.Value{Type: types.VarcharType, V: s}, to)
	if err == nil || to.Kind != types.Timestamp && to.Kind != types.TimestampTZ {
		return v, err
	}
	at, ok := fromISO8601(s)
	if to.Kind == types.Timestamp {
		var isUTC bool
		at, isUTC = strings.CutSuffix(at, " UTC")
		ok = ok && (isUTC || len(s) == len(at)) // the cast would drop any other zone
	}
	if ok {
		if fromISO, errISO := c.cast(types.Value{Type: types.VarcharType, V: at}, to); errISO == nil {
			return fromISO, nil
		}
	}
	return v, err
}

// iso8601 is how most programs write times: 2026-01-31T10:00:00.25Z. SQL has a blank for the T.
var iso8601 = lazyregexp.New(`^(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[-+]\d\d:\d\d|)$`)

// fromISO8601 is a time of ISO 8601 as SQL writes it.
func fromISO8601(s string) (string, bool) {
	parts := iso8601().FindStringSubmatch(s)
	if parts == nil {
		return "", false
	}
	day, at, zone := parts[1], parts[2], parts[3]
	switch zone {
	case "":
		return day + " " + at, true
	case "Z":
		zone = "UTC"
	}
	return day + " " + at + " " + zone, true
}

// json is json_parse.
func (c *caster) json(s string) (types.Value, error) {
	fn, err := c.functions.Resolve("json_parse", []types.Arg{{Type: types.VarcharType}})
	if err != nil {
		return types.Value{}, err
	}
	out, err := c.functions.Fold(fn, []types.Value{{Type: types.VarcharType, V: s}}, c.session)
	return out, plain(err)
}
