package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// listQuestions ask about lists of rows of texts, which come with dictionaries from some segments.
var listQuestions = []string{
	"SELECT eventid, resources FROM %s WHERE resources IS NOT NULL",
	"SELECT resources, count(*) FROM %s GROUP BY 1",
	"SELECT count(DISTINCT resources) FROM %s",
	"SELECT DISTINCT resources FROM %s",
	"SELECT r.type, count(*), count(DISTINCT r.arn), min(r.arn), max(r.arn) FROM %s CROSS JOIN UNNEST(resources) AS r GROUP BY 1",
	"SELECT eventid, arn, accountid, type, n FROM %s LEFT JOIN UNNEST(resources) WITH ORDINALITY AS r(accountid, type, arn, prefix, n) ON true",
	"SELECT arn, row_number() OVER (PARTITION BY type ORDER BY arn, eventid) FROM %s CROSS JOIN UNNEST(resources) AS r(accountid, type, arn, prefix)",
	"SELECT type, eventid FROM %s CROSS JOIN UNNEST(resources) AS r(accountid, type, arn, prefix) ORDER BY type DESC, arn, eventid LIMIT 50",
	"SELECT a.eventid, x.arn FROM %[1]s a CROSS JOIN UNNEST(a.resources) AS x JOIN %[1]s b ON element_at(b.resources, 1).arn = x.arn WHERE x.type LIKE 'AWS::S3%%'",
	"SELECT eventid FROM %s WHERE any_match(resources, r -> r.arn LIKE '%%7' AND r.type <> 'AWS::KMS::Key')",
	"SELECT eventid FROM %[1]s WHERE element_at(resources, 1).arn IN (SELECT element_at(resources, -1).arn FROM %[1]s WHERE eventname = 'E2')",
	"SELECT eventname, array_agg(resources ORDER BY eventid), max_by(resources, eventid), arbitrary(element_at(resources, 1).type) FROM %s WHERE eventid < 'id0100' GROUP BY 1",
	"SELECT transform(resources, r -> upper(r.arn)), array_distinct(transform(resources, r -> r.type)), array_join(transform(resources, r -> r.arn), ',') FROM %s",
	"SELECT CAST(resources AS json), cardinality(resources), reverse(resources), slice(resources, 1, 1), resources || resources FROM %s",
	"SELECT resources FROM %[1]s WHERE eventname = 'E1' UNION SELECT resources FROM %[1]s WHERE eventname = 'E2'",
	"SELECT resources FROM %[1]s EXCEPT SELECT resources FROM %[1]s WHERE eventname = 'E2'",
	"SELECT lag(resources) OVER (ORDER BY eventid), first_value(resources) OVER (PARTITION BY eventname ORDER BY eventid) FROM %s",
	"SELECT eventname, COALESCE(element_at(resources, 2), element_at(resources, 1)), IF(cardinality(resources) = 2, resources, ARRAY[]) FROM %s",
}

// TestListsOfTexts asks of a store's lists, and of the same lists made of JSON anew, which have no dictionaries.
func TestListsOfTexts(t *testing.T) {
	lake := openLake(t, t.TempDir(), time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC))
	createStore(t, lake, "main", 365)
	for part, kind := range []string{"few", "unique", "none", "few"} { // the few of the last have another dictionary
		importResources(t, lake, kind, 400*part)
	}
	made := `(SELECT eventid, eventname, CAST(json_parse(json_format(CAST(resources AS json))) AS array(row(accountid varchar, type varchar, arn varchar, arnprefix varchar))) AS resources FROM main)`
	for _, question := range listQuestions {
		t.Run(question, func(t *testing.T) {
			stored := answerOf(t, lake, fmt.Sprintf(question, "main"))
			require.NotEmpty(t, stored)
			require.ElementsMatch(t, answerOf(t, lake, fmt.Sprintf(question, made)), stored)
		})
	}
	_, err := lake.Compact(context.Background())
	require.NoError(t, err)
	require.ElementsMatch(t, answerOf(t, lake, fmt.Sprintf(listQuestions[0], made)), answerOf(t, lake, fmt.Sprintf(listQuestions[0], "main")))
}

// importResources adds 400 events whose resources have few, unique or no texts.
func importResources(t *testing.T, lake *engine.Lake, kind string, firstID int) {
	path := filepath.Join(t.TempDir(), "events.json")
	var lines strings.Builder
	for i := range 400 {
		id := firstID + i
		arn := fmt.Sprintf("arn:aws:s3:::bucket-%d", id%23)
		if kind == "unique" {
			arn = fmt.Sprintf("arn:aws:s3:::object-%d", id)
		}
		resources := ""
		switch {
		case kind == "none" || i%7 == 0:
		case i%7 == 1:
			resources = `"resources":[],`
		case i%7 == 2:
			resources = fmt.Sprintf(`"resources":[{"ARN":%q,"type":"AWS::S3::Object"},{"accountId":"111122223333","ARN":%q,"type":"AWS::KMS::Key"}],`, arn, arn+"7")
		default:
			resources = fmt.Sprintf(`"resources":[{"accountId":"%d","ARN":%q,"type":"AWS::S3::Bucket"}],`, id%3, arn)
		}
		fmt.Fprintf(&lines, `{"eventVersion":"1.08","eventTime":"2024-02-%02dT10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"E%d",%s"eventID":"id%04d"}`+"\n",
			1+i%2, id%5, resources, id)
	}
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	result, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}})
	require.NoError(t, err)
	require.EqualValues(t, 400, result.Events)
}
