package dashboards_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// account is where all planted events happen.
const account = "999900001111"

type members map[string]any

// planting writes the events that the managed dashboards look for. All of it is invented.
type planting struct {
	text   bytes.Buffer
	events int
}

func (p *planting) write(event members) {
	p.events++
	event["eventID"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", p.events)
	event["eventTime"] = planted.Add(time.Duration(p.events) * time.Second).Format(time.RFC3339)
	line, err := json.Marshal(event)
	if err != nil {
		panic(err) // the members are those below
	}
	p.text.Write(append(line, '\n'))
}

// planted is when the first of the planted events happens.
var planted = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// add writes an event of a service; more holds members that replace the usual ones.
func (p *planting) add(source, name, who string, more members) {
	event := members{
		"eventVersion": "1.11", "eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": true, "readOnly": false, "awsRegion": "eu-west-1",
		"sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.22.7", "recipientAccountId": account, "eventSource": source + ".amazonaws.com", "eventName": name,
		"userIdentity": members{"type": "IAMUser", "arn": "arn:aws:iam::" + account + ":user/" + who, "accountId": account, "userName": who},
	}
	for key, value := range more {
		event[key] = value
	}
	p.write(event)
}

// asks are the request's parameters of an event.
func asks(pairs ...any) members {
	parameters := members{}
	for i := 0; i < len(pairs); i += 2 {
		parameters[pairs[i].(string)] = pairs[i+1]
	}
	return members{"requestParameters": parameters}
}

func with(base members, pairs ...any) members {
	out := members{}
	for key, value := range base {
		out[key] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

var root = members{"type": "Root", "arn": "arn:aws:iam::" + account + ":root", "accountId": account}

// management plants management events for the dashboards of a store that has them.
func (p *planting) management() {
	signIn := members{"eventType": "AwsConsoleSignIn", "sourceIPAddress": "203.0.113.66", "responseElements": members{"ConsoleLogin": "Failure"}, "additionalEventData": members{"MFAUsed": "No"}}
	p.add("signin", "ConsoleLogin", "guessed", signIn)
	p.add("signin", "ConsoleLogin", "", with(signIn, "userIdentity", root, "responseElements", members{"ConsoleLogin": "Success"}))
	p.add("s3", "ListBuckets", "mallory", members{"errorCode": "AccessDenied", "errorMessage": "not for you"})
	p.add("s3", "DeleteBucket", "mallory", asks("bucketName", "ledger"))
	p.add("sts", "AssumeRole", "", with(asks("roleArn", "arn:aws:iam::"+account+":role/shared"), "userIdentity", members{"type": "AWSAccount", "accountId": "888800002222"}))
	p.add("iam", "DeactivateMFADevice", "mallory", asks("userName", "victim"))
	p.add("ec2", "AuthorizeSecurityGroupIngress", "mallory", asks("groupId", "sg-1", "ipPermissions", members{"items": []members{{"ipRanges": members{"items": []members{{"cidrIp": "0.0.0.0/0"}}}}}}))
	p.add("ec2", "ReplaceNetworkAclEntry", "mallory", asks("networkAclId", "acl-1"))
	p.add("cloudtrail", "StopLogging", "mallory", asks("name", "trail-1"))
	p.identity()
	p.machines()
	p.add("kms", "PutKeyPolicy", "keeper", asks("keyId", "key-1"))
	p.add("s3", "PutBucketPolicy", "keeper", asks("bucketName", "open-house"))
	p.add("lambda", "CreateFunction20150331", "builder", members{"sessionCredentialFromConsole": "true"})
	p.add("organizations", "CreateAccount", "boss", nil)
	p.add("organizations", "AttachPolicy", "boss", asks("policyId", "p-1", "targetId", "ou-1"))
	p.add("dynamodb", "DescribeTable", "chatty", members{"errorCode": "ThrottlingException", "errorMessage": "slower", "readOnly": true})
	p.add("sqs", "SendMessage", "oldclient", members{"tlsDetails": members{"tlsVersion": "TLSv1.1", "cipherSuite": "ECDHE-RSA-AES128-SHA"}})
	p.add("ec2", "StopInstances", "tagged", members{"errorCode": "Client.UnauthorizedOperation", "errorMessage": "no", "eventContext": members{
		"requestContext": members{"aws:PrincipalOrgID": "o-1", "aws:SourceVpc": "vpc-1", "aws:MultiFactorAuthPresent": "true"},
		"tagContext":     members{"principalTags": members{"team": "red"}, "resourceTags": []members{{"arn": "arn:aws:ec2:eu-west-1:" + account + ":instance/i-1", "tags": members{"stage": "prod"}}}},
	}})
}

func (p *planting) identity() {
	p.add("iam", "AttachUserPolicy", "iam-admin", asks("userName", "backdoor", "policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"))
	p.add("iam", "CreateUser", "iam-admin", asks("userName", "backdoor"))
	p.add("iam", "ListUsers", "scanner", members{"errorCode": "AccessDenied", "errorMessage": "not for you", "readOnly": true})
}

func (p *planting) machines() {
	p.add("ec2", "RunInstances", "builder", nil)
	p.add("ec2", "CreateRoute", "builder", asks("routeTableId", "rtb-1"))
	p.add("ec2", "AttachNetworkInterface", "builder", asks("networkInterfaceId", "eni-1"))
	p.add("ec2", "DescribeInstances", "", members{"userIdentity": root, "readOnly": true})
	p.add("ec2", "RebootInstances", "builder", members{"errorCode": "Client.InvalidInstanceID.NotFound", "errorMessage": "none"})
}

// data plants data events.
func (p *planting) data() {
	data := members{"eventCategory": "Data", "managementEvent": false}
	invoke := with(data, "requestParameters", members{"functionName": "resize"})
	p.add("lambda", "Invoke", "caller", invoke)
	p.add("lambda", "Invoke", "caller", with(invoke, "errorCode", "TooManyRequestsException"))
	table := with(data, "requestParameters", members{"tableName": "orders"})
	p.add("dynamodb", "PutItem", "writer", table)
	p.add("dynamodb", "PutItem", "writer", with(table, "errorCode", "ProvisionedThroughputExceededException"))
	object := with(data, "requestParameters", members{"bucketName": "ledger", "key": "2026.csv"})
	p.add("s3", "GetObject", "reader", with(object, "readOnly", true))
	p.add("s3", "PutObject", "reader", object)
}

// insights plants Insights events.
func (p *planting) insights() {
	for _, state := range []string{"Start", "End"} {
		for _, kind := range []string{"ApiCallRateInsight", "ApiErrorRateInsight"} {
			details := members{"state": state, "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances", "insightType": kind, "insightContext": members{
				"statistics": members{"baseline": members{"average": 0.5}, "insight": members{"average": 20}, "insightDuration": 5, "baselineDuration": 10080},
				"attributions": []members{{"attribute": "userIdentityArn", "insight": []members{{"value": "arn:aws:iam::" + account + ":user/mallory", "average": 20}},
					"baseline": []members{}}}}}
			if kind == "ApiErrorRateInsight" {
				details["errorCode"] = "AccessDenied"
			}
			p.write(members{"eventVersion": "1.09", "eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "awsRegion": "eu-west-1",
				"recipientAccountId": account, "sharedEventID": "s-" + kind, "insightDetails": details})
		}
	}
}
