package logfile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKindOf(t *testing.T) {
	const account = "111122223333"
	for key, want := range map[string]Kind{
		"AWSLogs/" + account + "/CloudTrail/eu-west-1/2025/03/04/" + account + "_CloudTrail_eu-west-1_20250304T0820Z_abc.json.gz": LogFile,
		"p/AWSLogs/o-abc1234567/" + account + "/CloudTrail/eu-west-1/2025/03/04/x.json.gz":                                        LogFile,
		"AWSLogs/" + account + "/CloudTrail-Digest/eu-west-1/2025/03/04/x.json.gz":                                                Digest,
		"AWSLogs/" + account + "/CloudTrail-Insight/eu-west-1/2025/03/04/x.json.gz":                                               Insight,
		"AWSLogs/" + account + "/CloudTrail-NetworkActivity/eu-west-1/2025/03/04/x.json.gz":                                       LogFile,
		"eu-west-1/" + account + "_CloudTrail-NetworkActivity_eu-west-1_20250304T0820Z_abc.json.gz":                               LogFile,
		"cut/CloudTrail-NetworkActivity/eu-west-1/x.json.gz":                                                                      LogFile,
		"p/AWSLogs/o-abc1234567/" + account + "/CloudTrail-Aggregated/eu-west-1/2025/03/04/x.json.gz":                             Aggregated,
		"eu-west-1/" + account + "_CloudTrail-Aggregated_eu-west-1_20250304T0820Z_abc.json.gz":                                    Aggregated,
		"cut/CloudTrail-Aggregated/eu-west-1/x.json.gz":                                                                           Aggregated,
		"cut/CloudTrail-Digest/eu-west-1/x.json.gz":                                                                               Digest,
		"AWSLogs/" + account + "/Config/eu-west-1/2025/3/4/ConfigHistory/x.json.gz":                                               OtherService,
		"AWSLogs/o-abc1234567/" + account + "/vpcflowlogs/eu-west-1/2025/03/04/x.log.gz":                                          OtherService,
		"AWSLogs/" + account + "/elasticloadbalancing/eu-west-1/2025/03/04/x.log":                                                 OtherService,
		"eu-west-1/" + account + "_CloudTrail_eu-west-1_20250304T0820Z_abc.json.gz":                                               LogFile,
		"eu-west-1/" + account + "_CloudTrail-Digest_eu-west-1_trail_eu-west-1_20250304T082000Z.json.gz":                          Digest,
		"eu-west-1/" + account + "_CloudTrail-Insight_eu-west-1_20250304T0820Z_abc.json.gz":                                       Insight,
		account + "_vpcflowlogs_eu-west-1_fl-1_20250304T0820Z_abc.log.gz":                                                         OtherService,
		account + "_prod_all_events.json":                                                                                         LogFile,
		account + "_team-a_2025-03-04_events.json.gz":                                                                             LogFile,
		"exportedlogs/aws-logs-write-test":                                                                                        WriteTest,
		"p/AWSLogs/" + account + "/ELBAccessLogTestFile":                                                                          WriteTest,
		"p/AWSLogs/" + account + "/ELBConnectionLogTestFile":                                                                      WriteTest,
		"AWSLogs/" + account + "/Config/ConfigWritabilityCheckFile":                                                               WriteTest,
		"AWSLogs/o-abc1234567/" + account + "/Config/ConfigWritabilityCheckFile":                                                  WriteTest,
		"ConfigWritabilityCheckFile":                                                                                              WriteTest,
		"mail/AMAZON_SES_SETUP_NOTIFICATION":                                                                                      WriteTest,
		"cur/aws-programmatic-access-test-object":                                                                                 WriteTest,
		"AWSLogs/" + account + "/CloudTrail/":                                                                                     WriteTest,
		account + "/vpcflowlogs/eu-west-1/2025/03/04/x.log.gz":                                                                    OtherService,
		"o-abc1234567/" + account + "/Config/eu-west-1/2025/3/4/ConfigHistory/x.json.gz":                                          OtherService,
		"logs/elasticloadbalancing/eu-west-1/2025/03/04/x.log":                                                                    OtherService,
		"AWSLogs/aws-account-id=" + account + "/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2025/month=03/day=04/x.log.gz":  OtherService,
		"AWSLogs/" + account + "/CloudTrail/eu-west-1/2025/03/04/._x.json.gz":                                                     OtherFile,
		"AWSLogs/" + account + "/CloudTrail/eu-west-1/2025/03/04/.x.json.gz.Ab12Cd":                                               OtherFile,
		"inventory/b/cfg/2025-03-04T01-00Z/manifest.json":                                                                         OtherService,
		"inventory/b/cfg/2025-03-04T01-00Z/manifest.checksum":                                                                     OtherService,
		"inventory/b/cfg/data/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.csv.gz":                                                        OtherService,
		"inventory/b/cfg/hive/dt=2025-03-04-01-00/symlink.txt":                                                                    OtherService,
		"export/manifest.json": LogFile, "b/cfg/data/events.csv.gz": LogFile, "b/cfg/data/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.parquet": LogFile,
		"data/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.csv.gz":         LogFile,
		"athena/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f.csv.metadata": OtherFile,
		"logs/Thumbs.db":         OtherFile,
		"logs/SHA256SUMS.sha256": OtherFile, "logs/2025.json.gz.asc": OtherFile, "logs/notes.docx": OtherFile,
		"p/" + account + "/CloudTrail/eu-west-1/2025/03/04/x.json.gz": LogFile,
		account + "/WAFLogs/eu-west-1/acl/2025/03/04/x.log.gz":        OtherService,
		"access/2025-03-04-08-21-07-0123456789ABCDEF":                 OtherService,
		"cdn/E2EXAMPLE1ABCD.2025-03-04-08.0a1b2c3d.gz":                OtherService,
		account + "/team/events.json":                                 LogFile,
		account + "/cloudtrail/eu-west-1/2025/03/04/x.json":           LogFile,
		"test-events.json":         LogFile,
		"access-check-events.json": LogFile,
		"AWSLogs/Config/x.json":    LogFile,
		"Config/x.json":            LogFile,
		"events.ndjson.gz":         LogFile,
		"events":                   LogFile,
		"a_b_c.json":               LogFile,
		"README.md":                OtherFile,
		"logs/.DS_Store":           OtherFile,
		"logs/table.CSV":           OtherFile,
		"logs/2025.zip":            LogFile,
		"logs/2025.7z":             LogFile,
		"logs/x.gz.parquet":        LogFile,
		"logs/x.orc":               LogFile,
		"":                         LogFile,
		"AWSLogs/" + account + "/CloudTrail-Lake/Query/2025/03/04/q/result_1.csv.gz":  ResultFile,
		"AWSLogs/" + account + "/CloudTrail-Lake/Query/2025/03/04/q/result_sign.json": SignFile,
		"AWSLogs/" + account + "/CloudTrail-Lake/Query/2025/03/04/q/x.json":           OtherService,
		"AWSLogs/" + account + "/CloudTrail-Digest/result_1.csv.gz":                   Digest,
		"export/result_12.csv":      ResultFile,
		"export/result_x.csv":       OtherFile,
		"export/my_result_1.csv.gz": LogFile,
		"export/result_sign.json":   SignFile,
	} {
		require.Equal(t, want, KindOf(key), key)
	}
}

func TestDescribeKinds(t *testing.T) {
	for key, want := range map[string]string{
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/x.json.gz":              "digest",
		"AWSLogs/111122223333/vpcflowlogs/eu-west-1/x.log.gz":                     "file of vpcflowlogs",
		"AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/x.json.gz":             "file of Insights events",
		"AWSLogs/111122223333/CloudTrail-Aggregated/eu-west-1/x.json.gz":          "file of aggregated events",
		"AWSLogs/111122223333/CloudTrail-Lake/Query/2025/03/04/q/result_1.csv.gz": "query result beside log files",
		"a/result_sign.json":                                               "sign file",
		"a/aws-logs-write-test":                                            "write test of a service",
		"AWSLogs/111122223333/CloudTrail/":                                 "folder marker",
		"a/2025-03-04-08-21-07-0123456789ABCDEF":                           "file of S3 server access logs",
		"a/2025-03-04T01-00Z/manifest.json":                                "file of S3 Inventory",
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/04/._x.json.gz": "hidden file",
		"a/b.PNG":     ".png",
		"a/.DS_Store": "hidden file",
	} {
		require.Equal(t, want, KindOf(key).Describe(key), key)
	}
}
