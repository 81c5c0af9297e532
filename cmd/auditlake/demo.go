package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/auditlake/auditlake/cmd/auditlake/sample"
	"github.com/auditlake/auditlake/engine"
)

// demoQuestions are what the demo asks, on the sample's last 30 days.
var demoQuestions = []struct{ title, sql string }{
	{"Who was denied access, and to what?", `SELECT useridentity.arn AS who, eventname, errorcode, count(*) AS times
FROM main
WHERE errorcode IN ('AccessDenied', 'Client.UnauthorizedOperation')
GROUP BY 1, 2, 3
ORDER BY times DESC, who, eventname
LIMIT 8`},
	{"Console sign-ins without MFA", `SELECT eventtime, useridentity.username AS user, sourceipaddress,
       element_at(responseelements, 'ConsoleLogin') AS outcome
FROM main
WHERE eventname = 'ConsoleLogin' AND element_at(additionaleventdata, 'MFAUsed') = 'No'
ORDER BY eventtime DESC
LIMIT 8`},
	{"What did the root user do?", `SELECT eventname, eventsource, count(*) AS times, max(eventtime) AS latest
FROM main
WHERE useridentity.type = 'Root'
GROUP BY eventname, eventsource
ORDER BY times DESC, eventname
LIMIT 8`},
	{"Events and distinct callers per day in the last week", `SELECT date(eventtime) AS day, count(*) AS events, count(DISTINCT useridentity.arn) AS callers,
       count_if(errorcode IS NOT NULL) AS errors
FROM main
WHERE eventtime > now() - interval '7' day
GROUP BY 1
ORDER BY 1`},
	{"Objects deleted from S3, by bucket and caller", `SELECT element_at(requestparameters, 'bucketName') AS bucket, useridentity.arn AS who, count(*) AS deleted
FROM main
WHERE eventsource = 's3.amazonaws.com' AND eventname LIKE 'DeleteObject%'
GROUP BY 1, 2
ORDER BY deleted DESC, bucket, who
LIMIT 8`},
}

func (p *program) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "demo", Short: "Create a lake from sample log files and run five queries", Args: usage(cobra.NoArgs),
		Long: "Creates a lake from sample log files in the temporary folder and runs five queries. The lake is\n" +
			"kept; the last lines show how to query it again. `auditlake serve --demo` serves such a lake to\n" +
			"your browser and removes it at the end.",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context()) },
	}
}

func (p *program) demo(ctx context.Context) (err error) {
	if p.lakeDir != "" {
		return usageError{errors.New("demo creates its own lake; remove --lake")}
	}
	dir, err := os.MkdirTemp("", "auditlake-demo-")
	if err != nil {
		return err
	}
	lakeDir := filepath.Join(dir, "lake")
	logs, err := p.writeDemoLogs(dir)
	if err != nil {
		return err
	}
	lake, err := engine.Open(ctx, lakeDir, engine.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lake.Close()) }()
	fmt.Fprintf(p.out, "Importing the files into a new lake in %s\n", lakeDir)
	if err := p.runImport(ctx, lake, engine.ImportOptions{Paths: []string{logs}}); err != nil {
		return err
	}
	for i, q := range demoQuestions {
		fmt.Fprintf(p.out, "\n%d. %s\n\n%s\n\n", i+1, q.title, q.sql)
		if err := p.demoQuery(ctx, lake, q.sql); err != nil {
			return sqlError{err, q.sql}
		}
	}
	_, err = fmt.Fprintf(p.out, `
Prices are estimates of what the managed service would charge. The demo's lake stays in %[1]s. To query it:

  auditlake --lake %[2]s query "SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
  auditlake --lake %[2]s serve      # in your browser
  rm -r %[3]s      # to remove it

To start your own lake with your own files:

  auditlake import ~/my-bucket-copy/AWSLogs
  auditlake query "SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
  auditlake describe
`, lakeDir, shellQuoted(lakeDir), shellQuoted(dir))
	return err
}

// writeDemoLogs writes the sample's log files of the last 30 days into a folder below dir.
func (p *program) writeDemoLogs(dir string) (logs string, err error) {
	logs = filepath.Join(dir, "logs")
	fmt.Fprintf(p.out, "Writing sample log files to %s\n", logs)
	yesterday := time.Now().UTC().Truncate(24 * time.Hour).Add(-time.Second)
	return logs, sample.WriteTo(logs, yesterday)
}

func (p *program) demoQuery(ctx context.Context, lake *engine.Lake, sql string) error {
	rows, err := lake.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	if _, err := p.layout("").Write("table", p.out, rows); err != nil {
		return err
	}
	s := rows.Stats()
	_, err = fmt.Fprintf(p.out, "\n%s, %s, %s scanned of %s stored, %s\n", plural(s.Rows, "row"), seconds(s.Elapsed),
		humanBytes(s.BytesScanned), humanBytes(s.BytesStored), dollars(s.Price))
	return err
}
