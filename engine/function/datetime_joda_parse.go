package function

import (
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

func jodaParse(*types.Resolved) Bind {
	compile := memo(datepattern.CompileJoda)
	c := clockOf(types.TimestampTZType)
	return binaryEnv(func(env *Env, text, pattern string) (zoned, error) {
		items, err := compile(pattern)
		if err != nil {
			return zoned{}, err
		}
		v, err := datepattern.Read(items, text, env.Now.Year())
		if err != nil {
			return zoned{}, err
		}
		t, ok := v.Fields.Time()
		if !ok {
			return zoned{}, types.ArgumentError("Cannot parse \"%s\": a value is out of range", types.Shortened(text))
		}
		zone := v.Zone
		if !v.Zoned {
			if zone, err = parseZone(env.Zone); err != nil {
				return zoned{}, err
			}
		}
		instant := c.instant(t, zone, c.offset(c.value(t), zone))
		if c.localZoned(zoned{instant, zone}) != t {
			return zoned{}, types.ArgumentError("Cannot parse \"%s\": the time zone skips this time", types.Shortened(text))
		}
		return zoned{instant, zone}, checkPackedMillis(c.toMillis(instant).UnixMilli())
	})
}
