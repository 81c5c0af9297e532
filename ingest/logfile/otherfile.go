package logfile

import "github.com/auditlake/auditlake/lazyregexp"

// writeTests are the names of objects that services write to test their access to a bucket. Some services write
// them into the folder of their logs, others above it.
var writeTests = map[string]bool{
	"aws-logs-write-test":                 true, // exports of CloudWatch Logs
	"ELBAccessLogTestFile":                true,
	"ELBConnectionLogTestFile":            true,
	"ELBHealthCheckLogTestFile":           true,
	"ConfigWritabilityCheckFile":          true,
	"AMAZON_SES_SETUP_NOTIFICATION":       true,
	"aws-programmatic-access-test-object": true, // cost and usage reports
}

// writeTestName matches further names of such objects.
var writeTestName = lazyregexp.New(`(?i)^(aws[-_])?[a-z0-9_-]*(write|writability|writable|permissions?)[-_]?(test|check)([-_]?(file|object))?(\.txt)?$`)

// writeTestText is the content of such an object of a CloudWatch Logs export, whatever its name.
const writeTestText = "Permission Check Successful"

func isWriteTest(name string) bool { return writeTests[name] || writeTestName().MatchString(name) }

// serviceFolders are folders of other services that have the same name wherever they lie.
var serviceFolders = map[string]bool{
	"vpcflowlogs": true, "vpcdnsquerylogs": true, "elasticloadbalancing": true, "WAFLogs": true, "network-firewall": true, "GuardDuty": true,
	"redshift": true, "globalaccelerator": true, "transitgatewayflowlogs": true, "verifiedaccess": true, "fargateflowlogs": true,
}

// regionFolders are folders of other services with ambiguous names. They lie between the folder of an account and
// that of a region.
var regionFolders = map[string]bool{"Config": true, "S3": true, "RDS": true, "NLB": true, "ALB": true}

// The names of log files of services without a folder of their own. Server access logs of S3 begin with their time
// and end with 16 hex digits; names of CloudFront logs have the distribution's id and the hour.
var (
	s3AccessLogName   = lazyregexp.New(`^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}$`)
	cloudFrontLogName = lazyregexp.New(`^E[0-9A-Z]{7,15}\.\d{4}-\d\d-\d\d-\d\d\.[0-9a-f]{8}\.gz$`)
)

// inventoryKey matches the objects of S3 Inventory: a day's manifest and its checksum, the lists in CSV, and the
// links to them for Hive. Lists in ORC and Parquet have names that files of events may have too.
var inventoryKey = lazyregexp.New(`(^|/)(\d{4}-\d\d-\d\dT\d\d-\d\dZ/manifest\.(json|checksum)|` +
	`[^/]+/[^/]+/data/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.csv\.gz|hive/dt=\d{4}-\d\d-\d\d-\d\d-\d\d/symlink\.txt)$`)

// serviceOfName returns the service whose log files have such a key and name, "" if there is none.
func serviceOfName(key, name string) string {
	switch {
	case s3AccessLogName().MatchString(name):
		return "S3 server access logs"
	case cloudFrontLogName().MatchString(name):
		return "CloudFront"
	case inventoryKey().MatchString(key):
		return "S3 Inventory"
	}
	return ""
}
