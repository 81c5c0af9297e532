package main

import (
	"fmt"
	"strings"
)

// sweep is one pass of detection rules, as people who watch logs run them every few minutes. It has 70 predicates:
// 30 look into texts, 12 have lists of more than ten values, and 12 exclude.
func sweep() question {
	rules := sweepRules()
	selected := make([]string, len(rules))
	for i, rule := range rules {
		selected[i] = fmt.Sprintf("count(*) FILTER (WHERE %s) AS r%d", rule, i+1)
	}
	sql := "SELECT " + strings.Join(selected, ", ") + " FROM ev"
	return question{ID: "S1", Title: "detection sweep of 70 predicates", Trino: trinoMaps.Replace(sql), DuckDB: sql}
}

// trinoMaps says in Trino's words what the rules say in DuckDB's.
var trinoMaps = strings.NewReplacer("requestparameters['bucketName']", "element_at(requestparameters, 'bucketName')",
	"requestparameters['userName']", "element_at(requestparameters, 'userName')",
	"requestparameters['roleArn']", "element_at(requestparameters, 'roleArn')")

// sweepRules are the predicates, in DuckDB's words.
func sweepRules() []string {
	var rules []string
	for _, word := range []string{"sqlmap", "nikto", "curl", "kali", "parrot", "pentoo", "python-requests", "Boto3", "Terraform", "Go-http-client",
		"aws-cli", "console", "S3Console", "PowerShell", "Metasploit"} {
		rules = append(rules, "useragent LIKE '%"+word+"%'")
	}
	for _, word := range []string{"secret", "backup", "prod", "payroll", "private"} {
		rules = append(rules, "requestparameters['bucketName'] LIKE '%"+word+"%'")
	}
	for _, word := range []string{"admin", "root", "break", "svc-", "ci-"} {
		rules = append(rules, "starts_with(requestparameters['userName'], '"+word+"')")
	}
	for _, word := range []string{"admin", "Power", "Deploy", "Security", "OrganizationAccountAccess"} {
		rules = append(rules, "requestparameters['roleArn'] LIKE '%"+word+"%'")
	}
	for _, calls := range sweepCalls {
		source, names, _ := strings.Cut(calls, ": ")
		rules = append(rules, "eventsource = '"+source+".amazonaws.com' AND eventname IN ('"+strings.ReplaceAll(names, " ", "', '")+"')")
	}
	for _, region := range []string{"us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"} {
		rules = append(rules, "awsregion = '"+region+"' AND errorcode = 'AccessDenied'", "awsregion = '"+region+"' AND NOT readonly",
			"NOT (awsregion = '"+region+"') AND useridentity.type = 'Root'", "awsregion = '"+region+"' AND NOT (useragent LIKE 'aws-%') AND eventname = 'ConsoleLogin'")
	}
	for _, code := range []string{"AccessDenied", "UnauthorizedOperation", "ThrottlingException", "NoSuchBucket", "ValidationException", "InvalidParameterValue"} {
		rules = append(rules, "errorcode = '"+code+"' AND useridentity.type = 'IAMUser'")
	}
	for _, kind := range []string{"Root", "IAMUser", "AssumedRole", "FederatedUser", "AWSService", "AWSAccount"} {
		rules = append(rules, "useridentity.type = '"+kind+"' AND sourceipaddress LIKE '198.51.100.%'")
	}
	return rules
}

// sweepCalls are lists of calls to watch, by the service that has them.
var sweepCalls = []string{
	"iam: PutUserPolicy PutRolePolicy PutGroupPolicy AttachUserPolicy AttachRolePolicy AttachGroupPolicy CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion AddUserToGroup UpdateAssumeRolePolicy",
	"iam: CreateUser CreateRole CreateGroup CreateAccessKey CreateLoginProfile UpdateLoginProfile DeactivateMFADevice DeleteVirtualMFADevice CreateSAMLProvider UpdateSAMLProvider CreateServiceLinkedRole",
	"s3: PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock PutBucketLogging PutBucketReplication PutBucketVersioning DeleteBucket PutBucketCors PutObjectAcl",
	"ec2: AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress CreateSecurityGroup DeleteSecurityGroup CreateRoute ReplaceRoute CreateInternetGateway AttachInternetGateway CreateNetworkAclEntry DeleteNetworkAcl",
	"ec2: RunInstances StopInstances TerminateInstances ModifyInstanceAttribute CreateImage CopyImage ModifyImageAttribute CreateSnapshot CopySnapshot ModifySnapshotAttribute DeleteSnapshot",
	"kms: ScheduleKeyDeletion DisableKey DisableKeyRotation PutKeyPolicy CreateGrant RevokeGrant ImportKeyMaterial DeleteImportedKeyMaterial UpdateAlias DeleteAlias CancelKeyDeletion",
	"cloudtrail: StopLogging DeleteTrail UpdateTrail PutEventSelectors PutInsightSelectors CreateTrail DeleteEventDataStore StopEventDataStoreIngestion UpdateEventDataStore RemoveTags DeleteChannel",
	"sts: AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetSessionToken GetFederationToken DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity AssumeRoot GetServiceBearerToken SetSourceIdentity",
	"lambda: CreateFunction20150331 UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 AddPermission20150331v2 RemovePermission20150331v2 DeleteFunction20150331 CreateEventSourceMapping20150331 Invoke PublishVersion20150331 PutFunctionConcurrency20171031 AddLayerVersionPermission20181031",
	"secretsmanager: GetSecretValue PutSecretValue UpdateSecret DeleteSecret RestoreSecret PutResourcePolicy DeleteResourcePolicy RotateSecret CancelRotateSecret BatchGetSecretValue ListSecrets",
	"rds: ModifyDBInstance ModifyDBSnapshotAttribute CopyDBSnapshot CreateDBSnapshot DeleteDBInstance DeleteDBSnapshot RestoreDBInstanceFromDBSnapshot ModifyDBCluster DeleteDBCluster StartExportTask ModifyDBClusterSnapshotAttribute",
	"dynamodb: DeleteTable UpdateTable CreateBackup DeleteBackup RestoreTableFromBackup ExportTableToPointInTime UpdateContinuousBackups PutResourcePolicy DeleteResourcePolicy CreateTable ImportTable",
}
