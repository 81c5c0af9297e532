package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	boundEventtime = "; there are no partitions: bound eventtime, as in eventtime >= '2026-01-31' AND eventtime < '2026-02-01'"
	isRegion       = "; the region of an event is awsregion"
	isAccount      = "; the account of an event is recipientaccountid, that of the caller useridentity.accountid"
	isCaller       = "; the caller of an event is useridentity: useridentity.arn, useridentity.username"
	isAddress      = "; the address of the caller is sourceipaddress"
	isWhole        = "; the whole event is eventjson"
	isBucket       = "; the bucket of a request is element_at(requestparameters, 'bucketName')"
)

// storeColumns maps column names of other event tables to a store's: partition columns of Athena tables, fields of
// Splunk and of other collectors.
var storeColumns = map[string]string{
	"dt": boundEventtime, "date": boundEventtime, "day": boundEventtime, "month": boundEventtime, "year": boundEventtime, "hour": boundEventtime,
	"date_partition": boundEventtime, "partition_date": boundEventtime, "partition_0": boundEventtime, "datehour": boundEventtime, "date_hour": boundEventtime,
	"timestamp": boundEventtime, "ts": boundEventtime, "time": boundEventtime, "_time": boundEventtime, "event_date": boundEventtime, "eventdate": boundEventtime,
	"sessionmfaauthenticated": "; it is a field: useridentity.sessioncontext.attributes.mfaauthenticated",
	"eventday":                boundEventtime, "log_date": boundEventtime, "p_date": boundEventtime, "timegenerated": boundEventtime,
	"region": isRegion, "region_partition": isRegion, "aws_region": isRegion, "regionname": isRegion, "partition_region": isRegion,
	"account": isAccount, "account_id": isAccount, "accountid": isAccount, "account_partition": isAccount, "aws_account_id": isAccount,
	"awsaccountid": isAccount, "recipient_account_id": isAccount, "account_number": isAccount,
	"user": isCaller, "user_name": isCaller, "user_arn": isCaller, "principal": isCaller, "actor": isCaller, "identity": isCaller,
	"src": isAddress, "src_ip": isAddress, "sourceip": isAddress, "source_ip": isAddress, "client_ip": isAddress, "clientip": isAddress, "ip": isAddress,
	"_raw": isWhole, "raw": isWhole, "message": isWhole, "record": isWhole,
	"bucket": isBucket, "bucketname": isBucket, "bucket_name": isBucket,
}

// storeColumnHint returns a store's name for a name that is no column, as the end of a message; "" if nothing is
// likely. columns are those that could have been meant.
func storeColumnHint(name string, columns []field) string {
	isStore := slices.ContainsFunc(columns, func(f field) bool { return f.name == "eventtime" })
	if !isStore {
		return ""
	}
	return storeColumns[strings.ToLower(name)]
}

// dottedColumns maps fields of the Elastic Common Schema to a store's columns.
var dottedColumns = map[string]string{
	"event.action": "eventname", "event.provider": "eventsource", "event.id": "eventid",
	"event.created": "eventtime", "event.original": "eventjson",
	"event.outcome": "errorcode, which is NULL after success", "source.ip": "sourceipaddress", "source.address": "sourceipaddress",
	"cloud.region": "awsregion", "cloud.account.id": "recipientaccountid",
	"user.name": "useridentity.username", "user.id": "useridentity.principalid",
	"user_agent.original": "useragent", "related.user": "useridentity.username",
}

// dottedHint returns a store's name for a name of several parts, as the end of a message; "" if nothing is likely.
// The parts may be in one pair of double quotes.
func dottedHint(parts []string, columns []field) string {
	isStore := slices.ContainsFunc(columns, func(f field) bool { return f.name == "eventtime" })
	name := strings.ToLower(strings.Join(parts, "."))
	if !isStore || !strings.Contains(name, ".") {
		return ""
	}
	if first, key, _ := strings.Cut(strings.Join(parts, "."), "."); len(parts) == 1 && !strings.Contains(key, ".") {
		for _, f := range columns {
			if strings.EqualFold(f.name, first) && f.col.Type.Kind == types.Map && f.col.Type.Key.IsText() {
				return fmt.Sprintf("; it is written element_at(%s, '%s')", f.name, strings.ReplaceAll(key, "'", "''"))
			}
		}
	}
	name = strings.TrimPrefix(name, "aws.cloudtrail.")
	if column := dottedColumns[name]; column != "" {
		return "; in a store it is " + column
	}
	path := strings.Split(strings.ReplaceAll(name, "_", ""), ".")
	for _, f := range columns {
		if f.name == path[0] && (len(path) == 1 || isPath(f.col.Type, path[1:])) {
			return "; it is written " + strings.Join(path, ".")
		}
	}
	for depth := 1; depth <= maxFieldDepth; depth++ {
		for _, f := range columns {
			above := fieldPath(f.col.Type, path[0], depth)
			if above != "" && f.name != "" && isPath(f.col.Type, append(strings.Split(above, "."), path[1:]...)) {
				return "; it is a field: " + strings.Join(append([]string{f.name, above}, path[1:]...), ".")
			}
		}
	}
	return ""
}

