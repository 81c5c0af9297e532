package examples_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// account is where all planted events happen; no other event has it.
const account = "999900001111"

type members map[string]any

// planting writes events into which each example finds what it looks for. All of it is invented.
type planting struct {
	text   strings.Builder
	events int
}

// add writes an event. The times of the planting are those of December 2025; more holds members that replace the usual ones.
func (p *planting) add(at, source, name string, who members, more members) {
	p.events++
	event := members{
		"eventVersion": "1.10", "eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": true, "readOnly": false,
		"awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.22.7", "recipientAccountId": account,
		"userIdentity": who, "eventTime": "2025-12-" + at + "Z", "eventSource": source + ".amazonaws.com", "eventName": name,
		"eventID": fmt.Sprintf("00000000-0000-4000-8000-%012d", p.events),
	}
	for key, value := range more {
		event[key] = value
	}
	line, err := json.Marshal(event)
	if err != nil {
		panic(err) // the members are those below
	}
	p.text.Write(append(line, '\n'))
}

// after is the time of the planting that comes some steps after another.
func after(at string, steps int, step time.Duration) string {
	const layout = "02T15:04:05"
	begin, err := time.Parse(layout, at)
	if err != nil {
		panic(err)
	}
	return begin.Add(time.Duration(steps) * step).Format(layout)
}

func user(name, key string) members {
	return members{"type": "IAMUser", "principalId": "AIDA" + strings.ToUpper(name), "arn": "arn:aws:iam::" + account + ":user/" + name,
		"accountId": account, "accessKeyId": key, "userName": name}
}

