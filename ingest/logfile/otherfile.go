package logfile

import "github.com/auditlake/auditlake/lazyregexp"

// writeTests are the objects that services write to find out whether they may write to a bucket, by name. Some services
// write them into the folder of their logs, others above it.
var writeTests = map[string]bool{
	"aws-logs-write-test":                 true, // exports of CloudWatch Logs
	"ELBAccessLogTestFile":                true,
	"ELBConnectionLogTestFile":            true,
	"ELBHealthCheckLogTestFile":           true,
	"ConfigWritabilityCheckFile":          true,
	"AMAZON_SES_SETUP_NOTIFICATION":       true,
	"aws-programmatic-access-test-object": true, // cost and usage reports
}

// writeTestName finds further names of such objects.
var writeTestName = lazyregexp.New(`(?i)^(aws[-_])?[a-z0-9_-]*(write|writability|writable|permissions?)[-_]?(test|check)([-_]?(file|object))?(\.txt)?$`)

// writeTestText is what the object of an export of CloudWatch Logs holds, whatever its name.
const writeTestText = "Permission Check Successful"

func isWriteTest(name string) bool { return writeTests[name] || writeTestName().MatchString(name) }

// serviceFolders are the folders of other services that are called alike wherever they lie.
var serviceFolders = map[string]bool{
	"vpcflowlogs": true, "vpcdnsquerylogs": true, "elasticloadbalancing": true, "WAFLogs": true, "network-firewall": true, "GuardDuty": true,
	"redshift": true, "globalaccelerator": true, "transitgatewayflowlogs": true, "verifiedaccess": true, "fargateflowlogs": true,
}

// regionFolders are the folders of other services whose names say too little by themselves: they lie between the
// folder of an account and that of a region.
var regionFolders = map[string]bool{"Config": true, "S3": true, "RDS": true, "NLB": true, "ALB": true}

// Names of log files of services that have no folder of their own: server access logs of S3, which begin with their
// time and end with 16 digits, and logs of CloudFront, whose names have the id of the distribution and the hour.
var (
	s3AccessLogName   = lazyregexp.New(`^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}$`)
	cloudFrontLogName = lazyregexp.New(`^E[0-9A-Z]{7,15}\.\d{4}-\d\d-\d\d-\d\d\.[0-9a-f]{8}\.gz$`)
)

// inventoryKey finds the objects of S3 Inventory: the manifest of a day and its checksum, the lists in CSV, and the
// links to them for Hive. Lists in ORC and Parquet are called as other programs call files that may hold events.
var inventoryKey = lazyregexp.New(`(^|/)(\d{4}-\d\d-\d\dT\d\d-\d\dZ/manifest\.(json|checksum)|` +
	`[^/]+/[^/]+/data/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.csv\.gz|hive/dt=\d{4}-\d\d-\d\d-\d\d-\d\d/symlink\.txt)$`)

// serviceOfName returns the service whose log file has a key that ends with a name, "" if they do not say.
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