// isPath reports whether a type has nested row fields along the path.
func isPath(t *types.Type, path []string) bool {
	for _, name := range path {
		at := -1
		if t.Kind == types.Row {
			at = slices.IndexFunc(t.Fields, func(f types.Field) bool { return f.Name != "" && strings.EqualFold(f.Name, name) })
		}
		if at < 0 {
			return false
		}
		t = t.Fields[at].Type
	}
	return true
}

// maxFieldDepth bounds how deep rows are searched for a field.
const maxFieldDepth = 4

// fieldHint names a row's field with the name of a missing column, as the end of a message; "" if there is none.
func fieldHint(name string, columns []field) string {
	for depth := 1; depth <= maxFieldDepth; depth++ {
		for _, f := range columns {
			if path := fieldPath(f.col.Type, name, depth); path != "" && f.name != "" {
				return fmt.Sprintf("; it is a field: %s.%s", f.name, path)
			}
		}
	}
	return ""
}

// undottedHint names the field whose path without the dots ends with a name, as the end of a message; "" if there
// is none. Such names are UserIdentityArn of Microsoft Sentinel and session_issuer_arn.
func undottedHint(name string, columns []field) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	for _, f := range columns {
		if path := undottedPath(f.col.Type, []string{f.name}, name); path != "" && f.name != "" {
			return "; it is written " + path
		}
	}
	return ""
}

// undottedPath returns the path of a field in a type at path that is called name without the dots; "" if there is
// none.
func undottedPath(t *types.Type, path []string, name string) string {
	if t.Kind != types.Row || len(path) > maxFieldDepth {
		return ""
	}
	for _, f := range t.Fields {
		below := append(slices.Clone(path), f.Name)
		for from := range len(below) - 1 {
			if f.Name != "" && strings.EqualFold(strings.Join(below[from:], ""), name) {
				return strings.Join(below, ".")
			}
		}
		if found := undottedPath(f.Type, below, name); found != "" {
			return found
		}
	}
	return ""
}

// fieldPath returns the path of the field called name that lies depth rows deep in a type, "" if there is none.
func fieldPath(t *types.Type, name string, depth int) string {
	if t.Kind != types.Row {
		return ""
	}
	for _, f := range t.Fields {
		if depth == 1 && f.Name != "" && strings.EqualFold(f.Name, name) {
			return f.Name
		}
		if depth > 1 && f.Name != "" {
			if path := fieldPath(f.Type, name, depth-1); path != "" {
				return f.Name + "." + path
			}
		}
	}
	return ""
}

// timeReaders are functions that convert a text or a number to a time.
var timeReaders = []string{
	"from_iso8601_timestamp", "from_iso8601_timestamp_nanos", "from_iso8601_date", "date_parse", "parse_datetime", "from_unixtime",
	"to_timestamp", "to_date", "str_to_date", "strptime", "parse_date", "parse_timestamp", "unix_timestamp", "todatetime",
}

// timeHint says how to use a timestamp that a call takes for a text, as the end of a message; "" if no argument is
// a timestamp.
func timeHint(name string, args []ast.Expr, offered []types.Arg) string {
	at := slices.IndexFunc(offered, func(a types.Arg) bool { return a.Type != nil && a.Type.Kind == types.Timestamp })
	if at < 0 {
		return ""
	}
	x := ast.Format(args[at])
	if slices.Contains(timeReaders, name) {
		return fmt.Sprintf("; %s is a timestamp already: %[1]s > now() - INTERVAL '1' DAY, or date(%[1]s) for its day", x)
	}
	if takesText(name) {
		return textOfTime(x)
	}
	return ""
}

// textOfTime returns the expression that converts a timestamp to a text.
func textOfTime(x string) string {
	return fmt.Sprintf("; %s is a timestamp: date_trunc('day', %[1]s) cuts it, date_format(%[1]s, '%%Y-%%m-%%d') is its text", x)
}

// takesText reports whether a function takes texts, so that a timestamp must be converted first.
func takesText(name string) bool {
	switch name {
	case "substr", "substring", "split", "split_part", "replace", "concat", "concat_ws", "lower", "upper", "trim", "length", "strpos", "position",
		"regexp_like", "regexp_extract", "regexp_replace", "starts_with", "lpad", "rpad", "reverse", "left", "right", "mid", "len":
		return true
	}
	return false
}

// epochHint returns the timestamp to write if a timestamp is compared with seconds or milliseconds since 1970, as
// the end of a message; "" otherwise.
func epochHint(t *types.Type, x ast.Expr) string {
	n, ok := x.(*ast.LongLiteral)
	isTime := t.Kind == types.Timestamp || t.Kind == types.TimestampTZ
	switch {
	case !ok || !isTime || n.Value < 1e8:
		return ""
	case n.Value >= 1e11:
		return fmt.Sprintf("; did you mean from_unixtime(%d / 1000)?", n.Value)
	}
	return fmt.Sprintf("; did you mean from_unixtime(%d)?", n.Value)
}