func session(role, name string) members {
	return members{"type": "AssumedRole", "arn": "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name, "accountId": account, "accessKeyId": "ASIAPLANTED00000001"}
}

var (
	mallory  = user("mallory", "AKIAPLANTED00000001")
	mover    = user("mover", "AKIAPLANTED00000002")
	steady   = user("steady", "AKIAPLANTED00000003")
	scanner  = user("scanner", "AKIAPLANTED00000004")
	rootUser = members{"type": "Root", "principalId": account, "arn": "arn:aws:iam::" + account + ":root", "accountId": account}
	readOnly = members{"readOnly": true}
)

// planted returns all events as NDJSON.
func planted() string {
	p := &planting{}
	p.plantIdentity()
	p.plantStorage()
	p.plantNetwork()
	p.plantPrivilege()
	p.plantAnomalies()
	p.plantCost()
	p.plantDeeds()
	return p.text.String()
}

func (p *planting) signIn(at, name, address, outcome, mfa string) {
	p.add(at, "signin", "ConsoleLogin", user(name, ""), members{"eventType": "AwsConsoleSignIn", "sourceIPAddress": address,
		"responseElements": members{"ConsoleLogin": outcome}, "additionalEventData": members{"MFAUsed": mfa}})
}

func (p *planting) plantIdentity() {
	p.signIn("28T09:00:00", "nomfa", "203.0.113.9", "Success", "No")
	for i := range 6 {
		p.signIn(after("28T10:00:00", i, time.Minute), "guessed", "203.0.113.66", "Failure", "No")
	}
	p.signIn("28T10:07:00", "guessed", "203.0.113.66", "Success", "Yes")
	p.add("27T03:00:00", "account", "CloseAccount", rootUser, nil)
	p.add("27T04:00:00", "iam", "CreateAccessKey", mallory, members{"requestParameters": members{"userName": "backdoor"},
		"responseElements": members{"accessKey": members{"accessKeyId": "AKIABACKDOOR0000001", "userName": "backdoor", "status": "Active"}}})
	p.add("27T05:00:00", "sts", "AssumeRole", members{"type": "AWSAccount", "principalId": "AIDAOUTSIDE", "accountId": "888800002222"},
		members{"readOnly": true, "requestParameters": members{"roleArn": "arn:aws:iam::" + account + ":role/shared-with-others", "roleSessionName": "visit"}})
	p.add("27T05:30:00", "iam", "DeactivateMFADevice", mallory, members{"requestParameters": members{"userName": "victim"}})
}

// object adds a data event of S3.
func (p *planting) object(at, name string, who members, bucket, key string, more members) {
	all := members{"eventCategory": "Data", "managementEvent": false, "requestParameters": members{"bucketName": bucket, "key": key}}
	for member, value := range more {
		all[member] = value
	}
	p.add(at, "s3", name, who, all)
}

func (p *planting) plantStorage() {
	for i := range 40 {
		p.object(after("29T02:00:00", i, time.Minute), "DeleteObject", mallory, "ledger-archive", fmt.Sprint("2025/", i, ".csv"), nil)
	}
	p.add("29T01:00:00", "s3", "PutBucketPolicy", mallory, members{"requestParameters": members{"bucketName": "open-house",
		"bucketPolicy": members{"Statement": []members{{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}}}}})
	p.object("29T01:30:00", "GetObject", mallory, "ledger-archive", "all.tar", members{"readOnly": true, "additionalEventData": members{"bytesTransferredOut": 98765432109.0}})
	p.object("29T01:40:00", "GetObject", members{"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}, "open-house", "secret.txt", readOnly)
}

func (p *planting) plantNetwork() {
	open := members{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": members{"items": []members{{"cidrIp": "0.0.0.0/0"}}}}
	p.add("26T08:00:00", "ec2", "AuthorizeSecurityGroupIngress", mallory, members{"requestParameters": members{"groupId": "sg-0planted", "ipPermissions": members{"items": []members{open}}}})
	p.add("10T08:00:00", "ec2", "DescribeVpcs", mover, members{"readOnly": true, "sourceIPAddress": "192.0.2.10"})
	p.add("30T08:00:00", "ec2", "DescribeVpcs", mover, members{"readOnly": true, "sourceIPAddress": "192.0.2.99"})
	p.add("30T08:00:10", "ec2", "TerminateInstances", mover, members{"sourceIPAddress": "192.0.2.99"})
	p.add("30T09:00:00", "sqs", "SendMessage", user("oldclient", ""), members{"tlsDetails": members{"tlsVersion": "TLSv1.1", "cipherSuite": "ECDHE-RSA-AES128-SHA"}})
}

func (p *planting) plantPrivilege() {
	p.add("27T06:00:00", "iam", "PutUserPolicy", mallory, members{"requestParameters": members{"userName": "backdoor", "policyName": "everything",
		"policyDocument": `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}})
	p.add("27T06:10:00", "iam", "AttachRolePolicy", mallory, members{"requestParameters": members{"roleName": "planted-role", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}})
	p.add("27T06:20:00", "cloudtrail", "StopLogging", mallory, members{"requestParameters": members{"name": "planted-trail"}})
	p.add("27T06:30:00", "iam", "UpdateAssumeRolePolicy", mallory, members{"requestParameters": members{"roleName": "planted-role",
		"policyDocument": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"888800002222"},"Action":"sts:AssumeRole"}]}`}})
	for i := range 12 {
		p.add(after("27T07:00:00", i, time.Minute), "secretsmanager", "GetSecretValue", session("planted-role", "thief"),
			members{"readOnly": true, "requestParameters": members{"secretId": fmt.Sprint("planted/", i)}})
	}
	p.add("27T08:00:00", "kms", "ScheduleKeyDeletion", mallory, members{"requestParameters": members{"keyId": "planted-key", "pendingWindowInDays": 7}})
}

func (p *planting) plantAnomalies() {
	for i, name := range []string{"ListUsers", "ListRoles", "ListAccountAliases", "ListGroups", "ListPolicies", "ListAccessKeys", "ListSigningCertificates"} {
		p.add(after("25T01:00:00", i, time.Minute), "iam", name, scanner, members{"readOnly": true, "errorCode": "AccessDenied"})
	}
	for i := range 30 {
		p.add(after("20T00:00:00", i, time.Hour), "sqs", "ReceiveMessage", steady, readOnly)
	}
	for i := range 80 {
		p.add(after("24T12:00:00", i, 30*time.Second), "sqs", "ReceiveMessage", steady, readOnly)
	}
	p.add("26T09:00:00", "ec2", "RunInstances", mallory, members{"awsRegion": "ap-southeast-7", "requestParameters": members{"instanceType": "p5.48xlarge",
		"instancesSet": members{"items": []members{{"minCount": 20, "maxCount": 20}}}}})
	p.signIn("26T10:00:00", "traveller", "192.0.2.1", "Success", "Yes")
	p.signIn("26T10:06:00", "traveller", "203.0.113.250", "Success", "Yes")
	p.add("27T03:50:00", "sts", "GetCallerIdentity", mallory, readOnly)
}

func (p *planting) plantCost() {
	for i := range 25 {
		p.add(after("23T12:00:00", i, time.Second), "dynamodb", "DescribeTable", session("chatty", "loop"), members{"readOnly": true, "errorCode": "ThrottlingException"})
	}
	for i := range 30 {
		p.add(after("22T12:00:00", i, time.Minute), "events", "PutEvents", session("chatty", "loop"), members{"requestParameters": members{"entries": strings.Repeat("x", 1<<10)}})
	}
}
