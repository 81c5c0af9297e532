package examples_test

import (
	"fmt"
	"strings"
	"time"
)

// did is what somebody did with a service.
type did struct {
	source, name string
	asked, more  members
}

// plantDeeds writes what one user did, minute by minute of a Sunday: an event for each example that lists what was done of a kind.
func (p *planting) plantDeeds() {
	for i, d := range append(append(deedsOfAccess(), deedsOfNetworks()...), append(deedsOfData(), deedsOfOperations()...)...) {
		more := members{}
		if d.asked != nil {
			more["requestParameters"] = d.asked
		}
		for key, value := range d.more {
			more[key] = value
		}
		p.add(after("21T08:00:00", i, time.Minute), d.source, d.name, planter, more)
	}
	p.plantSessions()
	p.plantErrors()
	p.plantReads()
}

var planter = user("planter", "AKIAPLANTED00000005")

func deedsOfAccess() []did {
	return []did{
		{"iam", "CreateUser", members{"userName": "newcomer"}, nil},
		{"iam", "DeleteUser", members{"userName": "leaver"}, nil},
		{"iam", "CreateLoginProfile", members{"userName": "newcomer", "passwordResetRequired": true}, nil},
		{"iam", "AddUserToGroup", members{"userName": "newcomer", "groupName": "admins"}, nil},
		{"iam", "UpdateAccessKey", members{"accessKeyId": "AKIARETIRED00000001", "status": "Inactive"}, nil},
		{"iam", "CreateRole", members{"roleName": "visitor", "assumeRolePolicyDocument": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"777700003333"}}]}`}, nil},
		{"iam", "UpdateAccountPasswordPolicy", members{"minimumPasswordLength": 4}, nil},
		{"iam", "DeleteRolePermissionsBoundary", members{"roleName": "fenced"}, nil},
		{"lambda", "CreateFunction20150331", members{"functionName": "mighty", "role": "arn:aws:iam::" + account + ":role/mighty"}, members{"sessionCredentialFromConsole": "true"}},
		{"iam", "CreatePolicyVersion", members{"policyArn": "arn:aws:iam::" + account + ":policy/grown", "setAsDefault": true}, nil},
		{"ec2", "AssociateIamInstanceProfile", members{"InstanceId": "i-0planted", "IamInstanceProfile": members{"Name": "mighty"}}, nil},
		{"iam", "CreateSAMLProvider", members{"name": "elsewhere"}, nil},
		{"ram", "CreateResourceShare", members{"principals": []string{"777700003333"}, "allowExternalPrincipals": true}, nil},
		{"iam", "DetachRolePolicy", members{"roleName": "fenced", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, nil},
		{"signin", "SwitchRole", nil, members{"eventType": "AwsConsoleSignIn", "additionalEventData": members{"SwitchTo": "https://signin.aws.amazon.com/switchrole?roleName=visitor"}}},
		{"organizations", "CreateAccount", members{"accountName": "sandbox"}, nil},
		{"organizations", "RemoveAccountFromOrganization", members{"accountId": "666600004444"}, nil},
		{"organizations", "DetachPolicy", members{"policyId": "p-guard", "targetId": "ou-1"}, nil},
		{"organizations", "RegisterDelegatedAdministrator", members{"accountId": "666600004444", "servicePrincipal": "config.amazonaws.com"}, nil},
		{"organizations", "EnableAWSServiceAccess", members{"servicePrincipal": "ram.amazonaws.com"}, nil},
	}
}

func deedsOfNetworks() []did {
	return []did{
		{"ec2", "AttachInternetGateway", members{"vpcId": "vpc-0planted", "internetGatewayId": "igw-0planted"}, nil},
		{"ec2", "CreateVpcPeeringConnection", members{"vpcId": "vpc-0planted", "peerOwnerId": "777700003333"}, nil},
		{"ec2", "CreateRoute", members{"routeTableId": "rtb-0planted", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-0planted"}, nil},
		{"ec2", "DeleteFlowLogs", members{"DeleteFlowLogsRequest": members{"FlowLogId": members{"content": "fl-0planted"}}}, nil},
		{"ec2", "AllocateAddress", nil, members{"responseElements": members{"publicIp": "203.0.113.200"}}},
		{"route53", "ChangeResourceRecordSets", members{"hostedZoneId": "ZPLANTED", "changeBatch": members{"changes": []members{{"action": "UPSERT"}}}}, nil},
		{"elasticloadbalancing", "CreateLoadBalancer", members{"name": "front", "scheme": "internet-facing"}, nil},
		{"wafv2", "DeleteWebACL", members{"name": "filter"}, nil},
		{"sqs", "ReceiveMessage", nil, members{"readOnly": true, "vpcEndpointId": "vpce-0planted", "sourceIPAddress": "10.1.2.3",
			"tlsDetails": members{"tlsVersion": "TLSv1.2", "cipherSuite": "AES128-SHA"}}},
		{"ec2", "CreateNatGateway", members{"CreateNatGatewayRequest": members{"SubnetId": "subnet-0planted"}}, nil},
	}
}

func deedsOfData() []did {
	return []did{
		{"s3", "PutBucketVersioning", members{"bucketName": "forgetful", "VersioningConfiguration": members{"Status": "Suspended"}}, nil},
		{"s3", "CreateBucket", members{"bucketName": "forgetful"}, nil},
		{"s3", "DeletePublicAccessBlock", members{"bucketName": "forgetful"}, nil},
		{"s3", "PutBucketReplication", members{"bucketName": "forgetful", "ReplicationConfiguration": members{"Rule": members{"Destination": "arn:aws:s3:::elsewhere"}}}, nil},
		{"s3", "PutBucketLifecycle", members{"bucketName": "forgetful"}, nil},
		{"s3", "PutBucketLogging", members{"bucketName": "forgetful", "BucketLoggingStatus": members{}}, nil},
		{"dynamodb", "DeleteTable", members{"tableName": "customers"}, nil},
		{"ec2", "CreateSnapshot", nil, members{"responseElements": members{"snapshotId": "snap-0planted"}}},
		{"ec2", "ModifySnapshotAttribute", members{"snapshotId": "snap-0planted", "createVolumePermission": members{"add": []members{{"userId": "777700003333"}}}}, nil},
		{"rds", "ModifyDBInstance", members{"dBInstanceIdentifier": "exposed", "publiclyAccessible": true}, nil},
		{"rds", "DeleteDBSnapshot", members{"dBSnapshotIdentifier": "last-one"}, nil},
		{"dynamodb", "ExportTableToPointInTime", members{"s3Bucket": "elsewhere"}, nil},
		{"sqs", "PurgeQueue", members{"queueUrl": "https://queue/orders"}, nil},
		{"ec2", "ModifyImageAttribute", members{"imageId": "ami-0planted", "launchPermission": members{"add": []members{{"group": "all"}}}}, nil},
		{"kms", "DisableKey", members{"keyId": "planted-key"}, nil},
		{"kms", "Decrypt", nil, members{"readOnly": true, "resources": []members{{"ARN": "arn:aws:kms:eu-west-1:" + account + ":key/planted", "accountId": account, "type": "AWS::KMS::Key"}}}},
		{"kms", "CreateGrant", members{"keyId": "planted-key", "granteePrincipal": "777700003333"}, nil},
		{"ec2", "CreateVolume", members{"size": "500", "volumeType": "io2"}, members{"responseElements": members{"volumeId": "vol-0planted", "encrypted": false}}},
		{"acm", "RequestCertificate", members{"domainName": "shop.example.com"}, nil},
		{"ec2", "DisableEbsEncryptionByDefault", nil, nil},
		{"secretsmanager", "CancelRotateSecret", members{"secretId": "planted/rotated"}, nil},
		{"secretsmanager", "DeleteSecret", members{"secretId": "planted/gone", "forceDeleteWithoutRecovery": true}, nil},
		{"route53domains", "RegisterDomain", members{"domainName": "example.org"}, nil},
		{"bedrock", "InvokeModel", members{"modelId": "oracle-1"}, members{"readOnly": true}},
	}
}

func deedsOfOperations() []did {
	return []did{
		{"sts", "GetFederationToken", members{"name": "token"}, nil},
		{"guardduty", "DeleteDetector", members{"detectorId": "d-0planted"}, nil},
		{"ssm", "StartSession", members{"target": "i-0planted"}, nil},
		{"ec2", "DescribeInstanceAttribute", members{"instanceId": "i-0planted", "attribute": "userData"}, members{"readOnly": true}},
		{"lambda", "CreateFunctionUrlConfig", members{"functionName": "mighty", "authType": "NONE"}, nil},
		{"cloudformation", "CreateStack", members{"stackName": "shop", "templateBody": strings.Repeat("x", 4<<10)}, nil},
		{"monitoring", "DeleteAlarms", members{"alarmNames": []string{"fire"}}, nil},
		{"ec2", "StopInstances", members{"instancesSet": members{"items": []members{{"instanceId": "i-0planted"}}}}, nil},
		{"sqs", "CreateQueue", nil, members{"addendum": members{"reason": "DELIVERY_DELAY"}}},
		{"ssm", "PutParameter", members{"name": "/shop/url", "overwrite": true}, nil},
		{"ec2", "CreateTags", members{"resourcesSet": members{"items": []members{{"resourceId": "i-0planted"}}}, "tagSet": members{"items": []members{{"key": "team"}}}}, nil},
		{"sqs", "SetQueueAttributes", nil, members{"eventContext": members{"tagContext": members{"principalTags": members{"team": "red"}}}}},
		{"eks", "CreateCluster", members{"name": "ships", "resourcesVpcConfig": members{"endpointPublicAccess": true}}, nil},
		{"ecr", "PutImage", members{"repositoryName": "shop", "imageTag": "v2"}, nil},
		{"ecs", "RunTask", members{"taskDefinition": "shop:7", "cluster": "ships"}, nil},
		{"sqs", "TagQueue", nil, members{"userAgent": "Boto3/1.2 cloudfox"}},
	}
}

// plantSessions writes what sessions of roles, of identity providers and of services did.
func (p *planting) plantSessions() {
	chained := session("first", "hop")
	chained["sessionContext"] = members{"sessionIssuer": members{"type": "Role", "arn": "arn:aws:iam::" + account + ":role/first", "accountId": account}, "sourceIdentity": "maria"}
	p.add("21T10:00:00", "sts", "AssumeRole", chained, members{"readOnly": true, "requestParameters": members{"roleArn": "arn:aws:iam::" + account + ":role/second"}})
	p.add("21T10:01:00", "sts", "AssumeRoleWithSAML", members{"type": "SAMLUser", "identityProvider": "idp-planted", "userName": "maria"},
		members{"readOnly": true, "requestParameters": members{"roleArn": "arn:aws:iam::" + account + ":role/staff"}})
	person := session("staff", "maria")
	person["onBehalfOf"] = members{"userId": "person-planted", "identityStoreArn": "arn:aws:identitystore::" + account + ":identitystore/d-1"}
	p.add("21T10:02:00", "s3", "ListBuckets", person, readOnly)
	machine := session("machines", "i-0123456789abcdef0")
	p.add("21T10:03:00", "sqs", "ListQueues", machine, members{"readOnly": true, "sourceIPAddress": "10.1.2.4"})
	p.add("21T12:03:00", "sqs", "ListQueues", machine, members{"readOnly": true, "sourceIPAddress": "203.0.113.77"})
	p.add("21T10:04:00", "kms", "RotateKey", members{"type": "AWSService", "invokedBy": "kms.amazonaws.com"},
		members{"eventType": "AwsServiceEvent", "sourceIPAddress": "kms.amazonaws.com", "serviceEventDetails": members{"keyId": "planted-key"}})
	p.signIn("21T02:30:00", "sleepless", "203.0.113.8", "Success", "Yes")
	for i, received := range []string{account, "999900001112"} {
		p.add(after("21T10:05:00", i, time.Second), "sts", "AssumeRole", planter, members{"sharedEventID": "planted-shared", "recipientAccountId": received,
			"requestParameters": members{"roleArn": "arn:aws:iam::999900001112:role/other"}})
	}
}

// plantErrors writes calls that fail in every way that an example looks for.
func (p *planting) plantErrors() {
	fails := func(at, source, name, code, message string, more members) {
		all := members{"errorCode": code, "errorMessage": message}
		for key, value := range more {
			all[key] = value
		}
		p.add(at, source, name, planter, all)
	}
	for i := range 12 {
		fails(after("21T11:00:00", i, time.Second), "glue", "GetJob", "EntityNotFoundException", fmt.Sprintf("Job %d of planted-%08x is not there", i, i+0xabcdef01), readOnly)
	}
	fails("21T11:01:00", "ec2", "RunInstances", "Client.DryRunOperation", "would have succeeded", nil)
	fails("21T11:02:00", "sts", "GetCallerIdentity", "ExpiredToken", "expired", readOnly)
	fails("21T11:03:00", "dynamodb", "UpdateTable", "ValidationException", "what", nil)
	fails("21T11:04:00", "s3", "CreateBucket", "AccessDenied", "not authorized with an explicit deny in a service control policy", nil)
	p.add("21T12:04:00", "s3", "CreateBucket", planter, members{"requestParameters": members{"bucketName": "allowed-now"}})
	fails("30T11:05:00", "athena", "StartQueryExecution", "PlantedNewError", "never seen", nil)
	p.object("21T11:06:00", "GetObject", planter, "ledger-archive", "closed.csv", members{"readOnly": true, "errorCode": "AccessDenied"})
}

// plantReads writes who looks, loads and writes how much.
func (p *planting) plantReads() {
	for i, source := range []string{"ec2", "iam", "s3", "rds", "kms", "lambda"} {
		p.add(after("21T13:00:00", i, time.Minute), source, "ListEverything", user("sweeper", "AKIAPLANTED00000006"), readOnly)
	}
	waker := user("waker", "AKIAPLANTED00000007")
	p.add("01T13:00:00", "sqs", "ListQueues", waker, readOnly)
	p.add("21T13:00:00", "sqs", "ListQueues", waker, readOnly)
	p.object("21T13:10:00", "PutObject", planter, "ledger-archive", "in.tar", members{"additionalEventData": members{"bytesTransferredIn": 1234567890.0}})
	data := members{"eventCategory": "Data", "managementEvent": false}
	with := func(key string, value any) members {
		out := members{key: value}
		for k, v := range data {
			out[k] = v
		}
		return out
	}
	p.add("21T13:11:00", "dynamodb", "PutItem", planter, with("requestParameters", members{"tableName": "planted-orders"}))
	p.add("21T13:12:00", "lambda", "Invoke", planter, with("requestParameters", members{"functionName": "planted-resize"}))
}
